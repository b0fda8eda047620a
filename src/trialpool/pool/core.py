"""What each method hands to the door: the estimate and its parts, before they are put together as Pooled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trialpool.errors import NotEstimableError
from trialpool.heterogeneity import cochran_q, i2_from_q
from trialpool.numerics.distributions import chi2_tail
from trialpool.pool.pooled import Heterogeneity, PosteriorSummary, PredictionInterval
from trialpool.results import Note

__all__ = ["Core", "OwnInference", "heterogeneity_from_q", "normalised", "require_two"]


@dataclass(frozen=True, slots=True)
class OwnInference:
    """Interval and test of a method that has its own, on the working scale; ``test`` names the test.

    A posterior has no p-value.
    """

    conf_low: float
    conf_high: float
    p_value: float | None
    test: str
    posterior: PosteriorSummary | None = None


@dataclass(frozen=True, slots=True)
class Core:
    """A pooled estimate.

    ``weights`` maps the position of each contributing contrast to its share of 1, or to None where the method gives no trial
    a weight of its own. Without ``own``, interval and test are Wald's, or t's with ``df``.
    """

    estimate: float
    std_error: float
    df: int | None
    weights: Mapping[int, float | None]
    heterogeneity: Heterogeneity | None
    prediction: PredictionInterval | None = None
    notes: tuple[Note, ...] = field(default=())
    own: OwnInference | None = None


def normalised(positions: NDArray[np.intp], weights: NDArray[np.float64]) -> dict[int, float]:
    """Weights as shares of 1, by position."""
    total = weights.sum()
    return {int(i): float(w / total) for i, w in zip(positions, weights, strict=True)}


def require_two(count: int, what: str) -> None:
    """Refuse to pool fewer than two contributing studies."""
    if count == 0:
        raise NotEstimableError(f"nothing to pool: no study {what}")
    if count == 1:
        raise NotEstimableError(f"nothing to pool: only one study {what}")


def heterogeneity_from_q(
    y: NDArray[np.float64], v: NDArray[np.float64], centre: float | None = None
) -> Heterogeneity | None:
    """Q, H2 and I2 of a common-effect method, around ``centre`` or the inverse-variance mean; None below two studies."""
    if y.size < 2:
        return None
    q = float(cochran_q(y, v)) if centre is None else float((((y - centre) ** 2) / v).sum())
    df = y.size - 1
    i2 = i2_from_q(q, df)
    return Heterogeneity(
        q=q, q_df=df, q_p_value=chi2_tail(q, df), h2=q / df, i2=i2, i2_from_tau2=None, i2_from_q=i2,
        tau2=None, tau2_low=None, tau2_high=None,
    )  # fmt: skip
