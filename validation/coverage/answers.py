"""What a method says of each data set of a block: numbers, or the reason why there are none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LARGEST_STD_ERROR", "Answers", "answers_at"]

Array = NDArray[np.float64]

LARGEST_STD_ERROR = 1e3
"""A standard error beyond it is no number."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to B data sets, on the log scale.

    Attributes
    ----------
    numbers : array of shape (4, B)
        Estimate, standard error, lower and upper limit; NaN where there is none.
    reasons : tuple of str
        Why there is none; empty where there is one.
    crashes : tuple of str
        What went wrong where there is neither a number nor a reason.
    """

    numbers: Array
    reasons: tuple[str, ...]
    crashes: tuple[str, ...]

    @classmethod
    def of(cls, numbers: Sequence[Array] | Array, reasons: Sequence[str] | None = None) -> Answers:
        """Answers that did not crash."""
        every = np.asarray(numbers, dtype=np.float64)
        size = every.shape[1]
        return cls(every, tuple(reasons or [""] * size), ("",) * size)

    @classmethod
    def nothing(cls, *, reason: str = "", crash: str = "") -> Answers:
        """No numbers for one data set."""
        return cls(np.full((4, 1), np.nan), (reason,), (crash,))

    @classmethod
    def joined(cls, parts: Iterable[Answers]) -> Answers:
        """One after the other."""
        every = list(parts)
        reasons = tuple(text for part in every for text in part.reasons)
        crashes = tuple(text for part in every for text in part.crashes)
        return cls(np.concatenate([part.numbers for part in every], axis=1), reasons, crashes)

    def __len__(self) -> int:
        return len(self.reasons)

    @property
    def given(self) -> NDArray[np.bool_]:
        """Which data sets have an estimate with an interval, all of it finite and of a sane size."""
        finite = np.isfinite(self.numbers).all(axis=0)
        return np.asarray(finite & (np.nan_to_num(self.numbers[1]) <= LARGEST_STD_ERROR))

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Which have neither a number nor a reason."""
        return np.asarray(~self.given & np.array([not reason for reason in self.reasons], dtype=np.bool_))

    def take(self, positions: NDArray[np.intp]) -> Answers:
        """Those at the positions."""
        reasons = tuple(self.reasons[i] for i in positions)
        return Answers(self.numbers[:, positions], reasons, tuple(self.crashes[i] for i in positions))


def answers_at(size: int, parts: Iterable[tuple[NDArray[np.intp], Answers]]) -> Answers:
    """Answers to ``size`` data sets from those to parts of them; every data set is in one part."""
    every = list(parts)
    order = np.argsort(np.concatenate([positions for positions, _ in every]), kind="stable")
    joined = Answers.joined([answers for _, answers in every])
    if len(joined) != size:
        raise ValueError(f"the parts have {len(joined)} answers, not {size}")
    return joined.take(order)
