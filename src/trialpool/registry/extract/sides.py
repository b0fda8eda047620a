"""What a group of a record got, as the question sees it: the treatment, the control, or neither; and what it got beside."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from trialpool.registry.extract.question import Question
from trialpool.registry.extract.treatments import Drug, Treatment
from trialpool.registry.groups import GroupMatch
from trialpool.registry.groups.words import title_key, words
from trialpool.registry.model import Record

__all__ = ["Side", "SideOf", "side_of"]

Side = Literal["treatment", "control", "neither"]

_PARTS = re.compile(r"\s*(?:\+|/|&|;|\band\b|\bplus\b)\s*", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"([^()\[\]]+)[(\[]([^()\[\]]+)[)\]]([^()\[\]]*)")
_ADDED = re.compile(r"\s*(?:\+|and\b|plus\b|with\b)", re.IGNORECASE)
_PLACEBO = re.compile(r"\b(?:placebos?|sham|dummy|vehicle)\b", re.IGNORECASE)
_NO_DRUG_WORDS = (
    "day week month hour kg mg ml mcg iu unit tablet capsule pill injection infusion solution pen syringe cream gel"
    " dose low high medium once twice daily weekly od bid qd qw oral subcutaneous intravenous matching match"
)
_NO_DRUG = frozenset(_NO_DRUG_WORDS.split())


@dataclass(frozen=True, slots=True)
class SideOf:
    """The side of a group.

    Attributes
    ----------
    side : {"treatment", "control", "neither"}
    drug : str
        The drug of the question that it got.
    beside : frozenset of str
        Comparable names of other active treatments, background left out.
    beside_names : tuple of str
        The same in the record's words.
    reason : str
        Why it is on neither side.
    """

    side: Side
    drug: str = ""
    beside: frozenset[str] = frozenset()
    beside_names: tuple[str, ...] = ()
    reason: str = ""


def side_of(question: Question, record: Record, match: GroupMatch) -> SideOf:
    """The side of a group, by the treatments and the role that its match gives."""
    drug, beside = _split(question.treatment, record, match)
    if drug is not None:
        other = question.control if isinstance(question.control, Treatment) else None
        control = next((name for name in beside if other is not None and other.drug_in(name)), None)
        if control is not None:
            return SideOf("neither", drug.name, reason=f"got both {drug.name} and {control}")
        return SideOf("treatment", drug.name, _keys(beside), tuple(beside))
    if isinstance(question.control, Treatment):
        drug, beside = _split(question.control, record, match)
        if drug is None:
            return SideOf("neither", reason=f"got neither treatment of the question but {_named(match)}")
        return SideOf("control", drug.name, _keys(beside), tuple(beside))
    fits = _is_placebo(question, record, match) if question.control == "placebo" else _is_untreated(record, match)
    if not fits:
        return SideOf("neither", reason=f"got {_named(match)}, not {question.control_name}")
    return SideOf("control", "", _keys(beside), tuple(beside))


def _named(match: GroupMatch) -> str:
    return ", ".join(match.treatments) or match.role


def _keys(names: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(None, map(title_key, names)))


def _split(treatment: Treatment, record: Record, match: GroupMatch) -> tuple[Drug | None, list[str]]:
    """The first drug of a treatment that a group got as randomised, and all else that it got so."""
    if match.role not in ("active", "unclear"):
        return None, list(match.treatments)
    found: list[Drug] = []
    beside: list[str] = []
    for name in match.treatments:
        drug = _drug(treatment, record, name)
        if drug is None:
            beside.append(name)
            continue
        found.append(drug)
        if treatment.drug_in(name) is not None:
            beside += _combined_with(treatment, drug, name)
    if not found and match.treatments:
        # a study code that only the labels of the arms explain
        by_label = [drug for text in (match.title, *match.arms) if (drug := treatment.drug_in(text)) is not None]
        if by_label and len(match.treatments) == 1 and not _PLACEBO.search(match.title):
            return by_label[0], []
    return (found[0] if found else None), beside


def _drug(treatment: Treatment, record: Record, name: str) -> Drug | None:
    """The drug that an intervention is, by its name or another name of it that is no placebo's."""
    others = (other for item in record.interventions if item.name == name for other in item.other_names)
    texts = (name, *(other for other in others if not _PLACEBO.search(other)))
    return next((drug for text in texts if (drug := treatment.drug_in(text)) is not None), None)


def _combined_with(treatment: Treatment, drug: Drug, name: str) -> list[str]:
    """Drugs that a name combines with the one asked for; what stands in brackets behind a name is the same by another name."""
    twice = _IN_BRACKETS.fullmatch(name)
    if twice and not _ADDED.match(twice[2]):
        main, bracketed, rest = twice.groups()
        name = f"{main if treatment.drug_in(main) is drug else bracketed} {rest}"
    return [part.strip() for part in _PARTS.split(drug.without(name)) if _is_another(treatment, part)]


def _is_another(treatment: Treatment, part: str) -> bool:
    """Whether a part of a combination is a drug of its own."""
    left = [word for word in words(part) if word not in _NO_DRUG and re.search(r"[^\W\d_]{4}", word)]
    return bool(left) and treatment.drug_in(part) is None and not _PLACEBO.search(part)


def _is_placebo(question: Question, record: Record, match: GroupMatch) -> bool:
    """Whether the group got a placebo; a sham only if asked for. With another active treatment, its arms must list a placebo."""
    if match.role == "placebo" or (match.role == "sham" and "sham" in question.include):
        return True
    return match.role == "active" and bool(match.treatments) and _arms_list_placebo(record, match)


def _is_untreated(record: Record, match: GroupMatch) -> bool:
    if match.role == "no treatment":
        return True
    return match.role == "active" and bool(match.treatments) and not _arms_list_placebo(record, match)


def _arms_list_placebo(record: Record, match: GroupMatch) -> bool:
    texts = [match.title]
    for arm in record.arms:
        if arm.label in match.arms:
            texts += [arm.label, *arm.interventions]
    return any(_PLACEBO.search(text) for text in texts)
