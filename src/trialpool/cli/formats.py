"""An answer as text, JSON or CSV."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from trialpool.cli.argument_types import FORMATS
from trialpool.display import format_interval, format_number, format_percent, text_table
from trialpool.display.csv import csv_text
from trialpool.pool import AbsoluteEffect, Pooled, Subgroup, SubgroupResult
from trialpool.pool.text import conf_level_words

__all__ = ["WRITERS", "Answer", "answer_csv", "answer_json", "answer_text"]

_TEST = ("statistic", "df", "p_value")


@dataclass(frozen=True, slots=True)
class Answer:
    """A pooled result with what was asked for beside it."""

    pooled: Pooled
    subgroups: SubgroupResult | None
    absolute: Sequence[AbsoluteEffect]


def answer_json(answer: Answer) -> str:
    """The result's ``to_dict()``; ``subgroups`` and ``absolute`` are added where they were asked for."""
    document = answer.pooled.to_dict()
    if answer.subgroups:
        document["subgroups"] = answer.subgroups.to_dict()
    if answer.absolute:
        document["absolute"] = [effect.to_dict() for effect in answer.absolute]
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)


def answer_csv(answer: Answer) -> str:
    """A header and one row: the columns of ``tidy()``, then those of ``glance()``.

    Each subgroup, the test of interaction and each absolute effect is one more row, with the columns that it has.
    """
    names = [*answer.pooled.tidy()[0], *answer.pooled.glance()]
    absent = dict.fromkeys(names)
    return csv_text(names, [{**absent, **row} for row in _rows(answer)]).rstrip("\n")


def _rows(answer: Answer) -> Iterator[Mapping[str, object]]:
    yield {**answer.pooled.tidy()[0], **answer.pooled.glance()}
    if answer.subgroups:
        by = answer.subgroups.by
        for group in answer.subgroups.groups:
            yield {**_group_row(group), "term": f"{by} = {group.level}"}
        test = (answer.subgroups.q, answer.subgroups.q_df, answer.subgroups.q_p_value)
        yield {"term": f"interaction: {by}", **dict(zip(_TEST, test, strict=True))}
    for effect in answer.absolute:
        yield {
            "term": f"difference per 1000 at baseline risk {effect.baseline_risk:g}",
            "estimate": effect.difference_per_1000,
            "conf_low": effect.conf_low_per_1000,
            "conf_high": effect.conf_high_per_1000,
        }


def _group_row(group: Subgroup) -> dict[str, object]:
    if group.pooled:
        return {**group.pooled.tidy()[0], **group.pooled.glance()}
    return {"estimate": group.estimate, "std_error": group.std_error, "k": len(group.studies)}


def answer_text(answer: Answer) -> str:
    """The result as Python prints it; then the subgroups and the absolute effects."""
    parts = [str(answer.pooled)]
    if answer.subgroups:
        parts.append(str(answer.subgroups))
    if answer.absolute:
        parts.append(_absolute_text(answer.pooled, answer.absolute))
    return "\n\n".join(parts)


def _absolute_text(pooled: Pooled, effects: Sequence[AbsoluteEffect]) -> str:
    comparison = pooled.comparison
    sides = (comparison.control, comparison.treatment)
    headers = ("Per 1000 people, baseline risk", *sides, f"difference ({conf_level_words(pooled.request)})")
    lines = [text_table(headers, [_absolute_row(effect) for effect in effects])]
    if any(effect.limited for effect in effects):
        lines.append("\nNote: A predicted risk left 0 to 1 and was held at that bound.")
    return "\n".join(lines)


def _absolute_row(effect: AbsoluteEffect) -> tuple[str, ...]:
    interval = format_interval(effect.conf_low_per_1000, effect.conf_high_per_1000, 1)
    return (
        format_percent(effect.baseline_risk),
        format_number(effect.control_per_1000, 1),
        format_number(effect.treatment_per_1000, 1),
        f"{format_number(effect.difference_per_1000, 1)} {interval}",
    )


WRITERS: Mapping[str, Callable[[Answer], str]] = dict(zip(FORMATS, (answer_text, answer_json, answer_csv), strict=True))
"""What writes each format."""
