"""What an argument may be: types for argparse, each with its own words for what is wrong."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from trialpool.checks import nearest, quoted

__all__ = ["FORMATS", "local", "number", "past_date", "whole", "word"]

FORMATS = ("text", "json", "csv")
"""What an answer can be printed as."""

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/|[^/]*:[^/]*@")
"""An address, or one without its beginning but with a password; a drive of Windows has one letter."""


def word(allowed: Sequence[str]) -> Callable[[str], str]:
    """A type for argparse: one of the allowed words."""

    def parse(given: str) -> str:
        if given in allowed:
            return given
        hint = nearest(given, allowed)
        raise argparse.ArgumentTypeError(f"{given!r} is not allowed{hint}; choose one of {quoted(allowed)}")

    return parse


def number(given: str) -> float:
    """A type for argparse: a number."""
    try:
        return float(given)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{given!r} is not a number") from None


def whole(given: str) -> int:
    """A type for argparse: a whole number."""
    try:
        return int(given)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{given!r} is not a whole number") from None


def past_date(given: str) -> date:
    """A type for argparse: a date that has come, here or in UTC."""
    try:
        found = date.fromisoformat(given)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{given!r} is no date; write it as 2026-03-01") from None
    if found > _today():
        raise argparse.ArgumentTypeError(f"{given!r} has not come yet; give a date up to today, {_today().isoformat()}")
    return found


def _today() -> date:
    now = datetime.now(UTC)
    return max(now.date(), now.astimezone().date())


def local(given: str) -> str:
    """A type for argparse: a path. An address is refused and not repeated, since it may hold a password."""
    if _ADDRESS.match(given) and not Path(given).exists():
        raise argparse.ArgumentTypeError(
            "an address is no file or folder; the one kind that is taken, by 'registry load' and by --database of "
            "'registry extract', is that of an AACT database: postgresql://USER:PASSWORD@HOST/aact"
        )
    return given
