"""compare(): which arms stand on which side, what becomes of the others, and that it is all written down."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest
from harmonise.builders import make_arm, make_outcome, make_trial
from hypothesis import given
from hypothesis import strategies as st

from trialpool.errors import NotEstimableError, TableError
from trialpool.harmonise import compare
from trialpool.trials import MULTI_ARM, Arm, Decision, Exclusion

TWO_ARMS = make_trial("Smith", make_arm("drug", 5, 50, row=2), make_arm("placebo", 8, 48, row=3))
THREE_ARMS = make_trial(
    "Jones",
    make_arm("drug", 10, 100, label="drug 10 mg", row=4),
    make_arm("drug", 20, 110, label="drug 20 mg", row=5),
    make_arm("placebo", 9, 90, row=6),
)


def contrasts(*trials, treatment="drug", control="placebo", multi_arm="combine", outcome="rash"):
    return compare(trials, outcome=outcome, treatment=treatment, control=control, multi_arm=multi_arm)


def counts(comparison):
    return [(c.label, c.events_treatment, c.n_treatment, c.events_control, c.n_control) for c in comparison.contrasts]


# --- two arms --------------------------------------------------------------------------------------------------------


def test_counts_stand_on_their_side_and_nothing_is_decided():
    comparison = contrasts(TWO_ARMS)
    assert counts(comparison) == [("Smith", 5, 50, 8, 48)]
    assert comparison.decisions == comparison.excluded == ()
    assert (comparison.treatments, comparison.controls, comparison.outcome) == (("drug",), ("placebo",), "rash")


def test_sides_are_named_by_the_caller_not_by_the_order_of_the_arms():
    swapped = contrasts(TWO_ARMS, treatment="placebo", control="drug")
    assert counts(swapped) == [("Smith", 8, 48, 5, 50)]


def test_contrasts_keep_the_order_of_the_trials_and_the_sources_of_their_counts():
    comparison = contrasts(THREE_ARMS, TWO_ARMS)
    assert comparison.labels == ("Jones", "Smith")
    assert [[s.row for s in c.sources] for c in comparison.contrasts] == [[4, 5, 6], [2, 3]]


def test_arms_of_other_treatments_have_no_part():
    trial = make_trial("Brown", *TWO_ARMS.arms, make_arm("cyclosporin", 30, 40))
    assert counts(contrasts(trial)) == [("Brown", 5, 50, 8, 48)]
    assert contrasts(trial).decisions == ()


def test_trials_may_come_from_any_iterable():
    assert len(compare(iter([TWO_ARMS]), outcome="rash", treatment="drug", control="placebo")) == 1


# --- more than two arms ----------------------------------------------------------------------------------------------


def test_active_arms_are_combined_and_the_decision_shows_before_and_after():
    comparison = contrasts(THREE_ARMS)
    assert counts(comparison) == [("Jones", 30, 210, 9, 90)]
    assert comparison.contrasts[0].treatment_arm == "drug 10 mg + drug 20 mg"
    assert comparison.decisions == (
        Decision(
            "multi-arm",
            "Jones",
            "active arms combined",
            "drug 10 mg 10/100; drug 20 mg 20/110",
            "drug 10 mg + drug 20 mg 30/210",
        ),
    )


def test_control_is_split_in_equal_fractions():
    comparison = contrasts(THREE_ARMS, multi_arm="split")
    assert counts(comparison) == [
        ("Jones: drug 10 mg", 10, 100, 4.5, 45),
        ("Jones: drug 20 mg", 20, 110, 4.5, 45),
    ]
    (decision,) = comparison.decisions
    assert (decision.rule, decision.before, decision.after) == (
        "control split among 2 active arms",
        "placebo 9/90",
        "placebo 4.5/45",
    )


def test_shared_control_stays_whole_and_is_known_to_be_shared():
    comparison = contrasts(THREE_ARMS, TWO_ARMS, multi_arm="shared")
    assert counts(comparison) == [
        ("Jones: drug 10 mg", 10, 100, 9, 90),
        ("Jones: drug 20 mg", 20, 110, 9, 90),
        ("Smith", 5, 50, 8, 48),
    ]
    assert comparison.has_shared_controls
    assert comparison.clusters().tolist() == [0, 0, 1]
    assert "with covariance" in comparison.decisions[0].rule


@pytest.mark.parametrize("multi_arm", MULTI_ARM)
def test_handling_changes_nothing_in_a_trial_of_two_arms(multi_arm):
    comparison = contrasts(TWO_ARMS, multi_arm=multi_arm)
    assert counts(comparison) == [("Smith", 5, 50, 8, 48)]
    assert comparison.decisions == comparison.multi_arm_trials == ()
    assert not comparison.has_shared_controls


def test_multi_arm_trials_are_those_with_several_active_arms():
    several_controls = make_trial(
        "Grey", make_arm("drug", 1), make_arm("placebo", 2), make_arm("placebo", 3, label="2nd")
    )
    assert contrasts(TWO_ARMS, THREE_ARMS, several_controls).multi_arm_trials == ("Jones",)


@pytest.mark.parametrize("multi_arm", MULTI_ARM)
def test_several_control_arms_are_one_control(multi_arm):
    trial = make_trial(
        "Grey",
        make_arm("drug", 10, 100),
        make_arm("placebo", 9, 90, label="oral placebo"),
        make_arm("placebo", 3, 30, label="topical placebo"),
    )
    comparison = contrasts(trial, multi_arm=multi_arm)
    assert counts(comparison) == [("Grey", 10, 100, 12, 120)]
    assert comparison.contrasts[0].control_arm == "oral placebo + topical placebo"
    assert [d.step for d in comparison.decisions] == ["control arms"]
    assert comparison.decisions[0].after == "oral placebo + topical placebo 12/120"


def test_two_treatments_on_one_side_are_arms_of_that_side():
    trial = make_trial("Green", make_arm("drug A", 1, 10), make_arm("drug B", 2, 20), make_arm("placebo", 3, 30))
    comparison = contrasts(trial, treatment=["drug A", "drug B"])
    assert counts(comparison) == [("Green", 3, 30, 3, 30)]
    assert comparison.treatment == "drug A or drug B"


ARM_COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(st.lists(st.tuples(st.lists(ARM_COUNTS, min_size=1, max_size=4), ARM_COUNTS), min_size=1, max_size=4))
def test_nobody_is_counted_twice_or_lost(data):
    """Combined and split, the contrasts hold every participant and event once; shared, the treatment arms once."""
    trials = [
        make_trial(
            f"T{i}",
            *(make_arm("drug", e, n, label=f"dose {j}") for j, (e, n) in enumerate(active)),
            make_arm("placebo", *control),
        )
        for i, (active, control) in enumerate(data)
    ]
    treated = tuple(sum(arm[i] for active, _ in data for arm in active) for i in (0, 1))
    controls = tuple(sum(control[i] for _, control in data) for i in (0, 1))
    for multi_arm in MULTI_ARM:
        a, n1, c, n2 = contrasts(*trials, multi_arm=multi_arm).tables().sum(axis=1)
        assert (a, n1) == treated
        if multi_arm == "shared":
            assert (c, n2) == tuple(sum(len(active) * control[i] for active, control in data) for i in (0, 1))
        else:
            assert (c, n2) == pytest.approx(controls, rel=1e-12)


# --- covariates ------------------------------------------------------------------------------------------------------


def test_covariates_come_from_the_active_arms_alone():
    trial = make_trial(
        "Smith", make_arm("drug", 5, weeks=16.0, dose=300.0), make_arm("placebo", 8, weeks=16.0, dose=0.0)
    )
    assert contrasts(trial).contrasts[0].covariates == {"weeks": 16.0, "dose": 300.0}
    assert contrasts(trial).covariate_conflicts == {}


def test_combined_arms_keep_what_they_agree_on_and_name_what_they_do_not():
    trial = make_trial(
        "Jones",
        make_arm("drug", 5, label="low", weeks=16.0, dose=100.0),
        make_arm("drug", 6, label="high", weeks=16.0, dose=300.0),
        make_arm("placebo", 8),
    )
    combined = contrasts(trial, TWO_ARMS)
    assert combined.contrasts[0].covariates == {"weeks": 16.0}
    assert combined.covariate_conflicts == {"dose": ("Jones",)}
    for multi_arm in ("split", "shared"):
        apart = contrasts(trial, multi_arm=multi_arm)
        assert [c.covariates["dose"] for c in apart.contrasts] == [100.0, 300.0]
        assert apart.covariate_conflicts == {}


def test_covariate_that_one_arm_lacks_is_not_agreed_on():
    trial = make_trial(
        "Jones", make_arm("drug", 5, label="low"), make_arm("drug", 6, weeks=4.0), make_arm("placebo", 8)
    )
    comparison = contrasts(trial)
    assert comparison.contrasts[0].covariates == {}
    assert comparison.covariate_conflicts == {"weeks": ("Jones",)}


# --- trials and arms that stay out -----------------------------------------------------------------------------------


def test_every_trial_left_out_has_its_reason():
    mixed = make_trial("Mixed", make_arm("drug", None), make_arm("placebo", 4))
    no_treatment = make_trial("Control only", make_arm("placebo", 1), make_arm("cyclosporin", 2))
    no_control = make_trial("No placebo", make_arm("drug", 1), make_arm("cyclosporin", 2))
    unreported = make_trial(
        "Unreported", Arm("drug", "drug", (make_outcome(1, name="nausea"),)), make_arm("placebo", 1)
    )
    silent = make_trial("Silent", *(replace(arm, outcomes=(make_outcome(1, name="nausea"),)) for arm in TWO_ARMS.arms))
    half = make_trial("Half", make_arm("drug", 1), Arm("placebo", "placebo", (make_outcome(1, name="nausea"),)))
    comparison = contrasts(TWO_ARMS, mixed, no_treatment, no_control, unreported, silent, half)
    assert comparison.labels == ("Smith",)
    assert comparison.excluded == (
        Exclusion("Mixed", "its arms do not report numbers of the same kind (counts, rates or means) of this outcome"),
        Exclusion("Control only", "has no treatment arm (drug)"),
        Exclusion("No placebo", "has no control arm (placebo)"),
        Exclusion("Unreported", "its treatment arm does not report this outcome"),
        Exclusion("Silent", "does not report this outcome"),
        Exclusion("Half", "its control arm does not report this outcome"),
    )


@given(
    st.permutations(
        [TWO_ARMS, THREE_ARMS, make_trial("Silent", Arm("drug", "drug", ()), Arm("placebo", "placebo", ()))]
    )
)
def test_each_trial_is_either_compared_or_excluded_in_any_order(trials):
    comparison = contrasts(*trials)
    seen = Counter([c.trial for c in comparison.contrasts] + [e.trial for e in comparison.excluded])
    assert seen == {"Smith": 1, "Jones": 1, "Silent": 1}


def test_arm_without_a_count_of_the_outcome_is_not_left_out_in_silence():
    trial = make_trial(
        "Jones",
        *THREE_ARMS.arms,
        Arm("drug 40 mg", "drug", (make_outcome(1, name="nausea"),)),
        make_arm("drug", None, label="means"),
    )
    comparison = contrasts(trial)
    assert counts(comparison) == [("Jones", 30, 210, 9, 90)]
    left_out, combined = comparison.decisions
    assert left_out == Decision(
        "arms",
        "Jones",
        "arms without a count of this outcome left out",
        "drug 10 mg; drug 20 mg; placebo; drug 40 mg; means",
        "drug 10 mg; drug 20 mg; placebo",
    )
    assert combined.step == "multi-arm"


def test_control_arm_without_a_count_beside_one_that_has_it_is_named_too():
    trial = make_trial("Smith", *TWO_ARMS.arms, Arm("sham", "placebo", ()))
    (decision,) = contrasts(trial).decisions
    assert (decision.before, decision.after) == ("drug; placebo; sham", "drug; placebo")


def test_trial_with_treatment_arms_alone_is_an_error_that_names_its_rows():
    alone = make_trial("Alone", make_arm("drug", 3, label="low", row=7), make_arm("drug", 4, label="high", row=8))
    single = make_trial("Single", make_arm("drug", 5, row=9))
    with pytest.raises(TableError) as caught:
        contrasts(TWO_ARMS, alone, single)
    assert caught.value.problems == (
        "trial 'Alone' has no control arm (made.csv, row 7, made.csv, row 8); add its control arm, or remove the trial",
        "trial 'Single' has no control arm (made.csv, row 9); add its control arm, or remove the trial",
    )

    elsewhere = make_trial("Elsewhere", Arm("drug", "drug", (make_outcome(1, name="nausea"),)))
    assert contrasts(TWO_ARMS, elsewhere).excluded == (Exclusion("Elsewhere", "does not report this outcome"),)


def test_no_trial_left_says_why_for_each():
    trials = [make_trial(f"T{i}", make_arm("drug", 1), make_arm("cyclosporin", 2)) for i in range(7)]
    with pytest.raises(
        NotEstimableError, match=re.escape("no trial compares drug with placebo on 'rash': T0: has no control")
    ) as e:
        contrasts(*trials, make_trial("P", Arm("placebo", "placebo", ())))
    assert str(e.value).endswith("T4: has no control arm (placebo); and 3 more trials")
