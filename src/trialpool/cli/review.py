"""trialpool run, trialpool check: a review file."""

from __future__ import annotations

import argparse
from pathlib import Path

from trialpool.analysis import check_review, read_review, run
from trialpool.cli.console import Progress
from trialpool.display import plural
from trialpool.report import check_writable, write_report

__all__ = ["configure_check", "configure_run"]

_RUN_DESCRIPTION = """\
Answer a review file: pool every analysis it asks for, test how far the answers depend on the
choices, draw the plots, and write a report with its results as JSON and CSV. Each file written is
printed; the last line is the report."""

_RUN_EXAMPLE = """\
example:
  trialpool example dupilumab
  trialpool run dupilumab/review.toml --out report"""

_CHECK_DESCRIPTION = """\
Say whether a review file and its data are valid; nothing is computed or written. Every mistake is
listed, with its line and key and what is allowed there."""

_CHECK_EXAMPLE = """\
example:
  trialpool example bcg
  trialpool check bcg/review.toml"""


def configure_run(parser: argparse.ArgumentParser) -> None:
    """Give the verb its options."""
    parser.description, parser.epilog = _RUN_DESCRIPTION, _RUN_EXAMPLE
    _add_review(parser)
    meaning = "folder to write into (default: report, beside the review file)"
    parser.add_argument("--out", metavar="DIR", type=Path, help=meaning)
    parser.set_defaults(run=run_review)


def configure_check(parser: argparse.ArgumentParser) -> None:
    """Give the verb its options."""
    parser.description, parser.epilog = _CHECK_DESCRIPTION, _CHECK_EXAMPLE
    _add_review(parser)
    parser.set_defaults(run=check)


def _add_review(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("review", metavar="REVIEW", type=Path, help="review file, such as review.toml")


def run_review(arguments: argparse.Namespace) -> int:
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


def check(arguments: argparse.Namespace) -> int:
    """Check the review and its data."""
    review = read_review(arguments.review)
    with Progress(f"reading {review.data_file}"):
        table = check_review(review)
    count = len(review.analyses)
    analyses = f"{count} analys{'i' if count == 1 else 'e'}s of {plural(len(review.outcomes), 'outcome')}"
    print(f"valid: {analyses} in {plural(len(table.trials), 'trial')} ({table.source_name})")
    return 0
