"""What an arm reports, converted where it is not what a method needs; each conversion is a decision."""

from __future__ import annotations

from trialpool.display import format_count, format_number
from trialpool.harmonise.conversions import (
    MeanAndSd,
    mean_and_sd_from_five_numbers,
    mean_and_sd_from_quartiles,
    mean_and_sd_from_range,
    person_years_from_follow_up,
    sd_from_interval,
    sd_from_standard_error,
)
from trialpool.trials import Counts, Decision, Means, Rates, Summary

__all__ = ["means_from_summary", "rates_from_follow_up"]

STEP = "conversion"


def means_from_summary(found: Summary, trial: str, arm: str) -> tuple[Means, tuple[Decision, ...]]:
    """Mean and standard deviation, by the first way that the summary allows.

    The order: the mean with its standard error, then with its interval; the median with quartiles and range, with quartiles,
    with the range.
    """
    rule, before, numbers = _by_mean(found) or _by_median(found)
    after = f"mean {format_number(numbers.mean, 3)}, SD {format_number(numbers.sd, 3)}"
    decision = Decision(STEP, trial, rule, f"{arm}: {before}; n {format_count(found.n)}", f"{arm}: {after}")
    return Means(numbers.mean, numbers.sd, found.n), (decision,)


def _by_mean(s: Summary) -> tuple[str, str, MeanAndSd] | None:
    if s.mean is None:
        return None
    if s.std_error is not None:
        sd = sd_from_standard_error(s.std_error, s.n)
        rule = "standard deviation from the standard error of the mean"
        return rule, f"mean {_three(s.mean)}, SE {_three(s.std_error)}", MeanAndSd(s.mean, sd)
    if s.conf_low is None or s.conf_high is None:
        return None
    sd = sd_from_interval(s.conf_low, s.conf_high, s.n, s.conf_level)
    rule = f"standard deviation from the {100 * s.conf_level:g} % interval of the mean, by t with n - 1 df"
    return rule, f"mean {_three(s.mean)} ({_three(s.conf_low)} to {_three(s.conf_high)})", MeanAndSd(s.mean, sd)


def _by_median(s: Summary) -> tuple[str, str, MeanAndSd]:
    assert s.median is not None  # noqa: S101 (the reader lets no other summary pass)
    normal = ", for a normal distribution"
    quartiles = None if s.q1 is None or s.q3 is None else (s.q1, s.q3)
    extremes = None if s.minimum is None or s.maximum is None else (s.minimum, s.maximum)
    between = f"quartiles {_three(quartiles[0])} and {_three(quartiles[1])}" if quartiles else ""
    around = f"range {_three(extremes[0])} to {_three(extremes[1])}" if extremes else ""
    before = ", ".join(part for part in (f"median {_three(s.median)}", between, around) if part)
    if quartiles and extremes:
        five = (extremes[0], quartiles[0], s.median, quartiles[1], extremes[1])
        rule = "mean (Luo 2018) and standard deviation (Shi 2020) from median, quartiles and range"
        return rule + normal, before, mean_and_sd_from_five_numbers(five, s.n)
    if quartiles:
        rule = "mean (Luo 2018) and standard deviation (Wan 2014) from median and quartiles"
        return rule + normal, before, mean_and_sd_from_quartiles(quartiles[0], s.median, quartiles[1], s.n)
    assert extremes is not None  # noqa: S101 (the reader lets no other summary pass)
    rule = "mean (Luo 2018) and standard deviation (Wan 2014) from median and range"
    return rule + normal, before, mean_and_sd_from_range(extremes[0], s.median, extremes[1], s.n)


def _three(value: float) -> str:
    return format_number(value, 3)


def rates_from_follow_up(counts: Counts, trial: str, arm: str) -> tuple[Rates, tuple[Decision, ...]]:
    """Events over the person-years that participants and mean follow-up make."""
    assert counts.follow_up_years is not None  # noqa: S101 (asked for such arms alone)
    years = person_years_from_follow_up(counts.n, counts.follow_up_years)
    before = f"{arm}: {format_count(counts.n)} participants, {format_number(counts.follow_up_years)} years"
    rule = "person-years from participants and mean follow-up"
    decision = Decision(STEP, trial, rule, before, f"{arm}: {format_number(years, 1)} person-years")
    return Rates(counts.events, years), (decision,)
