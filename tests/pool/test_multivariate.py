"""The door of multivariate pooling: arms against a shared control, several outcomes, and how the result is shown."""

from __future__ import annotations

import json

import numpy as np
import pytest

from trialpool.effects import ZeroCells
from trialpool.errors import NotEstimableError, OptionError
from trialpool.harmonise import compare
from trialpool.pool.generalised_least_squares import pool_generalised_least_squares
from trialpool.pool.methods import InverseVariance
from trialpool.pool.multivariate import pool_multivariate
from trialpool.pool.multivariate_fit import multivariate_effects
from trialpool.pool.multivariate_method import Multivariate
from trialpool.read import read_table

ARMS = [
    ("A", "placebo", 9, 90, 0),
    ("A", "20 mg", 18, 90, 20),
    ("A", "40 mg", 30, 88, 40),
    ("B", "placebo", 20, 195, 0),
    ("B", "40 mg", 53, 197, 40),
    ("C", "placebo", 8, 135, 0),
    ("C", "20 mg", 21, 130, 20),
    ("D", "placebo", 12, 80, 0),
    ("D", "20 mg", 15, 82, 20),
    ("D", "40 mg", 21, 81, 40),
]


def table_of(arms, outcome="relief"):
    rows = [{"trial": t, "treatment": a, "outcome": outcome, "events": e, "n": n, "dose": d} for t, a, e, n, d in arms]
    return read_table(rows).trials


def shared(arms=ARMS, **options):
    given = {"outcome": "relief", "treatment": ["20 mg", "40 mg"], "control": "placebo", "multi_arm": "shared"}
    return compare(table_of(arms), **{**given, **options})


def two_outcomes():
    rows = []
    for i, (a, c, b, d) in enumerate([(4, 11, 9, 20), (8, 12, 13, 12), (15, 20, 7, 14), (3, 9, 10, 19), (6, 6, 4, 9)]):
        for arm, deaths, strokes in (("drug", a, b), ("placebo", c, d)):
            rows.append({"trial": f"T{i}", "treatment": arm, "outcome": "death", "events": deaths, "n": 100 + i})
            if i != 3:
                rows.append({"trial": f"T{i}", "treatment": arm, "outcome": "stroke", "events": strokes, "n": 100 + i})
    trials = read_table(rows).trials
    return [compare(trials, outcome=o, treatment="drug", control="placebo") for o in ("death", "stroke")]


# --- arms against a shared control ------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", ["risk ratio", "odds ratio", "risk difference"])
@pytest.mark.parametrize("tau2", ["REML", "ML"])
def test_arms_are_pooled_with_the_covariance_of_their_control(measure, tau2):
    method = Multivariate(between="compound-symmetric", correlation=0.5, tau2=tau2)
    result = pool_multivariate(shared(), measure=measure, method=method)
    y, v, c = [], [], []
    link = {
        "risk ratio": (lambda e, n: np.log(e / n), lambda e, n: 1 / e - 1 / n),
        "odds ratio": (lambda e, n: np.log(e / (n - e)), lambda e, n: 1 / e + 1 / (n - e)),
        "risk difference": (lambda e, n: e / n, lambda e, n: e * (n - e) / n**3),
    }[measure]
    for trial in "ABCD":
        (_, _, e0, n0, _), *active = [arm for arm in ARMS if arm[0] == trial]
        y += [link[0](e, n) - link[0](e0, n0) for _, _, e, n, _ in active]
        v.append(np.diag([link[1](e, n) for _, _, e, n, _ in active]) + link[1](e0, n0))
        c += [(trial, label) for _, label, _, _, _ in active]
    fit = multivariate_effects(y, v, trial=[t for t, _ in c], component=[a for _, a in c], method=method)
    np.testing.assert_allclose(result.fit.estimate, fit.estimate, rtol=1e-10)
    np.testing.assert_allclose(result.fit.covariance, fit.covariance, rtol=1e-9)


def test_one_mean_of_all_arms_is_that_of_generalised_least_squares():
    """Another road to the same: the score of tau2 there, Newton in a factor here."""
    from trialpool.effects import compute_effects

    effects = compute_effects(shared(), "odds ratio")
    core = pool_generalised_least_squares(effects, InverseVariance(interval="wald", prediction="normal"), 0.95)
    contrasts = effects.comparison.contrasts
    fit = multivariate_effects(
        effects.estimate,
        effects.covariance,
        trial=[c.trial for c in contrasts],
        component=[c.treatment_arm for c in contrasts],
        design=np.ones((len(contrasts), 1)),
        method=Multivariate(between="compound-symmetric", correlation=0.5),
    )
    assert np.isclose(fit.estimate[0], core.estimate, rtol=1e-8)
    assert np.isclose(fit.std_error[0], core.std_error, rtol=1e-8)
    assert np.isclose(fit.between[0, 0], core.heterogeneity.tau2, rtol=1e-7, atol=1e-15)


def test_components_by_covariate_by_name_and_by_arm_are_the_same():
    by_arm = pool_multivariate(shared(), measure="odds ratio")
    by_dose = pool_multivariate(shared(), measure="odds ratio", components="dose")
    by_name = pool_multivariate(shared(), measure="odds ratio", components={"20 mg": "low", "40 mg": "high"})
    assert [by_arm.fit.terms, by_dose.fit.terms, by_name.fit.terms] == [
        ("20 mg", "40 mg"),
        ("20", "40"),
        ("low", "high"),
    ]
    for other in (by_dose, by_name):
        np.testing.assert_array_equal(other.fit.estimate, by_arm.fit.estimate)


def test_arm_without_events_is_left_out_or_corrected():
    arms = [("E", "placebo", 5, 50, 0), ("E", "20 mg", 0, 50, 20), ("E", "40 mg", 4, 50, 40), *ARMS]
    result = pool_multivariate(shared(arms), measure="odds ratio")
    lost = [row for row in result.effects if row.estimate is None]
    assert [(row.label, row.reason) for row in lost] == [
        ("E: 20 mg", "no events in the treatment arm: the log odds ratio is infinite without a zero-cell correction")
    ]
    assert next(n for n in result.notes if n.code == "effects-left-out").studies == ("E: 20 mg",)
    method = Multivariate(
        between="compound-symmetric", correlation=0.5, zero_cells=ZeroCells(rule="constant", increment=0.5)
    )
    assert all(
        row.estimate is not None for row in pool_multivariate(shared(arms), measure="odds ratio", method=method).effects
    )


def test_arms_that_never_have_events_are_not_estimable():
    arms = [(t, a, 0 if a == "20 mg" else e, n, d) for t, a, e, n, d in ARMS]
    with pytest.raises(NotEstimableError, match="no trial has an estimable odds ratio of '20 mg'"):
        pool_multivariate(shared(arms), measure="odds ratio")


def test_arms_without_a_variance_of_their_own_are_refused():
    arms = [(t, a, 0 if a != "placebo" else e, n, d) for t, a, e, n, d in ARMS]
    with pytest.raises(NotEstimableError, match="has no inverse"):
        pool_multivariate(shared(arms), measure="risk difference")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: pool_multivariate(shared(multi_arm="combine")),
            "multi_arm='combine'; compare with multi_arm='shared'",
        ),
        (lambda: pool_multivariate(shared(treatment="20 mg")), "one component needs no more than pool"),
        (lambda: pool_multivariate(shared(), components="weight"), "unknown covariate 'weight'"),
        (lambda: pool_multivariate(shared(), components={"20 mg": "low"}), "give one name to each"),
        (lambda: pool_multivariate(shared(), components=3), "components is 3"),
        (
            lambda: pool_multivariate(shared(), within_trial_correlation=0.5),
            "no meaning for arms with a shared control",
        ),
        (lambda: pool_multivariate(shared(), measure="odds"), "measure='odds' is not allowed"),
        (lambda: pool_multivariate(shared(), method=InverseVariance()), "method is of type InverseVariance"),
        (lambda: pool_multivariate(ARMS[0]), "a member of data is 'A'"),
        (lambda: pool_multivariate(None), "data is None"),
        (lambda: pool_multivariate([shared(), shared()]), "several contrasts of a trial"),
    ],
)
def test_what_does_not_go_together(make, message):
    with pytest.raises(OptionError, match=message):
        make()


# --- several outcomes -------------------------------------------------------------------------------------------------


def test_outcomes_are_pooled_with_the_correlation_assumed():
    result = pool_multivariate(two_outcomes(), within_trial_correlation=0.4)
    assert result.fit.terms == ("death", "stroke")
    assert (result.fit.rows, result.fit.trials) == (9, 5)
    used = {(row.trial, row.component): row for row in result.effects}
    blocks, y, trial, component = [], [], [], []
    for t in dict.fromkeys(t for t, _ in used):
        rows = [used[t, c] for c in ("death", "stroke") if (t, c) in used]
        sd = np.array([row.std_error for row in rows])
        blocks.append(np.outer(sd, sd) * (0.6 * np.eye(len(sd)) + 0.4))
        y += [row.estimate for row in rows]
        trial += [t] * len(rows)
        component += [row.component for row in rows]
    fit = multivariate_effects(y, blocks, trial=trial, component=component)
    np.testing.assert_allclose(result.fit.estimate, fit.estimate, rtol=1e-8)
    assert any("assumed to correlate 0.4" in note.message for note in result.notes)


def test_correlation_matters_and_has_to_be_said():
    with pytest.raises(OptionError, match="within_trial_correlation is not given"):
        pool_multivariate(two_outcomes())
    method = Multivariate(model="common")
    results = [pool_multivariate(two_outcomes(), method=method, within_trial_correlation=r) for r in (0.0, 0.8)]
    assert results[0].fit.estimate[1] != results[1].fit.estimate[1]


@pytest.mark.parametrize("correlation", [1.0, -1.0, 2, True])
def test_correlation_that_can_not_be(correlation):
    with pytest.raises(OptionError, match="not possible between 2 outcomes"):
        pool_multivariate(two_outcomes(), within_trial_correlation=correlation)


def test_outcomes_have_to_differ_and_are_the_components():
    death, stroke = two_outcomes()
    with pytest.raises(OptionError, match="give two or more, of different outcomes"):
        pool_multivariate([death, death], within_trial_correlation=0.5)
    with pytest.raises(OptionError, match="give two or more"):
        pool_multivariate([death], within_trial_correlation=0.5)
    with pytest.raises(OptionError, match="components has no meaning"):
        pool_multivariate([death, stroke], within_trial_correlation=0.5, components="dose")


# --- how it is shown --------------------------------------------------------------------------------------------------


def test_rows_and_json_have_the_same_numbers():
    result = pool_multivariate(shared(), measure="odds ratio", method=Multivariate(interval="t", between="diagonal"))
    rows, data = result.tidy(), result.to_dict()
    assert list(rows[0]) == ["term", "estimate", "std_error", "conf_low", "conf_high", "statistic", "df", "p_value"]
    assert json.loads(json.dumps(data, allow_nan=False))["terms"] == rows
    assert data["between_sd"] == result.fit.between_sd.tolist()
    assert data["test_of_equality"]["df_denominator"] == result.fit.df == 4
    assert set(result.glance()) == {"k", "k_informative", "measure", "method", "tau2", "i2", "q", "q_df", "q_p_value"}
    assert result.glance()["tau2"] is None
    assert pool_multivariate(shared()).glance()["tau2"] is not None


def test_text_names_components_method_and_edges():
    text = str(pool_multivariate(shared(), measure="odds ratio"))
    for words in (
        "relief: 20 mg or 40 mg v placebo",
        "OR (95 % CI)",
        "Test that the 2 components have one effect",
        "Method: multivariate",
    ):
        assert words in text
    common = str(pool_multivariate(shared(), method=Multivariate(model="common")))
    assert "I2" not in common.split("Method", maxsplit=1)[0]


def test_names_from_outside_are_escaped():
    shown = pool_multivariate(shared(), components={"20 mg": "<b>low", "40 mg": "high"})._repr_html_()
    assert "&lt;b&gt;low" in shown
    assert "<b>" not in shown


def test_few_trials_for_many_variances_are_remarked():
    result = pool_multivariate(shared(), method=Multivariate())
    assert "few-trials-for-covariance" in {note.code for note in result.notes}
