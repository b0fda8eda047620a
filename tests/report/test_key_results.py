"""The question and the summary of findings."""

from __future__ import annotations

from report.builders import REVIEW, TABLE, analysis_of, document_of, section, table, texts

from trialpool.report.document import Bullets, plain_text
from trialpool.report.key_results import lead


def summary(document):
    return texts(table(document, "summary-of-findings"))


def test_lead_says_what_is_compared(little):
    assert lead(little) == "Meta-analysis of 5 trials comparing drug with placebo on 2 outcomes."


def test_question_names_its_parts_and_each_outcome(little_document):
    (bullets,) = section(little_document, "question").blocks
    assert isinstance(bullets, Bullets)
    assert [plain_text(item) for item in bullets.items] == [
        "Population: Adults",
        "Intervention: Drug",
        "Comparator: Placebo",
        "Outcome: Any rash: Rash of any grade (fewer events are better)",
        "Outcome: fever (fewer events are better)",
    ]


def test_row_has_trials_people_effect_and_absolute_effect(little_document):
    first, second, *_ = summary(little_document)
    assert first[1:6] == ["3 (513)", "RR 0.49 (0.17 to 1.45)", "50", "25", "25 fewer (42 fewer to 22 more)"]
    assert second == ["200", "99", "101 fewer (166 fewer to 90 more)"]


def test_rows_of_an_analysis_share_its_cells(little_document):
    found = table(little_document, "summary-of-findings")
    assert [len(group.rows) for group in found.groups] == [2, 2, 2, 1]
    assert [cell.rows for cell in found.rows[0].cells] == [2, 2, 2, 1, 1, 1, 2]
    assert found.rows[1].first == 3


def test_every_row_fills_the_columns(little_document, dupilumab_document):
    for document in (little_document, dupilumab_document):
        found = table(document, "summary-of-findings")
        for row in found.rows:
            assert row.first + sum(cell.columns for cell in row.cells) in {len(found.columns), len(found.columns) - 1}


def test_kind_and_flag_stand_beside_each_result(little_document):
    rows = [row for row in summary(little_document) if len(row) == 7]
    assert [row[0] for row in rows] == [
        "Any rash planned unverified input",
        "Any rash, Mantel-Haenszel sensitivity unverified input",
        "Any rash, arms apart post hoc unverified input",
        "fever planned",
    ]


def test_result_links_to_its_analysis(little_document):
    found = table(little_document, "summary-of-findings")
    links = [row.cells[0].lines[0][0].href for row in found.rows if row.first == 0]
    assert links == ["#analysis-rash", "#analysis-rash-haenszel", "#analysis-rash-shared", "#analysis-fever"]


def test_what_cannot_be_estimated_is_said_with_its_reason(little_document):
    last = summary(little_document)[-1]
    assert last[1:6] == ["1 (61)", "not estimable", "–", "–", "–"]
    assert last[6].startswith("Nothing to pool: only one study")


def test_caveats_name_what_the_conclusion_depends_on(little_document):
    caveats = summary(little_document)[0][6]
    assert "depends on methods for rare events, estimator and interval and zero-cell handling" in caveats
    assert "published result: differs" in caveats
    assert "few studies" in caveats


def test_nothing_to_keep_in_mind_is_a_dash(tmp_path):
    rows = ["trial,treatment,outcome,events,n,verification"]
    rows += [f"T{i},drug,rash,20,200,read\nT{i},placebo,rash,60,200,read" for i in range(8)]
    review = REVIEW.split('[[outcome]]\nname = "fever"')[0].replace("baseline_risks = [0.05, 0.20]\n", "")
    analysis = analysis_of(tmp_path, "\n".join(rows) + "\n", f'{review}[[analysis]]\nid = "rash"\noutcome = "rash"\n')
    assert summary(document_of(analysis))[0][-1] == "–"


def test_results_on_unverified_counts_are_named_first(little_document, dupilumab_document):
    first = plain_text(section(little_document, "key-results").blocks[0].content)
    assert first.startswith(
        "3 of 4 results rest on counts that nothing confirms: “Any rash”, “Any rash, Mantel-Haenszel”"
    )
    assert "“Eczema herpeticum" in plain_text(section(dupilumab_document, "key-results").blocks[0].content)


def test_one_flagged_result_is_in_the_singular(tmp_path):
    table_text = TABLE.replace("page 7,unverified", "page 7,read").replace(
        "fever,2,30,Table 4,read", "fever,2,30,Table 4,unverified"
    )
    text = plain_text(section(document_of(analysis_of(tmp_path, table_text)), "key-results").blocks[0].content)
    assert text.startswith("1 of 4 results rests on counts that nothing confirms: “fever”.")


def test_unstated_verification_is_not_called_verified(tmp_path, rosiglitazone):
    text = TABLE.replace("unverified", "read")
    words = plain_text(section(document_of(analysis_of(tmp_path, text)), "key-results").blocks[0].content)
    assert words.startswith("The input does not state how far all of its counts were verified")
    stated = TABLE.replace("unverified", "read").replace("Table 3,\n", "Table 3,read\n")
    words = plain_text(section(document_of(analysis_of(tmp_path, stated)), "key-results").blocks[0].content)
    assert words == "No result rests on a count that the input calls unverified."


def test_certainty_is_said_not_to_be_assessed(little_document):
    notes = table(little_document, "summary-of-findings").notes
    assert any("GRADE" in note and "not assessed" in note for note in notes)
    assert (
        "Absolute effects apply the pooled effect to each baseline risk: Baseline risks stated in the review." in notes
    )


def test_level_stands_in_the_headings_where_there_is_one(little_document, tmp_path):
    headings = [column.heading for column in table(little_document, "summary-of-findings").columns]
    assert "Pooled effect (95% CI)" in headings
    mixed = REVIEW.replace('comment = "The main question"', "conf_level = 0.9")
    headings = [
        c.heading for c in table(document_of(analysis_of(tmp_path, review=mixed)), "summary-of-findings").columns
    ]
    assert "Pooled effect (CI)" in headings
