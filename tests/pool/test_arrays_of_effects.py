"""Random-effects fits of arrays: every estimator, batches, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.arrays import common_effect, random_effects
from trialpool.pool.methods import TAU2_ESTIMATORS

Y, V = np.array([-0.9, -1.6, 0.4, 0.1, -2.2]), np.array([0.3, 0.2, 0.1, 0.6, 0.05])


@pytest.mark.parametrize("tau2", TAU2_ESTIMATORS)
@pytest.mark.parametrize("interval", ["wald", "hartung-knapp", "hartung-knapp-safe"])
def test_a_batch_is_its_problems(tau2: str, interval: str) -> None:
    rng = np.random.default_rng(5)
    v = rng.uniform(0.02, 3, (30, 6))
    y = rng.normal(0, np.sqrt(v + rng.choice([0, 0.5], (30, 1))))
    v[::4, 4:] = np.inf
    batch = random_effects(y, v, tau2=tau2, interval=interval)
    for i in range(30):
        one = random_effects(y[i], v[i], tau2=tau2, interval=interval)
        for name in ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high", "tau2"):
            assert getattr(one, name) == getattr(batch, name)[i]


@pytest.mark.parametrize("tau2", TAU2_ESTIMATORS)
def test_wald_by_hand(tau2: str) -> None:
    fit = random_effects(Y, V, tau2=tau2, interval="wald", conf_level=0.9)
    w = 1 / (V + fit.tau2)
    assert fit.estimate == pytest.approx((w * Y).sum() / w.sum(), rel=1e-13)
    assert fit.std_error == pytest.approx(w.sum() ** -0.5, rel=1e-13)
    assert fit.conf_high - fit.estimate == pytest.approx(stats.norm.ppf(0.95) * fit.std_error, rel=1e-12)


@pytest.mark.parametrize("tau2", TAU2_ESTIMATORS)
def test_more_variation_between_means_more_equal_weights(tau2: str) -> None:
    fit = random_effects(1000 * Y, V, tau2=tau2)
    assert fit.estimate == pytest.approx(1000 * Y.mean(), rel=1e-4)
    still = random_effects(np.full(5, 0.3), V, tau2=tau2)
    assert still.estimate == pytest.approx(common_effect(np.full(5, 0.3), V).estimate, rel=1e-12)


def test_unknown_words_and_single_studies_are_refused() -> None:
    with pytest.raises(OptionError, match="tau2='DLL' is not allowed"):
        random_effects(Y, V, tau2="DLL")  # type: ignore[arg-type]
    for tau2 in TAU2_ESTIMATORS:
        with pytest.raises(NotEstimableError, match="at least two studies"):
            random_effects(Y[:1], V[:1], tau2=tau2)
