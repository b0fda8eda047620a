"""What every verb does that takes records into the store: load, count, say what came and what could not be read."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trialpool.cli.console import Progress
from trialpool.cli.store_option import problems_command, store_folder
from trialpool.display import plural

if TYPE_CHECKING:
    from trialpool.registry.read import Loaded, Problem
    from trialpool.registry.store import LoadReport, Store

__all__ = ["LOST", "LoadedNow", "load_into", "loaded_text"]

LOST = {
    "record": "lost a record",
    "row": "lost a row of a list",
    "field": "lost a field",
    "nothing": "remarks, nothing lost",
}
"""What a problem lost, in words."""


@dataclass(slots=True)
class LoadedNow:
    """A load as it is told: its report, its problems by what they lost, and the first few that lost a record."""

    report: LoadReport
    problems: Counter[str] = field(default_factory=Counter)
    first_lost: list[str] = field(default_factory=list)


def load_into(store: Store, stream: Iterable[Loaded | Problem], source_note: str, progress: Progress) -> LoadedNow:
    """Load a stream as of today."""
    from trialpool.registry.store import LoadReport

    now = LoadedNow(LoadReport())

    def told(report: LoadReport) -> None:
        progress.say(f"{report.records:,} records read")

    now.report = store.load(
        _counted(stream, now), source_note=source_note, loaded_on=datetime.now(UTC).date(), progress=told
    )
    return now


def _counted(stream: Iterable[Loaded | Problem], now: LoadedNow) -> Iterator[Loaded | Problem]:
    from trialpool.registry.read import Problem

    for item in stream:
        if isinstance(item, Problem):
            now.problems[item.lost] += 1
            if item.lost == "record" and len(now.first_lost) < 3:
                now.first_lost.append(f"{item.file}: {item.problem}")
        yield item


def loaded_text(now: LoadedNow, arguments: argparse.Namespace) -> str:
    """What came, and the problems by kind with the way to see them."""
    report = now.report
    steps = f"{report.new} new, {report.changed} changed, {report.unchanged} unchanged; {report.lost} lost"
    lines = [f"{plural(report.records, 'record')} read into {store_folder(arguments)}: {steps}"]
    if now.problems:
        lines.append(f"{plural(now.problems.total(), 'problem')}, shown by: {problems_command(arguments)}")
        lines += [f"{now.problems[kind]:>8} {words}" for kind, words in LOST.items() if now.problems[kind]]
    return "\n".join(lines)
