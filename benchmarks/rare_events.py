"""Models of counts, and Bayes without sampling: one data set at a time, and the same in R."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

import trialpool
from benchmarks import metafor
from benchmarks.timing import Row, median_cpu_seconds
from trialpool.effects.binary import log_odds_ratio
from trialpool.pool.bayes.hypergeometric import bayes_hypergeometric
from trialpool.pool.bayes.normal_normal import bayes_normal_normal
from trialpool.pool.exact import exact_common_odds_ratio
from trialpool.pool.hypergeometric_normal import hypergeometric_normal

K = 20
AGREEMENT = 1e-3
"""rma.glmm() integrates to a relative 1e-4; beyond this the two did not do the same work."""


def tables() -> NDArray[np.float64]:
    """Twenty trials (4, K), control risk about 5 %, odds ratio 0.7, tau 0.4."""
    rng = np.random.default_rng(20_250_102)
    n = np.rint(np.exp(rng.uniform(np.log(80), np.log(450), (2, K))))
    baseline = rng.normal(-3.0, 0.5, K)
    effect = rng.normal(np.log(0.7), 0.4, K)
    events = rng.binomial(n.astype(np.int64), 1 / (1 + np.exp(-np.stack([baseline + effect, baseline]))))
    return np.stack([events[0], n[0], events[1], n[1]]).astype(np.float64)


def rosiglitazone() -> NDArray[np.float64]:
    """The 42 trials of Nissen and Wolski (2007): myocardial infarction."""
    trials = trialpool.load_dataset("rosiglitazone").trials
    outcome = "myocardial infarction"
    return trialpool.compare(trials, outcome=outcome, treatment="rosiglitazone", control="control").tables()


def rows() -> Iterator[Row]:
    """The conditional model, the exact odds ratio, and Bayesian models."""
    twenty, infarctions = tables(), rosiglitazone()
    works = ["conditional", "exact"]
    in_r = metafor.timed("rare_events.R", {"conditional_tables": twenty, "exact_tables": infarctions}, works)
    yield from _conditional(twenty, None if in_r is None else in_r["conditional"])
    yield from _exact(infarctions, None if in_r is None else in_r["exact"])
    y, v = log_odds_ratio(*(twenty + np.array([[0.5], [1.0], [0.5], [1.0]])))
    seconds = median_cpu_seconds(lambda: bayes_normal_normal(y, v))
    yield Row(f"Bayes, normal-normal, k = {K}", 1e3 * seconds, "ms", at_most=5.0)
    seconds = median_cpu_seconds(lambda: bayes_hypergeometric(twenty))
    yield Row(f"Bayes, hypergeometric-normal, k = {K}", 1e3 * seconds, "ms")


def _conditional(given: NDArray[np.float64], in_r: metafor.Timed | None) -> Iterator[Row]:
    seconds = median_cpu_seconds(lambda: hypergeometric_normal(given, interval="wald"))
    yield Row(f"conditional (hypergeometric-normal) model, k = {K}, Wald interval", 1e3 * seconds, "ms")
    profile = median_cpu_seconds(lambda: hypergeometric_normal(given))
    yield Row("  with its profile-likelihood interval", 1e3 * profile, "ms")
    if in_r is None:
        return
    yield Row("  metafor rma.glmm(model = 'CM.EL'), Wald interval", in_r.seconds, "CPU s")
    if not np.isfinite(in_r.numbers).all():
        yield Row("  metafor did not converge in", 1.0, "fit")
        return
    yield Row("  metafor / trialpool", in_r.seconds / seconds, "times", at_least=1_000.0)
    fit = hypergeometric_normal(given, interval="wald")
    difference = np.abs(np.array([fit.estimate, fit.tau2]) - in_r.numbers).max()
    yield Row("  largest difference in estimate and tau2", float(difference), "", at_most=AGREEMENT)


def _exact(given: NDArray[np.float64], in_r: metafor.Timed | None) -> Iterator[Row]:
    seconds = median_cpu_seconds(lambda: exact_common_odds_ratio(given, mid_p=False))
    yield Row(f"exact common odds ratio with its interval, {given.shape[1]} trials", 1e3 * seconds, "ms", at_most=20.0)
    if in_r is None:
        return
    yield Row("  R mantelhaen.test(exact = TRUE)", 1e3 * in_r.seconds, "ms")
    yield Row("  R / trialpool", in_r.seconds / seconds, "times")
    fit = exact_common_odds_ratio(given, mid_p=False)
    own = np.exp([fit.estimate, fit.conf_low, fit.conf_high])
    yield Row(
        "  largest difference in estimate and limits", float(np.abs(own - in_r.numbers).max()), "", at_most=AGREEMENT
    )
