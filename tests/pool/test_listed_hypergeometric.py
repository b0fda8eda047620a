"""The conditional model of listed trials: against the plain one, enumeration, and hard cases."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.exact import exact_common_odds_ratio
from trialpool.pool.hypergeometric_normal import hypergeometric_normal
from trialpool.pool.listed_hypergeometric import listed_hypergeometric
from trialpool.pool.listing import chance_of_listing
from trialpool.trials.bounds import Piece

TABLES = np.array(
    [
        [7.0, 6, 1, 12, 3, 9, 5, 8],
        [100, 110, 80, 150, 60, 200, 90, 120],
        [2, 1, 6, 4, 4, 11, 5, 1],
        [100, 105, 85, 148, 61, 190, 95, 118],
    ]
)
NAMES = ("estimate", "std_error", "tau2", "conf_low", "conf_high", "p_value", "log_likelihood")


def chances(tables: np.ndarray = TABLES, threshold: float = 0.05) -> list[np.ndarray | None]:
    found = []
    for a, n1, c, n2 in tables.astype(int).T.tolist():
        piece = [Piece(x, x, n, max(1, math.ceil(threshold * n))) for x, n in ((a, n1), (c, n2))]
        found.append(chance_of_listing((piece[0],), (piece[1],), a + c))
    return found


@pytest.mark.parametrize("profile", [True, False])
def test_where_listing_is_certain_it_is_the_plain_model(profile: bool) -> None:
    plain = hypergeometric_normal(TABLES, interval="profile-likelihood" if profile else "wald")
    for certain in ([None] * 8, chances(threshold=0.0), [np.ones(size) for size in (10, 8, 8, 17, 8, 21, 11, 10)]):
        fit = listed_hypergeometric(TABLES, certain, profile=profile)
        for name in NAMES:
            assert getattr(fit, name) == pytest.approx(getattr(plain, name), rel=1e-8, abs=1e-9), name


def test_a_common_effect_without_selection_is_the_exact_estimate() -> None:
    fit = listed_hypergeometric(TABLES, [None] * 8, model="common")
    assert fit.estimate == pytest.approx(exact_common_odds_ratio(TABLES).estimate, rel=1e-8)


def test_common_effect_by_enumeration() -> None:
    """The maximum of the product over trials of P(observed | listed, total), every table written out."""
    listed = chances()

    def log_likelihood(theta: float) -> float:
        total = 0.0
        for (a, n1, c, n2), chance in zip(TABLES.astype(int).T.tolist(), listed, strict=True):
            counts = range(max(0, a + c - n2), min(n1, a + c) + 1)
            ways = np.array([math.comb(n1, t) * math.comb(n2, a + c - t) * math.exp(theta * (t - a)) for t in counts])
            weight = ways if chance is None else ways * chance
            total += math.log(weight[a - counts[0]] / weight.sum())
        return total

    fit = listed_hypergeometric(TABLES, listed, model="common")
    assert fit.log_likelihood == pytest.approx(log_likelihood(fit.estimate), rel=1e-10)
    h = 1e-4
    up, here, down = (log_likelihood(fit.estimate + by) for by in (h, 0.0, -h))
    assert (up - down) / (2 * h) == pytest.approx(0.0, abs=1e-6)
    assert fit.std_error == pytest.approx((-(up - 2 * here + down) / h**2) ** -0.5, rel=1e-5)
    for limit in (fit.conf_low, fit.conf_high):
        assert 2 * (here - log_likelihood(limit)) == pytest.approx(3.841459, abs=1e-5)


@pytest.mark.parametrize("model", ["random", "common"])
def test_swapped_arms_and_another_order(model) -> None:
    fit = listed_hypergeometric(TABLES, chances(), model=model)
    turned = TABLES[[2, 3, 0, 1]]
    swapped = listed_hypergeometric(turned, chances(turned), model=model)
    assert (swapped.estimate, swapped.conf_low) == pytest.approx((-fit.estimate, -fit.conf_high), rel=1e-8)
    order = np.array([5, 2, 7, 0, 1, 6, 4, 3])
    mixed = listed_hypergeometric(TABLES[:, order], chances(TABLES[:, order]), model=model)
    assert (mixed.estimate, mixed.std_error) == pytest.approx((fit.estimate, fit.std_error), rel=1e-8)


def test_trials_that_say_nothing_change_nothing() -> None:
    """No events; nothing but events; and one that could be listed with the one count that it has."""
    more = np.array([[0.0, 20, 0], [50, 20, 60], [0, 30, 5], [40, 30, 90]])
    only = np.array([1.0, 0, 0, 0, 0, 0])
    fit = listed_hypergeometric(TABLES, chances())
    same = listed_hypergeometric(np.concatenate([TABLES, more], axis=1), [*chances(), None, None, only])
    assert (same.estimate, same.std_error, same.k_informative) == (fit.estimate, fit.std_error, fit.k_informative)


def test_level() -> None:
    wide, narrow = (listed_hypergeometric(TABLES, chances(), conf_level=level) for level in (0.99, 0.8))
    assert wide.conf_low < narrow.conf_low < wide.estimate < narrow.conf_high < wide.conf_high


def test_listed_without_the_events_that_it_takes() -> None:
    with pytest.raises(OptionError, match=r"1/80 v 3/85 is listed although no arm"):
        listed_hypergeometric([[1, 9], [80, 90], [3, 4], [85, 95]], [np.array([0.0, 0, 0, 0, 1]), None])


@pytest.mark.parametrize("chance", [np.ones(3), -np.ones(10), np.full(10, np.nan)])
def test_chances_that_are_none(chance: np.ndarray) -> None:
    with pytest.raises(OptionError, match="no probabilities of 0 to 9"):
        listed_hypergeometric(TABLES[:, :2], [chance, None])


def test_as_many_chances_as_tables() -> None:
    with pytest.raises(OptionError, match="3 chances"):
        listed_hypergeometric(TABLES, [None] * 3)


@pytest.mark.parametrize(
    ("tables", "listed", "model", "message"),
    [
        ([[0, 0], [50, 40], [0, 0], [50, 40]], [None, None], "common", "no listed trial says anything"),
        ([[5, 0], [50, 40], [3, 0], [50, 40]], [None, None], "random", "one listed trial alone"),
        (
            [[5, 7], [50, 40], [0, 0], [50, 40]],
            [None, None],
            "random",
            "infinite: in every listed trial the control arm",
        ),
        ([[0, 0], [50, 40], [5, 7], [50, 40]], [None, None], "common", "zero: in every listed trial the treatment arm"),
        # the least that the listing leaves the treatment arm beside nothing
        ([[6, 7], [50, 40], [1, 0], [50, 40]], [np.array([0.0] * 6 + [1, 0]), None], "common", "infinite"),
    ],
)
def test_not_estimable(tables, listed, model, message: str) -> None:
    with pytest.raises(NotEstimableError, match=message):
        listed_hypergeometric(tables, listed, model=model)
