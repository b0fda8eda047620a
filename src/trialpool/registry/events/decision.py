"""A choice on the way from a record to a table of trial arms, kept as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Decision"]


@dataclass(frozen=True, slots=True)
class Decision:
    """One choice.

    Attributes
    ----------
    trial : str
        The record's identifier.
    step : str
        ``arms``, ``terms``, ``cells``, ``follow-up``, ...
    rule : str
        Why, in plain words.
    before, after : str
        What it was made from, and what came out.
    confidence : float
        From 0 to 1; 1 where the rule leaves no doubt.
    path : str
        The field of the record that it rests on.
    """

    trial: str
    step: str
    rule: str
    before: str
    after: str
    confidence: float = 1.0
    path: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The decision as a row of ``decisions.csv``.

        >>> Decision("NCT00000102", "cells", "below the threshold", "not listed", "0 to 4").to_dict()["to"]
        '0 to 4'
        """
        return {
            "trial": self.trial,
            "step": self.step,
            "rule": self.rule,
            "from": self.before,
            "to": self.after,
            "confidence": self.confidence,
            "source": self.path,
        }
