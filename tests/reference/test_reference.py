"""Every pinned number against R. The tolerance is 1e-8 relative (1e-12 absolute for values near zero).

Where an answer differs on purpose, the test says what ours is instead, and validation/README.md gives the cause.
"""

from __future__ import annotations

import numpy as np
import pytest
from reference.entries import Entry, close, comparison, identifiers, load, ours, pooled, zero_cells

from trialpool.effects import binary_effects
from trialpool.errors import OptionError
from trialpool.pool.arrays import common_effect, random_effects
from trialpool.sensitivity import leave_one_out

NOT_OURS = {
    "weights",
    "y",
    "v",
    "tau2_interval_empty",
    "i2_tau2_low",
    "i2_tau2_high",
    "control_variance",
    "tau2_rma_mv_optimiser",
}
"""Pinned values compared elsewhere, or of quantities that trialpool does not report."""

EFFECTS = load("effects")
INVERSE_VARIANCE = [e for e in load("inverse_variance") if e["settings"]["measure"] != "Peto odds ratio"]
PETO_EFFECTS = [e for e in load("inverse_variance") if e["settings"]["measure"] == "Peto odds ratio"]
MANTEL_HAENSZEL = [
    e for e in load("mantel_haenszel") if e["settings"]["model"] == "common" and "profile" not in e["settings"]
]
HAENSZEL_RANDOM = [e for e in load("mantel_haenszel") if e["settings"]["model"] == "random"]
PETO = load("peto")
MULTI_ARM = load("multi_arm")
LEAVE_ONE_OUT = load("leave_one_out")


def differences(entry: Entry, skip: set[str]) -> dict[str, tuple[object, object]]:
    result = pooled(entry)
    if "weights" in entry["values"] and entry["settings"].get("multi_arm") != "shared":
        mine = [study.weight for study in result.studies if study.weight is not None]
        # R gives no weight, or zero, to trials that contribute nothing to the sums
        mine = [weight for weight in mine if weight > 0]
        pinned = np.array([weight for weight in entry["values"]["weights"] if weight])
        np.testing.assert_allclose(mine, pinned / pinned.sum(), rtol=1e-8, atol=1e-14)
    found = {}
    for name, pinned_value in entry["values"].items():
        if name in NOT_OURS | skip:
            continue
        mine_value = ours(result, name)
        if not close(mine_value, pinned_value):
            found[name] = (mine_value, pinned_value)
    return found


@pytest.mark.parametrize("entry", EFFECTS, ids=identifiers(EFFECTS))
def test_effects_of_single_trials(entry: Entry) -> None:
    data = comparison(entry["dataset"])
    effects = binary_effects(data, entry["settings"]["measure"], zero_cells(entry["settings"]))
    position = {label: i for i, label in enumerate(entry["trials"])}
    labels = [data.contrasts[i].label for i in effects.used]
    y = np.array([entry["values"]["y"][position[label]] for label in labels])
    v = np.array([entry["values"]["v"][position[label]] for label in labels])
    np.testing.assert_allclose(effects.estimate, y, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(effects.variance, v, rtol=1e-10)
    left_out = set(entry["trials"]) - set(labels)
    unestimable = {data.contrasts[i].label for i in effects.reasons}
    assert left_out <= unestimable, "a trial that R estimates has no reason for being left out"


@pytest.mark.parametrize("entry", INVERSE_VARIANCE, ids=identifiers(INVERSE_VARIANCE))
def test_inverse_variance(entry: Entry) -> None:
    few = entry["values"]["k"] < 3
    prediction = {"prediction_low", "prediction_high"} if few else set()
    assert not differences(entry, prediction)
    if few:
        assert pooled(entry).prediction is None, "below three studies there is no prediction interval"


@pytest.mark.parametrize("entry", PETO_EFFECTS, ids=identifiers(PETO_EFFECTS))
def test_inverse_variance_of_peto_effects(entry: Entry) -> None:
    settings, pinned = entry["settings"], entry["values"]
    effects = binary_effects(comparison(entry["dataset"]), "Peto odds ratio")
    level = settings["conf_level"]
    if settings["model"] == "common":
        fit = common_effect(effects.estimate, effects.variance, conf_level=level)
    else:
        fit = random_effects(
            effects.estimate, effects.variance, tau2=settings["tau2"], interval=settings["interval"], conf_level=level
        )
    for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value", "tau2"):
        if name in pinned:
            assert close(getattr(fit, name), pinned[name]), name


@pytest.mark.parametrize("entry", MANTEL_HAENSZEL, ids=identifiers(MANTEL_HAENSZEL))
def test_mantel_haenszel(entry: Entry) -> None:
    settings = entry["settings"]
    if (
        settings["measure"] == "risk difference"
        and settings["zero_cells"] == "constant"
        and settings["double_zero"] == "excluded"
    ):
        data = comparison(entry["dataset"])
        if any(c.events_treatment == 0 == c.events_control for c in data.contrasts):
            # on purpose: double-zero trials carry information on the risk difference and always enter it
            assert all(study.contributes for study in pooled(entry).studies)
            return
    if entry["values"]["q_df"] < 1:
        assert pooled(entry).heterogeneity is None, "one study with an effect of its own has no heterogeneity"
        assert not differences(entry, {"k", "q", "q_df", "q_p_value", "i2_q", "h2_q"})
        return
    assert not differences(entry, {"k"})


@pytest.mark.parametrize("entry", HAENSZEL_RANDOM, ids=identifiers(HAENSZEL_RANDOM))
def test_random_effects_around_mantel_haenszel_are_refused(entry: Entry) -> None:
    from trialpool.pool import RequestWords, request_from_words

    with pytest.raises(OptionError, match="common-effect method"):
        request_from_words(RequestWords(measure=entry["settings"]["measure"], method="mantel-haenszel", model="random"))


@pytest.mark.parametrize("entry", PETO, ids=identifiers(PETO))
def test_peto(entry: Entry) -> None:
    assert not differences(entry, set())


@pytest.mark.parametrize("entry", MULTI_ARM, ids=identifiers(MULTI_ARM))
def test_multi_arm(entry: Entry) -> None:
    settings = entry["settings"]
    skip = set()
    if settings["method"] != "inverse-variance":
        skip = {"k"}
    elif settings.get("degrees_of_freedom") == "comparisons-1":
        # on purpose: t has as many degrees of freedom as there are trials, less one; the entries df-trials-1 hold that
        skip = {"df", "p_value", "conf_low", "conf_high", "prediction_low", "prediction_high"}
    elif (
        settings["multi_arm"] == "shared" and settings["model"] == "random" and pooled(entry).comparison.trial_count < 3
    ):
        skip = {"prediction_low", "prediction_high"}
    assert not differences(entry, skip)


@pytest.mark.parametrize("entry", LEAVE_ONE_OUT, ids=identifiers(LEAVE_ONE_OUT))
def test_leave_one_out(entry: Entry) -> None:
    rows = leave_one_out(pooled(entry)).rows[1:]
    by_trial = {row.label.removeprefix("without "): row for row in rows}
    for i, trial in enumerate(entry["trials"]):
        if trial not in by_trial:  # a trial that contributes nothing is not left out
            continue
        result = by_trial[trial].pooled
        assert result is not None
        for name, values in entry["values"].items():
            assert close(ours(result, name), values[i]), (trial, name)


def test_enough_is_pinned() -> None:
    everything = EFFECTS + INVERSE_VARIANCE + MANTEL_HAENSZEL + PETO + MULTI_ARM + LEAVE_ONE_OUT
    assert sum(len(entry["values"]) for entry in everything) > 150
