"""Distribution of a sum of independent counts, in bounded time and memory.

Only what weighs anything is kept of each distribution, pairs are convolved in turn, and large ones by Fourier transform: the
rounding of that is absolute, which is enough because the distribution is taken where the observed sum is in its middle.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["NEGLIGIBLE", "sum_distribution", "trimmed"]

Array = NDArray[np.float64]

NEGLIGIBLE = 1e-19
"""Share of the largest probability below which one no longer counts."""

_FOURIER_NOISE = 1e-15
_FOURIER_FROM = 2_000_000  # products above which the transform is the faster way
_SMALL = 32  # distributions up to this size are not worth trimming


def trimmed(lowest: float, probability: Array) -> tuple[float, Array]:
    """Without the negligible ends; ``lowest`` is the value that the first probability belongs to.

    >>> trimmed(0.0, np.concatenate([np.full(40, 1e-30), [1.0, 0.5]]))
    (40.0, array([1. , 0.5]))
    """
    if probability.size <= _SMALL:
        return lowest, probability
    kept = np.flatnonzero(probability > NEGLIGIBLE * probability.max())
    return lowest + float(kept[0]), probability[kept[0] : kept[-1] + 1]


def sum_distribution(parts: list[tuple[float, Array]]) -> tuple[float, Array]:
    """Lowest value and probabilities of a sum of independent whole numbers.

    Parameters
    ----------
    parts : list of (float, array)
        Lowest value of each and the probabilities from there on; at least one.

    Examples
    --------
    >>> sum_distribution([(0.0, np.array([0.5, 0.5])), (1.0, np.array([0.5, 0.5]))])
    (1.0, array([0.25, 0.5 , 0.25]))
    """
    while len(parts) > 1:
        merged = [_convolved(*pair) for pair in zip(parts[::2], parts[1::2], strict=False)]
        parts = merged + parts[len(merged) * 2 :]
    return parts[0]


def _convolved(one: tuple[float, Array], two: tuple[float, Array]) -> tuple[float, Array]:
    (low, x), (other, y) = one, two
    if x.size * y.size <= _FOURIER_FROM:
        return trimmed(low + other, np.convolve(x, y))
    size = x.size + y.size - 1
    length = 1 << (size - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(x, length) * np.fft.rfft(y, length), length)[:size]
    return trimmed(low + other, np.where(product > _FOURIER_NOISE * product.max(), product, 0.0))
