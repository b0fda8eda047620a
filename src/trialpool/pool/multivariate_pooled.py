"""MultivariatePooled: several effects pooled together, with every estimate that was used and every one that was not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trialpool.effects import Measure, Scale, scale_of
from trialpool.pool.multivariate_fit import MultivariateFit, WaldTest
from trialpool.pool.multivariate_method import Multivariate
from trialpool.pool.multivariate_text import multivariate_html, multivariate_text
from trialpool.results import SCHEMA_VERSION, Note
from trialpool.trials import Comparison

__all__ = ["ComponentEffect", "MultivariatePooled"]


@dataclass(frozen=True, slots=True)
class ComponentEffect:
    """The effect of one component in one trial, on the working scale; ``reason`` says why there is none."""

    trial: str
    component: str
    label: str
    estimate: float | None
    std_error: float | None
    conf_low: float | None
    conf_high: float | None
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """The effect as JSON-ready data."""
        names = ("trial", "component", "label", "estimate", "std_error", "conf_low", "conf_high", "reason")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True, repr=False)
class MultivariatePooled:
    """Several effects pooled together. Numbers are on the working scale (log for ratios).

    Attributes
    ----------
    measure : str
    method : Multivariate
    conf_level : float
    comparisons : tuple of Comparison
        One with shared controls, or one an outcome.
    within_trial_correlation : float or None
        As assumed; None for shared controls, whose covariance is known.
    effects : tuple of ComponentEffect
        Every estimate, used or not.
    fit : MultivariateFit
        Coefficients with covariance, covariance matrix between trials, likelihood, Q, I2.
    notes : tuple of Note
    """

    measure: Measure
    method: Multivariate
    conf_level: float
    comparisons: tuple[Comparison, ...]
    within_trial_correlation: float | None
    effects: tuple[ComponentEffect, ...]
    fit: MultivariateFit
    notes: tuple[Note, ...]

    @property
    def scale(self) -> Scale:
        """The measure's scale."""
        return scale_of(self.measure)

    @property
    def test_of_equality(self) -> WaldTest | None:
        """Test that all components have the same effect."""
        return self.fit.test_of_equality()

    def tidy(self) -> list[dict[str, Any]]:
        """A row per component: term, estimate, std_error, conf_low, conf_high, statistic, df, p_value (working scale)."""
        fit = self.fit
        names = ("estimate", "std_error", "conf_low", "conf_high", "statistic")
        return [
            {
                "term": term,
                **{name: float(getattr(fit, name)[j]) for name in names},
                "df": fit.df,
                "p_value": float(fit.p_value[j]),
            }
            for j, term in enumerate(fit.terms)
        ]

    def glance(self) -> dict[str, Any]:
        """One row: k, k_informative, measure, method, tau2, i2, q, q_df, q_p_value.

        ``tau2`` is None unless all components share one.
        """
        fit = self.fit
        shared = self.method.model == "random" and self.method.between == "compound-symmetric"
        return {
            "k": len({row.trial for row in self.effects}),
            "k_informative": fit.trials,
            "measure": self.measure,
            "method": str(self.method),
            "tau2": float(fit.between[0, 0]) if shared else None,
            "i2": fit.i2_joint,
            "q": fit.q,
            "q_df": fit.q_df,
            "q_p_value": fit.q_p_value,
        }

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready data."""
        fit, test = self.fit, self.test_of_equality
        p = range(len(fit.components))
        return {
            "schema_version": SCHEMA_VERSION,
            "type": "multivariate",
            "outcomes": [comparison.outcome for comparison in self.comparisons],
            "treatment": self.comparisons[0].treatment,
            "control": self.comparisons[0].control,
            "measure": self.measure,
            "method": str(self.method),
            "conf_level": self.conf_level,
            "scale": self.scale.working_name,
            "within_trial_correlation": self.within_trial_correlation,
            "terms": self.tidy(),
            "covariance": fit.covariance.tolist(),
            "between_covariance": fit.between.tolist(),
            "between_sd": fit.between_sd.tolist(),
            "between_correlation": [[fit.between_correlation(i, j) for j in p] for i in p],
            "boundary": list(fit.boundary),
            "log_likelihood": fit.log_likelihood,
            "parameters": fit.parameters,
            "q": fit.q,
            "q_df": fit.q_df,
            "q_p_value": fit.q_p_value,
            "i2": fit.i2.tolist(),
            "i2_joint": fit.i2_joint,
            "test_of_equality": None
            if test is None
            else {
                "statistic": test.statistic,
                "df": test.df,
                "df_denominator": test.df_denominator,
                "p_value": test.p_value,
            },
            "effects": [row.to_dict() for row in self.effects],
            "excluded": [e.to_dict() for comparison in self.comparisons for e in comparison.excluded],
            "decisions": [d.to_dict() for comparison in self.comparisons for d in comparison.decisions],
            "notes": [note.to_dict() for note in self.notes],
        }

    def __repr__(self) -> str:
        return multivariate_text(self)

    def _repr_html_(self) -> str:
        return multivariate_html(self)
