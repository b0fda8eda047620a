"""trialpool registry diff: what changed between two extractions."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from trialpool.cli.console import Progress
from trialpool.display import plural, text_table
from trialpool.display.csv import csv_text
from trialpool.errors import InputError, NotEstimableError, OptionError, OutputError
from trialpool.files import write_file

if TYPE_CHECKING:
    from trialpool.analysis import AnalysisResult
    from trialpool.read import TrialTable
    from trialpool.registry.update import CellChange, ResultChange, TrialChange

__all__ = ["configure_registry_diff"]

_DESCRIPTION = """\
Compare two extractions of the same question, made from two versions of the records: which cells of
the table changed, and what the pooled results were before and are now. Nothing else is written than
the table of changes, where it is asked for."""

_EXAMPLE = """\
example:
  trialpool registry extract --treatment ertugliflozin --control placebo --event nausea \\
      --as-of 2026-03-01 -o before/arms.csv
  trialpool registry extract --treatment ertugliflozin --control placebo --event nausea \\
      -o now/arms.csv
  trialpool registry diff before now"""


def configure_registry_diff(parser: argparse.ArgumentParser) -> None:
    """Give the verb its options."""
    parser.description, parser.epilog = _DESCRIPTION, _EXAMPLE
    meaning = "the {} version: a review file, or the folder that holds review.toml"
    parser.add_argument("old", metavar="OLD", type=Path, help=meaning.format("older"))
    parser.add_argument("new", metavar="NEW", type=Path, help=meaning.format("newer"))
    parser.add_argument("-o", "--out", metavar="FILE", type=Path, help="write every changed cell into this CSV file")
    parser.add_argument("--force", action="store_true", help="replace that file if it is there already")
    parser.set_defaults(run=run_registry_diff)


def run_registry_diff(arguments: argparse.Namespace) -> int:
    """Print what changed."""
    from trialpool.registry.update import CellChange, cell_changes, extracted_trials, result_changes, trial_changes

    if arguments.out is not None and arguments.out.is_dir():
        raise OptionError(f"{arguments.out} is a folder; name a file, such as {arguments.out / 'changes.csv'}")
    if arguments.out is not None and arguments.out.exists() and not arguments.force:
        raise OutputError(f"{arguments.out} would be overwritten; choose another file, or say --force")
    if arguments.force and arguments.out is None:
        raise OptionError("--force has no meaning without -o; leave it out")
    with Progress() as progress:
        before, after = (_version(path, progress) for path in (arguments.old, arguments.new))
    cells = cell_changes(before.table.trials, after.table.trials)
    if arguments.out is not None:
        columns = tuple(field.name for field in fields(CellChange))
        write_file(arguments.out, csv_text(columns, [asdict(cell) for cell in cells]).encode())
    print(_cells_text(cells))
    old, new = (extracted_trials(version.path.parent, version.table.trials) for version in (before, after))
    print(_trials_text(trial_changes(old, new)), end="")
    print(f"\n{_results_text(result_changes(before.results, after.results))}")
    if before.question != after.question:
        print(f"\nThese are two questions: {before.question}, and now {after.question}.")
    for version in (before, after):
        if version.impossible:
            print(f"\n{version.path}: {version.impossible}")
    return 0


@dataclass(frozen=True, slots=True)
class _Version:
    """A review with its table; without results where none of its analyses has an answer."""

    path: Path
    question: str
    table: TrialTable
    results: tuple[AnalysisResult, ...]
    impossible: str = ""


def _version(path: Path, progress: Progress) -> _Version:
    from trialpool.analysis import check_review, read_review, run

    place = path / "review.toml" if path.is_dir() else path
    if not place.exists():
        raise InputError(f"{place} does not exist; give a review file, or a folder with a review.toml")
    progress.say(f"pooling {place}")
    review = read_review(place)
    outcomes = ", ".join(outcome.name for outcome in review.outcomes)
    question = f"{' or '.join(review.treatments)} v {' or '.join(review.controls)}: {outcomes}"
    try:
        analysis = run(review)
    except NotEstimableError as error:
        return _Version(place, question, check_review(review), (), str(error))
    return _Version(place, question, analysis.table, analysis.results)


def _cells_text(cells: Sequence[CellChange]) -> str:
    if not cells:
        return "No cell changed."
    rows = [(c.trial, c.arm, c.outcome, c.change, c.number, c.before or "–", c.after or "–") for c in cells]
    trials = len({c.registry_id or c.trial for c in cells})
    table = text_table(("Trial", "Arm", "Outcome", "Change", "Number", "Before", "Now"), rows, "lllllrr")
    return f"{table}\n\n{plural(len(cells), 'cell')} of {plural(trials, 'trial')} differ."


def _trials_text(changes: Sequence[TrialChange]) -> str:
    """Trials that are used in one version alone, or left out for another reason; nothing where there are none."""
    if not changes:
        return ""
    rows = [(c.registry_id, c.outcome or "all", c.before, c.after) for c in changes]
    return f"\n{text_table(('Trial', 'Outcome', 'Before', 'Now'), rows)}\n"


def _results_text(changes: Sequence[ResultChange]) -> str:
    rows = [
        (
            c.title,
            _with_trials(c.before, c.trials_before),
            _with_trials(c.after, c.trials_after),
            "yes" if c.differs else "no",
        )
        for c in changes
    ]
    return text_table(("Analysis", "Before", "Now", "Differs"), rows, "llll")


def _with_trials(words: str, trials: int | None) -> str:
    return words if trials is None else f"{words}, {plural(trials, 'trial')}"
