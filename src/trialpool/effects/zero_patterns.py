"""Where the zeros are: the classification of meta-analyses with zero-events trials.

Xu, Furuya-Kanamori, Zorzela, Lin & Vohra (2021, Journal of Clinical Epidemiology 135:70) cross two questions: do trials
without events lack them in one arm, in both, or do both kinds occur; and does an arm lack events in all trials together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trialpool.errors import OptionError

__all__ = ["ZeroPattern", "classify"]

ZeroType = Literal[1, 2, 3, 4, 5, 6]
Arm = Literal["treatment", "control"]

_WORDS: dict[ZeroType | None, str] = {
    None: "no trial lacks events in an arm",
    1: "some trials lack events in one arm, none in both; both arms have events in total",
    2: "some trials lack events in one arm, some in both; both arms have events in total",
    3: "some trials lack events in both arms, none in one alone; both arms have events in total",
    4: "one arm has no events in any trial; no trial lacks them in both arms",
    5: "one arm has no events in any trial; some trials lack them in both arms",
    6: "no trial has any event",
}


@dataclass(frozen=True, slots=True)
class ZeroPattern:
    """Counts of trials and events, and the type.

    Attributes
    ----------
    k : int
        Trials.
    events_treatment, events_control : int
        In all trials together.
    single_zero, double_zero : int
        Trials without events in exactly one arm, and in both.
    single_full, double_full : int
        Trials in which everybody had the event, in exactly one arm, and in both.
    arms_without_events, arms_without_non_events : tuple of {"treatment", "control"}
        Arms that lack them in all trials together.
    type : {1, 2, 3, 4, 5, 6} or None
        Of Xu et al. (2021), in their order, from the easiest to the hardest; None where no trial lacks events in an arm.
    """

    k: int
    events_treatment: int
    events_control: int
    single_zero: int
    double_zero: int
    single_full: int
    double_full: int
    arms_without_events: tuple[Arm, ...]
    arms_without_non_events: tuple[Arm, ...]
    type: ZeroType | None

    @property
    def words(self) -> str:
        """The type in words."""
        return _WORDS[self.type]


def classify(tables: NDArray[np.float64]) -> ZeroPattern:
    """Count the zeros of 2x2 tables and give their type.

    Parameters
    ----------
    tables : array of shape (4, K)
        Treatment events, treatment n, control events, control n.

    Returns
    -------
    ZeroPattern

    Raises
    ------
    OptionError
        There is no trial.

    Examples
    --------
    >>> pattern = classify(np.array([[0.0, 2, 3], [50, 60, 40], [0, 4, 0], [50, 62, 41]]))
    >>> pattern.type, pattern.single_zero, pattern.double_zero
    (2, 1, 1)
    >>> pattern.words
    'some trials lack events in one arm, some in both; both arms have events in total'
    """
    if tables.shape[1] == 0:
        raise OptionError("no trials were given; give at least one")
    a, n1, c, n2 = tables
    without = np.stack([a == 0, c == 0])
    full = np.stack([a == n1, c == n2])
    single, double = _in_one_and_both(without)
    single_full, double_full = _in_one_and_both(full)
    empty = _arms(without)
    return ZeroPattern(
        k=int(a.size),
        events_treatment=int(a.sum()),
        events_control=int(c.sum()),
        single_zero=single,
        double_zero=double,
        single_full=single_full,
        double_full=double_full,
        arms_without_events=empty,
        arms_without_non_events=_arms(full),
        type=_type(single, double, len(empty)),
    )


def _in_one_and_both(arms: NDArray[np.bool_]) -> tuple[int, int]:
    count = arms.sum(axis=0)
    return int((count == 1).sum()), int((count == 2).sum())


def _arms(trials: NDArray[np.bool_]) -> tuple[Arm, ...]:
    """Which of the two arms, rows, are so in all trials."""
    names: tuple[Arm, Arm] = ("treatment", "control")
    return tuple(name for name, row in zip(names, trials, strict=True) if row.all())


def _type(single: int, double: int, empty_arms: int) -> ZeroType | None:
    if empty_arms == 2:
        return 6
    if empty_arms == 1:
        return 5 if double else 4
    if single:
        return 2 if double else 1
    return 3 if double else None
