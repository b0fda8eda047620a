"""Runs of unequal length."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trialpool.numerics.ragged import positions, starts


@given(runs=st.lists(st.tuples(st.integers(0, 50), st.integers(1, 6)), min_size=1, max_size=8))
def test_positions_are_those_of_the_runs(runs: list[tuple[int, int]]) -> None:
    first, size = (np.array(column, dtype=np.intp) for column in zip(*runs, strict=True))
    expected = [i for f, s in runs for i in range(f, f + s)]
    assert positions(first, size).tolist() == expected
    assert starts(size).tolist() == [sum(s for _, s in runs[:i]) for i in range(len(runs))]
