"""Kinds that the participant flow, the parts of a trial and its periods decide, and treatments that titles tell apart."""

from __future__ import annotations

import pytest
from registry.groups.planned import ACTIVE, EXPERIMENTAL, PLACEBO, TWO_ARMS, arm, by_title, flow, found, group

BIOSIMILAR = (arm("Arm 1", EXPERIMENTAL, "Betamab"), arm("Arm 2", ACTIVE, "Alphamab"))
RUN_IN, SWITCH, STAY = "Alphamab TP1", "Betamab After Alphamab", "Alphamab Continued"


def test_all_in_one_group_at_first_are_a_run_in_and_the_next_period_is_the_comparison():
    started = flow(("Weeks 0-10", (440, 0, 0)), ("Weeks 10-32", (0, 210, 214)), titles=[RUN_IN, SWITCH, STAY])
    groups = [group(RUN_IN, 440), group(SWITCH, 210), group(STAY, 214)]
    matches = by_title(found(BIOSIMILAR, groups, flow=started, enrollment=440))
    assert {title: match.kind for title, match in matches.items()} == {RUN_IN: "run-in", SWITCH: "arm", STAY: "arm"}
    assert set(matches[RUN_IN].arms) == {"Arm 1", "Arm 2"}


def test_a_small_first_cohort_is_no_run_in_of_the_larger_second_part():
    """More start later than took part at first: they are other people."""
    titles = ["Part A", "Part B Drug X 10 mg", "Part B Placebo"]
    started = flow(("Part A", (5, 0, 0)), ("Part B", (0, 19, 20)), titles=titles)
    kinds = [m.kind for m in found(TWO_ARMS, [group(t, 20) for t in titles], flow=started, enrollment=44).matches]
    assert kinds == ["sub-study", "arm", "arm"]


@pytest.mark.parametrize(("allocation", "kind"), [("RANDOMIZED", "sub-study"), ("NON_RANDOMIZED", "arm")])
def test_the_only_group_of_its_part_is_compared_with_nobody_in_a_randomised_trial(allocation, kind):
    arms = [arm("Part 1 Alphamab", EXPERIMENTAL, "Alphamab"), *TWO_ARMS]
    groups = [group("Part 1 Alphamab", 6), group("Part 2 Drug X 10 mg", 50), group("Part 2 Placebo", 50)]
    matches = found(arms, groups, design=(allocation, "PARALLEL")).matches
    assert [match.kind for match in matches] == [kind, "arm", "arm"]


def test_an_open_label_part_before_the_blinded_one_is_a_period():
    arms = [arm("Group 1", EXPERIMENTAL, "Alphamab"), arm("Group 2", EXPERIMENTAL, "Alphamab"), *TWO_ARMS]
    titles = ["Part A (Open-label): Group 1", "Part A (Open-label): Group 2"]
    titles += ["Part B (Blinded): Drug X 10 mg", "Part B (Blinded): Placebo"]
    started = flow(("Part A", (100, 100, 0, 0)), ("Part B", (0, 0, 90, 95)), titles=titles)
    groups = [group(title, n) for title, n in zip(titles, (100, 100, 90, 95), strict=True)]
    matches = found(arms, groups, flow=started, enrollment=200).matches
    assert [match.kind for match in matches] == ["period", "period", "arm", "arm"]


def test_windows_are_compared_within_their_part():
    """Part 2 alone has a shorter first window; in part 1 the first window is the main comparison."""
    titles = [
        f"Part {part}: {who} Day {days}" for part, days in ((1, "1-92"), (2, "1-57")) for who in ("Drug X", "Placebo")
    ]
    later = [f"Part 1: {who} Day 92-180" for who in ("Drug X", "Placebo")]
    matches = by_title(found(TWO_ARMS, [group(title, 50) for title in titles + later], enrollment=400))
    assert {matches[title].kind for title in titles} == {"arm"}
    assert {matches[title].kind for title in later} == {"period"}
    assert all(matches[title].accepted for title in titles + later)


def test_a_later_window_with_other_groups_is_asked():
    """People of both arms are in one later group, so that the others may be mixed, too."""
    titles = ["Drug X Day 1-92", "Placebo Day 1-92", "Drug X Day 92-180", "Placebo or Drug X Day 92-180"]
    matches = by_title(found(TWO_ARMS, [group(title, 100) for title in titles]))
    assert [matches[title].kind for title in titles] == ["arm", "arm", "period", "period"]
    assert not matches["Drug X Day 92-180"].accepted


def test_treatments_of_people_with_several_orders_are_asked_as_a_crossover():
    titles = ["Cohort 2: Drug X then Placebo", "Cohort 2: Placebo then Drug X", "Cohort 1: Drug X", "Cohort 1: Placebo"]
    started = flow(("All", (50, 50, 80, 80)), titles=titles)
    groups = [group(t, 80) for t in titles[2:]] + [group("Cohort 2: Drug X", 99), group("Cohort 2: Placebo", 98)]
    matches = by_title(found(TWO_ARMS, groups, flow=started, enrollment=260))
    assert {title: match.kind for title, match in matches.items()} == {
        "Cohort 1: Drug X": "arm",
        "Cohort 1: Placebo": "arm",
        "Cohort 2: Drug X": "crossover",
        "Cohort 2: Placebo": "crossover",
    }
    assert not matches["Cohort 2: Drug X"].accepted


def test_more_treatment_by_choice_is_asked():
    groups = [group("Drug X 10 mg"), group("Placebo")]
    later = group("Drug X 10 mg b", 60, "After 3 months, subjects received an optional additional dose of Drug X")
    assert [match.accepted for match in found(TWO_ARMS, [*groups, later], enrollment=300).matches] == [
        True,
        True,
        False,
    ]


def test_groups_of_one_arm_that_name_some_of_its_treatments_got_those():
    arms = [arm("30 mg dose", EXPERIMENTAL, "Alphamab", "Betamab"), arm("Placebo", PLACEBO, "Placebo")]
    groups = [group("Alphamab 30 mg", 50), group("Betamab 30 mg", 50), group("Placebo", 50)]
    assert [match.treatments for match in found(arms, groups).matches] == [("Alphamab",), ("Betamab",), ()]
    alone = [group("Alphamab 30 mg", 50), group("Placebo", 50)]
    assert found(arms, alone).matches[0].treatments == ("Alphamab", "Betamab")


def test_labels_that_are_doses_are_found_by_the_dose_of_the_description():
    arms = [
        arm("10 mg dose", EXPERIMENTAL, "Alphamab"),
        arm("30 mg dose", EXPERIMENTAL, "Alphamab", "Betamab"),
        arm("Placebo", PLACEBO, "Placebo"),
    ]
    told = ("One dose (30 mg) of Alphamab", "One dose (10 mg) of Alphamab")
    groups = [group("Cohort 1", 50, told[0]), group("Cohort 2", 50, told[1]), group("Placebo", 50)]
    matches = found(arms, groups).matches
    assert [match.arms for match in matches] == [("30 mg dose",), ("10 mg dose",), ("Placebo",)]
    assert all(match.accepted for match in matches)


def test_a_product_called_control_is_active_where_no_other_title_names_it():
    arms = [
        arm("Lens A", ACTIVE, "Lens A", "Lens B (control)"),
        arm("Lens B (control)", ACTIVE, "Lens A", "Lens B (control)"),
    ]
    groups = [group("Lens A", 53), group("Lens B (Control)", 53)]
    matches = found(arms, groups, design=("RANDOMIZED", "CROSSOVER"), enrollment=53).matches
    assert [(match.kind, match.role, match.accepted) for match in matches] == [("crossover", "active", True)] * 2


def test_cohorts_of_treatment_and_placebo_may_include_a_sub_study():
    arms = [
        arm("Main", EXPERIMENTAL, "Alphamab", "Placebo", description="Alphamab or matching placebo"),
        arm("Long Infusion Sub-Study", EXPERIMENTAL, "Alphamab", "Placebo", description="Alphamab or matching placebo"),
    ]
    matches = found(arms, [group("Placebo", 16), group("Alphamab", 46)], enrollment=62).matches
    assert {match.arms for match in matches} == {("Main", "Long Infusion Sub-Study")}
    assert [match.role for match in matches] == ["placebo", "active"]


def test_a_placebo_of_vitamin_d_is_no_vitamin():
    names = ("Vitamin D + fish oil", "Vitamin D + fish oil placebo", "Vitamin D placebo + fish oil")
    arms = [
        arm(names[0], EXPERIMENTAL, "Vitamin D3", "Fish oil"),
        arm(names[1], EXPERIMENTAL, "Vitamin D3", "Fish oil placebo"),
        arm(names[2], EXPERIMENTAL, "Vitamin D placebo", "Fish oil"),
    ]
    matches = found(arms, [group(name, 60) for name in names]).matches
    assert [m.role for m in matches] == ["active"] * 3
    assert [m.treatments for m in matches] == [("Vitamin D3", "Fish oil"), ("Vitamin D3",), ("Fish oil",)]


def test_a_drug_to_escape_to_is_no_background():
    arms = [
        arm("001", PLACEBO, "Placebo", "Methotrexate", "Alphamab"),
        arm("002", EXPERIMENTAL, "Alphamab", "Placebo"),
        arm("003", EXPERIMENTAL, "Alphamab", "Methotrexate"),
    ]
    titles = ["Placebo + Methotrexate", "Alphamab 100 mg + Placebo", "Alphamab 50 mg + Methotrexate"]
    matches = by_title(found(arms, [group(title, 60) for title in titles]))
    assert matches[titles[1]].role == "active"
    assert matches[titles[1]].treatments == ("Alphamab",)


def test_one_extension_of_all_and_one_of_a_single_arm():
    arms = [
        arm("Alphamab", EXPERIMENTAL, "Alphamab", description="Core: 8 mg; OLE: 12 mg"),
        arm("Placebo", PLACEBO, "Placebo", description="Core: placebo; OLE: Alphamab"),
    ]
    titles = ["Core Phase: Alphamab", "Core Phase: Placebo", "OLE Phase: Alphamab"]
    groups = [group(title, n) for title, n in zip(titles, (82, 81, 138), strict=True)]
    match = found(arms, groups, enrollment=163).matches[2]
    assert (match.kind, set(match.arms), match.role, match.accepted) == (
        "extension",
        {"Alphamab", "Placebo"},
        "active",
        True,
    )
    stay = [arm("Alphamab", EXPERIMENTAL, "Alphamab"), arm("Stay on Baseline Regimen", ACTIVE, "Betamab")]
    titles = ["Alphamab", "Stay on Baseline Regimen", "Alphamab From Baseline Regimen (Extension Phase)"]
    assert not found(stay, [group(title, 60) for title in titles], enrollment=120).matches[2].accepted


def test_an_open_label_group_with_more_people_than_the_blinded_ones_is_a_run_in():
    arms = [arm("Drug X 10 mg", EXPERIMENTAL, "Drug X"), arm("Drug X 20 mg", EXPERIMENTAL, "Drug X")]
    titles = ["Open-label Drug X", "Double-blind Drug X 10 mg", "Double-blind Drug X 20 mg"]
    for people, kind in ((500, "run-in"), (290, "extension")):
        groups = [group(title, n) for title, n in zip(titles, (people, 150, 152), strict=True)]
        assert found(arms, groups, enrollment=500).matches[0].kind == kind


def test_parts_of_a_one_arm_study_may_be_periods():
    arms = [arm("Alphamab + Betamab", EXPERIMENTAL, "Alphamab", "Betamab")]
    groups = [group(title, 20) for title in ("Alphamab", "Betamab", "Alphamab + Betamab")]
    matches = found(arms, groups, design=("NA", "SINGLE_GROUP"), enrollment=20).matches
    assert not any(match.accepted for match in matches)


def test_an_arm_of_usual_care_alone_gets_no_treatment_from_its_label():
    arms = [arm("Conservative oxygen", EXPERIMENTAL, "Conservative oxygen"), arm("Usual oxygen", ACTIVE, "Usual care")]
    match = found(arms, [group("Conservative oxygen"), group("Usual oxygen")]).matches[1]
    assert not match.accepted or (match.role, match.treatments) == ("no treatment", ())


def test_any_with_more_people_than_started_is_several_together():
    titles = ["Drug X 10 mg", "Placebo", "Any Drug X 10 mg"]
    started = flow(("Weeks 0-16", (73, 70)), titles=titles[:2])
    groups = [group(title, n) for title, n in zip(titles, (73, 70, 106), strict=True)]
    match = found(TWO_ARMS, groups, flow=started, enrollment=143).matches[2]
    assert (match.kind, match.accepted) == ("combined", False)


def test_induction_is_compared_and_maintenance_a_period():
    titles = [f"{who} - {part}" for part in ("Induction", "Maintenance") for who in ("Drug X 10 mg", "Placebo")]
    groups = [group(title, n) for title, n in zip(titles, (100, 100, 80, 60), strict=True)]
    assert [match.kind for match in found(TWO_ARMS, groups, enrollment=200).matches] == [
        "arm",
        "arm",
        "period",
        "period",
    ]


def test_the_placebo_of_a_drug_that_is_named_after_it():
    arms = [
        arm("Alphamab", EXPERIMENTAL, "Alphamab", "Placebo Betamab"),
        arm("Betamab", ACTIVE, "Betamab", "Placebo Alphamab"),
        arm("Both placebos", PLACEBO, "Placebo Alphamab", "Placebo Betamab"),
    ]
    titles = ["Alphamab and Placebo Betamab", "Betamab and Placebo Alphamab", "Placebo Alphamab and Placebo Betamab"]
    assert [m.role for m in found(arms, [group(t) for t in titles], enrollment=300).matches] == [
        "active",
        "active",
        "placebo",
    ]
