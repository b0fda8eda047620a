"""A table of alternatives with the rule that tells whether the conclusion depends on the choice."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from trialpool.checks import quoted
from trialpool.display import escape_html, format_estimate, html_table, plural, text_table
from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool import Pooled, Request, pool_request
from trialpool.results import SCHEMA_VERSION
from trialpool.trials import Comparison

__all__ = ["Alternative", "Conclusion", "SensitivityTable", "alternative", "conclusion_of", "sensitivity_table"]

Conclusion = Literal["lower", "higher", "uncertain"]

_WORDS: dict[Conclusion, str] = {
    "lower": "the interval lies below no difference",
    "higher": "the interval lies above no difference",
    "uncertain": "the interval includes no difference",
}


def conclusion_of(pooled: Pooled) -> Conclusion:
    """What a reader concludes: the whole interval below no difference, above it, or neither."""
    if pooled.conf_high < 0:
        return "lower"
    return "higher" if pooled.conf_low > 0 else "uncertain"


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to answer; ``pooled`` is None where it gives no answer, and ``reason`` says why."""

    label: str
    pooled: Pooled | None
    reason: str = ""
    is_reference: bool = False

    @property
    def conclusion(self) -> Conclusion | None:
        """Its conclusion, if it has one."""
        return None if self.pooled is None else conclusion_of(self.pooled)

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON-ready data."""
        names = ("estimate", "std_error", "conf_low", "conf_high", "statistic", "df", "p_value")
        return {
            "label": self.label,
            "is_reference": self.is_reference,
            "conclusion": self.conclusion,
            "reason": self.reason,
            **{name: getattr(self.pooled, name) if self.pooled else None for name in names},
            "displayed": [v if math.isfinite(v) else None for v in self.pooled.displayed] if self.pooled else None,
            "k_informative": self.pooled.k_informative if self.pooled else None,
            "tau2": self.pooled.heterogeneity.tau2 if self.pooled and self.pooled.heterogeneity else None,
            "i2": self.pooled.heterogeneity.i2 if self.pooled and self.pooled.heterogeneity else None,
            "request": self.pooled.request.to_dict() if self.pooled else None,
        }


@dataclass(frozen=True, slots=True, repr=False)
class SensitivityTable:
    """Alternatives to a reference result.

    Attributes
    ----------
    name : str
    rows : tuple of Alternative
        The first is the reference; empty where the choice does not arise, and ``verdict`` says why.
    depends : bool
        Whether any alternative leads to another conclusion than the reference.
    verdict : str
        The rule's outcome in words.
    """

    name: str
    rows: tuple[Alternative, ...]
    depends: bool
    verdict: str

    def tidy(self) -> list[dict[str, Any]]:
        """A row per alternative."""
        return [{"table": self.name, **row.to_dict()} for row in self.rows]

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready data."""
        return {
            "schema_version": SCHEMA_VERSION,
            "type": "sensitivity",
            "name": self.name,
            "depends": self.depends,
            "verdict": self.verdict,
            "rows": [row.to_dict() for row in self.rows],
        }

    def __str__(self) -> str:
        table = [text_table(_HEADERS, [_row(row) for row in self.rows], "lrrl"), ""] if self.rows else []
        return "\n".join([self.name, "", *table, self.verdict])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        table = html_table(_HEADERS, [_row(row) for row in self.rows], caption=self.name) if self.rows else ""
        return f"{table}<p>{escape_html(self.verdict)}</p>"


_HEADERS = ("Alternative", "Estimate", "Studies", "Conclusion")
_MOST_NAMED, _FIRST_NAMED = 6, 4


def _row(row: Alternative) -> tuple[str, str, str, str]:
    if row.pooled is None:
        return row.label, "not estimable", "", row.reason
    estimate = f"{row.pooled.scale.abbreviation} {format_estimate(*row.pooled.displayed)}"
    conclusion = "reference" if row.is_reference else _WORDS[conclusion_of(row.pooled)]
    return row.label, estimate, str(row.pooled.k_informative), conclusion


def alternative(label: str, comparison: Comparison, request: Request) -> Alternative:
    """Pool another way; an answer that does not exist becomes a row with its reason."""
    try:
        return Alternative(label, pool_request(comparison, request))
    except (NotEstimableError, OptionError) as error:
        return Alternative(label, None, str(error))


def sensitivity_table(
    name: str, reference: Pooled, label: str, others: Iterable[Alternative], *, varies_studies: bool = False
) -> SensitivityTable:
    """Set alternatives beside the reference and say whether they agree.

    ``varies_studies`` tells that which studies are pooled is the choice itself; else the verdict names it as another cause.
    """
    rows = (Alternative(label, reference, is_reference=True), *others)
    expected = conclusion_of(reference)
    answered = [row for row in rows[1:] if row.conclusion is not None]
    differing = [row for row in answered if row.conclusion != expected]
    tail = "" if varies_studies else _other_studies(reference, answered)
    silent = len(rows) - 1 - len(answered)
    tail += f" {plural(silent, 'alternative')} not estimable." if silent else ""
    return SensitivityTable(name, rows, bool(differing), f"{_verdict(expected, answered, differing)}{tail}")


def not_applicable(name: str, reason: str) -> SensitivityTable:
    """A table for a choice that does not arise."""
    return SensitivityTable(name, (), False, reason)


def not_of_bounds(name: str, pooled: Pooled) -> SensitivityTable | None:
    """A table of methods of counts where the reference uses counts within bounds, which they would leave out."""
    if not any(contrast.bounded_only for contrast in pooled.comparison.contrasts):
        return None
    reason = "Some counts are known within bounds alone, which these methods would leave out; see counts within bounds."
    return not_applicable(name, reason)


def _verdict(expected: Conclusion, answered: Sequence[Alternative], differing: Sequence[Alternative]) -> str:
    if not answered:
        return "No alternative gives an answer."
    if not differing:
        return f"The conclusion does not depend on this choice: in every row {_WORDS[expected]}."
    parts = []
    for conclusion, words in _WORDS.items():
        labels = [row.label for row in differing if row.conclusion == conclusion]
        if labels:
            parts.append(f"with {_named(labels)} {words}")
    return f"The conclusion depends on this choice: here {_WORDS[expected]}, but {'; '.join(parts)}."


def _named(labels: Sequence[str]) -> str:
    if len(labels) <= _MOST_NAMED:
        return quoted(labels)
    return f"{quoted(labels[:_FIRST_NAMED])} and {len(labels) - _FIRST_NAMED} more"


def _other_studies(reference: Pooled, answered: Sequence[Alternative]) -> str:
    """That some rows pool another number of studies: a difference there is not due to the choice alone."""
    expected = reference.k_informative
    counts = [row.pooled.k_informative for row in answered if row.pooled and row.pooled.k_informative != expected]
    if not counts:
        return ""
    rows = f"{plural(len(counts), 'row')} {'pools' if len(counts) == 1 else 'pool'}"
    others = " or ".join(str(count) for count in sorted(set(counts)))
    return f" {rows} other studies than the reference ({others}, not {expected}): there the studies differ, not only the choice."
