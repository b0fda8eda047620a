"""Ranges of odds ratios, of studies whose events are known within bounds alone: what a forest plot knows of them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from trialpool.effects import Measure, odds_ratio_range, range_words
from trialpool.plots.axis import Limits
from trialpool.plots.forest_data import ForestData
from trialpool.plots.styles import Style
from trialpool.pool import StudyResult

__all__ = ["Ranges", "drawn_ranges", "range_key", "range_text", "study_range"]

Ranges = Mapping[tuple[str, str], Limits]
"""From the key of a study to its lowest and highest log odds ratio, infinite where there is no limit."""


def range_key(study: StudyResult) -> tuple[str, str]:
    """What tells a study from the others of a comparison: its label and its treatment arm."""
    return study.contrast.label, study.contrast.treatment_arm


def study_range(study: StudyResult, measure: Measure) -> Limits | None:
    """The lowest and the highest odds ratio of a study without an estimate that its bounds allow, 0 and infinity among them.

    None where nothing lies between: every table within the bounds has an empty cell on the same side. Such a study has no range,
    as one whose counts are known and that has an empty cell has no odds ratio.
    """
    bounds = study.contrast.bounds
    if measure != "odds ratio" or study.estimate is not None or not study.contrast.bounded_only or bounds is None:
        return None
    found = odds_ratio_range(bounds)
    return None if found is None or found[0] == math.inf or found[1] == 0 else found


def drawn_ranges(data: ForestData) -> Ranges:
    """The ranges that a plot shows; none where nothing has a finite place, so that there is no axis."""
    measure = data.request.measure
    found = {range_key(s): (_log(r[0]), _log(r[1])) for s in data.studies if (r := study_range(s, measure)) is not None}
    others = data.pooled is not None or any(study.estimate is not None for study in data.studies)
    return found if others or any(math.isfinite(end) for limits in found.values() for end in limits) else {}


def _log(ratio: float) -> float:
    return math.log(ratio) if ratio else -math.inf


def range_text(found: Limits, style: Style) -> str:
    """A range in the column of effects, in words: it is no interval, and must not look like one.

    >>> from trialpool.plots.styles import style_of
    >>> range_text((0.5, math.inf), style_of("jama")), range_text((0.5, 2.0), style_of("trialpool"))
    ('0.50 or more', 'between 0.50 and 2.00')
    """
    words = range_words(*found)
    return words if style.wording.not_estimable.islower() else words[0].upper() + words[1:]
