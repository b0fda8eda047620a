"""The axis of a plot: which range it shows, and natural ticks on it.

Positions are on the working scale (the natural logarithm of a ratio); tick values are those shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from trialpool.display import MINUS
from trialpool.effects import Scale
from trialpool.errors import OptionError
from trialpool.plots.fonts import text_width

__all__ = ["Axis", "Limits", "Tick", "axis_for", "shown_range", "tick_label"]

Limits = tuple[float, float]

_FARTHEST_RATIO = math.log(1e4)
_TICK_GAP = 7.0
_MOST_TICKS = 9
_SNAP = 0.15
"""An axis is lengthened to the next tick if that costs at most this share of it."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick: its position on the working scale and its label."""

    position: float
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """A range of the working scale with its ticks and, where it has one, the value that means no difference."""

    low: float
    high: float
    ticks: tuple[Tick, ...]
    null: float | None

    def share(self, position: float) -> float:
        """How far along the axis a position is: 0 at its start, 1 at its end."""
        return (position - self.low) / (self.high - self.low)

    def tick_overhang(self, width: float, size: float) -> float:
        """How far labels reach beyond the ends of an axis of this width."""
        reach = 0.0
        for tick in self.ticks:
            half, at = text_width(tick.label, size) / 2, width * self.share(tick.position)
            reach = max(reach, half - at, at + half - width)
        return reach


def shown_range(
    estimates: Sequence[float], intervals: Sequence[Limits], *, logarithmic: bool, ranges: Sequence[Limits] = ()
) -> Limits:
    """The range that shows every estimate, no difference, and intervals as far as they leave room for the rest.

    An interval is cut where it reaches a quarter of the estimates' range, or about an ordinary interval, beyond them:
    one wide interval does not squeeze the others. ``ranges`` have no estimate and may be infinite: each is shown where it is
    nearest to no difference, and one that holds no difference lengthens the axis only for an end that then is in view. Where there
    is nothing else, their finite ends are shown, with room for the arrow of an infinite one.
    """
    ends = [end for limits in ranges for end in limits if math.isfinite(end)]
    shown = [*estimates, *([min(max(0.0, a), b) for a, b in ranges] if intervals else ends)]
    near = [position for position in shown if not logarithmic or abs(position) <= _FARTHEST_RATIO]
    low, high = min([0.0, *near]), max([0.0, *near])
    ordinary = median([(b - a) / 2 for a, b in intervals]) if intervals else 0.0
    room = min(2 * ordinary, math.log(4)) if logarithmic else 1.5 * ordinary
    room = max(room, 0.25 * (high - low))
    lows = [a for a, _ in intervals] + [a for a, b in ranges if b < 0 or a >= low - room or not intervals]
    highs = [b for _, b in intervals] + [b for a, b in ranges if a > 0 or b <= high + room or not intervals]
    low, high = max(min([low, *lows]), low - room), min(max([high, *highs]), high + room)
    smallest = 0.02 if logarithmic else 0.0001
    if high - low < smallest:
        low, high = low - smallest, high + smallest
    margin = 0.02 * (high - low)
    return low - margin, high + margin


def axis_for(scale: Scale, shown: Limits, width: float, size: float, limits: Limits | None = None) -> Axis:
    """An axis of a measure.

    Parameters
    ----------
    scale : Scale
    shown : (float, float)
        Range on the working scale; lengthened to a natural tick where that is near.
    width, size : float
        Length of the axis and font size of the labels, which must not touch.
    limits : (float, float), optional
        Ends of the axis as displayed; they replace ``shown`` and are kept as they are.

    Returns
    -------
    Axis
    """
    if limits is not None:
        shown = _working(limits, scale)
    best: Axis | None = None
    for values in _candidates(shown, scale.logarithmic):
        axis = _axis(values, shown, scale, snap=limits is None)
        if len(axis.ticks) < 2 or not _labels_fit(axis, width, size):
            continue
        if 3 <= len(axis.ticks) <= _MOST_TICKS:
            return axis
        if best is None or abs(len(axis.ticks) - 4) < abs(len(best.ticks) - 4):
            best = axis
    return best or _axis([scale.display(p) for p in shown], shown, scale, snap=False)


def _working(limits: Limits, scale: Scale) -> Limits:
    low, high = limits
    if not (math.isfinite(low) and math.isfinite(high) and low < high) or (scale.logarithmic and low <= 0):
        kind = "positive numbers" if scale.logarithmic else "numbers"
        raise OptionError(f"limits={limits!r} is no range of the axis; give two finite {kind}, the lower first")
    return (math.log(low), math.log(high)) if scale.logarithmic else (low, high)


def _candidates(shown: Limits, logarithmic: bool) -> Iterator[list[float]]:
    """Tick values that reach beyond the range on both sides, from the most to the least natural."""
    if not logarithmic:
        yield from _even_steps(*shown)
        return
    low, high = (p / math.log(10) for p in shown)
    first, last = math.floor(low) - 1, math.ceil(high) + 1
    one_two_five = [m * 10.0**d for d in range(first, last + 1) for m in (1, 2, 5)]
    yield one_two_five
    for step in range(1, max(2, (last - first) // 2 + 1)):
        yield [10.0**d for d in range(first - first % step - step, last + step + 1, step)]
    if max(abs(low), abs(high)) < 6:
        yield from _even_steps(math.exp(shown[0]), math.exp(shown[1]))


def _even_steps(low: float, high: float) -> Iterator[list[float]]:
    """Evenly spaced round values, from about seven of them to about two."""
    exponent = math.floor(math.log10((high - low) / 10))
    for step in (m * 10.0 ** (exponent + d) for d in (0, 1, 2) for m in (1, 2, 2.5, 5)):
        if 1.5 <= (high - low) / step <= 7:
            first, last = math.floor(low / step), math.ceil(high / step)
            decimals = max(0, 1 - math.floor(math.log10(step)))
            yield [round(i * step, decimals) for i in range(first, last + 1)]


def _axis(values: Iterable[float], shown: Limits, scale: Scale, *, snap: bool) -> Axis:
    ticks = [Tick(p, tick_label(v)) for v in values if (p := _position(v, scale.logarithmic)) is not None]
    low, high = shown
    if snap:
        reach = _SNAP * (high - low)
        low = min((t.position for t in ticks if low - reach <= t.position <= low), default=low)
        high = max((t.position for t in ticks if high <= t.position <= high + reach), default=high)
    tolerance = 1e-9 * (high - low)
    inside = tuple(t for t in ticks if low - tolerance <= t.position <= high + tolerance)
    null = 0.0 if low <= 0 <= high else None
    return Axis(low, high, inside, null)


def _position(value: float, logarithmic: bool) -> float | None:
    if not logarithmic:
        return value
    return math.log(value) if value > 0 else None


def _labels_fit(axis: Axis, width: float, size: float) -> bool:
    end = -math.inf
    for tick in axis.ticks:
        centre, half = width * axis.share(tick.position), text_width(tick.label, size) / 2
        if centre - half < end + _TICK_GAP:
            return False
        end = centre + half
    return True


def tick_label(value: float) -> str:
    """A tick value in as few characters as say it.

    >>> [tick_label(v) for v in (0.1, 1.0, -0.05, 1000.0, 1e6, 0.00001)]
    ['0.1', '1', '−0.05', '1000', '1e6', '1e−5']
    """
    magnitude = abs(value)
    sign = MINUS if value < 0 else ""
    if magnitude and not 1e-4 <= magnitude < 1e5:
        mantissa, _, exponent = f"{magnitude:.6e}".partition("e")
        power = int(exponent)
        return f"{sign}{float(mantissa):g}e{MINUS if power < 0 else ''}{abs(power)}"
    return sign + f"{magnitude:.8f}".rstrip("0").rstrip(".")
