"""Pooled: the result of pooling one comparison, with every study it used and every study it did not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from trialpool.effects import Scale, scale_of
from trialpool.pool.automatic import Selection
from trialpool.pool.posterior_summary import PosteriorSummary
from trialpool.pool.request import Request
from trialpool.pool.text import pooled_html, pooled_text
from trialpool.results import SCHEMA_VERSION, Note
from trialpool.trials import Comparison, Contrast

__all__ = ["POOL_FIRST", "Heterogeneity", "Pooled", "PosteriorSummary", "PredictionInterval", "StudyResult"]

POOL_FIRST = "pool a comparison first, and give the result: pool(comparison)"
"""The way out where a Pooled is asked for."""


@dataclass(frozen=True, slots=True)
class StudyResult:
    """One contrast in a result.

    ``estimate`` and its fellows are on the working scale and None where the study's own effect is not estimable;
    ``contributes`` says whether the study enters the pooled estimate, with ``weight`` (0 to 1) if it does;
    ``reason`` says why an effect is missing; ``increments`` are what was added to each treatment and control cell.
    """

    contrast: Contrast
    estimate: float | None
    std_error: float | None
    conf_low: float | None
    conf_high: float | None
    contributes: bool
    weight: float | None
    reason: str
    increments: tuple[float, float]

    def to_dict(self) -> dict[str, Any]:
        """The study as JSON-ready data."""
        c = self.contrast
        return {
            "study": c.label,
            "trial": c.trial,
            "treatment_arm": c.treatment_arm,
            "control_arm": c.control_arm,
            **c.to_dict(),
            "estimate": self.estimate,
            "std_error": self.std_error,
            "conf_low": self.conf_low,
            "conf_high": self.conf_high,
            "contributes": self.contributes,
            "weight": self.weight,
            "reason": self.reason,
            "increments": list(self.increments),
            "covariates": dict(c.covariates),
            "sources": [source.to_dict() for source in c.sources],
        }


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Between-study variation; a value is None where the model has none, and a note says so.

    ``i2`` is the definition the request asks for; ``tau2`` and its Q-profile interval are squared working-scale units.
    """

    q: float | None
    q_df: int | None
    q_p_value: float | None
    h2: float | None
    i2: float | None
    i2_from_tau2: float | None
    i2_from_q: float | None
    tau2: float | None
    tau2_low: float | None
    tau2_high: float | None

    def to_dict(self) -> dict[str, Any]:
        """The statistics as JSON-ready data."""
        names = ("q", "q_df", "q_p_value", "h2", "i2", "i2_from_tau2", "i2_from_q", "tau2", "tau2_low", "tau2_high")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class PredictionInterval:
    """Where the effect of a new, similar trial is expected; ``df`` None means normal."""

    low: float
    high: float
    df: int | None

    def to_dict(self) -> dict[str, Any]:
        """The interval as JSON-ready data."""
        return {"low": self.low, "high": self.high, "df": self.df}


@dataclass(frozen=True, slots=True, repr=False)
class Pooled:
    """A pooled effect. Numbers are on the working scale (log for ratios); ``displayed`` gives them transformed back.

    Attributes
    ----------
    request : Request
        Measure, method with all its choices, confidence level, profile.
    comparison : Comparison
        What was pooled, with excluded trials and decisions.
    estimate, std_error, conf_low, conf_high : float
        Of a posterior: its median, standard deviation and credible limits.
    statistic : float or None
        None where the test rests on no ratio of estimate and standard error.
    p_value : float or None
        None for a posterior.
    test : str
        What the p-value is by: z, t, likelihood ratio, mid-P, exact; empty for a posterior.
    df : int or None
        Degrees of freedom of the t distribution; None means normal.
    studies : tuple of StudyResult
        Every contrast, contributing or not, in the order given.
    heterogeneity : Heterogeneity or None
        None where fewer than two studies have an effect of their own.
    prediction : PredictionInterval or None
        None for common effects and where there are too few studies; a note says which.
    notes : tuple of Note
    posterior : PosteriorSummary or None
        For Bayesian methods.
    selection : Selection or None
        Where the method was chosen automatically: which, and why.
    """

    request: Request
    comparison: Comparison
    estimate: float
    std_error: float
    statistic: float | None
    df: int | None
    p_value: float | None
    test: str
    conf_low: float
    conf_high: float
    studies: tuple[StudyResult, ...]
    heterogeneity: Heterogeneity | None
    prediction: PredictionInterval | None
    notes: tuple[Note, ...]
    posterior: PosteriorSummary | None = None
    selection: Selection | None = None

    @property
    def scale(self) -> Scale:
        """The measure's scale."""
        return scale_of(self.request.measure)

    @property
    def k(self) -> int:
        """Number of contrasts given."""
        return len(self.studies)

    @property
    def k_informative(self) -> int:
        """Number of contrasts that contribute to the pooled estimate."""
        return sum(study.contributes for study in self.studies)

    @property
    def displayed(self) -> tuple[float, float, float]:
        """Estimate, lower and upper limit on the displayed scale."""
        return self.scale.display(self.estimate), self.scale.display(self.conf_low), self.scale.display(self.conf_high)

    def tidy(self) -> list[dict[str, Any]]:
        """One row: term, estimate, std_error, conf_low, conf_high, statistic, df, p_value (working scale)."""
        names = ("estimate", "std_error", "conf_low", "conf_high", "statistic", "df", "p_value")
        return [{"term": self.request.measure, **{name: getattr(self, name) for name in names}}]

    def glance(self) -> dict[str, Any]:
        """One row: k, k_informative, measure, method, tau2, i2, q, q_df, q_p_value."""
        h = self.heterogeneity
        return {
            "k": self.k,
            "k_informative": self.k_informative,
            "measure": self.request.measure,
            "method": str(self.request.method),
            **{name: getattr(h, name) if h else None for name in ("tau2", "i2", "q", "q_df", "q_p_value")},
        }

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready data; keys are documented in docs/reference/json.md."""
        low_high = ("estimate", "conf_low", "conf_high")
        return {
            "schema_version": SCHEMA_VERSION,
            "type": "pooled",
            "outcome": self.comparison.outcome,
            "treatment": self.comparison.treatment,
            "control": self.comparison.control,
            "multi_arm": self.comparison.multi_arm,
            "request": self.request.to_dict(),
            "scale": self.scale.working_name,
            "k": self.k,
            "k_informative": self.k_informative,
            **self.tidy()[0],
            "test": self.test,
            # a limit on the log scale may be too large for a number once it is transformed back
            "displayed": {
                name: v if math.isfinite(v) else None for name, v in zip(low_high, self.displayed, strict=True)
            },
            "heterogeneity": self.heterogeneity.to_dict() if self.heterogeneity else None,
            "prediction": self.prediction.to_dict() if self.prediction else None,
            "posterior": self.posterior.to_dict() if self.posterior else None,
            "selection": self.selection.to_dict() if self.selection else None,
            "studies": [study.to_dict() for study in self.studies],
            "excluded": [exclusion.to_dict() for exclusion in self.comparison.excluded],
            "decisions": [decision.to_dict() for decision in self.comparison.decisions],
            "notes": [note.to_dict() for note in self.notes],
        }

    def __repr__(self) -> str:
        return pooled_text(self)

    def _repr_html_(self) -> str:
        return pooled_html(self)
