"""trialpool run: a review file, answered."""

from __future__ import annotations

import argparse
from pathlib import Path

from trialpool.analysis import read_review, run
from trialpool.cli.console import Progress
from trialpool.report import check_writable, write_report

__all__ = ["configure_run"]

_DESCRIPTION = """\
Answer a review file: pool every analysis it asks for, test how far the answers depend on the
choices, draw the plots, and write a report with its results as JSON and CSV. Each file written is
printed; the last line is the report."""

_EXAMPLE = """\
example:
  trialpool example dupilumab
  trialpool run dupilumab/review.toml --out report"""


def configure_run(parser: argparse.ArgumentParser) -> None:
    """Give the verb its options."""
    parser.description, parser.epilog = _DESCRIPTION, _EXAMPLE
    parser.add_argument("review", metavar="REVIEW", type=Path, help="review file, such as review.toml")
    meaning = "folder to write into (default: report, beside the review file)"
    parser.add_argument("--out", metavar="DIR", type=Path, help=meaning)
    parser.set_defaults(run=run_run)


def run_run(arguments: argparse.Namespace) -> int:
    """Run the review and write its report."""
    review = read_review(arguments.review)
    out = arguments.out if arguments.out is not None else arguments.review.parent / "report"
    with Progress(f"reading {review.data_file}") as progress:
        check_writable(out)
        analysis = run(review, progress=progress)
        written = write_report(analysis, out)
    for path in written:
        print(path)
    return 0
