"""The columns of a forest plot that hold the arms' own numbers, in the form that the measure uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trialpool.plots.styles import ColumnName, Wording
from trialpool.pool import StudyResult
from trialpool.trials import Contrast, Numbers
from trialpool.trials.show import arm_totals, shown_arms

__all__ = ["arm_cells", "arm_headings", "shown_columns", "total_cells"]

_SIDES = ("treatment", "control")


def arm_headings(form: Numbers, words: Wording) -> tuple[str, str, str]:
    """Headings of the combined column, and of the two that the style of RevMan has in its place."""
    if form == "counts":
        return words.combined, words.events, words.total_n
    if form == "rates":
        return f"events{words.slash.rstrip()}\nperson-years", words.events, "Person-years"
    return ("mean (SD); n", "Mean (SD)", words.total_n) if form == "means" else ("n", "", words.total_n)


def shown_columns(
    columns: Iterable[ColumnName], form: Numbers, studies: Iterable[StudyResult]
) -> tuple[ColumnName, ...]:
    """The columns that have something to say: given effects have no events, and often no participants."""
    if form != "estimate":
        return tuple(columns)
    sizes = any(study.contrast.participants for study in studies)
    empty = {"treatment_events", "control_events"} | (
        set() if sizes else {"treatment", "control", "treatment_n", "control_n"}
    )
    return tuple(name for name in columns if name not in empty)


def arm_cells(contrast: Contrast, form: Numbers, words: Wording) -> dict[str, str]:
    """The cells of one study."""
    return _cells(shown_arms(contrast, form), form, words)


def total_cells(
    treatments: Sequence[Contrast], controls: Sequence[Contrast], form: Numbers, words: Wording
) -> dict[str, str]:
    """The cells of a sum over studies: for means and given effects, of the participants alone."""
    texts = arm_totals(treatments, controls, form)
    if form in ("counts", "rates"):
        return _cells(texts, form, words)
    both = dict(zip(_SIDES, texts, strict=True))
    return {**both, **{f"{side}_n": text for side, text in both.items()}}


def _cells(texts: tuple[str, str], form: Numbers, words: Wording) -> dict[str, str]:
    cells: dict[str, str] = {}
    for side, text in zip(_SIDES, texts, strict=True):
        first, _, second = text.partition("; " if form == "means" else "/")
        if form == "estimate":
            first, second = "", text
        cells[side] = text.replace("/", words.slash) if form in ("counts", "rates") else text
        cells[f"{side}_events"], cells[f"{side}_n"] = first, second
    return cells
