"""run(): the answers of a review, what stands beside each, and what happens where there is no answer."""

from __future__ import annotations

import json
import math

import pytest
from analysis.reviews import ARMS, VALID, spoiled, write_review

from trialpool.analysis import AnalysisResult, read_review, run
from trialpool.errors import NotEstimableError
from trialpool.pool import pool_request, select, subgroup_request
from trialpool.results import SCHEMA_VERSION
from trialpool.sensitivity import estimator_and_interval, leave_one_out, rare_event_panel, zero_cell_handling


@pytest.fixture
def answer(tmp_path):
    """Run a review of this text on these data."""

    def run_text(text: str = VALID, arms: str = ARMS, **options):
        return run(write_review(tmp_path, text, arms), **options)

    return run_text


def without_nausea(arms: str = ARMS, *, keep: str = "") -> str:
    """The data without the nausea rows, except those that begin so."""
    return "".join(
        line for line in arms.splitlines(keepends=True) if "nausea" not in line or (keep and line.startswith(keep))
    )


# --- answers ---------------------------------------------------------------------------------------------------------


def test_analyses_are_answered_in_the_order_of_the_file(answer):
    analysis = answer()
    assert [result.spec.id for result in analysis.results] == ["rash-planned", "nausea-or"]
    assert analysis.result("nausea-or") is analysis.results[1]


def test_answer_is_what_pooling_by_hand_gives_with_all_that_rests_on_it(answer):
    result = answer().result("rash-planned")
    comparison, request = result.comparison, result.spec.request
    assert comparison.multi_arm == "split"
    assert result.pooled == pool_request(comparison, request)
    assert result.studies == result.pooled.studies
    assert result.subgroups == (subgroup_request(comparison, "weeks", request),)
    assert result.sensitivity[0] == rare_event_panel(result.pooled)
    assert result.sensitivity[1] == leave_one_out(result.pooled)
    assert result.sensitivity[2] == estimator_and_interval(result.pooled)
    assert result.sensitivity[3] == zero_cell_handling(result.pooled)
    assert [table.name for table in result.sensitivity] == [
        "Methods for rare events",
        "Leave one out",
        "Estimator and interval",
        "Zero-cell handling",
        "Multi-arm handling",
    ]
    assert [row.label for row in result.sensitivity[4].rows] == [
        "control split among arms",
        "active arms combined",
        "shared control with covariance",
    ]
    assert result.impossible == ""
    assert result.notes[: len(result.pooled.notes)] == result.pooled.notes


def test_absolute_effects_are_at_the_stated_risks(answer):
    result = answer().result("rash-planned")
    assert [effect.baseline_risk for effect in result.absolute] == [0.05, 0.10]
    assert result.absolute_basis == "baseline risks stated in the review"
    ratio = math.exp(result.pooled.estimate)
    assert [effect.treatment_per_1000 for effect in result.absolute] == pytest.approx([50 * ratio, 100 * ratio])


def test_absolute_effect_is_at_the_observed_risk_where_none_is_stated(answer):
    result = answer().result("nausea-or")
    (effect,) = result.absolute
    assert effect.baseline_risk == pytest.approx((4 + 3) / (101 + 119))
    assert result.absolute_basis.startswith("risk over all control arms of the trials")


def test_without_events_in_the_control_arms_there_is_no_absolute_effect(answer):
    arms = ARMS.replace("nausea,4,101", "nausea,0,101").replace("nausea,3,119", "nausea,0,119")
    result = answer(spoiled('measure = "odds ratio"\ntau2 = "DL"', 'measure = "risk difference"'), arms).result(
        "nausea-or"
    )
    assert result.pooled is not None
    assert result.absolute == ()
    assert result.absolute_basis == "no baseline risk is stated, and the control arms had none or only events"


def test_published_result_stands_beside_its_analysis_alone(answer):
    planned, sensitivity = answer().results
    assert planned.published == ()
    (compared,) = sensitivity.published
    assert compared.published.source == "Smith 2004"
    assert compared.agrees is False


def test_subgroups_that_are_refused_leave_a_warning_and_the_other_subgroups(answer):
    text = spoiled('subgroups = ["weeks"]', 'subgroups = ["dose", "weeks"]')
    header, *rows = ARMS.splitlines()
    arms = "\n".join([f"{header},dose", *(f"{row},{row.split(',')[1]}" for row in rows)])  # the arm's name is its dose
    result = answer(spoiled('multi_arm = "split"', 'multi_arm = "combine"', text), arms).result("rash-planned")
    assert [subgroup.by for subgroup in result.subgroups] == ["weeks"]
    (note,) = (note for note in result.notes if note.code == "subgroup-refused")
    assert note.level == "warning"
    assert "the arms combined in 'Brown' differ on it" in note.message


def test_case_of_names_does_not_count(answer):
    text = VALID
    for old, new in [
        ('treatment = "drug"', 'treatment = "DRUG"'),
        ('control = "placebo"', 'control = "Placebo"'),
        ('["weeks"]', '["Weeks"]'),
    ]:
        text = spoiled(old, new, text)
    loud, plain = answer(text), answer()
    assert loud.result("rash-planned").comparison == plain.result("rash-planned").comparison
    assert loud.result("rash-planned").subgroups == plain.result("rash-planned").subgroups


def test_review_read_before_gives_the_same(answer, tmp_path):
    review = read_review(write_review(tmp_path))
    assert (
        run(review).to_dict() == run(tmp_path / "review.toml").to_dict() == run(str(tmp_path / "review.toml")).to_dict()
    )


# --- no answer -------------------------------------------------------------------------------------------------------


def impossible(answer, text=VALID, arms=ARMS) -> AnalysisResult:
    """The second analysis, which has no answer, beside the first, which has."""
    first, second = answer(text, arms).results
    assert first.pooled is not None
    assert second.pooled is None
    assert second.absolute == second.subgroups == second.sensitivity == ()
    (compared,) = second.published
    assert compared.message == "There is no pooled result here to compare with the published one."
    return second


def test_one_trial_is_shown_with_its_own_effect(answer):
    arms = without_nausea(keep="Smith")
    text = spoiled('source = "Smith 2004"', 'source = "Smith 2004"\ntrials = 8')
    result = impossible(answer, text, arms)
    # (5/95)/(4/97) is 1.276; its interval from exp(+/- 1.96 sqrt(1/5 + 1/95 + 1/4 + 1/97))
    assert result.impossible == (
        "nothing to pool: only one study has an estimable odds ratio; the odds ratio of Smith alone is 1.28 (0.33 to 4.90)"
    )
    (study,) = result.studies
    assert math.exp(study.estimate) == pytest.approx((5 / 95) / (4 / 97))
    assert (study.contributes, study.weight) == (False, None)
    assert result.published[0].lacks == ("The input has 1 trial with this outcome; the publication pooled 8.",)


def test_trials_without_any_event_are_listed_with_the_reason(answer):
    arms = ARMS
    for count in ("5,100", "4,101", "8,120", "3,119"):
        arms = arms.replace(f"nausea,{count}", f"nausea,0,{count.partition(',')[2]}")
    result = impossible(answer, arms=arms)
    assert result.impossible == "nothing to pool: no study has an estimable odds ratio"
    assert {study.reason for study in result.studies} == {
        "no events in either arm: it holds no information on the ratio"
    }


def test_outcome_that_no_trial_compares_keeps_its_published_result(answer):
    arms = without_nausea() + "Grey,drug,drug,12,nausea,5,50\nGrey,sham,sham,12,nausea,5,50\n"
    result = impossible(answer, arms=arms)
    assert result.comparison is None
    assert result.studies == ()
    assert result.impossible.startswith("no trial compares drug with placebo on 'nausea': ")
    assert "Grey: has no control arm (placebo)" in result.impossible
    assert result.to_dict()["excluded"] == []


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ('method = "peto"', "the Peto odds ratio has no shared-control covariance; use multi_arm='combine' or 'split'"),
        (
            'method = "mantel-haenszel"',
            "Mantel-Haenszel has no shared-control covariance; use multi_arm='combine' or 'split'",
        ),
    ],
)
def test_method_that_the_comparison_refuses_is_an_analysis_without_an_answer(answer, options, reason):
    text = spoiled('outcome = "nausea"\n', 'outcome = "rash"\nmulti_arm = "shared"\n')
    result = impossible(answer, spoiled('tau2 = "DL"', options, text))
    assert result.impossible == reason
    assert [study.contrast.label for study in result.studies] == ["Smith", "Jones", "Brown: low", "Brown: high"]
    if "peto" in options:
        assert {(study.estimate, study.reason) for study in result.studies} == {(None, reason)}
    else:
        assert all(study.estimate is not None for study in result.studies)


def test_correction_that_has_nothing_to_go_by_is_an_analysis_without_an_answer(answer):
    arms = ARMS.replace("nausea,4,101", "nausea,0,101").replace("nausea,3,119", "nausea,0,119")
    result = impossible(answer, spoiled('tau2 = "DL"', 'zero_cells = "empirical"'), arms)
    assert "needs at least one trial without a zero cell" in result.impossible
    assert [(study.estimate, study.reason) for study in result.studies] == [(None, result.impossible)] * 2


def test_review_without_any_answer_says_why_for_each(answer):
    arms = "".join(line for line in ARMS.splitlines(keepends=True) if line.startswith(("trial", "Smith")))
    with pytest.raises(NotEstimableError) as caught:
        answer(arms=arms)
    assert str(caught.value).startswith(
        "no analysis of the review has an answer: rash-planned: nothing to pool: only one"
    )
    assert "; nausea-or: nothing to pool: only one study" in str(caught.value)


# --- progress and provenance -----------------------------------------------------------------------------------------


def test_progress_names_each_analysis_before_it_is_done(answer):
    steps = []
    answer(progress=lambda *step: steps.append(step))
    assert steps == [(0, 2, "Rash of any kind"), (1, 2, "nausea"), (2, 2, "report")]


def test_inputs_and_versions_are_named(answer):
    analysis = answer()
    assert [file.name for file in analysis.inputs] == ["review.toml", "arms.csv"]
    assert [len(file.sha256) for file in analysis.inputs] == [64, 64]
    assert analysis.inputs[0].sha256 == analysis.review.sha256
    assert analysis.inputs[1].sha256 == analysis.table.sha256
    assert list(analysis.versions) == ["trialpool", "Python", "numpy", "scipy"]


def test_json_is_strict_and_the_same_twice(answer):
    data = answer().to_dict()
    text = json.dumps(data, allow_nan=False)
    assert text == json.dumps(answer().to_dict(), allow_nan=False)
    assert json.loads(text) == data
    assert (data["schema_version"], data["type"], data["title"]) == (SCHEMA_VERSION, "analysis", "Rash and nausea")
    assert [result["id"] for result in data["analyses"]] == ["rash-planned", "nausea-or"]


def test_json_is_strict_where_there_is_no_answer_and_where_limits_are_wild(answer):
    text = spoiled('tau2 = "DL"', 'tau2 = "DL"\nconf_level = 0.99999')
    for arms in (without_nausea(keep="Smith"), ARMS):
        json.dumps(answer(text, arms).to_dict(), allow_nan=False)


def test_method_that_is_not_named_is_chosen_by_the_evidence_and_the_thresholds_of_the_review(tmp_path):
    text = spoiled('profile = "trialpool"\n', "")
    result = run(write_review(tmp_path, text)).result("rash-planned")
    assert result.selection == select(result.comparison, result.spec.automatic)
    assert result.spec.request == result.selection.request == result.pooled.request
    assert result.pooled.selection == result.selection
    stated = spoiled(
        '[[outcome]]\nname = "nausea"', '[automatic]\nfew_events = 3\n\n[[outcome]]\nname = "nausea"', text
    )
    assert run(write_review(tmp_path, stated)).result("rash-planned").selection.thresholds.few_events == 3
