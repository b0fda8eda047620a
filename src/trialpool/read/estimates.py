"""A row per trial and outcome that gives an effect as such, with its precision."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from trialpool.read.cells import above_zero, half_unit, label, number, participants, scale, share
from trialpool.read.continuous import CONF_LEVEL
from trialpool.read.rows import RowReader
from trialpool.results import Note
from trialpool.trials import Covariate, Estimate, EstimateScale

__all__ = ["EstimateRow", "asymmetry_notes", "read_estimate_row"]


@dataclass(frozen=True, slots=True)
class EstimateRow:
    """One estimate of one trial; ``rounding`` holds half a unit of the last place of value, lower and upper limit."""

    trial: str
    estimate: Estimate
    row: int
    rounding: tuple[float, float, float]


def read_estimate_row(
    cells: RowReader, covariates: Mapping[str, Covariate], stated_scale: EstimateScale | None
) -> EstimateRow | None:
    """The estimate that the row holds; None where it has problems, which the reader keeps."""
    before = len(cells.problems)
    trial, outcome = cells.name("trial"), cells.name("outcome")
    treatment, control = cells.name("treatment"), cells.name("control")
    if treatment is not None and treatment == control:
        cells.report("control", f"the treatment is {control!r} too; an effect compares two treatments")
    on = stated_scale or cells.required("scale", scale)
    value = cells.required("estimate", number)
    low, high = cells.optional("conf_low", number), cells.optional("conf_high", number)
    error, variance = cells.optional("std_error", above_zero), cells.optional("variance", above_zero)
    p_value, level = cells.optional("p_value", share), cells.optional("conf_level", share)
    n_treatment, n_control = (cells.optional(f"n_{side}", participants) for side in ("treatment", "control"))
    measure = cells.optional("measure", label) or ""
    source = cells.source()
    if None in (trial, outcome, treatment, control, on, value) or len(cells.problems) > before:
        return None
    assert trial and outcome and treatment and control and on and value is not None  # noqa: S101 (just checked)
    found = Estimate(
        outcome, treatment, control, source, value, on,
        error, variance, low, high, level or CONF_LEVEL, p_value, measure, n_treatment, n_control, covariates,
    )  # fmt: skip
    rounding = _rounding(cells)
    problem = _problem(found, rounding)
    if problem:
        cells.report(*problem)
        return None
    return EstimateRow(trial, found, cells.row.number, rounding)


def _rounding(cells: RowReader) -> tuple[float, float, float]:
    value, low, high = (
        half_unit(cells.raw(name)) if cells.filled(name) else 0.0 for name in ("estimate", "conf_low", "conf_high")
    )
    return value, low, high


def _problem(found: Estimate, rounding: tuple[float, float, float]) -> tuple[str, str] | None:
    """Column and text of what is wrong with the numbers together."""
    low, high = found.conf_low, found.conf_high
    if found.scale == "ratio":
        negative = [(name, v) for name, v in _shown(found) if v is not None and v <= 0]
        if negative:
            name, value = negative[0]
            return (
                name,
                f"{value:g} is not above 0, as a ratio must be; if it is a logarithm, give the scale 'log ratio'",
            )
        if found.std_error is not None or found.variance is not None:
            name = "std_error" if found.std_error is not None else "variance"
            return name, (
                "the standard error of a plain ratio can be meant on either scale; give the logarithm of the ratio with its "
                "standard error and the scale 'log ratio', or the interval"
            )
    if (low is None) != (high is None):
        return ("conf_low" if low is None else "conf_high"), "one limit alone; give both limits of the interval"
    if low is None or high is None:
        return _without_interval(found)
    if not low <= found.value <= high or low == high:
        return "estimate", f"{found.value:g} is not inside its interval from {low:g} to {high:g}"
    return _other_scale(found, rounding)


def _shown(found: Estimate) -> tuple[tuple[str, float | None], ...]:
    return ("estimate", found.value), ("conf_low", found.conf_low), ("conf_high", found.conf_high)


def _without_interval(found: Estimate) -> tuple[str, str] | None:
    if found.std_error is not None or found.variance is not None:
        return None
    if found.p_value is None:
        return "estimate", "an estimate without precision; give std_error, variance, conf_low and conf_high, or p_value"
    if found.value == (1.0 if found.scale == "ratio" else 0.0):
        return "p_value", "the estimate says no difference, so the p-value holds no precision; give the interval"
    return None


def _other_scale(found: Estimate, rounding: tuple[float, float, float]) -> tuple[str, str] | None:
    """Refuse an interval that is skew on the scale it is said to be on and even on the other one."""
    low, high = found.conf_low, found.conf_high
    if found.scale == "difference" or low is None or high is None or low <= 0 or _is_even(found, rounding):
        return None
    if not _is_even(found, rounding, turned=True):
        return None
    other = "log ratio" if found.scale == "ratio" else "ratio"
    return "scale", (
        f"{found.value:g} ({low:g} to {high:g}) is not symmetric as a {found.scale}, but it is as a {other}; "
        "check the scale"
    )


def _is_even(found: Estimate, rounding: tuple[float, float, float], *, turned: bool = False) -> bool:
    """Whether the limits can be equally far from the estimate, on its own working scale (or the other), but for rounding."""
    assert found.conf_low is not None and found.conf_high is not None  # noqa: S101 (asked for intervals alone)
    logarithmic = (found.scale == "ratio") != turned
    numbers = (found.value, found.conf_low, found.conf_high)
    bounds = [(x - r * _SLACK, x + r * _SLACK) for x, r in zip(numbers, rounding, strict=True)]
    (v_low, v_high), (l_low, l_high), (h_low, h_high) = [
        (_log(low), _log(high)) if logarithmic else (low, high) for low, high in bounds
    ]
    return l_low + h_low - 2 * v_high <= 0 <= l_high + h_high - 2 * v_low


_SLACK = 1.0 + 1e-9


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def asymmetry_notes(rows: list[EstimateRow]) -> list[Note]:
    """A warning for the intervals whose limits are not equally far from the estimate."""
    skew = [row for row in rows if row.estimate.conf_low is not None and not _is_even(row.estimate, row.rounding)]
    if not skew:
        return []
    names = tuple(dict.fromkeys(row.trial for row in skew))
    message = (
        f"the interval is not symmetric around the estimate, beyond rounding, in {', '.join(names)}: its standard error is taken "
        "from the width of the interval; check the numbers and the scale"
    )
    return [Note("asymmetric-interval", message, "warning", names)]
