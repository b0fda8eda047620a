"""The section of one analysis: what stands in it, in which order."""

from __future__ import annotations

import pytest
from report.builders import REVIEW, TABLE, analysis_of, document_of, section, table, texts

from trialpool.report.analysis_section import agreement_badge, kind_badge
from trialpool.report.document import Bullets, Details, Drawing, Notice, Paragraph, Table, plain_text
from trialpool.report.sensitivity_section import verdict_badge


def all_text(found):
    """The words of paragraphs, notices and notes of tables, in reading order."""
    words = [plain_text(b.content) for b in found.walk() if isinstance(b, (Paragraph, Notice))]
    notes = [note for b in found.walk() if isinstance(b, Table) for note in b.notes]
    return " ".join([*words, *notes])


def kinds(found):
    return [type(block).__name__ for block in found.blocks]


def test_words_come_first_then_the_flag_then_plot_and_tables(little_document):
    found = section(little_document, "analysis-rash")
    assert kinds(found) == [
        "Paragraph",
        "Notice",
        "Paragraph",
        "Drawing",
        "Table",
        "Table",
        "Table",
        "Notice",
        "Notice",
    ]
    assert found.blocks[0].kind == "lead"
    assert plain_text(found.blocks[0].content).startswith("In 3 trials, 23 of 281 participants given drug")


def test_heading_has_kind_and_flag(little_document):
    badges = {
        id_: [b.text for b in section(little_document, id_).badges] for id_ in ("analysis-rash", "analysis-fever")
    }
    assert badges == {"analysis-rash": ["planned", "unverified input"], "analysis-fever": ["planned"]}


def test_each_kind_has_its_badge():
    assert [kind_badge(kind).text for kind in ("planned", "sensitivity", "post hoc")] == [
        "planned",
        "sensitivity",
        "post hoc",
    ]
    assert kind_badge("post hoc").tone == "caution"


def test_what_was_asked_is_told_with_the_comment(little_document):
    text = plain_text(section(little_document, "analysis-rash").blocks[2].content)
    assert text.startswith("Outcome: Rash of any grade. Method: Risk ratio; inverse variance, random effects; τ² by")
    assert text.endswith("[profile trialpool]. The main question.")


def test_unverified_input_is_flagged_once_beside_the_statement(little_document):
    notices = [b for b in section(little_document, "analysis-rash").blocks if isinstance(b, Notice)]
    assert [notice.label for notice in notices] == ["Unverified input", "Note", "Note"]


def test_parts_come_in_order(little_document):
    parts = [part.title for part in section(little_document, "analysis-rash").sections]
    assert parts == [
        "Subgroups by setting",
        "Does the conclusion depend on a choice?",
        "Small-study effects",
        "Beside the published result",
    ]


def test_no_answer_leaves_studies_and_plot(little_document):
    found = section(little_document, "analysis-fever")
    assert kinds(found) == ["Paragraph", "Paragraph", "Drawing", "Table"]
    assert [part.title for part in found.sections] == ["Small-study effects"]


def test_no_comparison_leaves_the_reason(tmp_path):
    table_text = TABLE.replace(
        "Eger,,Eger 2005,placebo,placebo,0,12,home,fever,1,31", "Eger,,Eger 2005,other,other,0,12,home,fever,1,31"
    )
    found = section(document_of(analysis_of(tmp_path, table_text)), "analysis-fever")
    assert kinds(found) == ["Paragraph", "Paragraph"]
    assert "no trial compares drug with placebo on 'fever'" in plain_text(found.blocks[0].content).replace("No ", "no ")


def test_no_baseline_risk_is_told(tmp_path):
    rows = [line for line in TABLE.splitlines() if "rash" not in line]
    rows += [
        f"T{i},,,drug,drug,1,1,x,rash,{i + 1},50,s,read\nT{i},,,placebo,placebo,1,1,x,rash,0,50,s,read"
        for i in range(3)
    ]
    review = REVIEW.replace("baseline_risks = [0.05, 0.20]\n", "").replace(
        'id = "rash"\n', 'id = "rash"\nzero_cells = "constant"\n'
    )
    review = review.replace('subgroups = ["setting"]\n', "")
    found = section(document_of(analysis_of(tmp_path, "\n".join(rows) + "\n", review)), "analysis-rash")
    words = [plain_text(b.content) for b in found.blocks if isinstance(b, Paragraph)]
    assert "No absolute effect: no baseline risk is stated, and the control arms had none or only events." in words


# --- subgroups --------------------------------------------------------------------------------------------------------


def test_subgroups_have_test_plot_and_table(little_document):
    found = section(little_document, "analysis-rash-by-setting")
    assert kinds(found)[:3] == ["Paragraph", "Drawing", "Table"]
    text = plain_text(found.blocks[0].content)
    assert text.startswith("Test of interaction between the subgroups: χ² = 0.74, df = 1, p = 0.39.")
    assert "not randomised" in text


def test_subgroup_of_one_estimable_study_shows_that_studys_effect(little_document):
    rows = texts(table(little_document, "analysis-rash-by-setting-table"))
    assert rows[1][:3] == ["home", "2", "0.65 (0.29 to 1.43)"]


def test_single_effect_is_found_wherever_it_stands(tmp_path):
    lines = TABLE.splitlines()
    dale = [line for line in lines if line.startswith("Dale")]
    moved = [lines[0], *dale, *(line for line in lines[1:] if line not in dale)]
    rows = texts(table(document_of(analysis_of(tmp_path, "\n".join(moved) + "\n")), "analysis-rash-by-setting-table"))
    assert ["home", "2", "0.65 (0.29 to 1.43)"] in [row[:3] for row in rows]


def test_no_interaction_test_is_told(tmp_path):
    review = REVIEW.replace('subgroups = ["setting"]', 'subgroups = ["always"]')
    lines = [f"{line},{'always' if i == 0 else 'yes'}" for i, line in enumerate(TABLE.splitlines())]
    found = section(document_of(analysis_of(tmp_path, "\n".join(lines) + "\n", review)), "analysis-rash-by-always")
    assert plain_text(found.blocks[0].content).startswith("There is no test of interaction")


# --- sensitivity ------------------------------------------------------------------------------------------------------


def test_each_choice_has_verdict_plot_and_table(little_document):
    found = section(little_document, "analysis-rash-sensitivity")
    assert [part.title for part in found.sections] == [
        "Methods for rare events",
        "Leave one out",
        "Estimator and interval",
        "Zero-cell handling",
        "Multi-arm handling",
    ]
    for part in found.sections:
        assert kinds(part) == ["Notice", "Drawing", "Details"]


def test_verdict_is_that_of_the_table(little, little_document):
    for found, part in zip(
        little.result("rash").sensitivity, section(little_document, "analysis-rash-sensitivity").sections, strict=True
    ):
        assert plain_text(part.blocks[0].content) == found.verdict
        assert part.badges[0].text == ("depends" if found.depends else "does not depend")
        assert part.blocks[0].tone == ("alarm" if found.depends else "good")


def test_choice_that_does_not_arise_is_told_without_a_plot(dupilumab, dupilumab_document):
    part = section(dupilumab_document, "analysis-infections-sensitivity-zero-cell-handling")
    assert kinds(part) == ["Notice"]
    assert part.badges[0].text == "does not arise"
    assert verdict_badge(dupilumab.result("infections").sensitivity[3]).tone == "neutral"


def test_table_marks_the_reference_and_what_differs(little_document):
    rows = texts(table(little_document, "analysis-rash-sensitivity-estimator-and-interval-table"))
    assert rows[0][0] == "random, REML, Hartung-Knapp safe (reference)"
    by_label = {row[0]: row[-1] for row in rows}
    assert by_label["random, REML, Wald"] == "below no difference differs"
    assert by_label["random, REML, Hartung-Knapp"] == "includes no difference"


def test_alternative_without_an_answer_gives_its_reason(little_document):
    rows = texts(table(little_document, "analysis-rash-shared-sensitivity-estimator-and-interval-table"))
    silent = [row for row in rows if len(row) == 2]
    assert [row[0] for row in silent] == ["Mantel-Haenszel"]
    assert silent[0][1].startswith("not estimable: ")


def test_tables_of_choices_can_be_opened(little_document):
    part = section(little_document, "analysis-rash-sensitivity-leave-one-out")
    (details,) = [block for block in part.blocks if isinstance(block, Details)]
    assert isinstance(details.blocks[0], Table)


# --- small studies and published results ------------------------------------------------------------------------------


def test_too_few_studies_for_a_funnel_is_told(little_document):
    (only,) = section(little_document, "analysis-rash-small-studies").blocks
    assert plain_text(only.content).startswith("No funnel plot: 3 studies with an effect. With fewer than 10,")


def test_enough_studies_have_a_funnel(rosiglitazone):
    id_ = rosiglitazone.results[0].spec.id
    found = section(document_of(rosiglitazone), f"analysis-{id_}-small-studies")
    assert [type(block) for block in found.blocks] == [Paragraph, Drawing]


def test_published_result_stands_beside_ours(little_document):
    found = section(little_document, "analysis-rash-published")
    assert texts(found.blocks[0]) == [
        ["This report", "0.49 (0.17 to 1.45)", "3", "513", ""],
        ["Publisher 2006", "0.52 (0.22 to 1.00)", "4", "not stated", "differs"],
    ]


def test_published_result_is_shown_with_the_decimals_of_print(tmp_path):
    review = REVIEW.replace("0.52\nconf_low = 0.22\nconf_high = 1.00", "11.9\nconf_low = 5.680\nconf_high = 125")
    found = section(document_of(analysis_of(tmp_path, review=review)), "analysis-rash-published")
    assert texts(found.blocks[0])[1][1] == "11.9 (5.680 to 125)"


def test_difference_and_what_the_input_lacks_are_told(little_document):
    found = section(little_document, "analysis-rash-published")
    notice = found.blocks[1]
    assert (notice.label, notice.tone) == ("Differs", "alarm")
    assert (
        plain_text(notice.content)
        == "Differs from the published result in estimate, lower limit, upper limit. In print."
    )
    (lacks,) = [block for block in found.blocks if isinstance(block, Bullets)]
    assert "Nothing confirms the counts of Bern." in [plain_text(item) for item in lacks.items]


def test_published_results_of_dupilumab_agree_or_say_what_is_missing(dupilumab):
    badges = {r.spec.id: [agreement_badge(p).text for p in r.published] for r in dupilumab.results if r.published}
    assert badges["infections-as-published"] == ["agrees"]
    assert badges["herpesvirus-as-published"] == ["agrees"]
    assert badges["eczema-herpeticum"] == ["nothing to compare"]


def test_published_agreement_is_shown_as_good(dupilumab_document):
    found = section(dupilumab_document, "analysis-infections-as-published-published")
    assert found.blocks[1].tone == "good"
    assert plain_text(found.blocks[1].content).startswith("Equal to the published result")


# --- methods chosen automatically ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chosen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chosen")
    analysis = analysis_of(folder, review=REVIEW.replace('profile = "trialpool"\ncomment', "comment"))
    return analysis, document_of(analysis)


def test_chosen_method_is_flagged_and_its_reason_told(chosen):
    analysis, document = chosen
    selection, own = analysis.result("rash").selection, section(document, "analysis-rash")
    assert "method chosen automatically" in [badge.text for badge in own.badges]
    text = all_text(own)
    assert selection.reason in text
    assert str(selection.evidence) in text
    assert str(selection.thresholds) in text
    assert "Günhan 2020" in text


def test_method_that_was_named_has_no_reason(chosen):
    _, document = chosen
    own = section(document, "analysis-rash-haenszel")
    assert "method chosen automatically" not in [badge.text for badge in own.badges]
    assert "Why this method" not in all_text(own)


def test_methods_section_tells_which_methods_were_chosen(chosen, little_document):
    _, document = chosen
    text = all_text(section(document, "methods"))
    assert "The method for Any rash was chosen automatically, by fixed rules" in text
    assert "few trials: below 5" in text
    assert "Every measure and method was named in the review file" in all_text(section(little_document, "methods"))


def test_credible_intervals_are_called_so(chosen):
    analysis, document = chosen
    assert analysis.result("rash").pooled.posterior is not None
    assert "Bayesian, so that the effect is a posterior median" in all_text(section(document, "key-results"))
    assert "The posterior odds ratio is" in all_text(section(document, "analysis-rash"))


def test_spread_between_trials_of_a_posterior_is_no_estimate_by_maximum_likelihood(chosen):
    _, document = chosen
    rows = {row[0]: row[1:] for row in texts(table(document, "analysis-rash-heterogeneity"))}
    assert "τ²" not in rows
    assert "CrI" in rows["τ"][0]
    assert "posterior median with prior half-normal(0.5)" in rows["τ"][1]
