"""Studies, heterogeneity and absolute effects of one analysis."""

from __future__ import annotations

import pytest
from report.builders import REVIEW, TABLE, analysis_of, document_of, table, texts

from trialpool.display import format_estimate
from trialpool.report.document import Table


def cells(found: Table, row: int):
    return found.rows[row].cells


def test_study_table_has_a_row_per_study_and_the_pooled_result(little_document):
    rows = texts(table(little_document, "analysis-rash-studies"))
    assert [row[0] for row in rows] == ["Alba", "Bern", "Cork", "Dale", "Pooled, random effects"]
    assert rows[1] == ["Bern", "6/80", "11/79", "0.54 (0.21 to 1.39)", "26.8%", "unverified read"]
    assert rows[3][3:5] == ["not estimable", ""]
    assert rows[4][1:5] == ["23/281", "37/232", "0.49 (0.17 to 1.45)", "100.0%"]


def test_both_sides_are_named_over_their_columns(little_document):
    columns = table(little_document, "analysis-rash-studies").columns
    assert [column.over for column in columns] == ["", "drug", "placebo", "", "", ""]


def test_reason_of_a_study_without_effect_stands_below(little_document):
    notes = table(little_document, "analysis-rash-studies").notes
    assert notes == ("Dale: no events in either arm: it holds no information on the ratio.",)


def test_studies_with_one_reason_share_a_note(rosiglitazone):
    document, result = document_of(rosiglitazone), rosiglitazone.result("myocardial-infarction")
    first = table(document, f"analysis-{result.spec.id}-studies")
    none = [s.contrast.label for s in result.studies if s.estimate is None]
    assert len(none) == 4
    assert len(first.notes) == 1
    assert all(label in first.notes[0] for label in none)


def test_every_count_of_every_study_table_links_to_a_row(little_document, dupilumab_document):
    for document in (little_document, dupilumab_document):
        anchors = {
            row.anchor for block in document.walk() if isinstance(block, Table) for row in block.rows if row.anchor
        }
        studies = [b for b in document.walk() if isinstance(b, Table) and b.id.endswith("-studies")]
        assert studies
        for found in studies:
            for row in found.rows:
                if row.kind == "total":
                    continue
                for count in row.cells[1:3]:
                    links = [run.href for line in count.lines for run in line if run.kind == "link"]
                    assert links
                    assert {link.removeprefix("#") for link in links} <= anchors


def test_every_study_shows_the_verification_of_its_counts(dupilumab_document):
    rows = texts(table(dupilumab_document, "analysis-skin-infections-studies"))
    assert {row[0]: row[5] for row in rows[:-1]} == {
        "M12": "read",
        "SOLO 1": "unverified",
        "LIBERTY AD CHRONOS": "read",
        "SOLO 2": "unverified",
    }


def test_effects_are_those_of_the_result(dupilumab, dupilumab_document):
    for result in dupilumab.results:
        rows = texts(table(dupilumab_document, f"analysis-{result.spec.id}-studies"))
        if result.pooled:
            assert rows[-1][3] == format_estimate(*result.pooled.displayed)


def test_split_control_shows_its_share_and_links_to_the_whole(tmp_path):
    review = REVIEW.replace('multi_arm = "shared"', 'multi_arm = "split"')
    rows = table(document_of(analysis_of(tmp_path, TABLE, review)), "analysis-rash-shared-studies")
    assert texts(rows)[0][:3] == ["Alba: drug low", "3/50", "6/26"]
    assert [run.href for run in cells(rows, 0)[2].lines[0]] == ["#count-3"]


def test_heterogeneity_has_every_statistic_with_its_meaning(little_document):
    rows = texts(table(little_document, "analysis-rash-heterogeneity"))
    assert [row[0] for row in rows] == ["τ²", "I²", "H²", "Q", "95% prediction interval"]
    assert rows[0][1] == "0.000 (95% CI 0.000 to 4.066)"
    assert rows[0][2] == "Variance between trials of the log risk ratio, by restricted maximum likelihood."
    assert rows[3][1] == "1.23, df = 2, p = 0.54"
    assert all(row[2] for row in rows)


def test_common_effect_has_no_tau2(little_document):
    rows = texts(table(little_document, "analysis-rash-haenszel-heterogeneity"))
    assert [row[0] for row in rows] == ["I²", "H²", "Q"]
    assert rows[0][2].endswith("from Q.")


def test_estimator_is_named(dupilumab_document):
    rows = texts(table(dupilumab_document, "analysis-infections-as-published-heterogeneity"))
    assert "by the DerSimonian-Laird estimator" in rows[0][2]


def test_absolute_effects_at_each_stated_baseline(little, little_document):
    found = table(little_document, "analysis-rash-absolute")
    rows = texts(found)
    assert [row[0] for row in rows] == ["5.0%", "20.0%"]
    ratio = little.result("rash").pooled.displayed[0]
    assert rows[0][1:3] == ["50", f"{50 * ratio:.0f}"]
    assert rows[0][3] == "25 fewer (42 fewer to 22 more)"
    assert found.notes[0] == "Baseline: baseline risks stated in the review."


def test_observed_baseline_is_called_so(dupilumab_document):
    found = table(dupilumab_document, "analysis-infections-absolute")
    assert "risk over all control arms" in found.notes[0]
    assert len(found.rows) == 1


def test_risk_held_at_its_bound_is_told(tmp_path):
    review = REVIEW.replace("baseline_risks = [0.05, 0.20]", "baseline_risks = [0.9]")
    found = table(document_of(analysis_of(tmp_path, TABLE, review)), "analysis-rash-absolute")
    assert found.notes[-1] == "A predicted risk left the range from 0 to 1 and was held at its bound."


@pytest.mark.parametrize("id_", ["analysis-fever-heterogeneity", "analysis-fever-absolute"])
def test_no_answer_no_such_table(little_document, id_):
    assert not [b for b in little_document.walk() if isinstance(b, Table) and b.id == id_]


def test_heterogeneity_that_cannot_be_estimated_is_said(tmp_path):
    rows = ["trial,treatment,outcome,events,n"]
    for label, events in (("A", (0, 4)), ("B", (0, 5)), ("C", (2, 6))):
        rows += [f"{label},{side},rash,{n},50" for side, n in zip(("drug", "placebo"), events, strict=True)]
    review = REVIEW.split('[[outcome]]\nname = "fever"')[0]
    review += '[[analysis]]\nid = "rash"\noutcome = "rash"\nmethod = "mantel-haenszel"\n'
    found = texts(
        table(document_of(analysis_of(tmp_path, "\n".join(rows) + "\n", review)), "analysis-rash-heterogeneity")
    )
    assert found == [["Heterogeneity", "not estimable", "Fewer than two studies have an effect of their own."]]
