"""How time is taken, and the row that reports it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

REPEATS = 7


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: what, the number with its unit, and the number to hold, where there is one."""

    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def target(self) -> str:
        """The number to hold, and whether it is held."""
        if self.at_most is not None:
            return f"< {self._with_unit(self.at_most)}: {'met' if self.value < self.at_most else 'MISSED'}"
        if self.at_least is not None:
            return f">= {self._with_unit(self.at_least)}: {'met' if self.value >= self.at_least else 'MISSED'}"
        return ""

    def _with_unit(self, number: float) -> str:
        return f"{number:,g} {self.unit}".rstrip()

    def __str__(self) -> str:
        number = f"{self.value:,.0f}" if self.value >= 1000 else f"{self.value:.3g}"
        return f"{self.what:<66} {number:>10} {self.unit:<6} {self.target}".rstrip()


def median_wall_seconds(action: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median wall-clock time of an action, after one run to warm up."""
    return _median_seconds(action, repeats, time.perf_counter)


def median_cpu_seconds(action: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median processor time of an action in this process, after one run to warm up."""
    return _median_seconds(action, repeats, time.process_time)


def _median_seconds(action: Callable[[], object], repeats: int, clock: Callable[[], float]) -> float:
    action()
    times = []
    for _ in range(repeats):
        start = clock()
        action()
        times.append(clock() - start)
    return median(times)
