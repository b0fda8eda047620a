"""Rules found on labelled records: numbers at risk, declared crossovers, controls among interventions, parts."""

from __future__ import annotations

import pytest
from registry.groups.planned import ACTIVE, EXPERIMENTAL, PLACEBO, TWO_ARMS, arm, by_title, flow, found, group

BOTH = ["Drug X 10 mg", "Placebo"]


def test_more_at_risk_than_started_is_asked():
    started = flow(("Main", (100, 100)), titles=BOTH)
    matches = by_title(found(TWO_ARMS, [group(BOTH[0], 130), group(BOTH[1], 99)], flow=started, enrollment=240))
    assert not matches[BOTH[0]].accepted
    assert any("130 are at risk, of whom 100 started" in reason for reason in matches[BOTH[0]].reasons)
    assert matches[BOTH[1]].accepted


def test_a_few_more_at_risk_than_started_are_a_matter_of_what_was_taken():
    started = flow(("Main", (100, 100)), titles=BOTH)
    assert all(m.accepted for m in found(TWO_ARMS, [group(BOTH[0], 103), group(BOTH[1], 97)], flow=started).matches)


def test_a_declared_crossover_in_which_everybody_is_counted_once_may_be_parallel_and_is_asked():
    arms = [arm("Cells", ACTIVE, "Cells"), arm("Control", PLACEBO, "Placebo injection")]
    started = flow(("Overall study", (11, 10)), titles=["Cells", "Control"])
    once = found(
        arms,
        [group("Cells", 11), group("Control", 10)],
        design=("RANDOMIZED", "CROSSOVER"),
        enrollment=21,
        flow=started,
    )
    assert [(m.kind, m.role, m.accepted) for m in once.matches] == [("arm", "active", False), ("arm", "placebo", False)]
    twice = found(
        arms,
        [group("Cells", 21), group("Control", 21)],
        design=("RANDOMIZED", "CROSSOVER"),
        enrollment=21,
        flow=started,
    )
    assert {m.kind for m in twice.matches} == {"crossover"}


def test_maintenance_after_titration_is_the_main_comparison():
    titles = [f"{drug}: {part} Period" for part in ("Titration", "Maintenance") for drug in ("Alphamab", "Betamab")]
    arms = [arm("Alphamab", EXPERIMENTAL, "Alphamab"), arm("Betamab", ACTIVE, "Betamab")]
    assert [m.kind for m in found(arms, [group(t, 80) for t in titles]).matches] == ["period", "period", "arm", "arm"]


def test_titles_that_are_the_intervention_of_one_arm():
    arms = [arm("001", EXPERIMENTAL, "Alphamab + standard care"), arm("002", PLACEBO, "Placebo + standard care")]
    matches = found(arms, [group("Alphamab + Standard Care"), group("Placebo + Standard Care")]).matches
    assert [(m.arms, m.role, m.accepted) for m in matches] == [
        (("001",), "active", True),
        (("002",), "placebo", True),
    ]


def test_optimal_therapy_alone_is_no_treatment():
    arms = [arm("Treatment", EXPERIMENTAL, "Heart net"), arm("Control", ACTIVE, "Optimal medical/device therapy")]
    matches = by_title(found(arms, [group("Treatment"), group("Control")]))
    assert (matches["Control"].role, matches["Control"].accepted) == ("no treatment", True)


def test_a_control_with_a_drug_of_its_own_is_active_and_one_without_is_asked():
    arms = [arm("Alphamab", EXPERIMENTAL, "Alphamab"), arm("Control", ACTIVE, "Betamab")]
    control = by_title(found(arms, [group("Alphamab"), group("Control")]))["Control"]
    assert (control.role, control.treatments, control.accepted) == ("active", ("Betamab",), True)
    arms = [arm("Monitor used", EXPERIMENTAL, "Monitor"), arm("Control", EXPERIMENTAL, "Monitor")]
    assert not by_title(found(arms, [group("Monitor used"), group("Control")]))["Control"].accepted


def test_a_placebo_arm_that_lists_the_drug_too():
    arms = [arm("Drug X", EXPERIMENTAL, "Drug X"), arm("2", PLACEBO, "Drug X", "Placebo")]
    control = by_title(found(arms, [group("Drug X"), group("Arm 2")]))["Arm 2"]
    assert (control.arms, control.role) == (("2",), "placebo")


def test_what_all_have_is_tried_where_an_arm_of_the_same_type_has_nothing_else():
    arms = [
        arm("Cohort 1: Alphamab", EXPERIMENTAL, "Alphamab"),
        arm("Cohort 2: Alphamab + Betamab", EXPERIMENTAL, "Alphamab", "Betamab"),
    ]
    matches = found(arms, [group("Cohort 1"), group("Cohort 2")]).matches
    assert [(m.treatments, m.background) for m in matches] == [(("Alphamab",), ()), (("Alphamab", "Betamab"), ())]


def test_cohorts_that_each_have_the_drug_and_its_placebo():
    arms = [arm(f"Cohort {c} (Drug X or placebo)", EXPERIMENTAL, "Drug X", "Placebo") for c in "AB"]
    labels = tuple(a.label for a in arms)
    matches = found(arms, [group("Placebo"), group("Drug X 10 mg")]).matches
    assert [(m.arms, m.role) for m in matches] == [(labels, "placebo"), (labels, "active")]
    told_apart = found(arms, [group("Placebo, cohort A"), group("Drug X, cohort A")]).matches
    assert all(m.arms == labels[:1] for m in told_apart)


def test_doses_pooled_in_one_arm():
    arms = [
        arm(f"Part {p}: {what}", kind, what)
        for p in "AB"
        for what, kind in (("Drug X", EXPERIMENTAL), ("Placebo", PLACEBO))
    ]
    groups = [group(f"{a.label} Pooled", n) for a, n in zip(arms, (40, 20, 30, 15), strict=True)]
    matches = found(arms, groups, enrollment=110).matches
    assert [(m.arms, m.kind, m.accepted) for m in matches] == [((a.label,), "arm", True) for a in arms]


@pytest.mark.parametrize("labels", [("AB on/off", "AB off/on"), ("Drug X then placebo", "Placebo then drug X")])
def test_labels_that_are_each_other_turned_round_are_orders(labels):
    arms = [arm(label, EXPERIMENTAL, "Drug X", "Placebo") for label in labels]
    matches = found(
        arms, [group("Drug X", 20), group("Placebo", 20)], design=("RANDOMIZED", "CROSSOVER"), enrollment=20
    ).matches
    assert [(m.arms, m.kind) for m in matches] == [(labels, "crossover")] * 2


def test_a_safety_run_in_cohort_is_an_arm_of_its_own():
    arms = [
        arm("Part A: Safety run-in cohort of drug X", EXPERIMENTAL, "Drug X"),
        arm("Part B: Drug X", EXPERIMENTAL, "Drug X"),
    ]
    matches = found(arms, [group("Cohort A: Drug X"), group("Cohort B: Drug X")], design=("NA", "SINGLE_GROUP")).matches
    assert [(m.arms, m.kind) for m in matches] == [((a.label,), "arm") for a in arms]


def test_an_arm_whose_description_starts_with_the_run_in_may_still_be_compared():
    told = "In the run-in, all received drug X. In the double-blind period, drug X and drug Y."
    arms = [arm("Drug X + Drug Y", EXPERIMENTAL, "Drug X", "Drug Y", description=told), arm("Drug Y", ACTIVE, "Drug Y")]
    matches = by_title(
        found(arms, [group("Double-blind period: Drug X + Drug Y"), group("Double-blind period: Drug Y")])
    )
    assert matches["Double-blind period: Drug X + Drug Y"].accepted


def test_those_who_were_never_randomised_have_no_arm_and_nothing_to_ask():
    matches = by_title(found(TWO_ARMS, [*map(group, BOTH), group("Enrolled, Not Randomized", 5)]))
    left = matches["Enrolled, Not Randomized"]
    assert (left.arms, left.kind, left.role, left.accepted) == ((), "unclear", "unclear", True)


def test_groups_that_share_an_arm_while_another_arm_has_none_are_asked():
    arms = [
        arm("Alphamab", EXPERIMENTAL, "Alphamab"),
        arm("Placebo", PLACEBO, "Placebo"),
        arm("Betamab", ACTIVE, "Betamab"),
    ]
    shared = [group("Alphamab, younger"), group("Alphamab, older"), group("Alphamab, oldest"), group("Placebo")]
    matches = by_title(found(arms, shared, enrollment=400))
    assert [m.accepted for m in matches.values()] == [False, False, False, True]
    assert any("none has 'Betamab'" in reason for reason in matches["Alphamab, older"].reasons)
    all_used = by_title(found(arms[:2], shared, enrollment=400))
    assert all(m.accepted and m.arms for m in all_used.values())


@pytest.mark.parametrize(
    ("label", "items", "words"),
    [
        ("Control", ["Standard mask"], "like that of a control"),
        ("Steroid withdrawal", ["Prednisone"], "speaks of stopping a treatment"),
    ],
)
def test_a_doubt_of_the_role_is_said(label, items, words):
    arms = [arm("Alphamab", EXPERIMENTAL, "Alphamab"), arm(label, ACTIVE, *items)]
    match = found(arms, [group("Alphamab"), group(label)]).matches[1]
    assert not match.accepted
    assert any(words in reason for reason in match.reasons)
