"""Mean effects and prediction intervals of a meta-regression at values of its covariates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialpool.effects import Scale
from trialpool.heterogeneity import prediction_interval
from trialpool.numerics.columns import Array
from trialpool.numerics.distributions import quantile
from trialpool.pool import InverseVariance, PredictionInterval
from trialpool.trials import Covariate

if TYPE_CHECKING:
    from trialpool.regress.result import MetaRegression

__all__ = ["RegressionPrediction", "predict"]


@dataclass(frozen=True, slots=True)
class RegressionPrediction:
    """The mean effect at values of the covariates, on the working scale, and where a new trial's effect is expected.

    ``df`` None means normal; ``prediction`` is None for common effects and where there are too few trials.
    """

    values: Mapping[str, Covariate]
    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    df: float | None
    prediction: PredictionInterval | None
    scale: Scale

    @property
    def displayed(self) -> tuple[float, float, float]:
        """Estimate, lower and upper limit on the displayed scale."""
        return self.scale.display(self.estimate), self.scale.display(self.conf_low), self.scale.display(self.conf_high)

    @property
    def displayed_prediction(self) -> tuple[float, float] | None:
        """The prediction interval on the displayed scale."""
        if self.prediction is None:
            return None
        return self.scale.display(self.prediction.low), self.scale.display(self.prediction.high)

    def to_dict(self) -> dict[str, Any]:
        """The prediction as JSON-ready data."""
        names, shown = ("estimate", "std_error", "conf_low", "conf_high", "df"), ("estimate", "conf_low", "conf_high")
        return {
            "values": dict(self.values),
            **{name: getattr(self, name) for name in names},
            "displayed": {
                name: value if math.isfinite(value) else None for name, value in zip(shown, self.displayed, strict=True)
            },
            "prediction": self.prediction.to_dict() if self.prediction else None,
        }


def predict(fit: MetaRegression, values: Sequence[Mapping[str, Covariate]]) -> list[RegressionPrediction]:
    """Mean effect ``x'b`` with variance ``x' cov(b) x`` at each set of values.

    The prediction interval adds the residual tau2, on t with as many degrees of freedom fewer than studies as the request's
    distribution has without covariates, and one fewer for each coefficient beyond the intercept.
    """
    return [_at(fit, row, one) for row, one in zip(fit.design.rows(values), values, strict=True)]


def _at(fit: MetaRegression, row: Array, values: Mapping[str, Covariate]) -> RegressionPrediction:
    coefficients = [coefficient.estimate for coefficient in fit.coefficients]
    estimate = float(row @ coefficients)
    std_error = math.sqrt(float(row @ fit.covariance @ row))
    df = fit.robust.df(row) if fit.robust else fit.coefficients[0].df
    half = quantile(fit.request.conf_level, df) * std_error
    return RegressionPrediction(
        dict(values),
        estimate,
        std_error,
        estimate - half,
        estimate + half,
        df,
        _new_trial(fit, estimate, std_error),
        fit.scale,
    )


def _new_trial(fit: MetaRegression, estimate: float, std_error: float) -> PredictionInterval | None:
    method, tau2 = fit.request.method, fit.residual.tau2
    if tau2 is None or not isinstance(method, InverseVariance):
        return None
    if method.prediction is None or method.prediction == "confidence-distribution":
        return None
    limits = prediction_interval(
        estimate, std_error, tau2,
        k=fit.k_used - len(fit.coefficients) + 1, distribution=method.prediction, conf_level=fit.request.conf_level,
    )  # fmt: skip
    return PredictionInterval(*limits) if limits else None
