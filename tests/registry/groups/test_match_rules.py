"""Each kind and each role, on small records made for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from registry.groups.planned import ACTIVE, EXPERIMENTAL, PLACEBO, TWO_ARMS, arm, by_title, flow, found, group, record

from trialpool.registry.groups import ACCEPT, match_groups


def test_titles_that_are_labels():
    matches = by_title(found(TWO_ARMS, [group("placebo"), group("Drug-X, 10mg")]))
    assert (matches["placebo"].arms, matches["placebo"].role, matches["placebo"].treatments) == (
        ("Placebo",),
        "placebo",
        (),
    )
    treated = matches["Drug-X, 10mg"]
    assert (treated.arms, treated.role, treated.treatments, treated.dose) == (
        ("Drug X 10 mg",),
        "active",
        ("Drug X",),
        "10mg",
    )
    assert all(match.accepted and match.kind == "arm" and match.decided_by == "rule" for match in matches.values())


def test_labels_that_say_nothing_are_matched_by_what_they_receive():
    arms = [arm("Arm 1", EXPERIMENTAL, "Drug X"), arm("Arm 2", PLACEBO, "Placebo")]
    matches = by_title(found(arms, [group("Placebo"), group("Drug X")]))
    assert matches["Placebo"].arms == ("Arm 2",)
    assert matches["Drug X"].arms == ("Arm 1",)


def test_doses_tell_arms_apart_whatever_the_drug_is_called():
    arms = [arm(f"GX-123 {n} mg", EXPERIMENTAL, "GX-123") for n in (5, 10, 50)] + [arm("Placebo", PLACEBO, "Placebo")]
    groups = [group(f"Generinib {n} mg") for n in (50, 5, 10)] + [group("Placebo")]
    matches = by_title(found(arms, groups))
    assert {title: match.arms[0] for title, match in matches.items() if match.dose} == {
        f"Generinib {n} mg": f"GX-123 {n} mg" for n in (5, 10, 50)
    }


def test_what_arms_cannot_tell_apart_is_asked_with_reasons():
    arms = [arm("A", EXPERIMENTAL, "Drug X"), arm("B", EXPERIMENTAL, "Drug X")]
    matches = found(arms, [group("First cohort"), group("Second cohort")]).matches
    assert not any(match.accepted for match in matches)
    assert all(match.confidence < ACCEPT and match.reasons for match in matches)


def test_a_treatment_that_no_arm_receives_has_no_arm():
    matches = by_title(found([TWO_ARMS[0]], [group("Drug X 10 mg"), group("Usual care")]))
    assert not matches["Usual care"].accepted
    assert matches["Drug X 10 mg"].accepted


# --- roles -----------------------------------------------------------------------------------------------------------


def test_background_is_what_every_arm_receives():
    arms = [
        arm("Drug X + Metformin", EXPERIMENTAL, "Drug X", "Metformin"),
        arm("Placebo + Metformin", PLACEBO, "Placebo", "Metformin"),
    ]
    matches = by_title(found(arms, [group("Drug X + Metformin"), group("Placebo + Metformin")]))
    control = matches["Placebo + Metformin"]
    assert (control.role, control.treatments, control.background) == ("placebo", (), ("Metformin",))
    assert matches["Drug X + Metformin"].treatments == ("Drug X",)


def test_an_active_background_with_placebo_on_top_is_placebo():
    arms = [
        arm("Alphamab + Betamab", EXPERIMENTAL, "Alphamab", "Betamab"),
        arm("Alphamab + placebo to betamab", ACTIVE, "Alphamab", "Placebo to betamab"),
    ]
    matches = by_title(found(arms, [group("Alphamab + Betamab"), group("Alphamab + placebo to betamab")]))
    assert matches["Alphamab + placebo to betamab"].role == "placebo"
    assert matches["Alphamab + Betamab"].treatments == ("Betamab",)


def test_double_dummy_arms_are_both_active():
    arms = [
        arm("Alphamab", EXPERIMENTAL, "Alphamab", "Placebo to betamab"),
        arm("Betamab", ACTIVE, "Betamab", "Placebo to alphamab"),
    ]
    matches = by_title(found(arms, [group("Alphamab + placebo of betamab"), group("Betamab + placebo of alphamab")]))
    assert [(m.role, m.treatments, m.background) for m in matches.values()] == [
        ("active", ("Alphamab",), ()),
        ("active", ("Betamab",), ()),
    ]


def test_factorial_arms_have_all_their_treatments():
    arms = [
        arm("Alphamab", EXPERIMENTAL, "Alphamab", "Placebo"),
        arm("Betamab", EXPERIMENTAL, "Betamab", "Placebo"),
        arm("Alphamab + Betamab", EXPERIMENTAL, "Alphamab", "Betamab"),
        arm("Placebo", PLACEBO, "Placebo"),
    ]
    matches = by_title(found(arms, [group(a.label) for a in arms], design=("RANDOMIZED", "FACTORIAL")))
    assert {title: match.treatments for title, match in matches.items()} == {
        "Alphamab": ("Alphamab",),
        "Betamab": ("Betamab",),
        "Alphamab + Betamab": ("Alphamab", "Betamab"),
        "Placebo": (),
    }


def test_arms_that_differ_in_dose_have_their_drug_as_treatment_and_not_as_background():
    arms = [arm(f"Drug X {n} mg", EXPERIMENTAL, "Drug X", "Metformin") for n in (5, 10)]
    for match in found(arms, [group("Drug X 5 mg"), group("Drug X 10 mg")]).matches:
        assert (match.treatments, match.background) == (("Drug X",), ("Metformin",))


@pytest.mark.parametrize(
    ("label", "kind", "intervention", "role"),
    [
        ("Usual care", "NO_INTERVENTION", (), "no treatment"),
        ("Waiting list", "NO_INTERVENTION", (), "no treatment"),
        ("Standard of care", ACTIVE, ("Standard of care",), "no treatment"),
        ("Sham stimulation", "SHAM_COMPARATOR", ("Sham stimulation",), "sham"),
        ("Placebo", ACTIVE, ("Placebo",), "placebo"),
        ("Saline", PLACEBO, ("Normal saline",), "placebo"),
        ("Control drug", ACTIVE, ("Warfarin",), "active"),
    ],
)  # fmt: skip
def test_roles_of_comparators(label, kind, intervention, role):
    arms = [arm("Drug X", EXPERIMENTAL, "Drug X"), arm(label, kind, *intervention)]
    assert by_title(found(arms, [group("Drug X"), group(label)]))[label].role == role


def test_a_drug_that_a_sloppy_record_lists_for_the_placebo_arm_too():
    arms = [arm("Drug X", EXPERIMENTAL, "Drug X", "Placebo"), arm("Placebo", PLACEBO, "Drug X", "Placebo")]
    matches = by_title(found(arms, [group("Drug X"), group("Placebo")]))
    assert [(m.role, m.treatments, m.background) for m in matches.values()] == [
        ("active", ("Drug X",), ()),
        ("placebo", (), ()),
    ]


def test_a_control_said_to_be_treated_is_asked():
    arms = [arm("Device on", EXPERIMENTAL, "Device"), arm("Device off", ACTIVE, "Device")]
    assert not by_title(found(arms, [group("Device on"), group("Device off")]))["Device off"].accepted


# --- kinds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["Total", "All Participants", "Overall", "All subjects", "Total (all arms)"])
def test_totals(title):
    matches = found(TWO_ARMS, [group("Drug X 10 mg"), group("Placebo"), group(title, 200)])
    total = by_title(matches)[title]
    assert (total.kind, total.role, set(total.arms)) == ("total", "unclear", {"Drug X 10 mg", "Placebo"})
    assert matches.overlaps == (("EG000", "EG002"), ("EG001", "EG002"))


def test_combined_arms_are_known_by_words_and_numbers():
    arms = [arm("Drug X 5 mg", EXPERIMENTAL, "Drug X"), arm("Drug X 10 mg", EXPERIMENTAL, "Drug X"), TWO_ARMS[1]]
    groups = [group("Drug X 5 mg", 40), group("Drug X 10 mg", 60), group("Placebo", 77), group("All Drug X", 100)]
    matches = found(arms, groups, enrollment=177)
    combined = by_title(matches)["All Drug X"]
    assert (combined.kind, set(combined.arms), combined.role) == ("combined", {"Drug X 5 mg", "Drug X 10 mg"}, "active")
    assert matches.overlaps == (("EG000", "EG003"), ("EG001", "EG003"))
    assert by_title(matches)["Drug X 5 mg"].kind == "arm"


def test_numbers_alone_do_not_make_a_combined_group():
    arms = [arm("Alphamab", EXPERIMENTAL, "Alphamab"), arm("Betamab", EXPERIMENTAL, "Betamab"), TWO_ARMS[1]]
    groups = [group("Alphamab", 40), group("Betamab", 60), group("Placebo", 100)]
    assert {m.kind for m in found(arms, groups).matches} == {"arm"}


def test_one_group_for_all_arms_is_a_total():
    match = found(TWO_ARMS, [group("All participants", 200)]).matches[0]
    assert (match.kind, match.role, len(match.arms)) == ("total", "unclear", 2)


def test_double_blind_groups_are_arms_and_the_open_label_group_is_the_extension():
    matches = found(
        TWO_ARMS,
        [
            group("Drug X (Double-Blind Phase)"),
            group("Placebo (Double-Blind Phase)"),
            group("Open-Label Phase: Drug X", 180),
        ],
    )
    kinds = {match.title: match.kind for match in matches.matches}
    assert list(kinds.values()) == ["arm", "arm", "extension"]
    extension = matches.matches[2]
    assert set(extension.arms) == {"Drug X 10 mg", "Placebo"}
    assert extension.treatments == ("Drug X",)
    assert ("EG000", "EG002") in matches.overlaps
    assert ("EG000", "EG001") not in matches.overlaps


def test_open_label_arms_side_by_side_are_arms():
    arms = [arm("Alphamab", EXPERIMENTAL, "Alphamab"), arm("Betamab", ACTIVE, "Betamab")]
    matches = found(arms, [group("Open-label Alphamab"), group("Open-label Betamab")]).matches
    assert {match.kind for match in matches} == {"arm"}


def test_former_placebo_in_an_extension_is_not_called_placebo_without_asking():
    matches = by_title(
        found(TWO_ARMS, [group("Drug X"), group("Placebo"), group("Drug X - OLE", 80), group("Placebo - OLE", 80)])
    )
    assert matches["Placebo - OLE"].kind == "extension"
    assert not matches["Placebo - OLE"].accepted


def test_a_run_in_holds_everybody_before_randomisation():
    matches = found(TWO_ARMS, [group("Drug X"), group("Placebo"), group("Run-in Period", 250)], enrollment=250)
    run_in = by_title(matches)["Run-in Period"]
    assert (run_in.kind, set(run_in.arms)) == ("run-in", {"Drug X 10 mg", "Placebo"})
    assert len(matches.overlaps) == 2


def test_sub_studies():
    matches = found(TWO_ARMS, [group("Drug X"), group("Placebo"), group("Drug X (PK Sub-study)", 12)])
    assert by_title(matches)["Drug X (PK Sub-study)"].kind == "sub-study"
    assert matches.overlaps == (("EG000", "EG002"),)


def test_the_first_window_of_time_is_the_main_one():
    titles = ["Drug X (Week 0-24)", "Placebo (Week 0-24)", "Drug X (Week 24-52)", "Placebo (Week 24-52)"]
    matches = found(TWO_ARMS, [group(title) for title in titles])
    assert [match.kind for match in matches.matches] == ["arm", "arm", "period", "period"]
    assert matches.overlaps == (("EG000", "EG002"), ("EG001", "EG003"))


def test_a_switch_from_placebo_is_not_the_placebo_arm():
    matches = by_title(found(TWO_ARMS, [group("Drug X 10 mg"), group("Placebo/Drug X")]))
    assert (matches["Placebo/Drug X"].kind, matches["Placebo/Drug X"].accepted) == ("sequence", False)


def test_participants_who_start_in_a_later_period_of_the_flow():
    titles = ["Drug X 10 mg", "Placebo", "Drug X rescue"]
    started = flow(("Treatment", [100, 100, 0]), ("Follow-on", [0, 0, 60]), titles=titles)
    matches = found(TWO_ARMS, [group("Drug X 10 mg"), group("Placebo"), group("Drug X rescue", 60)], flow=started)
    assert [match.kind for match in matches.matches] == ["arm", "arm", "extension"]


def test_cohorts_enrolled_later_are_arms():
    arms = [arm("Part A: Drug X 5 mg", EXPERIMENTAL, "Drug X"), arm("Part B: Drug X 50 mg", EXPERIMENTAL, "Drug X")]
    titles = [a.label for a in arms]
    started = flow(("Part A", [100, 0]), ("Part B", [0, 100]), titles=titles)
    assert [m.kind for m in found(arms, [group(t) for t in titles], flow=started).matches] == ["arm", "arm"]


@pytest.mark.parametrize(
    ("title", "accepted"), [("Not randomized", True), ("Unsuccessful implant", True), ("Withdrawn", False)]
)
def test_people_outside_the_comparison_are_in_no_arm(title, accepted):
    match = by_title(found(TWO_ARMS, [group("Drug X"), group("Placebo"), group(title)]))[title]
    assert (match.kind, match.arms, match.accepted) == ("unclear", (), accepted)


def test_cohorts_of_one_arm_that_lists_drug_and_placebo():
    arms = [arm("ABC1", PLACEBO, "Alpha binding factor", "Placebo")]
    groups = [group("Placebo", 9), group("ABC1 first dose", 4), group("ABC1 second dose", 5)]
    assert [match.role for match in found(arms, groups).matches] == ["placebo", "active", "active"]


def test_advice_as_a_comparator_is_asked():
    arms = [arm("Training", EXPERIMENTAL, "Training"), arm("Sleep advice", ACTIVE, "Sleep advice")]
    planned = record(arms, [group("Training"), group("Sleep advice")])
    for kind, accepted in (("BEHAVIORAL", False), ("DRUG", True)):
        items = tuple(replace(item, type=kind) for item in planned.interventions)
        match = match_groups(replace(planned, interventions=items)).matches[1]
        assert (match.role, match.accepted) == ("active", accepted)


def test_more_people_than_were_enrolled_cast_doubt():
    groups = [group("Drug X in Asia"), group("Placebo in Asia"), group("Drug X ever"), group("Placebo ever")]
    matches = found(TWO_ARMS, groups)
    assert not any(match.accepted for match in matches.matches)
    assert ("EG000", "EG002") in matches.overlaps


def test_mothers_and_infants_are_of_one_arm_and_overlap():
    """The arms are clear; which of the two a comparison counts is not, so the extract asks."""
    groups = [group("Drug X mothers"), group("Placebo mothers"), group("Drug X infants"), group("Placebo infants")]
    matches = found(TWO_ARMS, groups)
    assert [match.arms for match in matches.matches] == [(a.label,) for a in TWO_ARMS] * 2
    assert {(match.kind, match.accepted) for match in matches.matches} == {("arm", True)}
    assert {("EG000", "EG002"), ("EG001", "EG003")} <= set(matches.overlaps)


CROSSOVER = ("RANDOMIZED", "CROSSOVER")
SEQUENCES = (
    arm("Alphamab, then Placebo", EXPERIMENTAL, "Alphamab", "Placebo"),
    arm("Placebo, then Alphamab", EXPERIMENTAL, "Alphamab", "Placebo"),
)


def test_crossover_groups_by_treatment_hold_every_sequence():
    matches = found(SEQUENCES, [group("Alphamab", 98), group("Placebo", 97)], design=CROSSOVER, enrollment=100)
    for match, role in zip(matches.matches, ("active", "placebo"), strict=True):
        assert (match.kind, match.role, set(match.arms)) == ("crossover", role, {a.label for a in SEQUENCES})
        assert match.accepted
    assert matches.overlaps == (("EG000", "EG001"),)


def test_crossover_groups_by_sequence():
    matches = found(SEQUENCES, [group(a.label, 50) for a in SEQUENCES], design=CROSSOVER, enrollment=100)
    assert [(match.kind, match.arms) for match in matches.matches] == [("sequence", (a.label,)) for a in SEQUENCES]
    assert matches.overlaps == ()


def test_a_crossover_trial_that_says_parallel_is_known_by_its_flow():
    started = flow(("First", [50, 50]), ("Second", [50, 50]), titles=[a.label for a in SEQUENCES])
    groups = [group("Alphamab", 98), group("Placebo", 97)]
    assert {m.kind for m in found(SEQUENCES, groups, flow=started, enrollment=100).matches} == {"crossover"}


def test_cohorts_of_a_crossover_trial_keep_to_their_own_sequences():
    arms = [
        arm(f"{order} ({cohort})", EXPERIMENTAL, "Alphamab", "Betamab")
        for cohort in ("children", "adults")
        for order in ("Alphamab to Betamab", "Betamab to Alphamab")
    ]
    groups = [group(f"{drug} ({cohort})", 20) for cohort in ("children", "adults") for drug in ("Alphamab", "Betamab")]
    matches = by_title(found(arms, groups, design=CROSSOVER, enrollment=40))
    assert set(matches["Alphamab (adults)"].arms) == {"Alphamab to Betamab (adults)", "Betamab to Alphamab (adults)"}


def test_one_placebo_group_for_several_placebo_arms():
    arms = [
        arm(f"{what} {dose} dose", kind, what)
        for dose in ("low", "high")
        for what, kind in (("Drug X", EXPERIMENTAL), ("Placebo", PLACEBO))
    ]
    matches = by_title(found(arms, [group("Drug X 5 mg", 50), group("Drug X 20 mg", 50), group("Placebo")]))
    assert set(matches["Placebo"].arms) == {"Placebo low dose", "Placebo high dose"}
    assert matches["Drug X 5 mg"].arms == ("Drug X low dose",)
    assert matches["Drug X 20 mg"].arms == ("Drug X high dose",)


def test_several_groups_of_one_arm():
    arms = [arm("Drug X", EXPERIMENTAL, "Drug X"), TWO_ARMS[1]]
    matches = found(arms, [group("Drug X 25 mg", 60), group("Drug X 75 mg", 60), group("Placebo", 60)]).matches
    assert [match.arms for match in matches] == [("Drug X",), ("Drug X",), ("Placebo",)]
