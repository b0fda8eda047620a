"""Dose-response: relations that hold whatever the arms, what is refused, and hard cases."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from trialpool.effects import ZeroCells
from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.dose_one_stage import OneStage
from trialpool.pool.dose_response import compare_shapes, dose_response
from trialpool.pool.dose_shapes import Emax, Linear, LogDose, Quadratic, Spline
from trialpool.pool.multivariate_fit import multivariate_effects
from trialpool.pool.multivariate_method import Multivariate
from trialpool.read import read_table

ARMS = [
    ("A", [(0, 9, 90), (20, 18, 90), (40, 30, 88)]),
    ("B", [(0, 20, 195), (40, 63, 197)]),
    ("C", [(0, 8, 135), (20, 21, 130), (80, 44, 128)]),
    ("D", [(0, 12, 80), (10, 13, 82), (20, 15, 82), (40, 21, 81)]),
    ("E", [(0, 15, 150), (80, 60, 149)]),
]
SHAPES = ["linear", "log", "quadratic", "spline", "emax"]
METHODS = {"linear": Multivariate(), "log": OneStage(), "emax": OneStage()}


def trials_of(arms=ARMS, outcome="relief"):
    rows = [
        {
            "trial": trial,
            "arm": f"arm {j}",
            "treatment": "placebo" if dose == 0 else "drug",
            "outcome": outcome,
            "events": events,
            "n": n,
            "dose": dose,
        }
        for trial, doses in arms
        for j, (dose, events, n) in enumerate(doses)
    ]
    return read_table(rows).trials


def fitted(shape="linear", arms=ARMS, **options):
    given = {"outcome": "relief", "control": "placebo", "doses": "dose", **options}
    return dose_response(trials_of(arms), shape=shape, **given)


def at_dose(result, dose):
    return result.predict([dose])[0].estimate


# --- relations --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_order_of_trials_and_arms_does_not_count(shape):
    arms = [(trial, doses[::-1]) for trial, doses in ARMS[::-1]]
    one, other = fitted(shape), fitted(shape, arms)
    np.testing.assert_allclose(one.curve.estimate, other.curve.estimate, rtol=1e-7)
    np.testing.assert_allclose(one.curve.covariance, other.curve.covariance, rtol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_unit_of_the_doses_does_not_count(shape, unit):
    arms = [(trial, [(dose * unit, e, n) for dose, e, n in doses]) for trial, doses in ARMS]
    one, other = fitted(shape), fitted(shape, arms)
    for a, b in zip(one.at_trial_doses(), other.at_trial_doses(), strict=True):
        assert math.isclose(a.dose * unit, b.dose, rel_tol=1e-12)
        assert math.isclose(a.estimate, b.estimate, rel_tol=1e-6)
        assert math.isclose(a.std_error, b.std_error, rel_tol=1e-6)
    assert math.isclose(one.log_likelihood, other.log_likelihood, rel_tol=1e-9)


@pytest.mark.parametrize("shape", ["linear", "log", "emax"])
def test_participants_without_an_event_swapped_for_those_with_one_change_the_sign(shape):
    arms = [(trial, [(dose, n - e, n) for dose, e, n in doses]) for trial, doses in ARMS]
    one, other = fitted(shape), fitted(shape, arms)
    assert math.isclose(at_dose(one, 40), -at_dose(other, 40), rel_tol=1e-7)
    assert math.isclose(one.log_likelihood, other.log_likelihood, rel_tol=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
def test_no_dose_has_no_effect(shape):
    (zero,) = fitted(shape).predict([0])
    assert (zero.estimate, zero.std_error) == (0.0, 0.0)


@pytest.mark.parametrize("shape", SHAPES)
def test_interval_widens_with_the_level(shape):
    narrow, wide = (fitted(shape, conf_level=level).predict([40])[0] for level in (0.9, 0.99))
    assert wide.conf_low < narrow.conf_low < narrow.estimate == wide.estimate < narrow.conf_high < wide.conf_high


def test_doses_by_arm_by_treatment_and_by_covariate_are_the_same():
    rows = [
        {"trial": t, "treatment": f"{d} mg", "outcome": "relief", "events": e, "n": n, "dose": d}
        for t, doses in ARMS
        for d, e, n in doses
    ]
    trials = read_table(rows).trials
    named = {f"{d} mg": d for d in (10, 20, 40, 80)}
    one = dose_response(trials, outcome="Relief", control="0 MG", doses=named)
    np.testing.assert_array_equal(one.curve.estimate, fitted().curve.estimate)


def test_one_slope_is_that_of_the_multivariate_machine():
    result = fitted(measure="risk ratio")
    y, s, x, trial = [], [], [], []
    for label, ((_, e0, n0), *others) in ARMS:
        y += [math.log(e / n * n0 / e0) for _, e, n in others]
        s.append(np.diag([1 / e - 1 / n for _, e, n in others]) + 1 / e0 - 1 / n0)
        x += [dose for dose, _, _ in others]
        trial += [label] * len(others)
    common = multivariate_effects(
        y, s, trial=trial, component=range(len(y)), design=np.array(x)[:, None], method=Multivariate(model="common")
    )
    ours = fitted(measure="risk ratio", method=Multivariate(model="common"))
    assert math.isclose(ours.curve.estimate[0], common.estimate[0], rel_tol=1e-10)
    assert math.isclose(ours.two_stage.q, common.q, rel_tol=1e-10)
    assert result.between_sd[0] >= 0


def test_trial_slopes_pooled_give_the_same():
    """The two stages one after the other: each trial's own slope by least squares, then the mean of the slopes."""
    from trialpool.pool.arrays import random_effects

    slopes, variances = [], []
    for _, ((_, e0, n0), *others) in ARMS:
        y = np.array([math.log(e * (n0 - e0) / (e0 * (n - e))) for _, e, n in others])
        s = np.diag([1 / e + 1 / (n - e) for _, e, n in others]) + 1 / e0 + 1 / (n0 - e0)
        x = np.array([dose for dose, _, _ in others], dtype=float)
        w = np.linalg.inv(s)
        variances.append(1 / (x @ w @ x))
        slopes.append((x @ w @ y) / (x @ w @ x))
    for tau2 in ("REML", "ML"):
        pooled = random_effects(slopes, variances, tau2=tau2, interval="wald")
        result = fitted(method=Multivariate(tau2=tau2))
        assert math.isclose(result.curve.estimate[0], pooled.estimate, rel_tol=1e-8)
        assert math.isclose(result.tidy()[0]["std_error"], pooled.std_error, rel_tol=1e-8)
        assert math.isclose(result.between_sd[0] ** 2, pooled.tau2, rel_tol=1e-7, abs_tol=1e-20)


def test_quadratic_holds_the_line_and_a_spline_is_a_line_beyond_its_knots():
    methods = {"method": Multivariate(model="common")}
    assert fitted("quadratic", **methods).two_stage.q <= fitted("linear", **methods).two_stage.q + 1e-9
    shape = Spline(knots=(10, 20, 40))
    far = shape.columns(np.array([50.0, 60.0, 70.0]))
    np.testing.assert_allclose(np.diff(far, 2, axis=0), 0.0, atol=1e-9)
    near = shape.columns(np.array([2.0, 6.0, 10.0]))
    assert (near[:, 1:] == 0).all()


def test_arms_of_one_dose_are_combined():
    split = [("A", [(0, 9, 90), (20, 8, 40), (20, 10, 50), (40, 30, 88)]), *ARMS[1:]]
    one, other = fitted(), fitted(arms=split)
    np.testing.assert_allclose(one.curve.estimate, other.curve.estimate, rtol=1e-12)
    assert [(d.trial, d.rule) for d in other.table.decisions] == [("A", "arms of one dose combined")]


def test_trial_that_holds_nothing_changes_the_one_stage_curve_in_nothing():
    arms = [*ARMS, ("F", [(0, 0, 50), (40, 0, 50)]), ("G", [(0, 50, 50), (40, 50, 50)])]
    for shape in ("emax", "linear"):
        one, other = fitted(shape, method=OneStage()), fitted(shape, arms, method=OneStage())
        np.testing.assert_array_equal(one.curve.estimate, other.curve.estimate)
        assert other.log_likelihood == one.log_likelihood
        assert next(n for n in other.notes if n.code == "trials-without-information").studies == ("F", "G")
        assert (other.glance()["k"], other.glance()["k_informative"]) == (7, 5)


def test_trial_without_control_is_compared_with_its_lowest_dose():
    arms = [*ARMS, ("F", [(20, 15, 80), (80, 30, 80)])]
    result = fitted(arms=arms, measure="odds ratio")
    (point,) = [p for p in result.points if p.trial == "F"]
    assert (point.dose, point.reference_dose) == (80, 20)
    assert next(n for n in result.notes if n.code == "lowest-dose-as-reference").studies == ("F",)


def test_zero_in_one_arm_is_left_out_of_contrasts_and_kept_in_the_likelihood():
    arms = [*ARMS, ("F", [(0, 3, 50), (20, 0, 50), (40, 5, 50)])]
    result = fitted(arms=arms)
    lost = [p for p in result.points if p.estimate is None]
    assert [(p.trial, p.dose) for p in lost] == [("F", 20)]
    assert "no events in the treatment arm" in lost[0].reason
    corrected = fitted(arms=arms, method=Multivariate(zero_cells=ZeroCells(rule="constant")))
    assert all(p.estimate is not None for p in corrected.points)
    assert fitted(arms=arms, method=OneStage()).log_likelihood < fitted(method=OneStage()).log_likelihood


def test_negative_slopes_mirror_positive_ones_on_the_risk_difference():
    arms = [(trial, [(dose, n - e, n) for dose, e, n in doses]) for trial, doses in ARMS]
    one, other = (fitted(arms=a, measure="risk difference") for a in (ARMS, arms))
    np.testing.assert_allclose(one.curve.estimate, -other.curve.estimate, rtol=1e-9)


# --- shapes compared --------------------------------------------------------------------------------------------------


def test_shapes_are_ranked_by_akaikes_criterion():
    rows = compare_shapes(fitted(shape, method=OneStage()) for shape in ("linear", "log", "emax"))
    assert rows[0]["delta"] == 0
    assert [row["aic"] for row in rows] == sorted(row["aic"] for row in rows)
    for row in rows:
        assert math.isclose(row["aic"], 2 * row["parameters"] - 2 * row["log_likelihood"])
    # 5 intercepts, slope and its variance; ED50 more
    assert {row["shape"]: row["parameters"] for row in rows}["Emax"] == 8
    ml = Multivariate(tau2="ML")
    assert len(compare_shapes([fitted(shape, method=ml) for shape in ("linear", "log", "quadratic")])) == 3


def test_common_slope_does_not_know_where_slopes_turn():
    with pytest.raises(OptionError, match="departure has no meaning with model='common'"):
        OneStage(model="common", departure="centred")
    with pytest.raises(OptionError, match="departure='middle' is not allowed"):
        OneStage(departure="middle")
    unlike = [
        ("A", [(0, 10, 100), (40, 20, 100)]),
        ("B", [(0, 9, 100), (40, 50, 100)]),
        ("C", ARMS[2][1]),
        ("D", ARMS[3][1]),
    ]
    centred, zero = (fitted("linear", unlike, method=OneStage(departure=d)) for d in ("centred", "from zero"))
    assert centred.between_sd[0] > zero.between_sd[0] > 0
    assert "centred in each trial" in str(centred)
    with pytest.raises(OptionError, match="unlike likelihoods"):
        compare_shapes([centred, fitted("log", unlike, method=OneStage(departure="from zero"))])


def test_results_that_do_not_compare_are_refused():
    line = fitted("linear", method=OneStage())
    with pytest.raises(OptionError, match="two or more"):
        compare_shapes([line])
    with pytest.raises(OptionError, match="restricted likelihoods"):
        compare_shapes([fitted("linear"), fitted("log")])
    with pytest.raises(OptionError, match="unlike likelihoods"):
        compare_shapes([line, fitted("log", method=Multivariate(tau2="ML"))])
    with pytest.raises(OptionError, match="unlike data"):
        compare_shapes([line, fitted("log", ARMS[1:], method=OneStage())])
    with pytest.raises(OptionError, match="a member of results is 3"):
        compare_shapes([line, 3])
    assert fitted("linear").aic is None


# --- what is refused --------------------------------------------------------------------------------------------------


def test_emax_needs_three_active_doses():
    arms = [(trial, [arm for arm in doses if arm[0] in (0, 20, 40)]) for trial, doses in ARMS[:4]]
    with pytest.raises(
        NotEstimableError, match=r"at least three active doses.*there are 2 \(20, 40\).*'linear' or 'log'"
    ):
        fitted("emax", arms)


def test_curve_that_does_not_bend_has_no_emax():
    arms = [(t, [(0, 10, 1000), (10, 15, 1000), (20, 22, 1000), (40, 50, 1000), (80, 230, 1000)]) for t in "ABC"]
    with pytest.raises(NotEstimableError, match="does not bend within these doses.*'linear' or 'log'"):
        fitted("emax", arms, method=OneStage(model="common"))


def test_curve_at_its_plateau_from_the_first_dose_has_no_ed50():
    arms = [(t, [(0, 20, 200), (10, 62, 200), (20, 60, 200), (40, 58, 200)]) for t in "ABC"]
    with pytest.raises(NotEstimableError, match="at its plateau from the lowest dose on"):
        fitted("emax", arms, method=OneStage(model="common"))


def test_events_at_one_end_alone_have_no_slope():
    arms = [(t, [(0, 0, 50), (20, 0, 50), (40, 7, 50), (80, 50, 50)]) for t in "ABC"]
    for shape in ("linear", "log", "emax"):
        with pytest.raises(NotEstimableError, match="all events are in the arms with the highest doses"):
            fitted(shape, arms, method=OneStage())


def test_no_events_at_all():
    arms = [(t, [(dose, 0, n) for dose, _, n in doses]) for t, doses in ARMS]
    with pytest.raises(NotEstimableError, match=r"no arm has an estimable odds ratio.*OneStage\(\)"):
        fitted("linear", arms)
    with pytest.raises(NotEstimableError, match="no trial has both an event and a participant without one"):
        fitted("emax", arms)


def test_controls_without_events_leave_no_contrast_but_a_likelihood():
    arms = [(t, [(dose, 0 if dose == 0 else e, n) for dose, e, n in doses]) for t, doses in ARMS]
    with pytest.raises(NotEstimableError, match="choose a zero-cell rule, or method=OneStage"):
        fitted("linear", arms)
    result = fitted("log", arms, method=OneStage())
    assert 0 < result.tidy()[0]["std_error"] < 10


@pytest.mark.parametrize("shape", ["linear", "emax"])
def test_one_trial_has_a_common_slope_alone(shape):
    arms = [("A", [(0, 9, 90), (20, 30, 90), (40, 40, 88), (80, 45, 90)])]
    with pytest.raises(NotEstimableError, match="one .*trial alone"):
        fitted(shape, arms)
    method = OneStage(model="common") if shape == "emax" else Multivariate(model="common")
    assert fitted(shape, arms, method=method).between_sd == ()


def test_shapes_with_more_parameters_than_doses():
    arms = [(t, [(0, 9, 90), (20, 18, 90)]) for t in "ABC"]
    for shape in ("quadratic", "spline"):
        with pytest.raises(NotEstimableError, match="needs at least 2 active doses; there is 1"):
            fitted(shape, arms)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shape": "cubic"}, "shape='cubic' is not allowed"),
        ({"shape": Linear}, "shape is the class Linear"),
        ({"shape": "emax", "method": Multivariate()}, r"not linear in its parameters.*OneStage\(\)"),
        ({"shape": "quadratic", "method": OneStage()}, "several slopes"),
        ({"shape": "spline", "method": OneStage()}, "several slopes"),
        ({"method": OneStage(), "measure": "risk ratio"}, "a logistic model; choose 'odds ratio'"),
        ({"measure": "mean difference"}, "measure='mean difference' is not allowed"),
        ({"measure": "Peto odds ratio"}, "is not allowed"),
        ({"method": "one-stage"}, "method is 'one-stage'"),
        ({"outcome": "pain"}, "unknown outcome 'pain'"),
        ({"control": "sham"}, "unknown control 'sham'"),
        ({"doses": "weight"}, "unknown covariate 'weight'"),
        ({"doses": {"pill": 3}}, "unknown arm 'pill'"),
        ({"doses": {"drug": -3}}, "the dose of 'drug' is -3; give a number above 0"),
        ({"doses": {"drug": math.inf}}, "give a number above 0"),
        ({"doses": {"drug": "3"}}, "give a number above 0"),
        ({"doses": {"drug": 3, "placebo": 1}}, "it is the control"),
        ({"doses": 7}, "doses is 7"),
        ({"conf_level": 95}, "not a probability"),
    ],
)
def test_what_does_not_go_together(options, message):
    with pytest.raises(OptionError, match=message):
        fitted(**options)


def test_something_else_than_trials():
    for given in (None, "arms.csv", [1]):
        with pytest.raises(OptionError, match="give the trials of a table"):
            dose_response(given, outcome="relief", control="placebo", doses="dose")


@pytest.mark.parametrize("make", [lambda: LogDose(offset=0), lambda: LogDose(offset=-1), lambda: Spline(knots=(1, 2))])
def test_shapes_with_numbers_that_can_not_be(make):
    with pytest.raises(OptionError):
        make()


@pytest.mark.parametrize("knots", [(1, 1, 2), (3, 2, 1), (-1, 2, 3), ("a", 1, 2)])
def test_knots_go_from_low_to_high(knots):
    with pytest.raises(OptionError):
        Spline(knots=knots)


def test_doses_outside_of_the_trials_are_not_predicted():
    result = fitted()
    for doses in ([-1], [81], [20, 1e9]):
        with pytest.raises(OptionError, match="give doses from 0 to 80"):
            result.predict(doses)


# --- trials and arms --------------------------------------------------------------------------------------------------


def test_trials_of_one_dose_are_left_out_with_the_reason():
    arms = [*ARMS, ("F", [(20, 3, 50)])]
    assert [(e.trial, e.reason) for e in fitted(arms=arms).table.excluded] == [("F", "has one dose alone (20)")]
    with pytest.raises(NotEstimableError, match="no trial has 'relief' at two doses: F: has one dose alone"):
        fitted(arms=arms[-1:], control="drug")


def test_arms_that_no_dose_names_are_left_out():
    rows = [("placebo", 9), ("20 mg", 18), ("tea", 11)]
    trials = read_table(
        [
            {"trial": t, "treatment": a, "outcome": "relief", "events": e + i, "n": 90}
            for i, t in enumerate("AB")
            for a, e in rows
        ]
    ).trials
    result = dose_response(trials, outcome="relief", control="placebo", doses={"20 mg": 20})
    assert [(d.trial, d.before) for d in result.table.decisions] == [("A", "tea"), ("B", "tea")]
    assert len(result.points) == 2


# --- hard cases -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_equal_trials_have_slopes_that_do_not_vary(shape):
    arms = [(t, [(0, 20, 200), (10, 30, 200), (20, 40, 200), (40, 52, 200), (80, 60, 200)]) for t in "ABC"]
    result = fitted(shape, arms)
    assert max(result.between_sd) < 1e-9
    assert "between-trial-boundary" in {note.code for note in result.notes}
    assert result.predict([80])[0].std_error > 0


def test_second_maximum_of_the_likelihood_does_not_win():
    """Few trials of unlike size: one maximum without variation of slopes and one with; the higher one is taken."""
    arms = [
        (t, [(0, a, 400), (20, b, 400), (80, c, 400)])
        for t, a, b, c in (("A", 20, 60, 90), ("B", 21, 62, 95), ("C", 19, 58, 88))
    ] + [("D", [(0, 3, 30), (80, 25, 31)])]
    result = fitted("emax", [*arms, ("E", [(0, 4, 40), (40, 12, 40)])])
    assert (
        result.log_likelihood
        >= fitted("emax", [*arms, ("E", [(0, 4, 40), (40, 12, 40)])], method=OneStage(model="common")).log_likelihood
    )


def test_many_trials():
    rng = np.random.default_rng(2)
    arms = []
    for i in range(600):
        slope = 0.02 + 0.005 * rng.normal()
        doses = [0, 20, 40, 80][: 2 + i % 3]
        p = 1 / (1 + np.exp(1.5 - slope * np.array(doses)))
        arms.append((f"T{i}", [(d, int(rng.binomial(100, q)), 100) for d, q in zip(doses, p, strict=True)]))
    two = fitted(arms=arms, method=Multivariate(zero_cells=ZeroCells(rule="constant")))
    one = fitted(arms=arms, method=OneStage())
    for result in (one, two):
        assert abs(result.curve.estimate[0] - 0.02) < 0.001
        assert abs(result.between_sd[0] - 0.005) < 0.001
    # beside so many intercepts, maximum likelihood finds less where slopes depart from dose 0
    assert fitted(arms=arms, method=OneStage(departure="from zero")).between_sd[0] < 0.004


# --- how it is shown --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_json_has_curve_points_and_no_number_that_is_none(shape):
    result = fitted(shape)
    data = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert data["type"] == "dose-response"
    assert data["terms"] == result.tidy()
    assert [point["dose"] for point in data["effects_at_doses"]] == [10, 20, 40, 80]
    assert (data["curve"][0]["dose"], data["curve"][-1]["dose"]) == (0, 80)
    assert len(data["points"]) == sum(len(doses) - 1 for _, doses in ARMS)
    assert list(data["terms"][0]) == [
        "term",
        "estimate",
        "std_error",
        "conf_low",
        "conf_high",
        "statistic",
        "df",
        "p_value",
    ]


def test_points_are_the_arms_against_their_control():
    point = fitted(measure="risk difference").points[0]
    assert math.isclose(point.estimate, 18 / 90 - 9 / 90)
    assert (point.trial, point.dose, point.reference_dose, point.events, point.n) == ("A", 20, 0, 18, 90)


def test_text_shows_doses_curve_and_method():
    text = str(fitted("emax"))
    for words in (
        "relief: effect of the dose against placebo",
        "ED50",
        "Curve: Emax; 5 trials",
        "Method: one-stage",
        "AIC",
    ):
        assert words in text
    assert "linear in log(1 + dose / 10)" in str(fitted("log"))
    assert "Departure from a common curve" in str(fitted("spline"))
    assert fitted().ed50 is None
    middle, low, high = fitted("emax").ed50
    assert low < middle < high
    assert "<table>" in fitted()._repr_html_()


def test_shapes_say_what_they_are():
    assert [str(shape) for shape in (Linear(), LogDose(), Quadratic(), Spline(), Emax())] == [
        "linear in dose",
        "linear in log dose",
        "quadratic in dose",
        "restricted cubic spline",
        "Emax",
    ]
