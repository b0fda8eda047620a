"""Small trials of a drug, with the matches of their groups."""

from __future__ import annotations

from registry.events.small import event, group, record, row

from trialpool.registry.extract import ListSource, extract, make_question
from trialpool.registry.groups import GroupMatch, RecordGroups
from trialpool.registry.model import Design, Intervention, ProtocolArm

RANDOMISED = Design("INTERVENTIONAL", ("PHASE3",), "RANDOMIZED", "PARALLEL", "DOUBLE")


def match(place, title, role, treatments=(), *, kind="arm", accepted=True, arms=(), dose="", by="rule"):
    return GroupMatch(
        "NCT00000001",
        f"EG{place:03}",
        title,
        tuple(arms),
        kind,
        role,
        tuple(treatments),
        0.95,
        accepted,
        (),
        dose,
        by,
        ("why",),
    )


def trial(matches, *, rows=None, overlaps=(), interventions=("Drug X", "Placebo"), **named):
    """A record whose groups are those of the matches, 100 participants each, nausea 7, 8, 9 ... of them."""
    if rows is None:
        rows = [row("other", "Nausea", [7 + i for i in range(len(matches))])]
    groups = [group(i, other=(50, 100), title=one.title) for i, one in enumerate(matches)]
    arms = tuple(
        ProtocolArm(label, "", "", ("Drug: Placebo",) if "lacebo" in label else ())
        for one in matches
        for label in one.arms
    )
    items = tuple(item if isinstance(item, Intervention) else Intervention(item, "DRUG") for item in interventions)
    given = {"design": RANDOMISED, "title": "A trial of drug X", "conditions": ("Asthma",)} | named
    rec = record(rows, groups=groups, interventions=items, arms=arms, **given)
    return rec, RecordGroups(rec.nct_id, tuple(matches), tuple(overlaps))


DRUG, PLACEBO = match(0, "Drug X 5 mg", "active", ["Drug X"]), match(1, "Placebo", "placebo")
NAUSEA = event(terms=["Nausea"])
V_PLACEBO = make_question(["Drug X"], ["placebo"])


def extracted(matches, question=V_PLACEBO, events=(NAUSEA,), **named):
    record, groups = trial(matches, **named)
    return extract(ListSource([record]), question, events, match=lambda one: groups)
