"""From contrasts with bounds to either likelihood: which are used, which are not and why."""

from __future__ import annotations

import numpy as np
import pytest

from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.hypergeometric_normal import hypergeometric_normal
from trialpool.pool.interval_censored_contrasts import pool_interval_censored
from trialpool.pool.interval_censored_method import CENSORED_LIKELIHOODS, IntervalCensored
from trialpool.trials.bounds import Piece

BINOMIAL, CONDITIONAL = (IntervalCensored(likelihood=name) for name in CENSORED_LIKELIHOODS)


def exact(events: int, n: int, listed_from: int | None = 5):
    return (Piece(events, events, n, listed_from),)


def contrast(a: int, n1: int, c: int, n2: int, listed_from: int | None = 5, *, elsewhere: bool = False):
    return exact(a, n1, listed_from), exact(c, n2, listed_from), elsewhere


UNLISTED = ((Piece(0, 4, 90, 5),), (Piece(0, 4, 95, 5),), False)
LISTED = [contrast(9, 100, 4, 100), contrast(6, 90, 1, 95), contrast(3, 100, 7, 100), contrast(12, 120, 5, 110)]


def test_what_the_conditional_likelihood_leaves_out() -> None:
    silent = (Piece(0, 40, 40, 2),), (Piece(0, 50, 50, 3),), False
    nobody = contrast(0, 30, 0, 30, listed_from=1)
    # five events, all of them needed on the one side that can be listed
    single = (Piece(5, 5, 100, 5),), (Piece(0, 0, 90, 9),), False
    found = pool_interval_censored([UNLISTED, *LISTED, silent, nobody, single], CONDITIONAL)
    assert (found.used, found.counted) == ((1, 2, 3, 4), 4)
    assert [(i, reason.split(",")[0][:28]) for i, reason in found.left_out] == [
        (0, "its events are known within "),
        (5, "its events are known within "),
        (6, "no events"),
        (7, "given its events in both arm"),
    ]
    assert found.fit == pool_interval_censored(LISTED, CONDITIONAL).fit


def test_the_binomial_likelihood_leaves_out_what_excludes_nothing() -> None:
    silent = (Piece(0, 40, 40, 2),), (Piece(0, 50, 50, 3),), False
    found = pool_interval_censored([silent, UNLISTED, *LISTED], BINOMIAL)
    assert (found.used, found.left_out, found.counted) == ((1, 2, 3, 4, 5), ((0, "its bounds exclude nothing"),), 4)
    assert found.fit == pool_interval_censored([UNLISTED, *LISTED], BINOMIAL).fit
    assert found.fit.estimate != pytest.approx(pool_interval_censored(LISTED, BINOMIAL).fit.estimate, rel=1e-3)


def test_without_threshold_or_with_a_listing_elsewhere_it_is_the_plain_conditional_model() -> None:
    tables = np.array([[c[0][0].low, c[0][0].n, c[1][0].low, c[1][0].n] for c in LISTED], dtype=float).T
    plain = hypergeometric_normal(tables)
    for same in ([(t, c, True) for t, c, _ in LISTED], [contrast(*row, None) for row in tables.T.astype(int).tolist()]):
        fit = pool_interval_censored(same, CONDITIONAL).fit
        assert (fit.estimate, fit.conf_low) == pytest.approx((plain.estimate, plain.conf_low), rel=1e-8)
    assert pool_interval_censored(LISTED, CONDITIONAL).fit.estimate != pytest.approx(plain.estimate, rel=1e-3)


def test_counts_below_the_threshold_that_another_arm_listed() -> None:
    below = contrast(3, 100, 2, 100, elsewhere=True)
    assert pool_interval_censored([*LISTED, below], CONDITIONAL).used == (0, 1, 2, 3, 4)
    with pytest.raises(OptionError, match="3/100 v 2/100 is listed although"):
        pool_interval_censored([*LISTED, contrast(3, 100, 2, 100)], CONDITIONAL)


def test_choices_reach_the_likelihood() -> None:
    common = pool_interval_censored(LISTED, IntervalCensored(model="common"), 0.9).fit
    assert common.tau2 is None
    wald = pool_interval_censored(LISTED, IntervalCensored(model="common", interval="wald"), 0.9).fit
    assert wald.conf_high - wald.estimate == pytest.approx(1.6448536 * wald.std_error, rel=1e-6)
    assert common.conf_high - common.estimate != pytest.approx(wald.conf_high - wald.estimate, rel=1e-4)


@pytest.mark.parametrize(
    ("contrasts", "method", "message"),
    [
        ([UNLISTED] * 3, CONDITIONAL, r"no contrast says anything of the odds ratio \(3: its events are known within"),
        ([UNLISTED] * 3, BINOMIAL, "no trial is known to have had an event"),
        ([UNLISTED, LISTED[0]], CONDITIONAL, "only one contrast"),
        ([UNLISTED, UNLISTED, LISTED[0]], BINOMIAL, "one trial alone is known to have had events"),
        ([LISTED[0]], BINOMIAL, "only one contrast"),
    ],
)
def test_not_estimable(contrasts, method, message: str) -> None:
    with pytest.raises(NotEstimableError, match=message):
        pool_interval_censored(contrasts, method)


def test_sides_without_arms() -> None:
    with pytest.raises(OptionError, match="side without arms"):
        pool_interval_censored([((), exact(3, 50), False)], BINOMIAL)
    with pytest.raises(OptionError, match="there is none"):
        pool_interval_censored([], BINOMIAL)


def test_the_method_in_words() -> None:
    assert str(BINOMIAL) == (
        "interval-censored binomial model of counts within bounds, random trial intercepts, random effects; tau2 by maximum "
        "likelihood, adaptive quadrature; profile-likelihood interval; I2 from Q; no zero-cell correction"
    )
    words = str(IntervalCensored(likelihood="hypergeometric", model="common", interval="wald"))
    assert "given that they were listed, common effect; Wald interval" in words
    for wrong in ({"likelihood": "poisson"}, {"model": "fixed"}, {"interval": "t"}):
        with pytest.raises(OptionError, match="is not allowed"):
            IntervalCensored(**wrong)
