"""DoseResponse: a curve pooled over trials, with every arm it was fitted to and what a plot of it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trialpool.checks import finite_array
from trialpool.effects import Measure, Scale, scale_of
from trialpool.errors import OptionError
from trialpool.numerics.distributions import quantile, two_sided_p_value
from trialpool.pool.dose_arms import DoseTable
from trialpool.pool.dose_curve import ArmPoint, CurvePoint, FittedCurve
from trialpool.pool.dose_one_stage import OneStage, informative
from trialpool.pool.dose_text import dose_html, dose_text
from trialpool.pool.multivariate_fit import MultivariateFit
from trialpool.pool.multivariate_method import Multivariate
from trialpool.results import SCHEMA_VERSION, Note

__all__ = ["DoseResponse"]

_CURVE_POINTS = 101


@dataclass(frozen=True, slots=True, repr=False)
class DoseResponse:
    """A dose-response curve. Numbers are on the working scale (log for ratios), against dose 0.

    Attributes
    ----------
    measure : str
    method : Multivariate or OneStage
    conf_level : float
    table : DoseTable
        Arms by trial, trials left out, decisions.
    curve : FittedCurve
        Shape, coefficients and covariance.
    between_sd : tuple of float
        Standard deviation between trials of each coefficient; of an Emax curve, of Emax alone. Empty for common effects.
    log_likelihood : float
        Restricted for REML.
    parameters : int
        Coefficients and variances, and for the one-stage likelihood the intercepts.
    two_stage : MultivariateFit or None
        The fit to the trials' contrasts; None for the one-stage likelihood.
    points : tuple of ArmPoint
        Every arm above the lowest dose of its trial.
    notes : tuple of Note
    """

    measure: Measure
    method: Multivariate | OneStage
    conf_level: float
    table: DoseTable
    curve: FittedCurve
    between_sd: tuple[float, ...]
    log_likelihood: float
    parameters: int
    two_stage: MultivariateFit | None
    points: tuple[ArmPoint, ...]
    notes: tuple[Note, ...]

    @property
    def scale(self) -> Scale:
        """The measure's scale."""
        return scale_of(self.measure)

    @property
    def restricted(self) -> bool:
        """Whether the log likelihood is a restricted one, which does not compare shapes."""
        return isinstance(self.method, Multivariate) and self.method.tau2 == "REML"

    @property
    def aic(self) -> float | None:
        """Akaike's criterion; None for a restricted likelihood."""
        return None if self.restricted else 2.0 * self.parameters - 2.0 * self.log_likelihood

    @property
    def ed50(self) -> tuple[float, float, float] | None:
        """ED50 of an Emax curve with its interval, which is symmetric on the log scale; else None."""
        if self.curve.shape.name != "emax":
            return None
        row = self.tidy()[1]
        low, middle, high = np.exp([row["conf_low"], row["estimate"], row["conf_high"]])
        return float(middle), float(low), float(high)

    @property
    def max_dose(self) -> float:
        """The highest dose of any arm."""
        return float(self.table.doses.max())

    def predict(self, doses: Sequence[float]) -> tuple[CurvePoint, ...]:
        """The effect at each dose against dose 0.

        Raises
        ------
        OptionError
            A dose that is negative, or above the highest dose of the trials.
        """
        given = np.atleast_1d(finite_array("doses", doses))
        if (given < 0).any() or (given > self.max_dose).any():
            raise OptionError(
                f"doses={doses!r} lie outside of the trials' doses; give doses from 0 to {self.max_dose:g}"
            )
        return self.curve.at(given)

    def plot_curve(self) -> tuple[CurvePoint, ...]:
        """The effect at doses from 0 to the highest, for a plot."""
        return self.curve.at(np.linspace(0.0, self.max_dose, _CURVE_POINTS))

    def at_trial_doses(self) -> tuple[CurvePoint, ...]:
        """The effect at each active dose of the trials."""
        doses = np.unique(self.table.doses)
        return self.curve.at(doses[doses > 0])

    def tidy(self) -> list[dict[str, Any]]:
        """A row per coefficient: term, estimate, std_error, conf_low, conf_high, statistic, df, p_value."""
        fit = self.curve
        critical = quantile(self.conf_level, fit.df)
        rows = []
        for j, term in enumerate(fit.shape.terms):
            y, se = float(fit.estimate[j]), float(np.sqrt(fit.covariance[j, j]))
            row = {
                "term": term,
                "estimate": y,
                "std_error": se,
                "conf_low": y - critical * se,
                "conf_high": y + critical * se,
            }
            tested = term != "log ED50"  # whose zero means nothing but an ED50 of 1 unit
            statistic = y / se if tested else None
            p_value = None if statistic is None else two_sided_p_value(statistic, fit.df)
            rows.append({**row, "statistic": statistic, "df": fit.df, "p_value": p_value})
        return rows

    def glance(self) -> dict[str, Any]:
        """One row: k, k_informative, measure, method, shape, tau2, q, q_df, q_p_value, log_likelihood, aic."""
        fit = self.two_stage
        return {
            "k": len(self.table.trials),
            "k_informative": fit.trials if fit else sum(informative(trial) for trial in self.table.trials),
            "measure": self.measure,
            "method": str(self.method),
            "shape": str(self.curve.shape),
            "tau2": self.between_sd[0] ** 2 if len(self.between_sd) == 1 else None,
            "q": fit.q if fit else None,
            "q_df": fit.q_df if fit else None,
            "q_p_value": fit.q_p_value if fit else None,
            "log_likelihood": self.log_likelihood,
            "aic": self.aic,
        }

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready data."""
        return {
            "schema_version": SCHEMA_VERSION,
            "type": "dose-response",
            "outcome": self.table.outcome,
            "control": list(self.table.control),
            "conf_level": self.conf_level,
            "scale": self.scale.working_name,
            **self.glance(),
            "parameters": self.parameters,
            "terms": self.tidy(),
            "covariance": self.curve.covariance.tolist(),
            "between_sd": list(self.between_sd),
            "between_covariance": self.two_stage.between.tolist() if self.two_stage else None,
            "effects_at_doses": [point.to_dict() for point in self.at_trial_doses()],
            "curve": [point.to_dict() for point in self.plot_curve()],
            "points": [point.to_dict() for point in self.points],
            "excluded": [exclusion.to_dict() for exclusion in self.table.excluded],
            "decisions": [decision.to_dict() for decision in self.table.decisions],
            "notes": [note.to_dict() for note in self.notes],
        }

    def __repr__(self) -> str:
        return dose_text(self)

    def _repr_html_(self) -> str:
        return dose_html(self)
