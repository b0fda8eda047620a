"""MetaRegression: the result of regressing effects on covariates, with every study it used and every study it did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from trialpool.effects import Scale, scale_of
from trialpool.numerics.columns import Array
from trialpool.pool import Request, StudyResult
from trialpool.regress.design import FormulaDesign
from trialpool.regress.permutation import PermutationTest
from trialpool.regress.prediction import RegressionPrediction, predict
from trialpool.regress.robust import Robust
from trialpool.regress.text import regression_html, regression_text
from trialpool.results import SCHEMA_VERSION, Note
from trialpool.trials import Comparison, Covariate

__all__ = ["Coefficient", "MetaRegression", "OmnibusTest", "ResidualHeterogeneity"]


class _Record:
    """A record that is JSON-ready as it is."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON-ready data."""
        return {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Coefficient(_Record):
    """One coefficient on the working scale; ``df`` None means normal.

    ``permutation_p_value`` is None unless a permutation test was asked for.
    """

    term: str
    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    statistic: float
    df: float | None
    p_value: float
    permutation_p_value: float | None = None


@dataclass(frozen=True, slots=True)
class OmnibusTest(_Record):
    """Test that the coefficients of ``terms`` are all zero: F, or chi-square where ``df_denominator`` is None."""

    terms: tuple[str, ...]
    statistic: float
    df_numerator: int
    df_denominator: float | None
    p_value: float
    permutation_p_value: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The test as JSON-ready data."""
        return {**{f.name: getattr(self, f.name) for f in fields(self)}, "terms": list(self.terms)}


@dataclass(frozen=True, slots=True)
class ResidualHeterogeneity(_Record):
    """Variation between studies that the covariates leave.

    Attributes
    ----------
    q, q_p_value : float
        Test that nothing is left (QE of metafor), chi-square with ``q_df`` degrees of freedom.
    q_df : int
    tau2, tau2_low, tau2_high : float or None
        Residual tau2 and its Q-profile interval; None for common effects.
    i2 : float
        Share of the residual variation that is not chance, by the definition of the request.
    tau2_without_covariates : float or None
        By the same estimator from the same trials.
    r2 : float or None
        Share of ``tau2_without_covariates`` that the covariates explain; None where there is none, and a note says so.
    """

    q: float
    q_df: int
    q_p_value: float
    tau2: float | None
    tau2_low: float | None
    tau2_high: float | None
    i2: float
    tau2_without_covariates: float | None
    r2: float | None


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class MetaRegression:
    """A meta-regression. Numbers are on the working scale (log for ratios).

    Attributes
    ----------
    request : Request
        Measure, method with its choices, confidence level, profile.
    comparison : Comparison
    design : FormulaDesign
        The formula and the design matrix of the studies used.
    coefficients : tuple of Coefficient
    covariance : array of shape (p, p)
        Of the coefficients.
    omnibus : OmnibusTest
    residual : ResidualHeterogeneity
    studies : tuple of StudyResult
        Every contrast; those not used have a reason.
    fitted : tuple of float or None
        The mean effect that the model gives each study used.
    cluster : str or None
        What the variance is robust to the clustering by; ``robust`` has its parts.
    permutation : PermutationTest or None
    notes : tuple of Note
    """

    request: Request
    comparison: Comparison
    design: FormulaDesign
    coefficients: tuple[Coefficient, ...]
    covariance: Array
    omnibus: OmnibusTest
    residual: ResidualHeterogeneity
    studies: tuple[StudyResult, ...]
    fitted: tuple[float | None, ...]
    cluster: str | None
    robust: Robust | None
    permutation: PermutationTest | None
    notes: tuple[Note, ...]

    @property
    def formula(self) -> str:
        """The formula as it was given."""
        return self.design.formula.text

    @property
    def scale(self) -> Scale:
        """The measure's scale."""
        return scale_of(self.request.measure)

    @property
    def k(self) -> int:
        """Number of contrasts given."""
        return len(self.studies)

    @property
    def k_used(self) -> int:
        """Number of contrasts in the regression."""
        return sum(study.contributes for study in self.studies)

    def predict(self, values: Mapping[str, Covariate]) -> RegressionPrediction:
        """The mean effect at values of the covariates, with its confidence and prediction interval.

        Parameters
        ----------
        values : mapping
            A value for each covariate of the formula.

        Returns
        -------
        RegressionPrediction

        Raises
        ------
        OptionError
            A covariate that is missing or not in the formula, or a level that no trial has.

        Examples
        --------
        >>> import trialpool as tp
        >>> arms = {"outcome": "tuberculosis", "treatment": "BCG vaccine", "control": "no vaccine"}
        >>> fit = tp.meta_regression(tp.compare(tp.load_dataset("bcg").trials, **arms), "~ latitude")
        >>> [round(number, 2) for number in fit.predict({"latitude": 40}).displayed]
        [0.4, 0.29, 0.55]
        """
        return predict(self, [values])[0]

    def tidy(self) -> list[dict[str, Any]]:
        """A row per coefficient: term, estimate, std_error, conf_low, conf_high, statistic, df, p_value (working scale).

        With ``permutation_p_value`` where a permutation test was asked for.
        """
        rows = [coefficient.to_dict() for coefficient in self.coefficients]
        if self.permutation is None:
            for row in rows:
                del row["permutation_p_value"]
        return rows

    def glance(self) -> dict[str, Any]:
        """One row: k, k_used, measure, formula, method, the omnibus test, tau2, i2, r2, q, q_df, q_p_value."""
        test, left = self.omnibus, self.residual
        return {
            "k": self.k,
            "k_used": self.k_used,
            "measure": self.request.measure,
            "formula": self.formula,
            "method": str(self.request.method),
            "omnibus": test.statistic,
            "omnibus_df": test.df_numerator,
            "omnibus_df_denominator": test.df_denominator,
            "omnibus_p_value": test.p_value,
            **{name: getattr(left, name) for name in ("tau2", "i2", "r2", "q", "q_df", "q_p_value")},
        }

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready data; keys are documented in docs/reference/json.md."""
        return {
            "schema_version": SCHEMA_VERSION,
            "type": "meta-regression",
            "outcome": self.comparison.outcome,
            "treatment": self.comparison.treatment,
            "control": self.comparison.control,
            "multi_arm": self.comparison.multi_arm,
            "request": self.request.to_dict(),
            "scale": self.scale.working_name,
            "formula": self.formula,
            "references": self.design.references,
            "k": self.k,
            "k_used": self.k_used,
            "coefficients": [coefficient.to_dict() for coefficient in self.coefficients],
            "covariance": self.covariance.tolist(),
            "omnibus": self.omnibus.to_dict(),
            "residual": self.residual.to_dict(),
            "cluster": self.cluster,
            "clusters": self.robust.clusters if self.robust else None,
            "permutation": self.permutation.to_dict() if self.permutation else None,
            "studies": [study.to_dict() for study in self.studies],
            "fitted": list(self.fitted),
            "excluded": [exclusion.to_dict() for exclusion in self.comparison.excluded],
            "decisions": [decision.to_dict() for decision in self.comparison.decisions],
            "notes": [note.to_dict() for note in self.notes],
        }

    def __repr__(self) -> str:
        return regression_text(self)

    def _repr_html_(self) -> str:
        return regression_html(self)
