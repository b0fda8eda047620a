"""Random comparisons and effects for the relation tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from trialpool.trials import Comparison, Contrast

Row = tuple[int, int, int, int]


def comparison_of(rows: Sequence[Row], labels: Sequence[str] | None = None) -> Comparison:
    """A comparison of two-armed trials: treatment events, n, control events, n."""
    names = labels or [f"trial {i}" for i in range(len(rows))]
    contrasts = tuple(
        Contrast(name, name, "drug", "placebo", a, n1, c, n2) for name, (a, n1, c, n2) in zip(names, rows, strict=True)
    )
    return Comparison("rash", ("drug",), ("placebo",), "combine", contrasts)


@st.composite
def tables(draw: st.DrawFn, *, zero: bool = False, least: int = 2, most: int = 8) -> list[Row]:
    """Counts of 2x2 tables; without zero cells unless ``zero``."""
    rows = []
    for _ in range(draw(st.integers(least, most))):
        n1, n2 = draw(st.integers(5, 400)), draw(st.integers(5, 400))
        low = 0 if zero else 1
        rows.append((draw(st.integers(low, n1 - 1)), n1, draw(st.integers(low, n2 - 1)), n2))
    return rows


@st.composite
def effects(draw: st.DrawFn, *, least: int = 2, most: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Effects and variances."""
    k = draw(st.integers(least, most))
    y = draw(st.lists(st.floats(-3, 3), min_size=k, max_size=k))
    v = draw(st.lists(st.floats(1e-3, 2), min_size=k, max_size=k))
    return np.array(y), np.array(v)
