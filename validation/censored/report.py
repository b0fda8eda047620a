"""The page of the results: which intervals hold the truth how often, and where estimates are off."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from statistics import mean, median

from validation.censored.methods import METHODS
from validation.censored.performance import Row

__all__ = ["LEAST_COVERAGE", "report", "with_table"]

LEAST_COVERAGE = 0.93
FEWEST = 0.5
"""Share of data sets with an answer below which a cell does not count: what is left is selected by its answer."""

_HEAD = """# Events that are not listed: results of the simulation

Made by `python -m validation.censored merge` from `results.csv`;
[what was simulated, and how to read it](../../docs/explanation/events-not-listed.md). {datasets} data sets a cell, {cells} cells;
numbers are over the data sets that a method gave an interval for, and over the cells where that were at least half.
Monte Carlo standard error of a coverage of 95 % in one cell: {error:.1f} points; those of every number are in `results.csv`.
Below 93 % is **bold**.

Bias is of the log odds ratio. *Outwards* is away from no effect, over the cells with odds ratios 0.5 and 2; *upwards* is the mean
over all cells, odds ratios below and above 1 alike. *Beyond chance* counts cells whose coverage is below 93 % by more than two
Monte Carlo standard errors.
"""


def report(rows: Sequence[Row]) -> str:
    """The page, from the rows of ``results.csv``."""
    sizes = sorted({int(row["datasets"]) for row in rows})
    cells = len({tuple(row[name] for name in _CELL) for row in rows})
    shown = f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes[0]:,} to {sizes[-1]:,}"
    head = _HEAD.format(datasets=shown, cells=cells, error=100.0 * math.sqrt(0.95 * 0.05 / sizes[0]))
    parts = [head]
    populations = list(dict.fromkeys(row["population"] for row in rows))
    for population in populations:
        own = [row for row in rows if row["population"] == population]
        title = "Where the binomial model holds" if population == "normal" else f"Population: {population}"
        parts.append(f"## {title}\n\n{_table(_SUMMARY, _by_method(own))}")
    normal = [row for row in rows if row["population"] == "normal"]
    for title, number, form in _PAGES:
        parts.append(f"## {title}\n\n{_by_risk(normal, number, form)}")
    return "\n".join(parts)


def with_table(page: str, rows: Sequence[Row]) -> str:
    """A page with the summary of every population between its two marks."""
    head, _, rest = page.partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    if not rest or not tail:
        raise ValueError(f"the page has no place for the table: {_BEGIN} and then {_END}")
    return f"{head}{_BEGIN}\n\n{_by_population(rows)}\n{_END}{tail}"


def _by_population(rows: Sequence[Row]) -> str:
    sizes = [int(row["datasets"]) for row in rows]
    lines: list[tuple[str, ...]] = []
    for population in dict.fromkeys(row["population"] for row in rows):
        own = [row for row in rows if row["population"] == population]
        lines += [(population, *line) for line in _by_method(own)]
    columns = ("baselines", *_SUMMARY)
    words = f"{min(sizes):,} to {max(sizes):,}" if min(sizes) < max(sizes) else f"{min(sizes):,}"
    return f"{words} reviews a cell; coverage below 93 % is **bold**.\n\n{_table(columns, lines)}"


_BEGIN, _END = "<!-- made by python -m validation.censored merge -->", "<!-- end -->"
_SUMMARY = (
    *("method", "cells", "coverage: mean", "lowest", "below 93 %", "beyond chance"),
    *("bias: outwards", "upwards", "median width", "not estimable"),
)
_CELL = ("threshold", "risk", "odds_ratio", "tau", "k", "population")


def _counted(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if int(row["estimated"]) >= FEWEST * int(row["datasets"])]


def _by_method(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    found = []
    for method in METHODS:
        every = [row for row in rows if row["method"] == method]
        own = _counted(every)
        if own:
            found.append((method, str(len(own)), *_numbers(own), _lacking(every)))
    return found


def _numbers(rows: Sequence[Row]) -> tuple[str, ...]:
    coverage = [float(row["coverage"]) for row in rows]
    low = [row for row in rows if float(row["coverage"]) < LEAST_COVERAGE]
    beyond = [row for row in low if float(row["coverage"]) + 2.0 * float(row["coverage_error"]) < LEAST_COVERAGE]
    return (
        _percent(mean(coverage)),
        _percent(min(coverage)),
        str(len(low)),
        str(len(beyond)),
        _outwards(rows),
        _upwards(rows),
        f"{median(float(row['median_width']) for row in rows):.2f}",
    )


def _lacking(rows: Sequence[Row]) -> str:
    return f"{100.0 * (1.0 - mean(int(row['estimated']) / int(row['datasets']) for row in rows)):.1f} %"


def _outwards(rows: Iterable[Row]) -> str:
    found = [
        math.copysign(1.0, math.log(float(row["odds_ratio"]))) * float(row["bias"])
        for row in rows
        if float(row["odds_ratio"]) != 1.0
    ]
    return f"{mean(found):+.3f}" if found else ""


def _upwards(rows: Sequence[Row]) -> str:
    return f"{mean(float(row['bias']) for row in rows):+.3f}"


def _coverage(rows: Sequence[Row]) -> str:
    return _percent(mean(float(row["coverage"]) for row in rows))


def _width(rows: Sequence[Row]) -> str:
    return f"{mean(float(row['median_width']) for row in rows):.2f}"


_PAGES: tuple[tuple[str, Callable[[Sequence[Row]], str], str], ...] = (
    ("Coverage by threshold and risk", _coverage, "mean over odds ratios and the settings of tau and k"),
    ("Bias outwards by threshold and risk", _outwards, "mean over odds ratios 0.5 and 2"),
    ("Width by threshold and risk", _width, "mean of the median widths"),
)


def _by_risk(rows: Sequence[Row], number: Callable[[Sequence[Row]], str], words: str) -> str:
    places = list(dict.fromkeys((row["threshold"], row["risk"]) for row in rows))
    lines = []
    for threshold, risk in places:
        here = [row for row in rows if (row["threshold"], row["risk"]) == (threshold, risk)]
        listed = mean(float(row["listed_share"]) for row in here)
        own = [_counted(row for row in here if row["method"] == method) for method in METHODS]
        shown = [number(cells) if cells else "" for cells in own]
        lines.append((_share(threshold), _share(risk), f"{100.0 * listed:.0f} %", *shown))
    return f"{words[0].upper()}{words[1:]}.\n\n{_table(('threshold', 'risk', 'listed', *METHODS), lines)}"


def _share(value: str) -> str:
    return f"{100.0 * float(value):g} %"


def _percent(share: float) -> str:
    shown = f"{100.0 * share:.1f}"
    return f"**{shown}**" if share < LEAST_COVERAGE else shown


def _table(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [columns, ["---"] * len(columns), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"
