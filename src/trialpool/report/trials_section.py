"""The trials: registry entry, publication, arms, and the outcomes each reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from trialpool.analysis import Analysis
from trialpool.display import covariate_words, format_count, plural
from trialpool.report.document import (
    Cell,
    Column,
    Inline,
    Inlines,
    Paragraph,
    Row,
    RowGroup,
    Section,
    Table,
    cell,
    inlines,
)
from trialpool.report.registry_links import registry_link
from trialpool.trials import Arm, Covariate, Outcome, Trial

__all__ = ["trials_section"]

_SHOWN_APART = ("dose_mg", "schedule", "weeks")
_HEADINGS = {"dose_mg": "Dose, mg", "schedule": "Schedule", "weeks": "Weeks"}


def trials_section(analysis: Analysis) -> Section:
    """A row per arm."""
    trials, labels = analysis.table.trials, {o.name.casefold(): o.label for o in analysis.review.outcomes}
    apart = [name for name in _SHOWN_APART if any(_values(arm.outcomes, name) for t in trials for arm in t.arms)]
    columns = (
        Column("Trial"),
        Column("Arm"),
        Column("Treatment"),
        *(Column(_HEADINGS[name], "left" if name == "schedule" else "right") for name in apart),
        Column("n", "right"),
        Column("Outcomes reported"),
    )
    groups = tuple(
        RowGroup(tuple(_arm_row(trial, i, apart, labels) for i in range(len(trial.arms)))) for trial in trials
    )
    arms = sum(len(trial.arms) for trial in trials)
    text = f"The input, {analysis.table.source_name}, has {plural(len(trials), 'trial')} with {plural(arms, 'arm')}."
    notes = (
        "n is the number at risk; a range where outcomes have different numbers.",
        "Outcomes that the review asks about are named; others in the input are counted.",
    )
    table = Table("trials-table", "Trials and their arms", columns, groups, notes)
    return Section("trials", "Trials", (Paragraph(inlines(text)), table))


def _arm_row(trial: Trial, number: int, apart: Sequence[str], labels: Mapping[str, str]) -> Row:
    """A row per arm; the first also has what the trial's arms share."""
    arm, arms = trial.arms[number], len(trial.arms)
    cells = (
        cell(arm.label),
        cell(arm.treatment),
        *(cell(", ".join(_values(arm.outcomes, name)) or "–") for name in apart),
        cell(_at_risk(arm)),
    )
    if number:
        return Row(cells, first=1)
    return Row((Cell(_about(trial), rows=arms), *cells, cell(_reported(trial, labels), rows=arms)))


def _about(trial: Trial) -> tuple[Inlines, ...]:
    """Name, registry entry, publication, and what all its arms share."""
    sources = [outcome.source for arm in trial.arms for outcome in arm.outcomes]
    lines = [inlines(Inline(trial.label, "strong"))]
    lines += [inlines(registry_link(text)) for text in _distinct(s.registry_id for s in sources)]
    lines += [inlines(Inline(text, "small")) for text in _distinct(s.publication for s in sources)]
    outcomes = [outcome for arm in trial.arms for outcome in arm.outcomes]
    names = dict.fromkeys(name for outcome in outcomes for name in outcome.covariates if name not in _SHOWN_APART)
    others = [f"{covariate_words(name)}: {', '.join(_values(outcomes, name))}" for name in names]
    if others:
        lines.append(inlines(Inline("; ".join(others), "small")))
    return tuple(lines)


def _distinct(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text]


def _values(outcomes: Iterable[Outcome], name: str) -> list[str]:
    """The values of a covariate, each once."""
    found = [outcome.covariates[name] for outcome in outcomes if name in outcome.covariates]
    return list(dict.fromkeys(_text(value) for value in found))


def _text(value: Covariate) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _at_risk(arm: Arm) -> str:
    """Participants at risk over the arm's outcomes."""
    numbers = [
        measured.n for o in arm.outcomes if (measured := o.counts or o.bounds or o.means or o.summary) is not None
    ]
    if not numbers:
        return "–"
    low, high = format_count(min(numbers)), format_count(max(numbers))
    return low if low == high else f"{low}\N{EN DASH}{high}"


def _reported(trial: Trial, labels: Mapping[str, str]) -> str:
    """The outcomes asked about that any arm reports, and how many others."""
    names = {outcome.name.casefold() for arm in trial.arms for outcome in arm.outcomes}
    asked = [label for name, label in labels.items() if name in names]
    others = len(names) - len(asked)
    return "; ".join([*asked, *([f"{others} other{'s' if others > 1 else ''}"] if others else [])])
