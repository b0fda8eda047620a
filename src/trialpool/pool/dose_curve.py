"""A fitted dose-response curve: its coefficients, and the effect at any dose with an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.distributions import quantile
from trialpool.pool.dose_shapes import Emax, Shape

__all__ = ["ArmPoint", "CurvePoint", "FittedCurve"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The effect at a dose against dose 0, on the working scale."""

    dose: float
    estimate: float
    std_error: float
    conf_low: float
    conf_high: float

    def to_dict(self) -> dict[str, Any]:
        """The point as JSON-ready data."""
        return {name: getattr(self, name) for name in ("dose", "estimate", "std_error", "conf_low", "conf_high")}


@dataclass(frozen=True, slots=True)
class ArmPoint:
    """An arm against the lowest dose of its trial, on the working scale; ``reason`` says why it has no effect of its own."""

    trial: str
    arm: str
    dose: float
    reference_dose: float
    events: float
    n: float
    estimate: float | None
    std_error: float | None
    conf_low: float | None
    conf_high: float | None
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """The arm as JSON-ready data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class FittedCurve:
    """Coefficients of a shape with their covariance matrix; ``df`` None means normal.

    Attributes
    ----------
    shape : Shape
        With everything that it takes from the doses.
    estimate : array of shape (q,)
    covariance : array of shape (q, q)
    df : int or None
    conf_level : float
    """

    shape: Shape
    estimate: Array
    covariance: Array
    df: int | None
    conf_level: float

    def at(self, doses: Array) -> tuple[CurvePoint, ...]:
        """The effect at each dose; standard errors by the delta method."""
        value, slope = self._value_and_slope(doses)
        std_error = np.sqrt(np.maximum(np.einsum("nq,qr,nr->n", slope, self.covariance, slope), 0.0))
        half = quantile(self.conf_level, self.df) * std_error
        rows = zip(doses, value, std_error, value - half, value + half, strict=True)
        return tuple(CurvePoint(*(float(v) for v in row)) for row in rows)

    def _value_and_slope(self, doses: Array) -> tuple[Array, Array]:
        """Effects (n,) and their derivatives in the coefficients (n, q)."""
        if isinstance(self.shape, Emax):
            emax, log_ed50 = self.estimate
            f = doses / (doses + np.exp(log_ed50))
            return emax * f, np.column_stack([f, -emax * f * (1.0 - f)])
        columns = self.shape.columns(doses)
        return columns @ self.estimate, columns
