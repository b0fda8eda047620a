"""Which groups of a record answer a question, and why the others do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialpool.registry.events import Decision
from trialpool.registry.extract.question import Question
from trialpool.registry.extract.sides import SideOf, side_of
from trialpool.registry.groups import GroupMatch, RecordGroups
from trialpool.registry.model import Record

__all__ = ["Selected", "Selection", "Stratum", "select"]

_CONFIRM = "confirm it in arms.toml"


@dataclass(frozen=True, slots=True)
class Selected:
    """A group that is used, and what it got."""

    match: GroupMatch
    side: SideOf


@dataclass(frozen=True, slots=True)
class Stratum:
    """Groups that got the same beside the treatment in question: compared with each other alone."""

    beside: tuple[str, ...]
    treatment: tuple[Selected, ...]
    control: tuple[Selected, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """Keys of its groups."""
        return tuple(one.match.group for one in (*self.treatment, *self.control))


@dataclass(frozen=True, slots=True)
class Selection:
    """What a record has for a question.

    Attributes
    ----------
    strata : tuple of Stratum
        Empty where the record is left out.
    reason : str
        Why it is left out.
    in_doubt : bool
        Whether it is left out because a match is not sure.
    decisions : tuple of Decision
    """

    strata: tuple[Stratum, ...]
    reason: str = ""
    in_doubt: bool = False
    decisions: tuple[Decision, ...] = ()


def select(question: Question, record: Record, groups: RecordGroups) -> Selection:
    """Choose the groups of a record that answer a question.

    Only accepted matches are used, of groups that are arms (crossover and extension if asked for). Treatment and control are compared
    where they got the same beside; groups that hold the same participants are never both used.
    """
    kinds = {"arm", *(kind for kind in ("crossover", "extension") if kind in question.include)}
    usable, doubtful, decisions = [], [], []
    for match in groups.matches:
        side = side_of(question, record, match)
        wrong_kind = match.kind not in kinds and match.kind != "unclear"
        if not match.accepted and not wrong_kind:
            doubtful.append(match)
            decisions.append(_left_out(match, f"in doubt ({_doubt(match)}); {_CONFIRM}"))
        elif match.kind not in kinds:
            decisions.append(_left_out(match, f"it is {_kind_words(match)}"))
        elif side.side == "neither":
            decisions.append(_left_out(match, side.reason))
        else:
            usable.append(Selected(match, side))
    strata, more = _strata(record, usable)
    decisions += more
    twice = _shared_people(strata, groups)
    if twice:
        reason = f"groups {twice[0]} and {twice[1]} hold the same participants; say in arms.toml which one to use"
        return Selection((), reason, in_doubt=True, decisions=tuple(decisions))
    decisions += _as_crossover(strata, groups)
    if strata:
        return Selection(
            strata, decisions=tuple(decisions + [_used(one) for s in strata for one in (*s.treatment, *s.control)])
        )
    reason, in_doubt = _why_not(question, usable, doubtful, groups)
    return Selection((), reason, in_doubt, tuple(decisions))


def _strata(record: Record, usable: Sequence[Selected]) -> tuple[tuple[Stratum, ...], list[Decision]]:
    by_key: dict[frozenset[str], list[Selected]] = {}
    for one in usable:
        by_key.setdefault(one.side.beside, []).append(one)
    strata, decisions = [], []
    for key in sorted(by_key, key=lambda k: (len(k), sorted(k))):
        members = by_key[key]
        treatment = tuple(one for one in members if one.side.side == "treatment")
        control = tuple(one for one in members if one.side.side == "control")
        if treatment and control:
            strata.append(Stratum(members[0].side.beside_names, treatment, control))
            continue
        for one in members:
            got = " and ".join(one.side.beside_names) or "nothing"
            decisions.append(_left_out(one.match, f"co-treatment differs: no group of the other side got {got} beside"))
    if len(strata) > 1:
        shown = "; ".join(" and ".join(stratum.beside) or "nothing" for stratum in strata)
        rule = "groups are compared only with groups that got the same beside"
        decisions.append(Decision(record.nct_id, "arms", rule, shown, f"{len(strata)} comparisons"))
    return tuple(strata), decisions


def _left_out(match: GroupMatch, rule: str) -> Decision:
    return Decision(match.nct_id, "arms", rule, _shown(match), "left out", match.confidence, _path(match))


def _used(one: Selected) -> Decision:
    beside = f" beside {' and '.join(one.side.beside_names)}" if one.side.beside_names else ""
    got = f"{one.side.side}{f' ({one.side.drug})' if one.side.drug else ''}{beside}"
    by = "confirmed by the user" if one.match.decided_by == "user" else "; ".join(one.match.reasons) or "matched"
    return Decision(one.match.nct_id, "arms", by, _shown(one.match), got, one.match.confidence, _path(one.match))


def _shown(match: GroupMatch) -> str:
    return f"group {match.group} {match.title!r}"


def _path(match: GroupMatch) -> str:
    return f"resultsSection.adverseEventsModule.eventGroups, id {match.group}"


def _doubt(match: GroupMatch) -> str:
    return "; ".join(match.reasons) or f"{match.kind}, {match.role}"


def _kind_words(match: GroupMatch) -> str:
    words = {
        "combined": "several arms together",
        "total": "everybody",
        "crossover": "a treatment of a crossover trial",
        "sequence": "a sequence of treatments",
        "period": "a period beside the main comparison",
        "extension": "an extension after the main period",
        "run-in": "before randomisation",
        "sub-study": "a part of the trial",
    }
    return words.get(match.kind, match.kind)


def _shared_people(strata: Sequence[Stratum], groups: RecordGroups) -> tuple[str, str] | None:
    """Two of the groups with the same participants; those of a crossover are asked for with them."""
    used = {group for stratum in strata for group in stratum.groups}
    pairs = (pair for pair in groups.overlaps if set(pair) <= used)
    return next((pair for pair in pairs if {groups.of(group).kind for group in pair} != {"crossover"}), None)


def _as_crossover(strata: Sequence[Stratum], groups: RecordGroups) -> list[Decision]:
    """What comparing the treatments of a crossover as parallel groups takes for granted."""
    used = {group for stratum in strata for group in stratum.groups}
    rule = "crossover groups were asked for: they hold the same participants, and are counted as if these were different ones"
    pairs = (pair for pair in groups.overlaps if set(pair) <= used)
    return [Decision(groups.nct_id, "arms", rule, " and ".join(pair), "both used", 0.5) for pair in pairs]


def _why_not(
    question: Question, usable: Sequence[Selected], doubtful: Sequence[GroupMatch], groups: RecordGroups
) -> tuple[str, bool]:
    """Why no comparison is left, and whether a doubt is the cause."""
    sides = {one.side.side for one in usable}
    if doubtful:
        named = "; ".join(f"{_shown(match)}: {_doubt(match)}" for match in doubtful)
        return f"in doubt: {named}; {_CONFIRM}", True
    other_kinds = sorted({_kind_words(match) for match in groups.matches if match.kind not in ("arm", "unclear")})
    if sides == {"treatment", "control"}:
        return f"co-treatment differs: {_beside_words(question, usable)}{_other_kind_words(groups)}", False
    if not sides and other_kinds and not any(match.kind == "arm" for match in groups.matches):
        return f"no group of a randomised arm: the groups are {', '.join(other_kinds)}", False
    if "treatment" not in sides:
        return f"no group got {question.treatment.name}{_as_randomised(groups, question)}", False
    return f"no group got {question.control_name}", False


def _beside_words(question: Question, usable: Sequence[Selected]) -> str:
    """What the groups of either side got beside the treatment in question."""
    parts = []
    for side, name in (("treatment", question.treatment.name), ("control", question.control_name)):
        got = {" and ".join(one.side.beside_names) or "nothing" for one in usable if one.side.side == side}
        parts.append(f"beside {name} the groups got {', or '.join(sorted(got))}")
    return "; ".join(parts)


def _other_kind_words(groups: RecordGroups) -> str:
    """The groups that are left out for what they are: one of them may be the comparator that is missed."""
    others = [match for match in groups.matches if match.kind not in ("arm", "unclear")]
    return "".join(f"; {_shown(match)} is left out as {_kind_words(match)}" for match in others)


def _as_randomised(groups: RecordGroups, question: Question) -> str:
    background = any(question.treatment.drug_in(name) for match in groups.matches for name in match.background)
    return " as randomised: it is background treatment of every arm" if background else ""
