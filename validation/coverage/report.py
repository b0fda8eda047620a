"""The results as a page of tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median

from validation.coverage.cells import ALLOCATIONS, RISKS, TAUS, TRIALS
from validation.coverage.methods import AUTOMATIC_CHOICE, METHODS
from validation.coverage.performance import Row

__all__ = ["LEAST_COVERAGE", "report"]

LEAST_COVERAGE = 0.93
"""Below it an interval is called too narrow."""

SHORT = {
    "Mantel-Haenszel": "MH",
    "Peto": "Peto",
    "exact, mid-P": "mid-P",
    "hypergeometric-normal, profile": "HN profile",
    "hypergeometric-normal, Wald": "HN Wald",
    "hypergeometric-normal, t": "HN t",
    "Firth logistic": "Firth",
    "beta-binomial": "BB",
    "inverse variance, no correction": "IV",
    "inverse variance, + 0.5": "IV + 0.5",
    "Bayes, hypergeometric": "Bayes H",
    "Bayes, normal, + 0.5": "Bayes N",
    AUTOMATIC_CHOICE: "automatic",
}

_INTRODUCTION = """# Coverage study: results

Made by `python -m validation.coverage merge` from `results.csv`;
[what was simulated, and how to read it](../../docs/explanation/coverage.md). {datasets} data sets a cell, {cells} of 90 cells.
Numbers are over the data sets that a method gave an interval for; the others are in the last table. A failure is a data set
with neither a number nor a reason, and a warning out of the arithmetic counts as one.

Monte Carlo standard error of a coverage of 95 %: {error:.1f} points where all data sets were estimated; those of every
number are in `results.csv`. Coverage below {least:.0f} % is **bold**.

MH Mantel-Haenszel; mid-P exact conditional; HN hypergeometric-normal model with its profile-likelihood, Wald or t interval; BB
beta-binomial; IV inverse variance, REML, safe Hartung-Knapp, without correction and with 0.5; Bayes H hypergeometric, Bayes N normal
likelihood with 0.5; automatic: `method="auto"` with the measure left free, against the truth of the measure it chose.
"""

_WHY = {
    "no events in any": "**No events on one side.** The data set was drawn so that one side has none: the counts point one way, and "
    "what is chosen by its outcome cannot hold the truth in 95 of 100. Over all data sets of a cell these are few.",
    "Bayes, hypergeometric": "**Few or very few events, Bayes.** With tau = 0.5 the trials differ by as much as the prior of tau, "
    "half-normal(0.5), thinks large, and a handful of events cannot correct it.",
    "hypergeometric-normal": "**Rare events, hypergeometric-normal model.** Maximum likelihood takes tau2 somewhat too small, "
    "and a likelihood-ratio interval with it. And where effects differ, a trial with a larger odds ratio has more events under "
    "this generator, which the model, given all events of a trial, takes to be neutral: the estimate is drawn towards 1. With "
    "baselines that vary at the midpoint of the arms (`--baseline midpoint`) that bias is next to nothing.",
    "risk ratio": "**Common events.** The log risk ratio and its weight depend on the risk of the trial alike, which biases a "
    "weighted mean where effects differ.",
}
"""Reasons by what their choices have in their names; the first that fits is given."""


def report(rows: Sequence[Row]) -> str:
    """The page, as Markdown."""
    whole = [row for row in rows if not row["chosen"]]
    if not whole:
        return "# Coverage study: results\n\nNo cell has been run.\n"
    datasets = sorted({int(row["datasets"]) for row in whole})
    parts = [
        _INTRODUCTION.format(
            datasets=" to ".join(f"{number:,}" for number in dict.fromkeys((datasets[0], datasets[-1]))),
            cells=len({_cell(row) for row in whole}),
            error=100 * (0.95 * 0.05 / datasets[0]) ** 0.5,
            least=100 * LEAST_COVERAGE,
        ),
        "## All cells together\n",
        _overall(whole),
        f"## Where the automatic choice is below {100 * LEAST_COVERAGE:.0f} %\n",
        _automatic_below(rows),
        "## Coverage, %, allocation 1:1 / 2:1\n",
        _by_cell(whole, _coverage),
        "## Bias of the log ratio, allocation 1:1 / 2:1\n",
        _by_cell(whole, lambda row: f"{float(row['bias']):+.2f}" if row["bias"] else "-"),
        "## Median width of the interval, allocation 1:1 / 2:1\n",
        _by_cell(whole, lambda row: f"{float(row['median_width']):.2f}" if row["median_width"] else "-"),
        "## Not estimable, with a reason, % of the data sets, allocation 1:1 / 2:1\n",
        _by_cell(whole, lambda row: f"{_share(row):.1f}"),
    ]
    return "\n".join(parts)


def _overall(rows: Sequence[Row]) -> str:
    head = (
        *("method", "lowest coverage", "median", "highest", "cells below 93 %", "beyond chance"),
        *("median absolute bias", "largest", "not estimable, median", "most", "failures"),
    )
    lines = []
    for method in (*METHODS, AUTOMATIC_CHOICE):
        own = [row for row in rows if row["method"] == method]
        with_numbers = [row for row in own if row["coverage"]]
        if not with_numbers:
            continue
        coverage = [float(row["coverage"]) for row in with_numbers]
        bias = [abs(float(row["bias"])) for row in with_numbers]
        missing = [_share(row) for row in own]
        lines.append(
            (
                method,
                *(f"{100 * value:.1f}" for value in (min(coverage), median(coverage), max(coverage))),
                str(sum(value < LEAST_COVERAGE for value in coverage)),
                str(sum(_clearly_below(row) for row in with_numbers)),
                *(f"{value:.3f}" for value in (median(bias), max(bias))),
                *(f"{value:.1f} %" for value in (median(missing), max(missing))),
                str(sum(int(row["failures"]) for row in own)),
            )
        )
    return _table(head, lines)


def _automatic_below(rows: Sequence[Row]) -> str:
    """The cells, and in each what was chosen, in how many data sets, and how often that interval held the truth."""
    low = {
        _cell(row): row for row in rows if row["method"] == AUTOMATIC_CHOICE and not row["chosen"] and _is_below(row)
    }
    if not low:
        return "Nowhere.\n"
    lines = [
        (
            *(_cell(row) if not row["chosen"] else ("",) * 4),
            row["chosen"] or "all",
            str(row["estimated"]),
            f"{100 * float(row['coverage']):.1f} ({100 * float(row['coverage_error']):.1f})",
            f"{float(row['bias']):+.3f}",
        )
        for row in rows
        if row["method"] == AUTOMATIC_CHOICE and _cell(row) in low and row["coverage"]
    ]
    table = _table(("k", "risk", "tau", "allocation", "chosen", "estimated", "coverage (error)", "bias"), lines)
    too_narrow = [row["chosen"] for row in rows if row["chosen"] and _cell(row) in low and _is_below(row)]
    reasons = {next((_WHY[words] for words in _WHY if words in chosen), "") for chosen in too_narrow}
    return "\n".join([table, *(f"{reason}\n" for reason in _WHY.values() if reason in reasons)])


def _by_cell(rows: Sequence[Row], show: Callable[[Row], str]) -> str:
    """A line for k, risk and tau, a column for each method."""
    by_key = {(*_cell(row), row["method"]): row for row in rows}
    lines = []
    for risk in RISKS:
        for k in TRIALS:
            for tau in TAUS:
                shown = []
                for method in SHORT:
                    keys = [(str(k), str(risk), str(tau), f"{ratio}:1", method) for ratio in ALLOCATIONS]
                    shown.append(" / ".join(show(by_key[key]) if key in by_key else "" for key in keys).strip(" /"))
                if any(shown):
                    lines.append((f"{100 * risk:g} %", str(k), f"{tau:g}", *shown))
    return _table(("risk", "k", "tau", *SHORT.values()), lines)


def _coverage(row: Row) -> str:
    if not row["coverage"]:
        return "-"
    text = f"{100 * float(row['coverage']):.1f}"
    return f"**{text}**" if _is_below(row) else text


def _is_below(row: Row) -> bool:
    return bool(row["coverage"]) and float(row["coverage"]) < LEAST_COVERAGE


def _clearly_below(row: Row) -> bool:
    """Whether it is below by more than twice the Monte Carlo standard error."""
    return float(row["coverage"]) + 2 * float(row["coverage_error"]) < LEAST_COVERAGE


def _share(row: Row) -> float:
    return 100 * int(row["not_estimable"]) / int(row["datasets"])


def _cell(row: Row) -> tuple[str, str, str, str]:
    return str(row["k"]), str(row["risk"]), str(row["tau"]), str(row["allocation"])


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    every = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in every) + "\n"
