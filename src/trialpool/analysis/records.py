"""Review: what was asked. Analysis: what came out. Both frozen; nothing here computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from trialpool.analysis.text import analysis_html, analysis_text, result_text
from trialpool.analysis.toml_lines import TomlLines
from trialpool.pool import (
    AbsoluteEffect,
    Automatic,
    Pooled,
    Request,
    Selection,
    StudyResult,
    SubgroupResult,
    Thresholds,
)
from trialpool.read import LeftOutTable, TrialTable
from trialpool.results import SCHEMA_VERSION, Note
from trialpool.sensitivity import SensitivityTable
from trialpool.trials import Comparison, MultiArm

__all__ = [
    "KINDS",
    "Analysis",
    "AnalysisResult",
    "AnalysisSpec",
    "InputFile",
    "Kind",
    "OutcomeSpec",
    "PublishedComparison",
    "PublishedResult",
    "Question",
    "Review",
]

Kind = Literal["planned", "sensitivity", "post hoc"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BetterDirection = Literal["fewer", "more"]


@dataclass(frozen=True, slots=True)
class Question:
    """Population, intervention, comparator."""

    population: str
    intervention: str
    comparator: str


@dataclass(frozen=True, slots=True)
class OutcomeSpec:
    """One outcome: its name in the table, its label in the report, which direction is better, stated baseline risks."""

    name: str
    label: str
    better: BetterDirection
    baseline_risks: tuple[float, ...]
    description: str


@dataclass(frozen=True, slots=True)
class AnalysisSpec:
    """One analysis that was asked for.

    Where ``automatic`` is given, the evidence decides: ``request`` is what was chosen, and before the data are seen a default.
    """

    id: str
    title: str
    outcome: OutcomeSpec
    request: Request
    kind: Kind
    multi_arm: MultiArm
    subgroups: tuple[str, ...]
    comment: str
    automatic: Automatic | None = None


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """A result in print to compare an analysis with.

    ``digits`` are the decimals that estimate, lower and upper limit were printed with: journals print 11.9 (5.68 to 25).
    """

    analysis: str
    measure: str
    estimate: float
    conf_low: float
    conf_high: float
    digits: tuple[int, int, int]
    trials: int | None
    participants: int | None
    source: str
    comment: str


@dataclass(frozen=True, slots=True)
class Review:
    """A review file, read and valid; ``left_out_file`` is empty where it names none."""

    title: str
    question: Question
    data_file: str
    columns: Mapping[str, str]
    treatments: tuple[str, ...]
    controls: tuple[str, ...]
    outcomes: tuple[OutcomeSpec, ...]
    analyses: tuple[AnalysisSpec, ...]
    published: tuple[PublishedResult, ...]
    file_name: str
    folder: str
    sha256: str
    authors: str = ""
    left_out_file: str = ""
    thresholds: Thresholds = Thresholds()
    lines: TomlLines = field(default_factory=lambda: TomlLines(""), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that the results rest on."""

    name: str
    sha256: str

    def to_dict(self) -> dict[str, Any]:
        """The file as JSON-ready data."""
        return {"name": self.name, "sha256": self.sha256}


@dataclass(frozen=True, slots=True)
class PublishedComparison:
    """A published result beside ours.

    Attributes
    ----------
    published : PublishedResult
    agrees : bool or None
        Whether estimate and interval are equal at the printed digits; None where there is no result to compare.
    message : str
        What agrees or differs, in one sentence.
    lacks : tuple of str
        What the input lacks or leaves unverified, a sentence each.
    """

    published: PublishedResult
    agrees: bool | None
    message: str
    lacks: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The comparison as JSON-ready data."""
        p = self.published
        return {
            "measure": p.measure,
            "estimate": p.estimate,
            "conf_low": p.conf_low,
            "conf_high": p.conf_high,
            "digits": list(p.digits),
            "trials": p.trials,
            "participants": p.participants,
            "source": p.source,
            "comment": p.comment,
            "agrees": self.agrees,
            "message": self.message,
            "lacks": list(self.lacks),
        }


@dataclass(frozen=True, slots=True, repr=False)
class AnalysisResult:
    """One analysis with all that rests on it.

    ``pooled`` is None where there is no pooled answer, and ``impossible`` says why; ``studies`` are there all the same.
    ``comparison`` is None only where no trial compares the two treatments on the outcome.
    """

    spec: AnalysisSpec
    comparison: Comparison | None
    studies: tuple[StudyResult, ...]
    pooled: Pooled | None
    impossible: str
    absolute: tuple[AbsoluteEffect, ...]
    absolute_basis: str
    subgroups: tuple[SubgroupResult, ...]
    sensitivity: tuple[SensitivityTable, ...]
    published: tuple[PublishedComparison, ...]
    notes: tuple[Note, ...]
    selection: Selection | None = None

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready data."""
        spec = self.spec
        return {
            "id": spec.id,
            "title": spec.title,
            "outcome": spec.outcome.name,
            "kind": spec.kind,
            "multi_arm": spec.multi_arm,
            "automatic": spec.automatic is not None,
            "request": spec.request.to_dict(),
            "selection": self.selection.to_dict() if self.selection else None,
            "pooled": self.pooled.to_dict() if self.pooled else None,
            "impossible": self.impossible,
            "studies": [study.to_dict() for study in self.studies],
            "excluded": [e.to_dict() for e in self.comparison.excluded] if self.comparison else [],
            "decisions": [d.to_dict() for d in self.comparison.decisions] if self.comparison else [],
            "absolute": [effect.to_dict() for effect in self.absolute],
            "absolute_basis": self.absolute_basis,
            "subgroups": [subgroup.to_dict() for subgroup in self.subgroups],
            "sensitivity": [table.to_dict() for table in self.sensitivity],
            "published": [comparison.to_dict() for comparison in self.published],
            "notes": [note.to_dict() for note in self.notes],
        }

    def __repr__(self) -> str:
        return result_text(self)


@dataclass(frozen=True, slots=True, repr=False)
class Analysis:
    """A review's results; ``versions`` name the programs that made them.

    ``left_out`` is None where the review names no file of trials that were left out before its table was made.
    """

    review: Review
    table: TrialTable
    results: tuple[AnalysisResult, ...]
    inputs: tuple[InputFile, ...]
    versions: Mapping[str, str]
    left_out: LeftOutTable | None = None

    def result(self, analysis_id: str) -> AnalysisResult:
        """The analysis of that id."""
        return next(r for r in self.results if r.spec.id == analysis_id)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready data; keys are documented in docs/reference/json.md."""
        review = self.review
        return {
            "schema_version": SCHEMA_VERSION,
            "type": "analysis",
            "title": review.title,
            "question": {
                "population": review.question.population,
                "intervention": review.question.intervention,
                "comparator": review.question.comparator,
            },
            "treatments": list(review.treatments),
            "controls": list(review.controls),
            "inputs": [file.to_dict() for file in self.inputs],
            "versions": dict(self.versions),
            "left_out": [one.to_dict() for one in self.left_out.rows] if self.left_out else None,
            "analyses": [result.to_dict() for result in self.results],
            "notes": [note.to_dict() for note in self.table.notes],
        }

    def __repr__(self) -> str:
        return analysis_text(self)

    def _repr_html_(self) -> str:
        return analysis_html(self)
