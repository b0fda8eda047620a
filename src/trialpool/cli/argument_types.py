"""What an argument may be: types for argparse, each with its own words for what is wrong."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

__all__ = ["number", "whole", "word"]


def word(allowed: Sequence[str]) -> Callable[[str], str]:
    """A type for argparse: one of the allowed words."""

    def parse(given: str) -> str:
        if given in allowed:
            return given
        from trialpool.checks import nearest, quoted  # loads NumPy, which an argument that is right does not need

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
