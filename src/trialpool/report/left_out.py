"""The trials that were left out before the table was made, as the file that the review names says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from trialpool.analysis import Analysis
from trialpool.display import plural
from trialpool.read import LeftOut
from trialpool.report.document import (
    Block,
    Bullets,
    Cell,
    Column,
    Details,
    Inline,
    Paragraph,
    Row,
    RowGroup,
    Table,
    cell,
    inlines,
)
from trialpool.report.registry_links import registry_link
from trialpool.report.wording import sentence

__all__ = ["left_out_blocks"]

_MOST_ROWS = 25
"""A longer table would hide what comes after it: a reader opens it, and the commonest reasons stand before."""

_MOST_REASONS = 5


def left_out_blocks(analysis: Analysis) -> Iterator[Block]:
    """How many trials were left out, and each with its reason; nothing where the review names no file of them."""
    if analysis.left_out is None:
        return
    rows, file = analysis.left_out.rows, Inline(analysis.left_out.source_name, "code")
    if not rows:
        yield Paragraph(inlines(file, " names no trial that was left out before the table was made."))
        return
    trials = plural(len({one.registry_id or one.trial for one in rows}), "trial")
    verb = "was" if trials.startswith("1 ") else "were"
    yield Paragraph(inlines(file, f" names {trials} that {verb} left out before the table was made."))
    if len(rows) <= _MOST_ROWS:
        yield _table(analysis, rows)
    else:
        yield from _reasons(rows)
        yield Details(f"The {trials}, each with its reason", (_table(analysis, rows),))


def _reasons(rows: tuple[LeftOut, ...]) -> Iterator[Block]:
    """The reasons that several trials share, the most frequent first."""
    counted = Counter(reason for _, reason in dict.fromkeys((one.registry_id or one.trial, one.reason) for one in rows))
    shared = sorted(((n, reason) for reason, n in counted.items() if n > 1), key=lambda pair: (-pair[0], pair[1]))
    if shared:
        yield Paragraph(inlines("The most frequent reasons:"))
        yield Bullets(tuple(inlines(f"{plural(n, 'trial')}: {reason}") for n, reason in shared[:_MOST_REASONS]))


def _table(analysis: Analysis, rows: tuple[LeftOut, ...]) -> Table:
    """A row for each trial or, where it is left out of some outcomes alone, for each of these."""
    labels = {outcome.name.casefold(): outcome.label for outcome in analysis.review.outcomes}
    titles, outcomes = any(one.title for one in rows), any(one.outcome for one in rows)
    columns = (
        Column("Trial"),
        *([Column("Title")] if titles else []),
        *([Column("Outcome")] if outcomes else []),
        Column("Why it is left out"),
    )
    found = tuple(
        Row(
            (
                _trial(one),
                *([cell(one.title or "–")] if titles else []),
                *([cell(_outcome(one, labels))] if outcomes else []),
                cell(sentence(one.reason)),
            )
        )
        for one in rows
    )
    return Table("left-out-table", "Left out before the table was made", columns, (RowGroup(found),))


def _trial(one: LeftOut) -> Cell:
    if one.registry_id in {"", one.trial}:
        return cell(registry_link(one.trial))
    return Cell((inlines(Inline(one.trial, "strong")), inlines(registry_link(one.registry_id))))


def _outcome(one: LeftOut, labels: Mapping[str, str]) -> str:
    return labels.get(one.outcome.casefold(), one.outcome) if one.outcome else "all"
