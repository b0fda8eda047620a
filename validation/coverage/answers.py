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
    estimate, std_error, low, high : array of shape (B,)
        NaN where there is none.
    reasons : tuple of str
        Why there is none; empty where there is one.
    crashes : tuple of str
        What went wrong where there is neither a number nor a reason.
    """

    estimate: Array
    std_error: Array
    low: Array
    high: Array
    reasons: tuple[str, ...]
    crashes: tuple[str, ...]

    @classmethod
    def of(cls, numbers: Sequence[Array], reasons: Sequence[str] | None = None) -> Answers:
        """Answers that did not crash: estimate, standard error, limits; and reasons."""
        size = len(numbers[0])
        return cls(*map(np.asarray, numbers), tuple(reasons or [""] * size), ("",) * size)  # type: ignore[arg-type]

    @classmethod
    def nothing(cls, *, reason: str = "", crash: str = "", size: int = 1) -> Answers:
        """No numbers."""
        none = np.full(size, np.nan)
        return cls(none, none, none, none, (reason,) * size, (crash,) * size)

    @classmethod
    def joined(cls, parts: Iterable[Answers]) -> Answers:
        """One after the other."""
        every = list(parts)
        arrays = [np.concatenate([getattr(part, name) for part in every]) for name in ("estimate", "std_error", "low", "high")]
        reasons, crashes = (tuple(text for part in every for text in getattr(part, name)) for name in ("reasons", "crashes"))
        return cls(*arrays, reasons, crashes)

    def __len__(self) -> int:
        return len(self.reasons)

    @property
    def given(self) -> NDArray[np.bool_]:
        """Which data sets have an estimate with an interval, all of it finite and of a sane size."""
        finite = np.isfinite([self.estimate, self.std_error, self.low, self.high]).all(axis=0)
        return np.asarray(finite & (np.nan_to_num(self.std_error) <= LARGEST_STD_ERROR))

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Which have neither a number nor a reason."""
        return np.asarray(~self.given & np.array([not reason for reason in self.reasons], dtype=np.bool_))

    def take(self, positions: NDArray[np.intp]) -> Answers:
        """Those at the positions."""
        texts = [tuple(text[i] for i in positions) for text in (self.reasons, self.crashes)]
        arrays = [x[positions] for x in (self.estimate, self.std_error, self.low, self.high)]
        return Answers(*arrays, *texts)  # type: ignore[arg-type]


def answers_at(size: int, parts: Iterable[tuple[NDArray[np.intp], Answers]]) -> Answers:
    """Answers to ``size`` data sets from those to parts of them; every data set is in one part."""
    every = list(parts)
    order = np.argsort(np.concatenate([positions for positions, _ in every]), kind="stable")
    joined = Answers.joined([answers for _, answers in every])
    if len(joined) != size:
        raise ValueError(f"the parts have {len(joined)} answers, not {size}")
    return joined.take(order)
