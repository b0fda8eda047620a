"""Effects that publications give, brought to the working scale with their variance; each step is a decision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from trialpool.display import format_interval, format_number, format_p_value
from trialpool.errors import OptionError
from trialpool.harmonise.conversions import standard_error_from_interval, standard_error_from_p_value
from trialpool.harmonise.summaries import STEP
from trialpool.trials import Contrast, Decision, Estimate, GivenEffect, Trial

__all__ = ["given_contrasts"]


def given_contrasts(trial: Trial, outcome: str, treatments: Sequence[str], controls: Sequence[str]) -> list[Contrast]:
    """The contrast of a trial that gives an effect of the comparison; empty where it gives none.

    Raises
    ------
    OptionError
        The trial gives several: nothing says how they share their patients.
    """
    sides = [
        (found, turned)
        for found in trial.estimates
        if found.outcome == outcome and (turned := _turned(found, treatments, controls)) is not None
    ]
    if len(sides) > 1:
        pairs = "; ".join(f"{found.treatment} against {found.control}" for found, _ in sides)
        raise OptionError(
            f"trial {trial.label!r} gives several estimates of the comparison ({pairs}), and they share patients; "
            "name one treatment and one control, or keep one row"
        )
    return [_contrast(trial.label, found, turned=turned) for found, turned in sides]


def _turned(found: Estimate, treatments: Sequence[str], controls: Sequence[str]) -> bool | None:
    """Whether the estimate is of the control against the treatment; None where it is of another comparison."""
    if found.treatment in treatments and found.control in controls:
        return False
    return True if found.treatment in controls and found.control in treatments else None


def _contrast(trial: str, found: Estimate, *, turned: bool) -> Contrast:
    effect, decisions = _effect(trial, found)
    treatment, control, sizes = found.treatment, found.control, (found.n_treatment, found.n_control)
    if turned:
        treatment, control, sizes = control, treatment, (sizes[1], sizes[0])
        decisions = (*decisions, _turning(trial, found, effect))
        effect = replace(effect, estimate=-effect.estimate)
    return Contrast(
        trial=trial,
        label=trial,
        treatment_arm=treatment,
        control_arm=control,
        events_treatment=None,
        n_treatment=sizes[0],
        events_control=None,
        n_control=sizes[1],
        sources=(found.source,),
        covariates=found.covariates,
        given=effect,
        conversions={"estimate": decisions} if decisions else {},
    )


def _turning(trial: str, found: Estimate, effect: GivenEffect) -> Decision:
    what = "log ratio" if effect.logarithmic else "difference"
    return Decision(
        STEP,
        trial,
        "estimate turned round, as it is of the control against the treatment",
        f"{found.treatment} against {found.control}: {what} {format_number(effect.estimate, 3)}",
        f"{found.control} against {found.treatment}: {what} {format_number(-effect.estimate, 3)}",
    )


def _effect(trial: str, found: Estimate) -> tuple[GivenEffect, tuple[Decision, ...]]:
    """The estimate on the working scale: its precision by the first that is given of SE, variance, interval, p-value."""
    logarithm = math.log if found.scale == "ratio" else float
    estimate = logarithm(found.value)
    decisions = []
    if found.scale == "ratio":
        before, after = f"ratio {format_number(found.value, 3)}", f"log ratio {format_number(estimate, 3)}"
        decisions.append(Decision(STEP, trial, "logarithm of the ratio", before, after))
    if found.std_error is not None:
        std_error = found.std_error
    elif found.variance is not None:
        std_error = math.sqrt(found.variance)
    else:
        if found.conf_low is not None and found.conf_high is not None:
            low, high = logarithm(found.conf_low), logarithm(found.conf_high)
            std_error = standard_error_from_interval(low, high, found.conf_level)
            rule = f"standard error from the {100 * found.conf_level:g} % interval"
            before = f"{format_number(found.value, 3)} {format_interval(found.conf_low, found.conf_high, 3)}"
        else:
            assert found.p_value is not None  # noqa: S101 (the reader lets no estimate without precision pass)
            std_error = standard_error_from_p_value(estimate, found.p_value)
            rule, before = (
                "standard error from the p-value, two-sided and by the normal distribution",
                _p(found.p_value),
            )
        decisions.append(Decision(STEP, trial, rule, before, f"standard error {format_number(std_error, 3)}"))
    effect = GivenEffect(estimate, std_error**2, found.scale != "difference", found.measure)
    return effect, tuple(decisions)


def _p(value: float) -> str:
    return f"p = {value:g}" if value < 0.001 else f"p = {format_p_value(value)}"
