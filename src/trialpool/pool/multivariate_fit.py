"""Multivariate pooling of plain arrays: estimates of several components, or regressors of any kind, with known covariance."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialpool.checks import finite_array, instance, probability
from trialpool.errors import NotEstimableError
from trialpool.numerics.distributions import chi2_tail, f_tail, quantile, two_sided_p_value
from trialpool.numerics.multivariate_maximum import maximum, no_between_variance
from trialpool.pool.multivariate_blocks import MultivariateData, array_data, refuse_unidentified
from trialpool.pool.multivariate_method import Multivariate

__all__ = ["MultivariateFit", "WaldTest", "fit_multivariate", "multivariate_effects"]

Array = NDArray[np.float64]

_CERTAIN = 1.0 - 1e-9  # a correlation beyond this is at the edge of what there can be


@dataclass(frozen=True, slots=True)
class WaldTest:
    """Test of a linear hypothesis; ``df_denominator`` None means chi-square, else F."""

    statistic: float
    df: int
    df_denominator: int | None
    p_value: float


@dataclass(frozen=True, slots=True)
class MultivariateFit:
    """A multivariate fit on the working scale.

    Attributes
    ----------
    components : tuple of str
        Names of the p random effects.
    terms : tuple of str
        Names of the q coefficients; the components themselves unless a design was given.
    estimate, std_error, statistic, p_value, conf_low, conf_high : arrays of shape (q,)
    covariance : array of shape (q, q)
    df : int or None
        Degrees of freedom of t; None means normal.
    between : array of shape (p, p)
        Covariance matrix between trials; 0 for common effects.
    boundary : tuple of str
        In words, where the estimated matrix lies at the edge of what is possible.
    log_likelihood : float
        Restricted for REML.
    parameters : int
        Coefficients and free parameters of the covariance matrix.
    q : float
        Weighted sum of squares around the common effects, with ``q_df`` and ``q_p_value`` (None without a degree of freedom).
    i2 : array of shape (q,)
        Share of each coefficient's variance due to heterogeneity; ``i2_joint`` that of all together (Jackson, White & Riley
        2012, Statistics in Medicine 31:3805).
    trials, rows : int
    """

    components: tuple[str, ...]
    terms: tuple[str, ...]
    estimate: Array
    covariance: Array
    std_error: Array
    statistic: Array
    df: int | None
    p_value: Array
    conf_low: Array
    conf_high: Array
    between: Array
    boundary: tuple[str, ...]
    log_likelihood: float
    parameters: int
    q: float
    q_df: int
    q_p_value: float | None
    i2: Array
    i2_joint: float
    trials: int
    rows: int

    @property
    def between_sd(self) -> Array:
        """Standard deviation of each component between trials, (p,)."""
        return np.sqrt(np.diag(self.between))

    def between_correlation(self, first: int, second: int) -> float | None:
        """Correlation of two components between trials; None where one of them does not vary."""
        sd = self.between_sd
        if sd[first] == 0 or sd[second] == 0:
            return None
        return float(np.clip(self.between[first, second] / (sd[first] * sd[second]), -1.0, 1.0))

    def test(self, hypothesis: ArrayLike) -> WaldTest:
        """Test that linear combinations of the coefficients are 0; ``hypothesis`` has shape (h, q), of full rank."""
        matrix = np.atleast_2d(finite_array("hypothesis", hypothesis))
        difference = matrix @ self.estimate
        value = float(difference @ np.linalg.solve(matrix @ self.covariance @ matrix.T, difference))
        h = matrix.shape[0]
        if self.df is None:
            return WaldTest(value, h, None, chi2_tail(value, h))
        return WaldTest(value / h, h, self.df, f_tail(value / h, h, self.df))

    def test_of_equality(self) -> WaldTest | None:
        """Test that all coefficients are equal; None where there is one alone."""
        q = len(self.terms)
        return self.test(np.eye(q)[1:] - np.eye(q)[:1]) if q > 1 else None


def multivariate_effects(
    y: ArrayLike,
    covariance: ArrayLike | Sequence[ArrayLike],
    *,
    trial: Sequence[Hashable],
    component: Sequence[Hashable],
    design: ArrayLike | None = None,
    terms: Sequence[str] | None = None,
    method: Multivariate | None = None,
    conf_level: float = 0.95,
) -> MultivariateFit:
    """Pool correlated estimates of several components.

    Parameters
    ----------
    y : array of shape (k,)
        One estimate a row: a component in a trial. A component that a trial does not report has no row.
    covariance : array of shape (k, k), or one matrix for each trial
        Within trials; 0 between trials. Matrices are in the order in which ``trial`` first names the trials.
    trial, component : sequences of length k
        Random effects are shared by rows of one trial and component, and correlate between components of a trial.
    design : array of shape (k, q), optional
        Regressors of the means; one mean for each component unless given.
    terms : sequence of str, optional
        Names of the regressors.
    method : Multivariate, optional
        Random effects, unstructured, REML, unless given.
    conf_level : float

    Returns
    -------
    MultivariateFit

    Raises
    ------
    OptionError
        Arrays that do not fit together, a covariance between trials or one that is not symmetric.
    NotEstimableError
        The estimates do not determine what is asked for; the message says why.

    Examples
    --------
    Two outcomes of five trials (Berkey et al. 1998, Statistics in Medicine 17:2537):

    >>> y = [0.47, -0.32, 0.20, -0.60, 0.40, -0.12, 0.26, -0.31, 0.56, -0.39]
    >>> v = [(0.0075, 0.0030, 0.0077), (0.0057, 0.0009, 0.0008), (0.0021, 0.0007, 0.0014),
    ...      (0.0029, 0.0009, 0.0015), (0.0148, 0.0072, 0.0304)]
    >>> fit = multivariate_effects(y, [[[a, c], [c, b]] for a, c, b in v],
    ...                            trial=[1, 1, 2, 2, 3, 3, 4, 4, 5, 5], component=["PD", "AL"] * 5)
    >>> fit.estimate.round(4).tolist(), fit.between_sd.round(4).tolist()
    ([0.3534, -0.3392], [0.1083, 0.1807])
    """
    method = instance("method", method or Multivariate(), Multivariate, "give Multivariate(), with the choices wanted")
    data = array_data(y, covariance, trial=trial, component=component, design=design, terms=terms)
    return fit_multivariate(data, method, probability("conf_level", conf_level))


def fit_multivariate(data: MultivariateData, method: Multivariate, conf_level: float) -> MultivariateFit:
    """Fit to data that were checked."""
    refuse_unidentified(data, method)
    blocks = data.blocks
    common = no_between_variance(blocks)
    between, at, parameters = np.zeros((len(data.components),) * 2), common, 0
    if method.model == "random":
        assert method.between is not None  # noqa: S101 (set by Multivariate where there are random effects)
        method.check_positive_definite(len(data.components))
        found = maximum(blocks, method.between, method.correlation, restricted=method.tau2 == "REML")
        if not found.settled:
            raise NotEstimableError(
                "the likelihood of the covariance matrix between trials has no maximum that can be told; choose "
                "between='compound-symmetric' or 'diagonal', or model='common'"
            )
        between, at, parameters = found.between, found.at, found.parameters
    estimate, covariance = data.unscaled(at.coefficients, at.covariance)
    df = blocks.rows - len(data.terms) if method.interval == "t" else None
    std_error = np.sqrt(np.diag(covariance))
    half = quantile(conf_level, df) * std_error
    statistic = estimate / std_error
    q_df = blocks.rows - len(data.terms)
    ratio = np.linalg.slogdet(common.covariance)[1] - np.linalg.slogdet(at.covariance)[1]
    return MultivariateFit(
        components=data.components,
        terms=data.terms,
        estimate=estimate,
        covariance=covariance,
        std_error=std_error,
        statistic=statistic,
        df=df,
        p_value=np.array([two_sided_p_value(float(value), df) for value in statistic]),
        conf_low=estimate - half,
        conf_high=estimate + half,
        between=between,
        boundary=_boundary(between, data.components) if method.model == "random" else (),
        log_likelihood=at.log_likelihood,
        parameters=parameters + len(data.terms),
        q=common.rss,
        q_df=q_df,
        q_p_value=chi2_tail(common.rss, q_df) if q_df else None,
        i2=np.clip(1.0 - np.diag(common.covariance) / np.diag(at.covariance), 0.0, 1.0),
        i2_joint=max(0.0, float(-np.expm1(ratio / len(data.terms)))),
        trials=len(blocks.y),
        rows=blocks.rows,
    )


def _boundary(between: Array, components: tuple[str, ...]) -> tuple[str, ...]:
    """Where the matrix lies at the edge of what is possible, in words."""
    sd = np.sqrt(np.diag(between))
    if not sd.any():
        return ("nothing varies between trials",)
    words = [
        f"the variance of {name} between trials is 0" for name, one in zip(components, sd, strict=True) if one == 0
    ]
    varying = np.flatnonzero(sd > 0)
    for position, i in enumerate(varying):
        for j in varying[position + 1 :]:
            correlation = between[i, j] / (sd[i] * sd[j])
            if abs(correlation) > _CERTAIN:
                words.append(
                    f"the correlation of {components[i]} and {components[j]} between trials is {correlation:+.0f}"
                )
    scaled = between[np.ix_(varying, varying)] / np.outer(sd[varying], sd[varying])
    if not words and varying.size > 1 and np.linalg.eigvalsh(scaled)[0] < 1.0 - _CERTAIN:
        words.append("the covariance matrix between trials is singular")
    return tuple(words)
