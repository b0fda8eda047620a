"""From what publications report to what a method needs: pure functions, each a formula with its source.

Counts are never computed from percentages: a percentage of an unknown number at risk is not a count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtri

from trialpool.numerics.distributions import quantile

__all__ = [
    "MeanAndSd",
    "combined_means",
    "mean_and_sd_from_five_numbers",
    "mean_and_sd_from_quartiles",
    "mean_and_sd_from_range",
    "person_years_from_follow_up",
    "sd_from_interval",
    "sd_from_standard_error",
    "standard_error_from_interval",
    "standard_error_from_p_value",
]


@dataclass(frozen=True, slots=True)
class MeanAndSd:
    """A mean and a standard deviation."""

    mean: float
    sd: float


def standard_error_from_interval(low: float, high: float, conf_level: float) -> float:
    """Standard error from a normal interval on the scale it is symmetric on (Cochrane Handbook, section 6.3.1).

    >>> import math
    >>> round(standard_error_from_interval(math.log(0.42), math.log(0.70), 0.95), 6)
    0.130315
    """
    return (high - low) / (2 * quantile(conf_level, None))


def standard_error_from_p_value(estimate: float, p_value: float) -> float:
    """Standard error from a two-sided p-value by the normal distribution (Cochrane Handbook, section 6.3.2).

    >>> round(standard_error_from_p_value(-0.5, 0.01), 6)
    0.194112
    """
    return abs(estimate) / float(-ndtri(0.5 * p_value))


def sd_from_standard_error(std_error: float, n: float) -> float:
    """Standard deviation from the standard error of a mean: SE sqrt(n) (Cochrane Handbook, section 6.5.2.2).

    >>> sd_from_standard_error(0.5, 36)
    3.0
    """
    return std_error * math.sqrt(n)


def sd_from_interval(low: float, high: float, n: int, conf_level: float) -> float:
    """Standard deviation from the interval of a mean, by t with n - 1 degrees of freedom (Cochrane Handbook, section 6.5.2.2).

    The Handbook's example: 95 % interval from 30.0 to 34.2 in 25 participants.

    >>> round(sd_from_interval(30.0, 34.2, 25, 0.95), 4)
    5.0875
    """
    return math.sqrt(n) * (high - low) / (2 * quantile(conf_level, n - 1))


def _quartile_width(n: float) -> float:
    """Distance of the quartiles, in standard deviations, expected in n normal values (Wan et al. 2014, equation 15)."""
    return float(2 * ndtri((0.75 * n - 0.125) / (n + 0.25)))


def _range_width(n: float) -> float:
    """Distance of the extremes, in standard deviations, expected in n normal values (Wan et al. 2014, equation 9)."""
    return float(2 * ndtri((n - 0.375) / (n + 0.25)))


def mean_and_sd_from_quartiles(q1: float, median: float, q3: float, n: int) -> MeanAndSd:
    """Mean (Luo et al. 2018, equation 15) and standard deviation (Wan et al. 2014, equation 16), for normal values.

    Luo, Wan, Liu & Tong (2018), Statistical Methods in Medical Research 27:1785; Wan, Wang, Liu & Tong (2014), BMC Medical
    Research Methodology 14:135.

    >>> found = mean_and_sd_from_quartiles(8.0, 10.0, 13.0, 40)
    >>> round(found.mean, 4), round(found.sd, 4)
    (10.3549, 3.8446)
    """
    weight = 0.7 + 0.39 / n
    return MeanAndSd(weight * (q1 + q3) / 2 + (1 - weight) * median, (q3 - q1) / _quartile_width(n))


def mean_and_sd_from_range(minimum: float, median: float, maximum: float, n: int) -> MeanAndSd:
    """Mean (Luo et al. 2018, equation 7) and standard deviation (Wan et al. 2014, equation 9), for normal values.

    >>> found = mean_and_sd_from_range(2.0, 10.0, 21.0, 40)
    >>> round(found.mean, 4), round(found.sd, 4)
    (10.3014, 4.4056)
    """
    weight = 4 / (4 + n**0.75)
    return MeanAndSd(weight * (minimum + maximum) / 2 + (1 - weight) * median, (maximum - minimum) / _range_width(n))


def mean_and_sd_from_five_numbers(numbers: tuple[float, float, float, float, float], n: int) -> MeanAndSd:
    """Mean (Luo et al. 2018, equation 19) and standard deviation (Shi et al. 2020, equation 10), for normal values.

    ``numbers`` are minimum, first quartile, median, third quartile, maximum. Shi, Luo, Weng, Zeng, Lin, Chu & Tong (2020),
    Research Synthesis Methods 11:641.

    >>> found = mean_and_sd_from_five_numbers((2.0, 8.0, 10.0, 13.0, 21.0), 40)
    >>> round(found.mean, 4), round(found.sd, 4)
    (10.4849, 4.1866)
    """
    minimum, q1, median, q3, maximum = numbers
    of_range, of_quartiles = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    rest = 1 - of_range - of_quartiles
    mean = of_range * (minimum + maximum) / 2 + of_quartiles * (q1 + q3) / 2 + rest * median
    share = 1 / (1 + 0.07 * n**0.6)
    sd = share * (maximum - minimum) / _range_width(n) + (1 - share) * (q3 - q1) / _quartile_width(n)
    return MeanAndSd(mean, sd)


def person_years_from_follow_up(n: float, follow_up_years: float) -> float:
    """Person-years of ``n`` participants with a mean follow-up.

    >>> person_years_from_follow_up(120, 0.5)
    60.0
    """
    return n * follow_up_years


def combined_means(groups: list[tuple[float, float, float]]) -> tuple[float, float, float]:
    """Mean, standard deviation and n of several groups as one (Cochrane Handbook, section 6.5.2.10).

    >>> mean, sd, n = combined_means([(1.0, 2.0, 10.0), (3.0, 2.0, 10.0)])
    >>> mean, round(sd, 4), n
    (2.0, 2.2005, 20.0)
    """
    total = sum(n for _, _, n in groups)
    mean = sum(n * m for m, _, n in groups) / total
    squares = sum((n - 1) * s * s + n * (m - mean) ** 2 for m, s, n in groups)
    return mean, math.sqrt(squares / (total - 1)), total
