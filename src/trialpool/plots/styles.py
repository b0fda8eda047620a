"""Styles: each one frozen record of choices; the drawing is shared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trialpool.checks import choice
from trialpool.choices import STYLES, StyleName
from trialpool.display import IntervalStyle

__all__ = ["STYLES", "Palette", "Style", "StyleName", "Wording", "style_of"]


ColumnName = Literal[
    "study",
    "treatment",
    "control",
    "treatment_events",
    "treatment_n",
    "control_events",
    "control_n",
    "plot",
    "effect",
    "weight",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours; those of text reach a contrast of 4.5 on white."""

    text: str = "#1d2733"
    muted: str = "#566373"
    rule: str = "#b9c3cd"
    null: str = "#8593a1"
    interval: str = "#1f4e6e"
    square: str = "#5b93ba"
    subtotal: str = "#5b93ba"
    diamond: str = "#143c57"
    prediction: str = "#c2772b"
    bounds: str = "#64717f"
    header: str | None = None
    band: str = "#e4edf4"
    differs: str = "#a83a1b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Words and the typography of numbers."""

    study: str = "Study"
    combined: str = "events / n"
    events: str = "Events"
    total_n: str = "Total"
    total: str = "Pooled, {model}"
    subtotal: str = "Subtotal"
    weight: str = "Weight"
    favours: str = "Favours"
    interval: IntervalStyle = "to"
    slash: str = " / "
    not_estimable: str = "not estimable"
    p: str = "p"
    leading_zero: bool = True
    z: str = "z"
    q: str = "Q"
    tau2: str = "τ²"
    revman: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a forest plot is laid out and drawn; lengths in px.

    ``statistics`` says whether the tests stand left of the axis or below the plot.
    """

    name: StyleName
    columns: tuple[ColumnName, ...]
    palette: Palette = Palette()
    wording: Wording = Wording()
    text_size: float = 12.0
    small_size: float = 10.5
    title_size: float = 15.0
    row_space: float = 8.0
    column_gap: float = 18.0
    margin: float = 16.0
    plot_width: float = 250.0
    study_width: float = 250.0
    largest_square: float = 13.0
    statistics: Literal["left", "below"] = "below"
    pooled_line: bool = False
    bold_headings: bool = True


_COMBINED: tuple[ColumnName, ...] = ("study", "treatment", "control")

_STYLES: dict[StyleName, Style] = {
    "trialpool": Style(name="trialpool", columns=(*_COMBINED, "plot", "effect", "weight"), pooled_line=True),
    "revman5": Style(
        name="revman5",
        columns=("study", "treatment_events", "treatment_n", "control_events", "control_n", "weight", "effect", "plot"),
        palette=Palette(
            text="#000000",
            muted="#333333",
            rule="#000000",
            null="#000000",
            interval="#000000",
            square="#2a3fe0",
            subtotal="#000000",
            diamond="#000000",
            prediction="#555555",
            bounds="#555555",
        ),
        wording=Wording(
            study="Study or Subgroup",
            total="Total ({level} CI)",
            subtotal="Subtotal ({level} CI)",
            interval="brackets",
            not_estimable="Not estimable",
            p="P",
            z="Z",
            q="Chi²",
            tau2="Tau²",
            revman=True,
        ),
        text_size=11.0,
        small_size=10.0,
        title_size=12.5,
        row_space=4.5,
        column_gap=13.0,
        plot_width=260.0,
        study_width=220.0,
        largest_square=11.0,
        statistics="left",
    ),
    "jama": Style(
        name="jama",
        columns=(*_COMBINED, "effect", "plot", "weight"),
        palette=Palette(
            text="#111111",
            muted="#4a4a4a",
            rule="#8c8c8c",
            null="#5c5c5c",
            interval="#2b3f50",
            square="#6f8ca3",
            subtotal="#6f8ca3",
            diamond="#2f5673",
            prediction="#7a7a7a",
            bounds="#7a7a7a",
        ),
        wording=Wording(
            study="Source",
            combined="No./total No.",
            total="Total",
            weight="Weight, %",
            favours="Favors",
            interval="dash",
            slash="/",
            not_estimable="Not estimable",
            p="P",
            leading_zero=False,
            q="χ²",
        ),
        text_size=11.0,
        small_size=10.0,
        title_size=13.0,
        row_space=6.0,
        column_gap=16.0,
        plot_width=230.0,
        study_width=220.0,
        largest_square=11.0,
    ),
    "bmj": Style(
        name="bmj",
        columns=(*_COMBINED, "plot", "weight", "effect"),
        palette=Palette(
            text="#16202a",
            muted="#4d5966",
            rule="#1f6ca8",
            null="#4d5966",
            interval="#1b3b57",
            square="#2a75b3",
            subtotal="#c4356b",
            diamond="#c4356b",
            prediction="#7d3c98",
            header="#dbe8f3",
        ),
        wording=Wording(
            study="Study",
            combined="No of events/total",
            total="Total ({model})",
            weight="Weight (%)",
            slash="/",
            not_estimable="Not estimable",
            p="P",
            leading_zero=True,
            q="χ²",
        ),
        text_size=11.5,
        small_size=10.5,
        title_size=13.5,
        row_space=6.5,
        column_gap=16.0,
        plot_width=230.0,
        study_width=230.0,
        largest_square=12.0,
    ),
}


def style_of(name: str) -> Style:
    """The style of a name.

    >>> style_of("jama").wording.favours
    'Favors'
    """
    return _STYLES[choice("style", name, STYLES)]  # type: ignore[index]
