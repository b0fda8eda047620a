"""Flags, notes and the count of trials and people behind a result."""

from __future__ import annotations

from report.builders import TABLE, analysis_of, document_of, sections

from trialpool.report.document import Drawing, plain_text
from trialpool.report.figures import draw_figures
from trialpool.report.material import (
    Material,
    drawing,
    note_block,
    trials_and_people,
    unverified_flag,
    unverified_notice,
    unverified_trials,
)
from trialpool.report.provenance import Provenance
from trialpool.results import Note


def material_of(analysis, id_):
    return Material(analysis, analysis.result(id_), Provenance.of(analysis), draw_figures(analysis), f"analysis-{id_}")


def test_trials_and_people_are_those_that_contribute(little):
    assert trials_and_people(little.result("rash")) == (3, 281 + 232)


def test_shared_control_counts_its_people_once(little):
    assert trials_and_people(little.result("rash-shared")) == (3, 281 + 232)


def test_without_an_answer_all_studies_count(little):
    assert trials_and_people(little.result("fever")) == (1, 61)


def test_unverified_trials_are_named(little):
    assert unverified_trials(little.result("rash")) == ("Bern",)
    assert unverified_trials(little.result("fever")) == ()


def test_unverified_trial_that_a_result_does_not_rest_on_is_not_named(tmp_path):
    lines = "Dale,,Dale 2004,placebo,placebo,0,12,home,rash,0,41,Table 3,"
    analysis = analysis_of(tmp_path, TABLE.replace(lines, f"{lines}unverified"))
    assert "Dale" in {study.contrast.trial for study in analysis.result("rash").studies}
    assert unverified_trials(analysis.result("rash")) == ("Bern",)


def test_flag_is_text_and_not_colour_alone(little):
    (flag,) = unverified_flag(little.result("rash"))
    assert (flag.text, flag.kind, flag.tone) == ("unverified input", "badge", "alarm")
    assert unverified_flag(little.result("fever")) == ()


def test_notice_names_the_trials(little, dupilumab):
    notice = unverified_notice(little.result("rash"))
    assert plain_text(notice.content) == "Nothing confirms the counts of Bern; this result rests on them."
    impossible = unverified_notice(dupilumab.result("eczema-herpeticum"))
    assert plain_text(impossible.content) == "Nothing confirms the counts of LIBERTY AD CHRONOS."


def test_every_figure_of_a_flagged_result_is_flagged(little):
    document = document_of(little)
    for found in sections(document):
        if not found.id.startswith("analysis-rash"):
            continue
        for block in found.blocks:
            if isinstance(block, Drawing):
                assert plain_text(block.caption).endswith("unverified input")


def test_figure_is_found_by_kind_and_subject(little):
    material = material_of(little, "rash")
    assert material.figure("subgroups", "setting").name == "rash-subgroups-setting"
    assert material.figure("subgroups", "weeks") is None
    assert material.figure("funnel") is None


def test_drawing_takes_the_name_of_its_file(little):
    material = material_of(little, "fever")
    made = drawing(material, material.figure("forest"), "Fever.", "the-table")
    assert (made.id, made.table, plain_text(made.caption)) == ("figure-fever-forest", "the-table", "Fever.")


def test_note_names_its_studies_if_they_are_few():
    few = note_block(Note("code", "something about tau2", "warning", ("A", "B")))
    assert (few.label, few.tone) == ("Warning", "caution")
    assert plain_text(few.content) == "Something about τ². Studies: A and B."
    many = note_block(Note("code", "something.", "info", tuple(map(str, range(13)))))
    assert (many.label, many.tone) == ("Note", "neutral")
    assert plain_text(many.content) == "Something."
