"""The numbers of an outcome as its source states them, in words."""

from __future__ import annotations

from typing import Protocol

from trialpool.display import format_count, format_interval, format_number, format_p_value
from trialpool.trials import Estimate, Outcome, Summary, shown_bounds

__all__ = ["stated_numbers"]


class _Stated(Protocol):
    """What has numbers to show: an outcome of an arm, perhaps with an effect that is given for it."""

    @property
    def outcome(self) -> Outcome:
        """The outcome of the arm."""
        ...

    @property
    def given(self) -> Estimate | None:
        """The effect that its trial gives of it."""
        ...


def stated_numbers(row: _Stated) -> tuple[str, str]:
    """What was counted or measured, and in how many: events and n, a mean and n, events and person-years, or an effect."""
    outcome, given = row.outcome, row.given
    if outcome.counts is not None:
        return format_count(outcome.counts.events), format_count(outcome.counts.n)
    if outcome.bounds is not None:
        events, _, n = shown_bounds((outcome.bounds,)).rpartition("/")
        return events, n
    if outcome.rates is not None:
        return format_count(outcome.rates.events), f"{format_number(outcome.rates.person_years)} person-years"
    if outcome.means is not None:
        m = outcome.means
        return f"mean {format_number(m.mean)}, SD {format_number(m.sd)}", format_count(m.n)
    if outcome.summary is not None:
        return _summary(outcome.summary), format_count(outcome.summary.n)
    if given is not None:
        return _effect(given), "" if given.n_treatment is None else format_count(given.n_treatment)
    return "", ""


def _summary(s: Summary) -> str:
    parts = [f"mean {format_number(s.mean)}" if s.mean is not None else ""]
    parts.append(f"SE {format_number(s.std_error)}" if s.std_error is not None else "")
    parts.append(f"{_level(s.conf_level)} {_pair(s.conf_low, s.conf_high)}" if s.conf_low is not None else "")
    parts.append(f"median {format_number(s.median)}" if s.median is not None else "")
    parts.append(f"quartiles {_pair(s.q1, s.q3)}" if s.q1 is not None else "")
    parts.append(f"range {_pair(s.minimum, s.maximum)}" if s.minimum is not None else "")
    return ", ".join(part for part in parts if part)


def _effect(given: Estimate) -> str:
    parts = [f"{given.measure or given.scale} {format_number(given.value)}"]
    parts.append(f"SE {format_number(given.std_error, 3)}" if given.std_error is not None else "")
    parts.append(f"variance {format_number(given.variance, 3)}" if given.variance is not None else "")
    parts.append(
        f"{_level(given.conf_level)} {_pair(given.conf_low, given.conf_high)}" if given.conf_low is not None else ""
    )
    parts.append(f"p {format_p_value(given.p_value)}" if given.p_value is not None else "")
    return ", ".join(part for part in parts if part)


def _level(conf_level: float) -> str:
    return f"{100 * conf_level:g}% CI"


def _pair(low: float | None, high: float | None) -> str:
    return format_interval(low, high)[1:-1]
