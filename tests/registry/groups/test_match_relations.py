"""What must not change the answer, and what must change it in a known way; and records that hold next to nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from time import monotonic

import pytest
from registry.groups.planned import EXPERIMENTAL, NCT_ID, PLACEBO, TWO_ARMS, arm, group, record

from trialpool.registry.groups import match_groups
from trialpool.registry.model import AdverseEvents, EventGroup, Origin, Record

ARMS = (
    arm("Drug X 5 mg", EXPERIMENTAL, "Drug X"),
    arm("Drug X 10 mg", EXPERIMENTAL, "Drug X"),
    arm("Comparator", "ACTIVE_COMPARATOR", "Betamab"),
    arm("Placebo", PLACEBO, "Placebo"),
)
GROUPS = (group("X low, 5 mg", 51), group("Drug X 10 mg", 52), group("Betamab 2 mg", 53), group("Placebo capsule", 54))


def without_key(match):
    return replace(match, group="")


def test_the_order_of_groups_changes_nothing():
    expected = {m.title: without_key(m) for m in match_groups(record(ARMS, GROUPS)).matches}
    for order in permutations(GROUPS):
        matches = match_groups(record(ARMS, order)).matches
        assert [m.title for m in matches] == [g.title for g in order]
        assert {m.title: without_key(m) for m in matches} == expected


def test_the_order_of_arms_changes_nothing():
    expected = match_groups(record(ARMS, GROUPS))
    for order in permutations(ARMS):
        reordered = replace(record(ARMS, GROUPS), arms=order)
        assert match_groups(reordered) == expected


def test_other_keys_change_nothing_but_the_keys():
    renamed = [replace(g, id=f"EG{90 - i}") for i, g in enumerate(GROUPS)]
    expected = match_groups(record(ARMS, GROUPS))
    found = match_groups(record(ARMS, renamed))
    assert [without_key(m) for m in found.matches] == [without_key(m) for m in expected.matches]
    assert [m.group for m in found.matches] == ["EG90", "EG89", "EG88", "EG87"]


def test_a_total_group_leaves_the_others_as_they_are():
    expected = match_groups(record(ARMS, GROUPS)).matches
    found = match_groups(record(ARMS, [*GROUPS, group("Total", 210)])).matches
    assert found[:-1] == expected
    assert found[-1].kind == "total"


def test_an_arm_that_never_started_does_not_make_others_surer():
    expected = match_groups(record(ARMS, GROUPS)).matches
    found = match_groups(record([*ARMS, arm("Drug X 5 mg later", EXPERIMENTAL, "Drug X")], GROUPS)).matches
    assert all(after.confidence <= before.confidence for before, after in zip(expected, found, strict=True))


def test_spelling_changes_nothing():
    shouted = [replace(g, title=g.title.upper().replace(" MG", "MG")) for g in GROUPS]
    expected = [(m.arms, m.kind, m.role) for m in match_groups(record(ARMS, GROUPS)).matches]
    assert [(m.arms, m.kind, m.role) for m in match_groups(record(ARMS, shouted)).matches] == expected


def test_groups_of_the_same_title_are_asked_and_overlap():
    found = match_groups(record(TWO_ARMS, [group("Drug X"), group("Drug X"), group("Placebo")]))
    assert [match.accepted for match in found.matches] == [False, False, True]
    assert found.overlaps == (("EG000", "EG001"),)


def test_the_same_record_gives_the_same_answer():
    assert match_groups(record(ARMS, GROUPS)) == match_groups(record(ARMS, GROUPS))


@pytest.mark.parametrize(
    "title",
    [
        "",
        " ",
        "...",
        "A" * 10_000,
        "<script>alert(1)</script>",
        "\u202eoblecalp",
        "(((",
        "Placebo ) (",
        "10 mg",
        "😀",
        "\x00\x1b",
        "+/+",
    ],
)
def test_odd_titles_do_no_harm(title):
    found = match_groups(record(TWO_ARMS, [group(title), group("Placebo")]))
    assert [match.title for match in found.matches] == [title, "Placebo"]
    assert all(0 <= match.confidence <= 1 for match in found.matches)


def test_a_record_without_results():
    assert match_groups(Record(NCT_ID, Origin("", ""))).matches == ()


def test_a_record_without_arms_is_asked():
    bare = Record(
        NCT_ID, Origin("", ""), adverse_events=AdverseEvents((EventGroup("EG000", "Drug X"), EventGroup("EG001", "")))
    )
    matches = match_groups(bare).matches
    assert [(match.arms, match.accepted) for match in matches] == [((), False), ((), False)]
    assert all("no arms" in " ".join(match.reasons) for match in matches)


def test_forty_groups_against_forty_arms():
    arms = [arm(f"Cohort {n}: Drug X {n} mg", EXPERIMENTAL, "Drug X") for n in range(1, 41)]
    groups = [group(f"Drug X {n} mg, cohort {n}") for n in range(40, 0, -1)]
    matches = match_groups(record(arms, groups, enrollment=4000)).matches
    assert [match.arms[0] for match in matches] == [f"Cohort {n}: Drug X {n} mg" for n in range(40, 0, -1)]


@pytest.mark.parametrize(
    "piece", ["1,", "1-", "1 ", "(", "a (b) ", "all ", "total study ", "placebo to ", "week 1 ", "1 mg "]
)
def test_long_texts_take_no_longer_than_they_are_long(piece):
    text = piece * (9_000 // len(piece))
    arms = [arm(text, EXPERIMENTAL, text), *TWO_ARMS]
    started = monotonic()
    match_groups(record(arms, [group(text, description=text), group("Placebo")], title=text))
    assert monotonic() - started < 20  # seconds; a search that backtracks takes hours
