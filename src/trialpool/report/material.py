"""What the parts of one analysis are made from, and the flags that go with its results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from trialpool.analysis import Analysis, AnalysisResult
from trialpool.display import typographic
from trialpool.plots.forest_data import contributing
from trialpool.report.document import Drawing, Inline, Notice, inlines
from trialpool.report.figures import FigureKind, NamedFigure
from trialpool.report.provenance import Provenance
from trialpool.report.wording import joined, sentence
from trialpool.results import Note

__all__ = [
    "Material",
    "drawing",
    "note_block",
    "trials_and_people",
    "unverified_flag",
    "unverified_notice",
    "unverified_trials",
]

_MOST_STUDIES_NAMED = 12


@dataclass(frozen=True, slots=True)
class Material:
    """One result with the figures and sources that show it; ``anchor`` begins the id of each of its parts."""

    analysis: Analysis
    result: AnalysisResult
    provenance: Provenance
    figures: Sequence[NamedFigure]
    anchor: str

    def figure(self, kind: FigureKind, about: str = "") -> NamedFigure | None:
        """The figure of a kind, if there is one."""
        wanted = (self.result.spec.id, kind, about)
        return next((f for f in self.figures if (f.analysis, f.kind, f.about) == wanted), None)


def trials_and_people(result: AnalysisResult) -> tuple[int, float | None]:
    """Trials and participants that the pooled result rests on; of all studies where there is none.

    The participants are None where a study does not state them.
    """
    studies = result.studies if result.pooled else tuple(replace(s, contributes=True) for s in result.studies)
    shared = result.comparison is not None and result.comparison.has_shared_controls
    treated, controls = contributing(studies, shared=shared)
    sizes = [*(c.n_treatment for c in treated), *(c.n_control for c in controls)]
    known = [n for n in sizes if n is not None]
    return len({c.trial for c in treated}), sum(known) if len(known) == len(sizes) else None


def unverified_trials(result: AnalysisResult) -> tuple[str, ...]:
    """The trials with a count that nothing confirms and that the result (or, unpooled, an effect of their own) rests on."""
    resting = (s for s in result.studies if (s.contributes if result.pooled else s.estimate is not None))
    return tuple(dict.fromkeys(s.contrast.trial for s in resting if s.contrast.unverified))


def unverified_flag(result: AnalysisResult) -> tuple[Inline, ...]:
    """A badge where a result rests on unverified input, else nothing."""
    return (Inline("unverified input", "badge", tone="alarm"),) if unverified_trials(result) else ()


def unverified_notice(result: AnalysisResult) -> Notice:
    """Which counts nothing confirms."""
    consequence = "; this result rests on them" if result.pooled else ""
    text = f"nothing confirms the counts of {joined(unverified_trials(result))}{consequence}"
    return Notice("Unverified input", inlines(sentence(text)), "alarm")


def drawing(material: Material, named: NamedFigure, caption: str, table: str = "") -> Drawing:
    """A figure with its caption, flagged where the result rests on unverified counts."""
    parts: list[str | Inline] = [caption]
    for flag in unverified_flag(material.result):
        parts += [" ", flag]
    return Drawing(f"figure-{named.name}", inlines(*parts), named.figure, table)


def note_block(note: Note) -> Notice:
    """A note of a result, with the studies it is about."""
    about = f" Studies: {joined(note.studies)}." if 0 < len(note.studies) <= _MOST_STUDIES_NAMED else ""
    content = inlines(typographic(sentence(note.message)) + about)
    return Notice("Warning", content, "caution") if note.level == "warning" else Notice("Note", content)
