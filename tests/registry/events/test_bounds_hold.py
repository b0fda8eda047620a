"""Participants are simulated with their events; what the registry would show of them must leave the truth within the bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from registry.events.small import event, group, record, row

from trialpool.registry.events import event_cells

TERMS = ("Nausea", "Vomiting", "Retching", "Rash", "Cough")


@dataclass(frozen=True)
class Trial:
    """``people[g][p]`` are the (term, section, part) that a participant had; a term may be split over two organ systems."""

    people: Sequence[Sequence[frozenset[tuple[int, str, int]]]]
    threshold: str


@st.composite
def trials(draw):
    had = st.frozensets(
        st.tuples(st.integers(0, len(TERMS) - 1), st.sampled_from(["serious", "other"]), st.integers(0, 1)), max_size=4
    )
    people = draw(st.lists(st.lists(had, min_size=1, max_size=25), min_size=2, max_size=3))
    return Trial(people, draw(st.sampled_from(["0", "1", "5", "10", "12.5", "33"])))


def affected(trial, place, wanted):
    """Participants of a group with any of some (term, section, part)."""
    return sum(bool(had & wanted) for had in trial.people[place])


def shown(trial, *, with_totals):
    """The record: serious terms that anybody had, and other terms that reach the threshold in some group."""
    sizes = [len(people) for people in trial.people]
    share = Fraction(trial.threshold) / 100
    rows, everybody = [], {"serious": set(), "other": set()}
    for section in ("serious", "other"):
        for number, term in enumerate(TERMS):
            whole = frozenset((number, section, part) for part in (0, 1))
            counts = [affected(trial, i, whole) for i in range(len(sizes))]
            reaches = any(c and c >= share * n for c, n in zip(counts, sizes, strict=True))
            if not (any(counts) if section == "serious" else reaches):
                continue
            everybody[section] |= whole
            for part in (0, 1):
                counts = [affected(trial, i, frozenset({(number, section, part)})) for i in range(len(sizes))]
                if any(counts):
                    rows.append(row(section, term, counts, at_risk=sizes, system=f"System {part}", place=len(rows)))
    groups = [
        group(
            i,
            serious=(affected(trial, i, frozenset(everybody["serious"])), n) if with_totals or not rows else (None, n),
            other=(affected(trial, i, frozenset(everybody["other"])), n),
        )
        for i, n in enumerate(sizes)
    ]
    return record(rows, threshold=trial.threshold, groups=groups)


@settings(max_examples=150, deadline=None)
@given(
    trials(),
    st.lists(st.sampled_from(TERMS[:4]), min_size=1, max_size=4, unique=True),
    st.sampled_from([("serious",), ("other",), ("serious", "other")]),
    st.booleans(),
)
def test_bounds_always_hold_the_truth(trial, terms, sections, with_totals):
    sections_text = ", ".join(f'"{section}"' for section in sections)
    definition = event(f"sections = [{sections_text}]", terms=terms)
    keys = [f"EG{i:03}" for i in range(len(trial.people))]
    rec = shown(trial, with_totals=with_totals)
    found = event_cells(rec, definition, keys)
    wanted = frozenset((TERMS.index(term), section, part) for term in terms for section in sections for part in (0, 1))
    for i, cell in enumerate(found.cells):
        truth = affected(trial, i, wanted)
        if cell.status == "unknown":
            listed = {one.section for one in rec.adverse_events.terms}
            assert "serious" not in listed or ("other" not in listed and trial.threshold == "0")
            continue
        assert cell.n == len(trial.people[i])
        assert cell.low <= truth <= cell.high, (cell, truth)
        assert (cell.low == cell.high) == (cell.status == "exact")


@settings(max_examples=50, deadline=None)
@given(trials())
def test_one_term_in_one_row_of_one_section_is_exact(trial):
    people = [[frozenset((t, s, 0) for t, s, _ in had) for had in group] for group in trial.people]
    whole = Trial(people, "0")
    rec = shown(whole, with_totals=True)
    found = event_cells(rec, event('sections = ["other"]', terms=["Nausea"]), ["EG000", "EG001"])
    if not rec.adverse_events.of("other"):
        assert {cell.status for cell in found.cells} == {"unknown"}
        return
    truths = [affected(whole, i, frozenset({(0, "other", 0)})) for i in (0, 1)]
    assert [(cell.low, cell.high) for cell in found.cells] == [(truth, truth) for truth in truths]
