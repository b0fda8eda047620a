"""A composite that the record reports itself takes the place of its terms, where it is surely of the same groups."""

from __future__ import annotations

from dataclasses import replace

import pytest
from registry.events.small import event, group, record, row

from trialpool.registry.events import event_cells
from trialpool.registry.model import Category, Denominator, Group, Measurement, OutcomeClass, OutcomeMeasure

DEFINITION = event('outcome_titles = ["participants with genital infection"]', terms=["Balanitis", "Vulvitis"])
GROUPS = [
    group(0, title="Drug 10 mg", description="got the drug"),
    group(1, title="Placebo", description="got placebo"),
]


def outcome(values=("12", "5"), titles=("Drug 10mg", "PLACEBO"), denominators=(100, 98), **named):
    groups = tuple(Group(f"OG{i:03}", title) for i, title in enumerate(titles))
    numbers = tuple(
        Measurement(
            f"OG{i:03}", text, float(text) if text.replace(".", "").isdigit() else None, path=f"out.measurements[{i}]"
        )
        for i, text in enumerate(values)
    )
    counts = tuple((f"OG{i:03}", n) for i, n in enumerate(denominators))
    base = OutcomeMeasure(
        title="Number of Participants With Genital Infection",
        status="POSTED",
        param_type="COUNT_OF_PARTICIPANTS",
        unit="Participants",
        time_frame="Up to week 24",
        groups=groups,
        denominators=(Denominator("Participants", counts),),
        classes=(OutcomeClass("", (Category("", numbers),)),),
        path="out",
    )
    return replace(base, **named)


def found(*outcomes):
    rec = record([row("other", "Balanitis", [6, 1])], groups=GROUPS, outcomes=outcomes)
    return event_cells(rec, DEFINITION, ("EG000", "EG001"))


def test_reported_count_is_used_before_the_terms_and_keeps_its_place():
    cells = found(outcome())
    assert [(c.status, c.low, c.n, c.paths) for c in cells.cells] == [
        ("exact", 12, 100, ("out.measurements[0].value",)),
        ("exact", 5, 98, ("out.measurements[1].value",)),
    ]
    assert cells.outcome_time_frame == "Up to week 24"
    assert cells.decisions[0].rule == "the record reports the composite itself"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([outcome(status="NOT_POSTED")], "not posted"),
        ([outcome(param_type="NUMBER", unit="percentage of participants")], "not as a count of participants"),
        ([outcome(param_type="MEAN")], "not as a count of participants"),
        ([outcome(titles=("Drug 10 mg", "Comparator"))], "no group of it is surely 'Placebo'"),
        ([outcome(titles=("Drug 10 mg", "Drug 10 mg"))], "no group of it is surely"),
        ([outcome(values=("12.5", "5"))], "with a count"),
        ([outcome(values=("NA", "5"))], "with a count"),
        ([outcome(values=("120", "5"))], "with a count"),
        ([outcome(denominators=(60, 98))], "no group of it is surely 'Drug 10 mg'"),
        ([outcome(denominators=(None, 98))], "with a count"),
        ([outcome(), outcome()], "2 outcome measures fit"),
        (
            [outcome(classes=(OutcomeClass("week 4", (Category(""),)), OutcomeClass("week 8", (Category(""),))))],
            "several numbers a group",
        ),
    ],
)
def test_doubtful_outcomes_are_not_used_and_the_reason_is_a_decision(given, reason):
    cells = found(*given)
    assert cells.of("EG000").status == "bounds"
    assert [d for d in cells.decisions if reason in d.rule], [d.rule for d in cells.decisions]


def test_number_of_participants_is_a_count_too():
    assert found(outcome(param_type="NUMBER", unit="participants")).of("EG000").low == 12


def test_other_outcomes_do_not_enter():
    cells = found(outcome(title="Change in weight"))
    assert cells.of("EG000").status == "bounds"
    assert not [d for d in cells.decisions if "outcome" in d.rule]
