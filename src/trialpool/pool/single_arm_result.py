"""What the pooling of one treatment's proportions or rates gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trialpool.display import (
    MISSING,
    clean_text,
    escape_html,
    format_count,
    format_estimate,
    format_interval,
    format_percent,
    html_table,
    text_table,
)
from trialpool.effects.proportions import SingleArmMeasure, transformed_back
from trialpool.pool.methods import InverseVariance
from trialpool.pool.pooled import Heterogeneity, PredictionInterval
from trialpool.pool.rare_event_methods import BinomialNormal
from trialpool.pool.text import heterogeneity_text, note_line
from trialpool.results import SCHEMA_VERSION, Note
from trialpool.trials.single_arm import ArmEvents, SingleArm

__all__ = ["ArmEstimate", "PooledSingleArm"]

_DIGITS = 3


@dataclass(frozen=True, slots=True)
class ArmEstimate:
    """One trial's own proportion or rate, transformed back, with its interval; None where it has none, with the reason."""

    arm: ArmEvents
    estimate: float | None
    conf_low: float | None
    conf_high: float | None
    contributes: bool
    weight: float | None
    reason: str
    increment: float

    def to_dict(self) -> dict[str, Any]:
        """The trial as JSON-ready data."""
        names = ("estimate", "conf_low", "conf_high", "contributes", "weight", "reason", "increment")
        arm = {
            "study": self.arm.label,
            "events": self.arm.events,
            "n": self.arm.n,
            "person_years": self.arm.person_years,
        }
        return {**arm, **{name: getattr(self, name) for name in names}}


@dataclass(frozen=True, slots=True, repr=False)
class PooledSingleArm:
    """A pooled proportion or rate; ``estimate`` and its limits are on the working scale, ``displayed`` transformed back.

    Attributes
    ----------
    arms : SingleArm
    measure : str
    method : InverseVariance or BinomialNormal
    conf_level : float
    estimate, std_error, conf_low, conf_high : float
    df : int or None
        Degrees of freedom of the interval; None means normal, or a likelihood.
    harmonic_n : float
        Harmonic mean of the participants (person-years), by which a double arcsine is transformed back.
    studies : tuple of ArmEstimate
    heterogeneity : Heterogeneity or None
    prediction : PredictionInterval or None
    notes : tuple of Note
    """

    arms: SingleArm
    measure: SingleArmMeasure
    method: InverseVariance | BinomialNormal
    conf_level: float
    estimate: float
    std_error: float
    df: int | None
    conf_low: float
    conf_high: float
    harmonic_n: float
    studies: tuple[ArmEstimate, ...]
    heterogeneity: Heterogeneity | None
    prediction: PredictionInterval | None
    notes: tuple[Note, ...]

    @property
    def displayed(self) -> tuple[float, float, float]:
        """Proportion (or rate per person-year), lower and upper limit."""
        estimate, low, high = (self._shown(value) for value in (self.estimate, self.conf_low, self.conf_high))
        return estimate, low, high

    def _shown(self, value: float) -> float:
        return float(transformed_back(self.measure, np.array([value]), np.array([self.harmonic_n]))[0])

    def tidy(self) -> list[dict[str, Any]]:
        """One row: term, estimate, std_error, conf_low, conf_high, df (working scale)."""
        names = ("estimate", "std_error", "conf_low", "conf_high", "df")
        return [{"term": self.measure, **{name: getattr(self, name) for name in names}}]

    def glance(self) -> dict[str, Any]:
        """One row: k, measure, method, tau2, i2, q, q_df, q_p_value."""
        h = self.heterogeneity
        found = {name: getattr(h, name) if h else None for name in ("tau2", "i2", "q", "q_df", "q_p_value")}
        return {"k": len(self.studies), "measure": self.measure, "method": str(self.method), **found}

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready data."""
        limits = [v if math.isfinite(v) else None for v in self.displayed]
        return {
            "schema_version": SCHEMA_VERSION,
            "type": "single arm",
            "outcome": self.arms.outcome,
            "treatment": self.arms.treatment,
            **self.glance(),
            "conf_level": self.conf_level,
            **self.tidy()[0],
            "displayed": dict(zip(("estimate", "conf_low", "conf_high"), limits, strict=True)),
            "prediction": self.prediction.to_dict() if self.prediction else None,
            "studies": [study.to_dict() for study in self.studies],
            "excluded": [exclusion.to_dict() for exclusion in self.arms.excluded],
            "decisions": [decision.to_dict() for decision in self.arms.decisions],
            "notes": [note.to_dict() for note in self.notes],
        }

    def __repr__(self) -> str:
        headers, rows = self._rows()
        return "\n".join([clean_text(self._title), "", text_table(headers, rows), "", *self._lines()])

    def _repr_html_(self) -> str:
        headers, rows = self._rows()
        lines = "".join(f"<p>{escape_html(line)}</p>" for line in self._lines())
        return html_table(headers, rows, caption=self._title) + lines

    @property
    def _title(self) -> str:
        return f"{self.arms.outcome}: {self.arms.treatment}"

    def _rows(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        is_rate = self.measure == "log rate"
        what, per = ("Rate", "Events/person-years") if is_rate else ("Proportion", "Events/n")
        headers = ("Study", per, f"{what} ({100 * self.conf_level:g} % CI)", "Weight")
        rows = []
        for study in self.studies:
            size = study.arm.person_years if is_rate else study.arm.n
            shown = format_estimate(study.estimate, study.conf_low, study.conf_high, _DIGITS)
            rows.append(
                (
                    study.arm.label,
                    f"{format_count(study.arm.events)}/{MISSING if size is None else format_count(size)}",
                    "not estimable" if study.estimate is None else shown,
                    format_percent(study.weight),
                )
            )
        return headers, rows

    def _lines(self) -> list[str]:
        what = "Rate per person-year" if self.measure == "log rate" else "Proportion"
        k = sum(study.contributes for study in self.studies)
        lines = [f"{what} {format_estimate(*self.displayed, _DIGITS)}; {k} of {len(self.studies)} studies contribute"]
        if self.prediction is not None:
            shown = format_interval(self._shown(self.prediction.low), self._shown(self.prediction.high), _DIGITS)
            lines.append(f"Prediction interval {shown}")
        if self.heterogeneity is not None:
            lines.append(heterogeneity_text(self.heterogeneity))
        lines.append(f"Method: {self.measure}; {self.method}; {100 * self.conf_level:g} % intervals")
        return [*lines, *(note_line(note) for note in self.notes)]
