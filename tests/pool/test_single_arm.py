"""Pooling of one treatment's proportions and rates: identities, relations, refusals, and what is shown; R is in the references."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace

import numpy as np
import pytest

from trialpool.effects import ZeroCells
from trialpool.errors import NotEstimableError, OptionError, TrialpoolWarning
from trialpool.pool import BinomialNormal, InverseVariance, Peto, pool_single_arm
from trialpool.trials import Source
from trialpool.trials.single_arm import ArmEvents, SingleArm

COMMON = InverseVariance(model="common")
MEASURES = ("logit proportion", "double arcsine proportion", "raw proportion", "log rate")


def arms_of(*pairs, years=10.0):
    arms = tuple(
        ArmEvents(f"T{i}", f"T{i}", x, n, n * years, (Source("made.csv", i, verification="read"),))
        for i, (x, n) in enumerate(pairs)
    )
    return SingleArm("pain", ("drug",), arms)


SOME = arms_of((4, 20), (9, 40), (30, 90), (2, 15))


def quietly(*args, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrialpoolWarning)
        return pool_single_arm(*args, **options)


@pytest.mark.parametrize("measure", MEASURES)
def test_equal_proportions_pool_to_themselves(measure):
    result = quietly(arms_of((10, 50), (10, 50), (10, 50)), measure=measure, method=COMMON)
    expected = 0.02 if measure == "log rate" else 0.2
    assert result.displayed[0] == pytest.approx(expected, rel=1e-9)
    assert [study.weight for study in result.studies] == pytest.approx([1 / 3] * 3)
    assert result.conf_low < result.estimate < result.conf_high


@pytest.mark.parametrize("measure", MEASURES[:3])
def test_events_and_their_absence_mirror_each_other(measure):
    turned = arms_of(*((arm.n - arm.events, arm.n) for arm in SOME.arms))
    one, other = (quietly(a, measure=measure, method=COMMON).displayed for a in (SOME, turned))
    assert one[0] == pytest.approx(1 - other[0], rel=1e-7)
    assert one[1] == pytest.approx(1 - other[2], rel=1e-7)


@pytest.mark.parametrize("measure", MEASURES)
def test_the_order_of_trials_does_not_matter(measure):
    turned = replace(SOME, arms=SOME.arms[::-1])
    one, other = (quietly(a, measure=measure) for a in (SOME, turned))
    assert one.displayed == pytest.approx(other.displayed, rel=1e-9)


def test_the_binomial_normal_model_uses_trials_without_events_as_they_are():
    arms = arms_of((0, 20), (3, 40), (5, 90), (0, 15))
    result = pool_single_arm(arms)
    assert isinstance(result.method, BinomialNormal)
    assert all(study.contributes for study in result.studies)
    assert [study.estimate is None for study in result.studies] == [True, False, False, True]
    assert 0 < result.displayed[0] < 0.1
    assert result.heterogeneity.q_df == 1


def test_without_variation_the_model_is_the_pooled_proportion():
    result = pool_single_arm(arms_of((10, 50), (11, 50), (10, 50), (9, 50)))
    assert result.heterogeneity.tau2 == pytest.approx(0.0, abs=1e-9)
    assert result.displayed[0] == pytest.approx(40 / 200, rel=1e-6)


def test_inverse_variance_leaves_out_or_corrects_what_is_infinite():
    arms = arms_of((0, 20), (3, 40), (15, 15), (5, 30))
    plain = pool_single_arm(arms, method=COMMON)
    assert [study.contributes for study in plain.studies] == [False, True, False, True]
    assert plain.studies[0].reason == "no events: the logit proportion is infinite without a correction"
    assert plain.studies[2].reason.startswith("every participant had the event")
    corrected = pool_single_arm(arms, method=replace(COMMON, zero_cells=ZeroCells(rule="constant")))
    assert [study.increment for study in corrected.studies] == [0.5, 0.0, 0.5, 0.0]
    assert corrected.studies[0].estimate == pytest.approx(0.5 / 21)
    raw = pool_single_arm(arms, measure="raw proportion", method=COMMON)
    assert raw.studies[0].reason == "no events: its variance is zero without a correction"
    assert all(s.contributes for s in quietly(arms, measure="double arcsine proportion").studies)


def test_rates_scale_with_the_unit_of_time():
    years, days = SOME, arms_of(*((a.events, a.n) for a in SOME.arms), years=3652.5)
    one, other = (pool_single_arm(a, measure="log rate", method=COMMON) for a in (years, days))
    assert np.array(one.displayed) / 365.25 == pytest.approx(other.displayed)
    assert one.std_error == pytest.approx(other.std_error)


def test_the_flaw_of_the_double_arcsine_is_said():
    with pytest.warns(
        TrialpoolWarning, match="harmonic mean of 26.2 participants.*mislead badly .Schwarzer 2019.; prefer"
    ):
        pool_single_arm(SOME, measure="double arcsine proportion")


def test_notes_say_what_a_reader_must_know():
    assert [note.code for note in pool_single_arm(SOME).notes] == ["not-randomised"]
    beyond = pool_single_arm(arms_of((1, 20), (3, 40)), measure="raw proportion", method=COMMON)
    assert "beyond-a-proportion" in [note.code for note in beyond.notes]
    lost = pool_single_arm(arms_of((0, 20), (3, 40), (5, 50)), method=COMMON)
    assert next(note for note in lost.notes if note.code == "no-own-value").studies == ("T0",)
    unverified = replace(SOME.arms[0], sources=(Source(verification="unverified"),))
    with pytest.warns(TrialpoolWarning, match="nothing confirms"):
        pool_single_arm(replace(SOME, arms=(unverified, *SOME.arms[1:])))


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"measure": "proportion"}, OptionError, "measure='proportion' is not allowed"),
        ({"measure": "log rate", "method": BinomialNormal()}, OptionError, "does not go with 'log rate'"),
        ({"method": Peto()}, OptionError, "method is of type Peto; give InverseVariance"),
        ({"conf_level": 95}, OptionError, "conf_level=95 is not a probability"),
        ({"method": InverseVariance(zero_cells=ZeroCells(rule="empirical"))}, OptionError, "balance two arms"),
        (
            {"method": InverseVariance(zero_cells=ZeroCells(rule="constant", double_zero="corrected"))},
            OptionError,
            "double_zero='corrected' has no meaning for a single arm",
        ),
        (
            {
                "measure": "double arcsine proportion",
                "method": InverseVariance(zero_cells=ZeroCells(rule="constant")),
            },
            OptionError,
            "needs no correction",
        ),
    ],
)
def test_choices_that_have_no_meaning_are_refused(options, error, match):
    with pytest.raises(error, match=match):
        pool_single_arm(SOME, **options)


def test_arms_without_the_denominator_are_refused_by_name():
    lacking = replace(SOME, arms=(replace(SOME.arms[0], n=None), *SOME.arms[1:]))
    with pytest.raises(OptionError, match="the logit proportion needs 'n', which T0 lack"):
        pool_single_arm(lacking)
    without = replace(SOME, arms=(*SOME.arms[:3], replace(SOME.arms[3], person_years=None)))
    with pytest.raises(OptionError, match="the log rate needs 'person_years'.*which T3 lack"):
        pool_single_arm(without, measure="log rate")


@pytest.mark.parametrize("method", [COMMON, InverseVariance()])
def test_fewer_than_two_trials_are_not_pooled(method):
    with pytest.raises(NotEstimableError, match="only one study has an estimable logit proportion"):
        pool_single_arm(arms_of((3, 10), (0, 20)), method=method)


def test_nothing_but_zeros_is_not_estimable():
    for method in (None, COMMON):
        with pytest.raises(NotEstimableError):
            pool_single_arm(arms_of((0, 10), (0, 20), (0, 5)), method=method)


def test_a_result_is_text_a_row_and_json():
    result = pool_single_arm(SOME, measure="log rate")
    assert str(result).startswith("pain: drug\n\nStudy  Events/person-years          Rate (95 % CI)  Weight")
    assert f"Rate per person-year {result.displayed[0]:.3f} (" in str(result)
    assert "4/200" in str(result)
    assert [row["term"] for row in result.tidy()] == ["log rate"]
    assert result.glance()["k"] == 4
    document = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert (document["type"], document["outcome"], len(document["studies"])) == ("single arm", "pain", 4)
    assert "<td" in result._repr_html_()
    assert "<script" not in replace(result, arms=replace(result.arms, outcome="<script>"))._repr_html_()


def test_a_level_widens_the_interval():
    narrow, wide = (pool_single_arm(SOME, conf_level=level) for level in (0.8, 0.99))
    assert wide.conf_low < narrow.conf_low < narrow.conf_high < wide.conf_high


@pytest.mark.parametrize(
    ("arms", "says"),
    [
        (arms_of((0, 20), (0, 40)), r"no participant of all trials .* a common proportion lies below 0\.0487"),
        (arms_of((20, 20), (40, 40)), r"every participant of all trials .* lies above 0\.951"),
    ],
)
def test_nobody_and_everybody_give_a_limit_of_the_proportion(arms, says):
    # 0.05 = (1 - p) ** 60
    with pytest.raises(NotEstimableError, match=says):
        quietly(arms)
