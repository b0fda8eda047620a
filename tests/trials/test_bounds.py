"""Counts within bounds, and what they are at their ends."""

from __future__ import annotations

import numpy as np
import pytest

from trialpool.errors import OptionError
from trialpool.trials.bounds import COMPLETIONS, Piece, complete

TREATMENT = (Piece(0, 4, 100, 5), Piece(3, 7, 60, 3))
CONTROL = (Piece(2, 2, 90, 5),)


@pytest.mark.parametrize(
    "numbers",
    [(-1, 4, 100), (5, 4, 100), (0, 101, 100), (0, 0, 0), (0.5, 4, 100), (0, 4, 100.0), (True, 4, 100), (0, 4, 100, 0)],
)
def test_impossible_pieces(numbers) -> None:
    with pytest.raises(OptionError, match="Piece"):
        Piece(*numbers)


def test_numbers_of_numpy_are_refused_rather_than_carried_along() -> None:
    with pytest.raises(OptionError, match="whole numbers"):
        Piece(np.int64(1), np.int64(2), np.int64(9))


def test_completions() -> None:
    found = {completion: complete(TREATMENT, CONTROL, completion) for completion in COMPLETIONS}
    assert found == {
        "favours treatment": (3, 160, 2, 90),
        "favours control": (11, 160, 2, 90),
        "low": (3, 160, 2, 90),
        "high": (11, 160, 2, 90),
    }
    swapped = complete(CONTROL, TREATMENT, "favours treatment")
    assert swapped == (2, 90, 11, 160)


def test_other_words_and_empty_sides() -> None:
    with pytest.raises(OptionError, match="completion='best'"):
        complete(TREATMENT, CONTROL, "best")
    with pytest.raises(OptionError, match="no arms"):
        complete((), CONTROL, "low")
