"""Every count has a row with its source, and every count shown links to that row."""

from __future__ import annotations

import pytest
from report.builders import section, table, texts

from trialpool.report.document import plain_text
from trialpool.report.provenance import (
    Provenance,
    behind_contrast,
    count_cell,
    registry_link,
    verification_badge,
    verification_badges,
)
from trialpool.trials import VERIFICATIONS


@pytest.fixture(scope="module")
def provenance(little):
    return Provenance.of(little)


def test_every_count_of_the_outcomes_asked_about_has_a_row(provenance):
    assert len(provenance.rows) == 11
    assert {row.outcome.name for row in provenance.rows} == {"rash", "fever"}
    assert len({row.anchor for row in provenance.rows}) == 11


def test_row_shows_count_place_source_and_verification(little_document):
    rows = texts(table(little_document, "provenance-1"))
    assert rows[0] == ["drug low", "3", "50", "Table 2", "arms.csv, row 2", "read"]
    assert rows[3] == ["drug", "6", "80", "page 7", "arms.csv, row 5", "unverified"]
    assert rows[8][-1] == "not stated"


def test_rows_stand_under_their_trial_with_registry_entry_and_publication(little_document):
    headings = [plain_text(group.heading) for group in table(little_document, "provenance-1").groups]
    assert headings == [
        "Alba NCT00000001 Alba 2001",
        "Bern NCT00000002 Bern 2002",
        "Cork ISRCTN7 Cork 2003",
        "Dale Dale 2004",
    ]


def test_levels_are_counted_and_explained(little_document):
    bullets = [b for b in section(little_document, "provenance").blocks if type(b).__name__ == "Bullets"]
    lines = [plain_text(item) for item in bullets[0].items]
    assert [line.split(":")[0] for line in lines] == [
        "read 6 counts",
        "corroborated 2 counts",
        "unverified 1 count",
        "not stated 2 counts",
    ]


def test_rows_of_other_outcomes_are_counted_not_hidden(little_document):
    words = [plain_text(b.content) for b in section(little_document, "provenance").blocks if hasattr(b, "content")]
    assert "The input has 2 rows more, on outcomes that this review does not ask about." in words


def test_notes_of_the_reader_are_shown(dupilumab_document, dupilumab):
    assert dupilumab.table.notes
    words = [plain_text(b.content) for b in section(dupilumab_document, "provenance").blocks if hasattr(b, "content")]
    for note in dupilumab.table.notes:
        assert any(note.message[1:] in text for text in words)


def rows_behind(little, provenance, analysis_id, label):
    comparison = little.result(analysis_id).comparison
    contrast = next(c for c in comparison.contrasts if c.label == label)
    return behind_contrast(provenance, little, comparison, contrast)


def test_combined_arms_rest_on_each_of_their_rows(little, provenance):
    treatment, control = rows_behind(little, provenance, "rash", "Alba")
    assert [row.shown for row in treatment] == ["3/50", "5/51"]
    assert [row.shown for row in control] == ["12/52"]


def test_arms_kept_apart_rest_on_their_own_row_and_share_the_control(little, provenance):
    low = rows_behind(little, provenance, "rash-shared", "Alba: drug low")
    high = rows_behind(little, provenance, "rash-shared", "Alba: drug high")
    assert [row.shown for row in low[0]] == ["3/50"]
    assert [row.shown for row in high[0]] == ["5/51"]
    assert low[1] == high[1]


def test_sources_found_are_those_that_the_contrast_carries(dupilumab):
    provenance = Provenance.of(dupilumab)
    for result in dupilumab.results:
        for contrast in result.comparison.contrasts:
            found = behind_contrast(provenance, dupilumab, result.comparison, contrast)
            assert tuple(row.outcome.source for side in found for row in side) == contrast.sources


def test_counts_add_up_to_those_of_the_contrast(dupilumab):
    provenance = Provenance.of(dupilumab)
    for result in dupilumab.results:
        for contrast in result.comparison.contrasts:
            treatment, control = behind_contrast(provenance, dupilumab, result.comparison, contrast)
            assert sum(row.outcome.counts.events for row in treatment) == contrast.events_treatment
            assert sum(row.outcome.counts.n for row in control) == contrast.n_control


def test_count_of_one_row_links_to_it(provenance):
    (run,) = count_cell("3/50", provenance.rows[:1]).lines[0]
    assert (run.text, run.href) == ("3/50", "#count-1")


def test_sum_shows_its_parts_each_with_its_link(provenance):
    shown = count_cell("8/101", provenance.rows[:2])
    assert shown.text == "8/101 = 3/50 + 5/51"
    assert [run.href for run in shown.lines[1] if run.href] == ["#count-1", "#count-2"]


def test_badges_stand_worst_first_and_once():
    badges = verification_badges(["read", "corroborated", "unverified", "read", "not stated"])
    assert [badge.text for badge in badges] == ["unverified", "not stated", "corroborated", "read"]


def test_every_level_has_its_badge():
    tones = {level: verification_badge(level).tone for level in VERIFICATIONS}
    assert tones["unverified"] == "alarm"
    assert tones["read"] == "good"


@pytest.mark.parametrize(
    "text",
    ["javascript:alert(1)", "NCT1", "NCT000000011", "nct00000001", "NCT0000000\N{SUPERSCRIPT ONE}", "ISRCTN7", ""],
)
def test_only_a_real_registry_number_becomes_a_link(text):
    assert registry_link(text).kind == "text"
    assert registry_link(text).href == ""


def test_registry_number_links_to_the_registry():
    assert registry_link("NCT00000001").href == "https://clinicaltrials.gov/study/NCT00000001"


def test_means_are_shown_as_such(tmp_path):
    from report.builders import TABLE, analysis_of, document_of

    lines = TABLE.splitlines()
    lines = [f"{line},mean,sd" if i == 0 else f"{line},," for i, line in enumerate(lines)]
    lines.append("Fano,,Fano 2006,drug,drug,20,12,home,rash,,20,Table 9,read,1.5,0.5")
    lines.append("Fano,,Fano 2006,placebo,placebo,0,12,home,rash,,21,Table 9,read,1.7,0.6")
    rows = texts(table(document_of(analysis_of(tmp_path, "\n".join(lines) + "\n")), "provenance-1"))
    assert rows[-1][:3] == ["placebo", "mean 1.70, SD 0.60", "21"]
