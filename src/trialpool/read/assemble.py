"""Rows of arms to Trials, in the order in which they first appear."""

from __future__ import annotations

from collections.abc import Iterable

from trialpool.read.columns import Layout
from trialpool.read.problems import Problem
from trialpool.read.rows import ArmRow
from trialpool.trials import Arm, Trial

__all__ = ["assemble", "find_conflicts"]


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
