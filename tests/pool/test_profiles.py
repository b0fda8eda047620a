"""Profiles: the choices each is known for, and that a profile is nothing but its choices."""

from __future__ import annotations

import itertools
import math
from dataclasses import FrozenInstanceError, replace

import pytest
from harmonise.builders import make_comparison

from trialpool.effects import ZeroCells
from trialpool.errors import OptionError
from trialpool.pool import (
    PROFILES,
    InverseVariance,
    MantelHaenszel,
    Peto,
    Pooled,
    make_request,
    pool,
    pool_request,
    profile,
)

TABLES = [(4, 100, 11, 90), (30, 200, 12, 100), (0, 150, 5, 160), (20, 90, 40, 85), (9, 310, 3, 320)]
COMPARISON = make_comparison(*TABLES)
WITH_DOUBLE_ZERO = make_comparison(*TABLES, (0, 80, 0, 70))


def result(name: str, comparison=COMPARISON, **options) -> Pooled:
    return pool_request(comparison, make_request(profile=name, **options))


# What each program or guideline does by default, as its own documentation has it: tau2 estimator, interval, distribution of
# the prediction interval, definition of I2, zero-cell rule, double-zero studies.
CHOICES = {
    "trialpool": ("REML", "hartung-knapp-safe", "k-2", "tau2", "none", "not estimable"),
    "cochrane-2025": ("REML", "hartung-knapp", "k-1", "tau2", "constant", "not estimable"),
    "revman5": ("DL", "wald", "k-2", "Q", "constant", "not estimable"),
    "metafor": ("REML", "wald", "normal", "tau2", "constant", "corrected"),
    "meta": ("REML", "wald", "k-2", "Q", "constant", "not estimable"),
    "iqwig": ("PM", "hartung-knapp-safe", "k-2", "Q", "constant", "not estimable"),
}


def test_there_are_these_profiles_the_recommended_one_first():
    assert list(PROFILES) == list(CHOICES)


@pytest.mark.parametrize("name", CHOICES)
def test_choices(name):
    method = profile(name).inverse_variance
    zero_cells = method.zero_cells
    found = (method.tau2, method.interval, method.prediction, method.i2, zero_cells.rule, zero_cells.double_zero)
    assert found == CHOICES[name]
    assert zero_cells.increment == (None if zero_cells.rule == "none" else 0.5)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("trialpool", "none"),
        ("cochrane-2025", "constant"),
        ("revman5", "constant"),
        ("metafor", "none"),  # rma.mh() adds nothing to the pooled estimate
        ("meta", "constant"),
        ("iqwig", "constant"),
    ],
)
def test_mantel_haenszel_correction(name, rule):
    assert profile(name).method("mantel-haenszel", "odds ratio").zero_cells.rule == rule


@pytest.mark.parametrize("name", PROFILES)
def test_profile_gives_each_method(name):
    held = profile(name)
    assert held.name == name
    assert isinstance(held.method(), InverseVariance)
    assert isinstance(held.method("mantel-haenszel", "risk ratio"), MantelHaenszel)
    assert isinstance(held.method("peto"), Peto)
    assert held.method("mantel-haenszel", "risk ratio").risk_difference_variance is None
    assert held.method("mantel-haenszel", "risk difference") == held.mantel_haenszel
    assert held.description.endswith(".")


def test_profile_is_printed_with_the_result():
    for name in PROFILES:
        pooled = result(name)
        assert f"[profile {name}]" in str(pooled)
        assert pooled.to_dict()["request"]["profile"] == name


def test_profile_is_nothing_but_its_choices():
    for name in PROFILES:
        by_hand = pool_request(COMPARISON, make_request(method=profile(name).inverse_variance))
        assert replace(by_hand.request, profile=name) == result(name).request
        assert by_hand.tidy() == result(name).tidy()


def test_default_is_the_recommended_profile():
    assert make_request() == make_request(profile="trialpool")


def test_no_two_profiles_give_the_same_numbers():
    numbers = {}
    for name in PROFILES:
        data = result(name, WITH_DOUBLE_ZERO).to_dict()
        numbers[name] = [
            data[key] for key in ("estimate", "conf_low", "conf_high", "heterogeneity", "prediction", "k_informative")
        ]
    for one, other in itertools.combinations(PROFILES, 2):
        assert numbers[one] != numbers[other], (one, other)


# --- what the choices mean -------------------------------------------------------------------------------------------


def test_default_interval_is_never_narrower_than_wald():
    wald = pool_request(COMPARISON, make_request(method=InverseVariance(interval="wald")))
    ours = result("trialpool")
    assert ours.conf_high - ours.conf_low >= wald.conf_high - wald.conf_low


def test_half_added_to_a_table_with_a_zero_is_that_table_written_so():
    written = [(a + 0.5, n1 + 1, c + 0.5, n2 + 1) if a == 0 else (a, n1, c, n2) for a, n1, c, n2 in TABLES]
    plain = InverseVariance(tau2="DL", interval="wald", i2="Q")
    for measure in ("risk ratio", "odds ratio", "risk difference"):
        by_hand = pool_request(make_comparison(*written), make_request(measure=measure, method=plain))
        assert result("revman5", measure=measure).tidy() == by_hand.tidy()


def test_metafor_corrects_double_zero_studies_and_the_others_do_not():
    contributing = {name: result(name, WITH_DOUBLE_ZERO).studies[-1].contributes for name in PROFILES}
    assert contributing == {name: name == "metafor" for name in PROFILES}


def test_prediction_interval_has_the_degrees_of_freedom_of_its_profile():
    dfs = {name: result(name).prediction.df for name in PROFILES if name != "trialpool"}
    assert dfs == {"cochrane-2025": 4, "revman5": 3, "metafor": None, "meta": 3, "iqwig": 3}
    assert result("trialpool").prediction.df == 4 - 2  # the study with a zero cell is left out


def test_i2_is_the_definition_of_the_profile_and_both_are_kept():
    for name in PROFILES:
        h = result(name).heterogeneity
        assert h.i2 == (h.i2_from_tau2 if CHOICES[name][3] == "tau2" else h.i2_from_q)
        # with DerSimonian-Laird the two are one (Higgins and Thompson 2002)
        same = math.isclose(h.i2_from_tau2, h.i2_from_q, rel_tol=1e-12)
        assert same == (CHOICES[name][0] == "DL")


# --- refused ---------------------------------------------------------------------------------------------------------


def test_unknown_profile_names_the_nearest():
    with pytest.raises(OptionError) as caught:
        pool(COMPARISON, profile="cochrane")
    assert "profile='cochrane' is not allowed (did you mean 'cochrane-2025'?); choose one of 'trialpool'," in str(
        caught.value
    )


def test_profile_and_method_together_are_refused():
    with pytest.raises(
        OptionError, match="give either method or profile: a profile is a set of choices for the method"
    ):
        pool(COMPARISON, profile="meta", method=InverseVariance())


@pytest.mark.parametrize("name", ["MH", "", None])
def test_unknown_method_of_a_profile(name):
    with pytest.raises(
        OptionError, match="method=.* is not allowed.*; choose one of 'inverse-variance', 'mantel-haenszel'"
    ):
        profile("meta").method(name)


def test_profiles_cannot_be_changed():
    with pytest.raises(TypeError):
        PROFILES["mine"] = profile("meta")  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        profile("meta").name = "mine"  # type: ignore[misc]
    assert profile("metafor").inverse_variance.zero_cells == ZeroCells(rule="constant", double_zero="corrected")
