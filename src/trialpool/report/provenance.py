"""Where every count came from: the rows that counts link to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from trialpool.analysis import Analysis
from trialpool.display import plural
from trialpool.report.document import (
    Block,
    Bullets,
    Cell,
    Column,
    Inline,
    Notice,
    Paragraph,
    Row,
    RowGroup,
    Section,
    Table,
    Tone,
    cell,
    inlines,
)
from trialpool.report.registry_links import registry_link, with_field_links
from trialpool.report.stated import stated_numbers
from trialpool.report.wording import sentence
from trialpool.trials import VERIFICATIONS, Arm, Comparison, Contrast, Estimate, Outcome, Trial, Verification

__all__ = [
    "CountRow",
    "Provenance",
    "behind_contrast",
    "count_cell",
    "verification_badge",
    "verification_badges",
]

_TONES: Mapping[Verification, Tone] = {
    "read": "good",
    "corroborated": "neutral",
    "unverified": "alarm",
    "not stated": "caution",
}
_MEANINGS: Mapping[Verification, str] = {
    "read": "the count was read in the source that its row names.",
    "corroborated": "the count was not read in its source, but totals or published results that rest on it agree.",
    "unverified": "nothing confirms the count; every result that rests on it is flagged.",
    "not stated": "the input does not say whether anybody checked the count.",
}
_WORST_FIRST: tuple[Verification, ...] = ("unverified", "not stated", "corroborated", "read")


def verification_badge(verification: Verification) -> Inline:
    """A level of verification as a badge."""
    return Inline(verification, "badge", tone=_TONES[verification])


def verification_badges(levels: Iterable[Verification]) -> tuple[Inline, ...]:
    """A badge for each level there is, the worst first.

    >>> [badge.text for badge in verification_badges(["read", "unverified", "read"])]
    ['unverified', 'read']
    """
    found = set(levels)
    return tuple(verification_badge(level) for level in _WORST_FIRST if level in found)


@dataclass(frozen=True, slots=True)
class CountRow:
    """One outcome of one arm of one trial, with the anchor of its row."""

    anchor: str
    trial: str
    arm: Arm
    outcome: Outcome
    given: Estimate | None = None

    @property
    def link(self) -> str:
        """The address of its row in this page."""
        return f"#{self.anchor}"

    @property
    def shown(self) -> str:
        """The numbers as they stand in the table, in a short form."""
        return "/".join(text for text in stated_numbers(self) if text)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Every count of the outcomes that a review asks about, by outcome, trial and arm."""

    rows: tuple[CountRow, ...]
    sections: Mapping[str, str]
    total: int

    @classmethod
    def of(cls, analysis: Analysis) -> Provenance:
        """The counts of an analysis; outcomes in the order of the review."""
        rows = [
            (name, trial.label, arm, found, _given(trial, arm, name))
            for name in _outcome_names(analysis)
            for trial in analysis.table.trials
            for arm in trial.arms
            if (found := arm.outcome(name)) is not None
        ]
        numbered = tuple(CountRow(f"count-{n}", *row[1:]) for n, row in enumerate(rows, 1))
        names = {name: f"provenance-{n}" for n, name in enumerate(_outcome_names(analysis), 1)}
        total = sum(len(arm.outcomes) for trial in analysis.table.trials for arm in trial.arms)
        return cls(numbered, names, total)

    def find(self, trial: str, arms: Iterable[Arm], outcome: str) -> tuple[CountRow, ...]:
        """The rows of some arms of a trial."""
        labels = [arm.label for arm in arms]
        return tuple(
            row for row in self.rows if row.trial == trial and row.outcome.name == outcome and row.arm.label in labels
        )

    def section(self, analysis: Analysis) -> Section:
        """The section that every count links to."""
        levels = Counter(row.outcome.source.verification for row in self.rows)
        meanings = tuple(
            inlines(verification_badge(level), f" {plural(levels[level], 'count')}: {_MEANINGS[level]}")
            for level in VERIFICATIONS
            if levels[level]
        )
        blocks: list[Block] = [
            Paragraph(
                inlines(
                    "Every count in this report links to its row here. The rows name the place in ",
                    Inline(analysis.table.source_name, "code"),
                    " and the source that the input states for it.",
                )
            ),
            Bullets(meanings),
        ]
        if len(self.rows) < self.total:
            others = self.total - len(self.rows)
            text = f"The input has {plural(others, 'row')} more, on outcomes that this review does not ask about."
            blocks.append(Paragraph(inlines(text), "small"))
        labels = {spec.name.casefold(): spec.label for spec in analysis.review.outcomes}
        blocks += [
            Notice("Input", inlines(sentence(note.message)), "caution" if note.level == "warning" else "neutral")
            for note in analysis.table.notes
        ]
        for name, anchor in self.sections.items():
            blocks.append(self._table(name, anchor, labels.get(name.casefold(), name)))
        return Section("provenance", "Provenance of every count", tuple(blocks))

    def _table(self, name: str, anchor: str, label: str) -> Table:
        rows = [row for row in self.rows if row.outcome.name == name]
        groups = tuple(_group(trial, tuple(members)) for trial, members in groupby(rows, key=lambda row: row.trial))
        caption = f"Sources of the counts: {label}" + (f" (“{name}” in the input)" if label != name else "")
        columns = (
            Column("Arm"),
            Column("Events", "right"),
            Column("n", "right"),
            Column("Source, as the input states it"),
            Column("Place", wrap=False),
            Column("Verification", wrap=False),
        )
        return Table(anchor, caption, columns, groups)


def _outcome_names(analysis: Analysis) -> tuple[str, ...]:
    """The table's own names of the outcomes that the review asks about."""
    wanted = [spec.name.casefold() for spec in analysis.review.outcomes]
    return tuple(
        sorted((n for n in analysis.table.outcomes if n.casefold() in wanted), key=lambda n: wanted.index(n.casefold()))
    )


def _group(trial: str, rows: Sequence[CountRow]) -> RowGroup:
    """The rows of a trial, under its name with registry entry and publication."""
    sources = [row.outcome.source for row in rows]
    heading: list[str | Inline] = [trial]
    for text in dict.fromkeys(source.registry_id for source in sources if source.registry_id):
        heading += [" ", registry_link(text)]
    heading += [Inline(f" {text}", "small") for text in dict.fromkeys(s.publication for s in sources) if text]
    return RowGroup(tuple(_row(row) for row in rows), inlines(*heading))


def _row(row: CountRow) -> Row:
    source, numbers = row.outcome.source, tuple(cell(text) for text in stated_numbers(row))
    cells = (
        cell(row.arm.label),
        *numbers,
        cell(*with_field_links(source.reference or source.publication or "not stated")),
        cell(source.place),
        cell(verification_badge(source.verification)),
    )
    return Row(cells, row.anchor)


def behind_contrast(
    provenance: Provenance, analysis: Analysis, comparison: Comparison, contrast: Contrast
) -> tuple[Sequence[CountRow], Sequence[CountRow]]:
    """The rows behind the treatment and the control count of a contrast."""
    trial = next(trial for trial in analysis.table.trials if trial.label == contrast.trial)
    found = []
    for names, label in ((comparison.treatments, contrast.treatment_arm), (comparison.controls, contrast.control_arm)):
        arms = [arm for arm in trial.arms if arm.treatment in names and _has_numbers(trial, arm, comparison.outcome)]
        combined = " + ".join(arm.label for arm in arms) == label
        chosen = arms if combined else [arm for arm in arms if arm.label == label]
        chosen = chosen or [arm for arm in arms if arm.label in label.split(" + ")]
        found.append(provenance.find(contrast.trial, chosen, comparison.outcome))
    return found[0], found[1]


def _has_numbers(trial: Trial, arm: Arm, outcome: str) -> bool:
    found = arm.outcome(outcome)
    if found is None:
        return False
    return bool(trial.estimates) or found.has_numbers


def _given(trial: Trial, arm: Arm, outcome: str) -> Estimate | None:
    """The effect that a trial gives of an arm."""
    found = (e for e in trial.estimates if (e.outcome, e.treatment) == (outcome, arm.treatment))
    return next(found, None)


def count_cell(shown: str, rows: Sequence[CountRow]) -> Cell:
    """A count that links to the row it came from; a sum shows its parts, each with its own link."""
    if len(rows) == 1:
        return cell(Inline(shown, "link", rows[0].link))
    parts: list[str | Inline] = []
    for row in rows:
        parts += [" + " if parts else "= ", Inline(row.shown, "link", row.link)]
    return Cell((inlines(shown), inlines(*parts)))
