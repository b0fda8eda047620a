"""The public door: which studies are used and which are not, refusals with the way out, relations, predictions, text."""

from __future__ import annotations

import json
import pickle
import warnings

import numpy as np
import pytest
from regress.made import COUNTS, bcg, close, comparison, multi_arm

import trialpool as tp
from trialpool.errors import NotEstimableError, OptionError, TrialpoolWarning
from trialpool.regress import MetaRegression, Permutations, mixed_effects
from trialpool.results import Note

pytestmark = pytest.mark.filterwarnings("ignore::trialpool.TrialpoolWarning")


def fitted(data, formula: str = "~ latitude", **options) -> MetaRegression:
    return tp.meta_regression(data, formula, **options)


def codes(fit: MetaRegression) -> dict[str, Note]:
    return {note.code: note for note in fit.notes}


LATITUDE = [44, 55, 42, 52, 13, 44]


def test_the_door_gives_the_numbers_of_the_arrays():
    data = comparison(COUNTS, latitude=LATITUDE)
    pooled = tp.pool(data)
    y = [s.estimate for s in pooled.studies]
    v = [s.std_error**2 for s in pooled.studies]
    fit = fitted(data)
    arrays = mixed_effects(y, v, np.column_stack([np.ones(6), LATITUDE]))
    for j, c in enumerate(fit.coefficients):
        for name in ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"):
            assert close(getattr(c, name), getattr(arrays, name)[j])
    assert close(fit.omnibus.statistic, arrays.omnibus)
    assert close(fit.residual.q, arrays.qe)
    assert fit.fitted == pytest.approx((np.column_stack([np.ones(6), LATITUDE]) @ arrays.estimate).tolist())
    weights = [s.weight for s in fit.studies]
    assert sum(weights) == pytest.approx(1)
    assert weights[0] / weights[1] == pytest.approx((v[1] + arrays.tau2) / (v[0] + arrays.tau2))


def test_two_groups_differ_as_subgroups_of_one_tau2_do():
    """A regression on a category without intercept gives each group's mean; with one, their difference."""
    how = {"method": tp.InverseVariance(model="common")}
    groups = tp.pool_subgroups(bcg(), "allocation", **how)
    without = fitted(bcg(), "~ 0 + allocation", **how)
    means = {group.level: group.estimate for group in groups.groups}
    assert {c.term.removeprefix("allocation = "): c.estimate for c in without.coefficients} == pytest.approx(means)
    test = fitted(bcg(), "~ allocation", **how).omnibus
    assert (test.statistic, test.df_numerator) == (pytest.approx(groups.q), groups.q_df)
    assert test.p_value == pytest.approx(groups.q_p_value)


def test_a_pooled_result_brings_its_request():
    how = tp.InverseVariance(tau2="DL", interval="wald")
    pooled = tp.pool(bcg(), measure="odds ratio", method=how, conf_level=0.9)
    fit, same = fitted(pooled), fitted(bcg(), measure="odds ratio", method=how, conf_level=0.9)
    assert fit.request == pooled.request
    assert fit.to_dict() == same.to_dict()
    for name, value in [("measure", "risk ratio"), ("method", how), ("profile", "revman5"), ("conf_level", 0.95)]:
        with pytest.raises(OptionError, match=f"{name} has no meaning beside a pooled result"):
            fitted(pooled, **{name: value})


@pytest.mark.parametrize(
    "changed",
    [
        {"measure": "odds ratio"},
        {"method": tp.InverseVariance(tau2="DL")},
        {"method": tp.InverseVariance(interval="wald")},
        {"method": tp.InverseVariance(i2="Q")},
        {"method": tp.InverseVariance(model="common")},
        {"profile": "metafor"},
        {"conf_level": 0.9},
        {"cluster": "trial"},
        {"permutations": Permutations(draws=200)},
    ],
)
def test_each_option_changes_the_result(changed):
    base, other = fitted(bcg()).to_dict(), fitted(bcg(), **changed).to_dict()
    for document in (base, other):
        document.pop("request")
    assert base != other


def test_prediction_distribution_changes_the_prediction():
    limits = {
        how: fitted(bcg(), method=tp.InverseVariance(interval="wald", prediction=how))
        .predict({"latitude": 40})
        .prediction
        for how in ("k-1", "k-2", "normal")
    }
    assert limits["normal"].high < limits["k-1"].high < limits["k-2"].high
    assert [limits[how].df for how in ("normal", "k-1", "k-2")] == [None, 11, 10]


def test_studies_without_a_covariate_or_an_effect_are_listed_with_the_reason():
    counts = [*COUNTS, (0, 50, 0, 50), (5, 60, 9, 60)]
    data = comparison(counts, latitude=[*LATITUDE, 33, ""], year=[1, 5, 3, 8, 2, 9, 4, 4])
    with pytest.warns(
        TrialpoolWarning, match="1 study without a value of a covariate left out: no value of 'latitude'"
    ):
        fit = fitted(data, "~ latitude + year")
    assert [s.contributes for s in fit.studies] == [True] * 6 + [False] * 2
    assert fit.studies[6].reason.startswith("no events in either arm")
    assert fit.studies[7].reason == "no value of 'latitude'"
    assert fit.fitted[6] is fit.fitted[7] is None
    assert (fit.k, fit.k_used) == (8, 6)
    assert codes(fit)["covariate-missing"].studies == ("T7",)
    alone = fitted(comparison(COUNTS, latitude=LATITUDE, year=[1, 5, 3, 8, 2, 9]), "~ latitude + year")
    assert fit.tidy() == alone.tidy()


def test_arms_that_differ_on_a_covariate_are_said_to():
    fit = fitted(multi_arm("combine"), "~ year")
    assert fit.k_used == 6
    with pytest.raises(NotEstimableError, match="'dose' is 1 in every trial used"):
        fitted(multi_arm("combine"), "~ dose")
    with pytest.raises(NotEstimableError, match="nothing to regress: no value of 'x'"):
        fitted(comparison([(0, 50, 0, 50), (3, 50, 2, 50)], x=[1.0, ""]), "~ x")


def test_r2_is_the_share_of_tau2_explained():
    fit = fitted(bcg())
    without = tp.pool(bcg()).heterogeneity.tau2
    assert close(fit.residual.tau2_without_covariates, without)
    assert close(fit.residual.r2, 1 - fit.residual.tau2 / without)
    alike = comparison([(10, 100, 20, 100), (11, 100, 20, 100), (10, 100, 21, 100), (9, 100, 20, 100)], x=[1, 2, 4, 3])
    fit = fitted(alike, "~ x")
    assert fit.residual.r2 is None
    assert codes(fit)["no-r2"].message.startswith("No R2: without covariates tau2 is 0")
    assert fitted(bcg(), "~ 0 + latitude").residual.r2 is None
    assert fitted(bcg(), "~ 0 + allocation").residual.r2 is not None
    assert fitted(bcg(), method=tp.InverseVariance(model="common")).residual.r2 is None


def test_residual_interval_of_tau2_holds_the_chi_square_quantiles():
    fit = fitted(bcg(), "~ latitude + year")
    assert fit.residual.tau2_low < fit.residual.tau2 < fit.residual.tau2_high
    assert fitted(bcg(), method=tp.InverseVariance(model="common")).residual.tau2_low is None


def test_notes_say_what_a_reader_must_know():
    fit = fitted(bcg(), "~ latitude + allocation")
    assert (
        "13 trials for 3 coefficients beside the intercept: fewer than 10 for each" in codes(fit)["few-trials"].message
    )
    assert codes(fit)["few-trials"].level == "warning"
    assert "few-trials" not in codes(fitted(bcg()))
    assert "ecological-bias" in codes(fit)
    assert "fitted-exactly" not in codes(fit)
    alone = fitted(comparison(COUNTS, place=["a", "b", "a", "a", "c", "c"], year=[1, 2, 3, 4, 5, 7]), "~ place")
    assert codes(alone)["fitted-exactly"].studies == ("T1",)
    assert alone.fitted[1] == pytest.approx(alone.studies[1].estimate)


def test_shared_controls_need_clusters():
    with pytest.raises(
        OptionError, match="use cluster='trial', which allows for that, or multi_arm='combine' or 'split'"
    ):
        fitted(multi_arm("shared"), "~ dose")
    fit = fitted(multi_arm("shared"), "~ dose", cluster="trial")
    assert (fit.k_used, fit.robust.clusters) == (9, 6)
    assert "contrasts-of-one-trial" not in codes(fit)
    split = fitted(multi_arm("split"), "~ dose")
    assert "9 contrasts of 6 trials are taken as independent" in codes(split)["contrasts-of-one-trial"].message


def test_clusters_change_the_variance_but_not_the_estimate():
    plain, robust = fitted(bcg()), fitted(bcg(), cluster="trial")
    assert [c.estimate for c in plain.coefficients] == [c.estimate for c in robust.coefficients]
    assert all(a.std_error != b.std_error for a, b in zip(plain.coefficients, robust.coefficients, strict=True))
    assert robust.omnibus.df_denominator == pytest.approx(robust.coefficients[1].df)
    assert robust.omnibus.statistic == pytest.approx(robust.coefficients[1].statistic ** 2)
    assert "few-clusters" not in codes(robust)
    assert codes(fitted(bcg(), "~ allocation", cluster="trial"))["few-clusters"].level == "warning"
    with pytest.raises(OptionError, match=r"cluster='trail' is no covariate \(did you mean 'trial'\?\)"):
        fitted(bcg(), cluster="trail")
    with pytest.raises(NotEstimableError, match="rests on the trials of|too few"):
        fitted(bcg(), "~ latitude + allocation", cluster="allocation")
    alike = comparison([(10, 100, 20, 100)] * 3 + [(20, 100, 20, 100)] * 3, x=["a", "a", "a", "b", "b", "b"])
    with pytest.raises(NotEstimableError, match="no residual variation to make a cluster-robust variance of"):
        fitted(alike, "~ x", cluster="trial")
    with pytest.raises(OptionError, match="permutations take the contrasts as exchangeable"):
        fitted(bcg(), cluster="trial", permutations=Permutations())


def test_permutation_p_values_stand_beside_the_others():
    fit = fitted(bcg(), permutations=Permutations(draws=300, seed=4))
    assert (fit.permutation.exact, fit.permutation.arrangements, fit.permutation.seed) == (False, 300, 4)
    assert [c.permutation_p_value for c in fit.coefficients] == list(fit.permutation.p_values)
    assert fit.omnibus.permutation_p_value == fit.permutation.omnibus_p_value == fit.permutation.p_values[1]
    assert "permutation_p_value" in fit.tidy()[0]
    assert "permutation_p_value" not in fitted(bcg()).tidy()[0]
    assert "300 random (seed 4) arrangements" in str(fit)
    exact = fitted(comparison(COUNTS, x=[0, 0, 0, 1, 1, 1]), "~ x", permutations=Permutations())
    assert "all 20 arrangements" in str(exact)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"method": tp.Peto()}, OptionError, "meta-regression is by inverse variance, not by 'peto'"),
        ({"method": tp.MantelHaenszel()}, OptionError, "not by 'mantel-haenszel'"),
        ({"measure": "Peto odds ratio"}, OptionError, "not by 'peto'"),
        ({"method": "auto"}, OptionError, "method='auto' has no meaning"),
        ({"method": tp.InverseVariance(tau2_interval="generalised-Q")}, OptionError, "leave tau2_interval out"),
        (
            {"method": tp.InverseVariance(prediction="confidence-distribution")},
            OptionError,
            "choose 'k-2', 'k-1' or 'normal'",
        ),
        ({"permutations": 1000}, OptionError, r"permutations is 1000; give Permutations\(draws=10_000, seed=1\)"),
        ({"cluster": 3}, OptionError, "cluster is 3; give 'trial'"),
        ({"conf_level": 95}, OptionError, "conf_level=95 is not a probability"),
    ],
)
def test_choices_without_meaning_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        fitted(bcg(), **options)


@pytest.mark.parametrize("given", [None, "arms.csv", [1, 2]])
def test_only_a_comparison_or_a_pooled_result_is_regressed(given):
    with pytest.raises(OptionError, match="give a comparison, as compare"):
        fitted(given)


def test_one_and_two_trials_are_refused_with_the_reason():
    for k in (1, 2):
        with pytest.raises(NotEstimableError, match="in every trial used|do not determine 2 coefficients"):
            fitted(comparison(COUNTS[:k], latitude=LATITUDE[:k]))
    three = fitted(comparison(COUNTS[:3], latitude=LATITUDE[:3]))
    assert three.k_used == 3
    assert three.predict({"latitude": 44}).prediction is None


def test_effects_without_any_difference_have_no_hartung_knapp_interval():
    data = comparison([(10, 100, 20, 100)] * 5, x=[1, 2, 3, 4, 6])
    with pytest.raises(NotEstimableError, match="use interval='hartung-knapp-safe'"):
        fitted(data, "~ x", method=tp.InverseVariance(interval="hartung-knapp"))
    fit = fitted(data, "~ x")
    assert fit.coefficients[1].estimate == pytest.approx(0, abs=1e-12)
    assert fit.coefficients[0].estimate == pytest.approx(np.log(0.5))


def test_trials_in_another_order_and_arms_swapped_give_the_same_story():
    data = comparison(COUNTS, latitude=LATITUDE)
    order = [3, 1, 5, 0, 4, 2]
    fit, other = fitted(data), fitted(data.keep(order))
    for a, b in zip(fit.coefficients, other.coefficients, strict=True):
        assert close(a.estimate, b.estimate)
        assert close(a.p_value, b.p_value)
    swapped = fitted(comparison([(c, n2, a, n1) for a, n1, c, n2 in COUNTS], latitude=LATITUDE))
    assert [c.estimate for c in swapped.coefficients] == pytest.approx([-c.estimate for c in fit.coefficients])
    doubled = fitted(comparison([*COUNTS, (0, 40, 0, 40)], latitude=[*LATITUDE, 20]))
    assert doubled.tidy() == fit.tidy()


def test_centering_moves_the_intercept_alone():
    plain, centred = fitted(bcg()), fitted(bcg(), "~ I(latitude - 33.5)")
    assert close(plain.coefficients[1].estimate, centred.coefficients[1].estimate)
    assert close(plain.predict({"latitude": 33.5}).estimate, centred.coefficients[0].estimate)
    assert close(plain.predict({"latitude": 33.5}).std_error, centred.coefficients[0].std_error)


def test_a_higher_level_widens_every_interval():
    low, high = fitted(bcg(), conf_level=0.8), fitted(bcg(), conf_level=0.99)
    for a, b in zip(low.coefficients, high.coefficients, strict=True):
        assert b.conf_low < a.conf_low < a.estimate < a.conf_high < b.conf_high
    at = [fit.predict({"latitude": 20}) for fit in (low, high)]
    assert at[1].conf_low < at[0].conf_low
    assert at[1].prediction.high > at[0].prediction.high > at[0].conf_high


def test_a_prediction_is_the_sum_of_its_terms():
    fit = fitted(bcg(), "~ latitude * allocation")
    b = {c.term: c.estimate for c in fit.coefficients}
    at = fit.predict({"latitude": 40, "allocation": "random"})
    expected = b["intercept"] + 40 * b["latitude"] + b["allocation = random"] + 40 * b["latitude : allocation = random"]
    assert close(at.estimate, expected)
    assert at.displayed[0] == pytest.approx(np.exp(expected))
    assert at.displayed_prediction[0] < at.displayed[1] < at.displayed[0]
    robust = fitted(bcg(), cluster="trial")
    assert close(robust.predict({"latitude": 0}).std_error, robust.coefficients[0].std_error)
    assert close(robust.predict({"latitude": 0}).df, robust.coefficients[0].df)
    common = fitted(bcg(), method=tp.InverseVariance(model="common")).predict({"latitude": 40})
    assert common.prediction is common.displayed_prediction is None
    assert common.to_dict()["prediction"] is None


def test_the_result_is_text_json_and_rows():
    fit = fitted(bcg(), "~ latitude + allocation")
    text = str(fit)
    assert text == repr(fit)
    for part in (
        "tuberculosis: BCG vaccine v no vaccine, by latitude + allocation",
        "allocation = random",
        "Reference: allocation = alternate",
        "Test of the covariates: F(3, 9) = ",
        "Residual heterogeneity: tau2 = 0.1446 (",
        "of tau2 explained",
        "13 of 13 studies used",
        "Warning: 13 trials for 3 coefficients",
        "ecological bias",
    ):
        assert part in text
    document = json.loads(json.dumps(fit.to_dict(), allow_nan=False))
    assert document["type"] == "meta-regression"
    assert [c["term"] for c in document["coefficients"]] == list(fit.design.terms)
    assert document["fitted"] == list(fit.fitted)
    assert set(fit.tidy()[0]) == {
        "term",
        "estimate",
        "std_error",
        "conf_low",
        "conf_high",
        "statistic",
        "df",
        "p_value",
    }
    assert fit.glance()["r2"] == fit.residual.r2
    wald = fitted(bcg(), method=tp.InverseVariance(model="common"))
    assert "chi-square(1) = " in str(wald)
    assert wald.coefficients[0].df is None
    difference = str(fitted(bcg(), measure="risk difference"))
    assert "As a ratio" not in difference
    assert "CR2, 13 clusters by trial" in str(fitted(bcg(), cluster="trial"))


def test_names_from_outside_are_safe_in_text_and_html():
    hostile = "<script>x</script>"
    data = comparison(COUNTS, **{hostile: ["a", "<b>", "a", "<b>", "a", "<b>"]})
    fit = fitted(data, f"~ `{hostile}`")
    page = fit._repr_html_()
    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page


def test_results_survive_pickling_and_repeat():
    fit = fitted(bcg(), "~ poly(latitude, 2) + allocation")
    again = pickle.loads(pickle.dumps(fit))
    values = {"latitude": 30, "allocation": "random"}
    assert again.predict(values).to_dict() == fit.predict(values).to_dict()
    assert fitted(bcg(), "~ poly(latitude, 2) + allocation").to_dict() == fit.to_dict()


def test_warnings_of_notes_are_raised_and_no_others():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = fitted(bcg(), "~ latitude + allocation")
    assert [str(w.message) for w in caught] == [note.message for note in fit.notes if note.level == "warning"]
