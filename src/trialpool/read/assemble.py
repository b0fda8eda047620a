"""Rows of arms to Trials, in the order in which they first appear."""

from __future__ import annotations

from collections.abc import Iterable

from trialpool.read.columns import Layout
from trialpool.read.estimates import EstimateRow
from trialpool.read.problems import Problem
from trialpool.read.rows import ArmRow
from trialpool.trials import Arm, Outcome, Trial

__all__ = ["assemble", "assemble_estimates", "find_conflicts", "repeated_estimates"]


def find_conflicts(rows: Iterable[ArmRow], layout: Layout) -> list[Problem]:
    """Rows that repeat the outcome of an arm, or that give an arm another treatment than before."""
    first: dict[tuple[str, str, str], int] = {}
    treated: dict[tuple[str, str], ArmRow] = {}
    problems: dict[Problem, None] = {}
    for row in rows:
        earlier = first.setdefault((row.trial, row.arm, row.outcome.name), row.row)
        named = treated.setdefault((row.trial, row.arm), row)
        if earlier != row.row:
            problems[Problem(_duplicate(row, earlier, layout), row.row)] = None
        if named.treatment != row.treatment:
            text = (
                f"trial {row.trial!r}, arm {row.arm!r} has treatment {row.treatment!r}, but {named.treatment!r} "
                f"on row {named.row}; an arm has one treatment"
            )
            problems[Problem(text, row.row)] = None
    return list(problems)


def _duplicate(row: ArmRow, earlier: int, layout: Layout) -> str:
    trial, outcome = f"trial {row.trial!r}", f"outcome {row.outcome.name!r}"
    if layout.shape == "two-by-two":
        return f"{trial}, {outcome} is already on row {earlier}; keep one of the rows, or name the outcomes apart"
    if "arm" in layout.positions:
        return f"{trial}, arm {row.arm!r}, {outcome} is already on row {earlier}; keep one of the rows"
    return (
        f"{trial}, treatment {row.treatment!r}, {outcome} is already on row {earlier}; keep one of the rows, or if "
        "they are two arms with the same treatment, add a column 'arm' that tells them apart"
    )


def assemble(rows: Iterable[ArmRow]) -> tuple[Trial, ...]:
    """Group rows without conflicts into trials."""
    grouped: dict[str, dict[str, list[ArmRow]]] = {}
    for row in rows:
        grouped.setdefault(row.trial, {}).setdefault(row.arm, []).append(row)
    return tuple(Trial(trial, tuple(_arm(held) for held in arms.values())) for trial, arms in grouped.items())


def _arm(rows: list[ArmRow]) -> Arm:
    return Arm(rows[0].arm, rows[0].treatment, tuple(row.outcome for row in rows))


def repeated_estimates(rows: Iterable[EstimateRow]) -> list[Problem]:
    """Rows that repeat the outcome of a trial between the same two treatments."""
    first: dict[tuple[str, str, frozenset[str]], int] = {}
    problems = []
    for row in rows:
        found = row.estimate
        earlier = first.setdefault((row.trial, found.outcome, frozenset((found.treatment, found.control))), row.row)
        if earlier != row.row:
            text = (
                f"trial {row.trial!r}, outcome {found.outcome!r}, {found.treatment!r} against {found.control!r} is already on "
                f"row {earlier}; keep one of the rows, or name the outcomes apart"
            )
            problems.append(Problem(text, row.row))
    return problems


def assemble_estimates(rows: Iterable[EstimateRow]) -> tuple[Trial, ...]:
    """Group estimates into trials, each with the two arms that it compares; the arms have no numbers of their own."""
    grouped: dict[str, list[EstimateRow]] = {}
    for row in rows:
        grouped.setdefault(row.trial, []).append(row)
    return tuple(
        Trial(trial, _compared_arms(held), tuple(row.estimate for row in held)) for trial, held in grouped.items()
    )


def _compared_arms(rows: list[EstimateRow]) -> tuple[Arm, ...]:
    outcomes: dict[str, dict[str, Outcome]] = {}
    for found in (row.estimate for row in rows):
        for name in (found.treatment, found.control):
            outcome = Outcome(found.outcome, found.source, covariates=found.covariates)
            outcomes.setdefault(name, {}).setdefault(found.outcome, outcome)
    return tuple(Arm(name, name, tuple(held.values())) for name, held in outcomes.items())
