"""Priors: densities that integrate to their distribution functions, text that reads back, errors that say what is allowed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from trialpool.errors import OptionError
from trialpool.pool.bayes import (
    MEDICAL_AREAS,
    RHODES_COMPARISONS,
    RHODES_OUTCOMES,
    TURNER_COMPARISONS,
    TURNER_OUTCOMES,
    Flat,
    HalfCauchy,
    HalfNormal,
    HalfStudentT,
    LogNormalTau2,
    LogStudentTTau2,
    Normal,
    Uniform,
    as_effect_prior,
    as_tau_prior,
    prior_from_text,
    rhodes_prior,
    turner_prior,
)

PROPER = [
    HalfNormal(0.5), HalfStudentT(0.5, 4), HalfStudentT(2, 0.7), HalfCauchy(0.5), Uniform(2), LogNormalTau2(-2.49, 1.52),
    LogStudentTTau2(-3.44, 2.59), turner_prior("pain", "drug v drug"), rhodes_prior("any"),
]  # fmt: skip
FROZEN = {
    HalfNormal(0.5): stats.halfnorm(scale=0.5),
    HalfCauchy(0.7): stats.halfcauchy(scale=0.7),
    Uniform(2): stats.uniform(scale=2),
    LogNormalTau2(-2.0, 1.5): stats.lognorm(s=0.75, scale=math.exp(-1.0)),  # of tau itself
}


@pytest.mark.parametrize("prior", PROPER, ids=str)
def test_density_distribution_function_and_quantile_belong_together(prior) -> None:
    for p in (0.01, 0.3, 0.5, 0.9, 0.99):
        tau = float(prior.quantile(np.array(p)))
        assert math.isclose(float(prior.cdf(np.array(tau))), p, rel_tol=1e-9)
        step = 1e-5 * tau
        ends = prior.cdf(np.array([tau - step, tau + step]))
        slope = (ends[1] - ends[0]) / (2 * step)
        assert math.isclose(math.exp(float(prior.log_density(np.array(tau)))), slope, rel_tol=1e-5)
    # in log tau, where all of them are smooth
    mass = quad(lambda w: math.exp(float(prior.log_density(np.exp(w))) + w), -60, 60, limit=500, points=[math.log(2)])
    assert math.isclose(mass[0], 1, abs_tol=1e-4)


@pytest.mark.parametrize(("prior", "known"), FROZEN.items(), ids=str)
def test_scipy_has_the_same_density(prior, known) -> None:
    tau = np.array([0.01, 0.2, 1.0, 1.9])
    np.testing.assert_allclose(prior.log_density(tau), known.logpdf(tau), rtol=1e-12)
    np.testing.assert_allclose(prior.cdf(tau), known.cdf(tau), rtol=1e-12)


def test_a_half_t_has_the_half_cauchy_and_the_half_normal_as_its_ends() -> None:
    tau = np.array([0.1, 1.0, 3.0])
    np.testing.assert_allclose(HalfStudentT(0.5, 1).log_density(tau), HalfCauchy(0.5).log_density(tau), rtol=1e-12)
    np.testing.assert_allclose(HalfStudentT(1, 1e7).log_density(tau), HalfNormal(1).log_density(tau), rtol=1e-5)


@pytest.mark.parametrize("prior", [*PROPER, Uniform(math.inf), Normal(0, 2.82), Normal(-1e-7, 1 / 3), Flat()], ids=str)
def test_text_reads_back(prior) -> None:
    assert prior_from_text(str(prior)) == prior
    assert prior_from_text(f"  {str(prior).upper()} ".replace("DRUG V DRUG", "drug v drug").replace("PAIN", "pain")
                           .replace("ANY", "any")) == prior  # fmt: skip


@given(st.floats(1e-300, 1e300), st.floats(-1e300, 1e300))
def test_every_number_reads_back_exactly(scale: float, mean: float) -> None:
    for prior in (HalfNormal(scale), HalfStudentT(scale, scale), LogNormalTau2(mean, scale), Normal(mean, scale)):
        assert prior_from_text(str(prior)) == prior


@pytest.mark.parametrize(
    ("outcome", "comparison", "mean", "sd"),
    [
        ("all-cause mortality", "drug v placebo", -3.95, 1.34),
        ("infection", "drug v placebo", -2.49, 1.52),
        ("adverse events", "drug v placebo", -1.87, 1.52),
        ("subjective outcomes", "non-drug v non-drug", -2.26, 1.45),
        ("obstetric", "non-drug v placebo", -3.74, 1.91),
        ("hospital stay", "non-drug v drug", -1.31, 1.50),
        ("any", None, -2.56, 1.74),
    ],
)
def test_turner_table_iv(outcome, comparison, mean, sd) -> None:
    prior = turner_prior(outcome, comparison)
    assert (prior.mean, prior.sd) == (mean, sd)


@pytest.mark.parametrize(
    ("outcome", "comparison", "area", "location", "scale"),
    [
        ("obstetric", "drug v placebo", None, -4.13, 2.34),
        ("pain", "drug v placebo", "other", -3.16, 2.50),
        ("infection", "drug v placebo", "other", -3.00, 2.50),
        ("hospital stay", "drug v placebo", "cancer", 0.01, 2.83),
        ("subjective outcomes", "non-drug v any", "respiratory", -4.52, 2.41),
        ("any", None, None, -3.44, 2.59),
    ],
)
def test_rhodes_table_3(outcome, comparison, area, location, scale) -> None:
    prior = rhodes_prior(outcome, comparison, area)
    assert (prior.location, prior.scale, prior.df) == (location, scale, 5)


def test_every_setting_has_a_prior_that_reads_back() -> None:
    turner = [turner_prior(o, c) for o in TURNER_OUTCOMES[:-1] for c in TURNER_COMPARISONS]
    rhodes = [rhodes_prior(o, c, a) for o in RHODES_OUTCOMES[:-1] for c in RHODES_COMPARISONS for a in MEDICAL_AREAS]
    assert (len(turner), len(rhodes)) == (80, 12 * 3 * 3)
    for prior in turner + rhodes:
        assert prior_from_text(str(prior)) == prior
        assert str(prior_from_text(str(prior))) == str(prior)


def test_turner_columns_differ_by_the_comparison_alone() -> None:
    # the model behind the table is additive: between two comparisons the means differ by the same for all outcomes
    means = np.array([[turner_prior(o, c).mean for c in TURNER_COMPARISONS] for o in TURNER_OUTCOMES[:-1]])
    gaps = means - means[:, :1]
    assert np.ptp(gaps, axis=0).max() <= 0.025  # two roundings


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("half-norml(0.5)", "did you mean 'half-normal'"),
        ("", "give one such as"),
        ("half-normal", "has 0 values in brackets and needs 1"),
        ("half-normal(1, 2)", "has 2 values in brackets and needs 1, as in 'half-normal(0.5)'"),
        ("half-normal(x)", "'x' is not a number"),
        ("half-normal(nan)", "'nan' is not a number"),
        ("half-normal(-1)", "scale=-1.0 is not a positive number"),
        ("uniform(0)", "upper=0.0 is not a positive number"),
        ("normal(inf, 1)", "mean=inf is not a finite number"),
        ("turner(pian, drug v drug)", "did you mean 'pain'"),
        ("turner(pain)", "comparison=None is not allowed"),
        ("turner(any, drug v drug)", "does not go with outcome='any'"),
        ("rhodes(pain, drug v drug, heart)", "choose one of 'other', 'respiratory', 'cancer'"),
        ("flat(1)", "needs 0"),
    ],
)
def test_a_text_that_is_no_prior_is_refused(text: str, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        prior_from_text(text)
    assert words in str(caught.value)
    assert f"prior {text!r}" in str(caught.value)


@pytest.mark.parametrize("given", ["normal(0, 1)", "flat", Normal(0, 1), 0.5, None])
def test_what_is_no_prior_of_tau_is_refused(given) -> None:
    with pytest.raises(OptionError, match="is not a prior of tau"):
        as_tau_prior(given)


@pytest.mark.parametrize("given", ["uniform(1)", HalfNormal(1), 4, None])
def test_what_is_no_prior_of_the_effect_is_refused(given) -> None:
    with pytest.raises(OptionError, match="is not a prior of the effect"):
        as_effect_prior(given)


def test_an_improper_prior_has_no_quantiles() -> None:
    with pytest.raises(OptionError, match="is improper and has no quantiles"):
        Uniform(math.inf).quantile(np.array(0.5))
