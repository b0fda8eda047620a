"""trialpool run: a review file, answered."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from trialpool.cli.console import Progress
from trialpool.cli.parser import folder
from trialpool.display import plural
from trialpool.results import Note, raise_warnings

if TYPE_CHECKING:
    from trialpool.analysis import Analysis

__all__ = ["answer_review", "configure_run"]

_DESCRIPTION = """\
Answer a review file: pool every analysis it asks for, test how far the answers depend on the
choices, draw the plots, and write a report with its results as JSON and CSV. What was written is
printed; the last line is the path of the report."""

_EXAMPLE = """\
example:
  trialpool example dupilumab
  trialpool run dupilumab/review.toml --out report"""


def configure_run(parser: argparse.ArgumentParser) -> None:
    """Give the verb its options."""
    parser.description, parser.epilog = _DESCRIPTION, _EXAMPLE
    parser.add_argument("review", metavar="REVIEW", type=Path, help="review file, such as review.toml")
    meaning = "folder to write into (default: report, beside the review file)"
    parser.add_argument("--out", metavar="DIR", type=folder, help=meaning)
    parser.add_argument("--force", action="store_true", help="replace files there that trialpool did not write")
    parser.set_defaults(run=run_run)


def run_run(arguments: argparse.Namespace) -> int:
    """Run the review and write its report."""
    out = arguments.out if arguments.out is not None else arguments.review.parent / "report"
    answer_review(arguments.review, out, force=arguments.force)
    return 0


def answer_review(path: Path, out: Path, *, force: bool) -> None:
    """Run the review, write its report, and say what was written."""
    from trialpool.analysis import read_review, run
    from trialpool.report import check_place, write_report

    review = read_review(path)
    with Progress(f"reading {review.data_file}") as progress:
        check_place(review, out, force=force)
        analysis = run(review, progress=progress)
        written = write_report(analysis, out, force=force)
    raise_warnings(_remarks(analysis))
    print(f"wrote {plural(len(written.figures), 'figure')} into {out / 'figures'}")
    print(f"wrote {plural(len(written.tables), 'table')} into {out / 'tables'}")
    print(f"wrote {written.results}")
    print(written.report)


def _remarks(analysis: Analysis) -> Iterator[Note]:
    """What a reader of each analysis has to know, by its id; an analysis without an answer is a warning too."""
    for result in analysis.results:
        name = result.spec.id
        if result.pooled is None:
            yield Note("no-answer", f"{name}: no answer: {result.impossible}", "warning")
        notes = result.notes + (result.pooled.notes if result.pooled else ())
        yield from (replace(note, message=f"{name}: {note.message}") for note in notes)
