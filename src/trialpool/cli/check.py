"""trialpool check: whether a review file and its data are valid."""

from __future__ import annotations

import argparse
from pathlib import Path

from trialpool.cli.console import Progress
from trialpool.display import plural

__all__ = ["configure_check"]

_DESCRIPTION = """\
Say whether a review file and its data are valid; nothing is computed or written. Every mistake is
listed, with its line and key and what is allowed there."""

_EXAMPLE = """\
example:
  trialpool example bcg
  trialpool check bcg/review.toml"""


def configure_check(parser: argparse.ArgumentParser) -> None:
    """Give the verb its options."""
    parser.description, parser.epilog = _DESCRIPTION, _EXAMPLE
    parser.add_argument("review", metavar="REVIEW", type=Path, help="review file, such as review.toml")
    parser.set_defaults(run=run_check)


def run_check(arguments: argparse.Namespace) -> int:
    """Check the review and its data."""
    from trialpool.analysis import check_review, read_review

    review = read_review(arguments.review)
    with Progress(f"reading {review.data_file}"):
        table = check_review(review)
    count = len(review.analyses)
    analyses = f"{count} analys{'i' if count == 1 else 'e'}s of {plural(len(review.outcomes), 'outcome')}"
    print(f"valid: {analyses} in {plural(len(table.trials), 'trial')} ({table.source_name})")
    return 0
