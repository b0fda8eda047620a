"""The role of a group in a comparison, and its treatments beside background."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from trialpool.registry.groups.arm_roles import BY_TYPE, LIKE_CONTROL, lists_placebo, of_arm, of_received
from trialpool.registry.groups.contents import ArmContent, measured_only, named_interventions, without
from trialpool.registry.groups.evidence import Evidence
from trialpool.registry.groups.kind_of import KindOf
from trialpool.registry.groups.matches import Role
from trialpool.registry.groups.naming import is_control_name
from trialpool.registry.groups.substances import Received, control_of
from trialpool.registry.groups.words import plain, title_key, words

__all__ = ["RoleOf", "role_of"]

_SUBSTANTIAL = frozenset({"DRUG", "BIOLOGICAL", "DEVICE", "PROCEDURE", "RADIATION", "GENETIC", "COMBINATION_PRODUCT"})


@dataclass(frozen=True, slots=True)
class RoleOf:
    """Role, how sure that is, why, and the names of the active treatments."""

    role: Role
    certainty: float
    reason: str
    treatments: tuple[str, ...] = ()


def role_of(
    evidence: Evidence,
    place: int,
    kind: KindOf,
    arms: Sequence[int],
    background: frozenset[int],
    *,
    beside: Sequence[int] = (),
) -> RoleOf:
    """The role of a group, from its arms and from what its own title says; ``beside`` are other groups of these arms."""
    chosen = [evidence.contents[arm] for arm in arms]
    tried = _tried(evidence)
    own = _controls_only(without(evidence.substances.received(evidence.texts[place].base), background), tried)
    if kind.kind == "sequence":
        return RoleOf("unclear", 0.95, "several treatments in an order", _names(evidence, place, chosen, own.actives))
    if kind.kind == "crossover" or (evidence.crossover and kind.kind in {"period", "extension"}):
        return _by_title(evidence, place, chosen, own)
    found = [of_arm(evidence, content, background, tried) for content in chosen]
    roles = {role for role, _ in found}
    if not chosen and kind.kind == "arm" and own.anything and not own.actives:
        return RoleOf(of_received(own), 0.93, "from its title")
    if len(roles) != 1 or (kind.kind == "total" and len({c.received.actives for c in chosen}) > 1):
        return _mixed(evidence, place, kind, chosen, own)
    role = found[0][0]
    certainty = min(sure for _, sure in found)
    actives = _actives(chosen, background, role)
    others = [evidence.texts[p].received.actives - background for p in beside if evidence.texts[p].title_tells]
    differ = own.actives < actives and any(other and other != own.actives for other in others)
    by_title = differ or kind.kind in {"extension", "period", "run-in"}
    if by_title and own.actives and role == "active":
        actives = own.actives
    names = _names(evidence, place, chosen, actives)
    if kind.kind == "extension" and role != "active":
        return RoleOf(role, 0.5, "an extension, in which former control groups mostly get the treatment", names)
    if evidence.record.design.study_type == "OBSERVATIONAL":
        certainty *= 0.75 if not any(content.named.actives for content in chosen) else 0.93
    if (
        role in {"placebo", "sham"}
        and not own.placebo
        and any(_beside_a_placebo(evidence, content) for content in chosen)
    ):
        return RoleOf("active", 0.85, "its arm lists a treatment and a placebo, and its title names no placebo", names)
    if role == "active" and any(_nothing_of_its_own(evidence, content, background) for content in chosen):
        certainty *= 0.74
    if role == "active" and _sounds_like_control(evidence, place, chosen, own):
        certainty *= 0.74
    if role == "active" and not own.anything and _named_by_others(evidence, place, actives):
        certainty *= 0.7
    return _checked(role, certainty, names, own, chosen)


def _beside_a_placebo(evidence: Evidence, content: ArmContent) -> bool:
    """Whether an arm lists a placebo and something else, and is no placebo arm: both kinds of group are in it."""
    names = content.arm.interventions
    treated = any(not control_of(name) for name in names)
    no_placebo_arm = BY_TYPE.get(content.arm.type) == "active" or len(evidence.contents) == 1
    return no_placebo_arm and treated and lists_placebo(content)


def _nothing_of_its_own(evidence: Evidence, content: ArmContent, background: frozenset[int]) -> bool:
    """An active comparator without anything that the tested arms lack, or with advice alone: it may be a control."""
    if content.arm.type != "ACTIVE_COMPARATOR":
        return False
    tested = [other for other in evidence.contents if other.arm.type == "EXPERIMENTAL"]
    added = [without(other.received, background).actives for other in tested]
    bare = not without(content.received, background).actives and bool(content.received.actives) and any(added)
    items = named_interventions(content.arm, evidence.record)
    advice = bool(items) and bool(tested) and all(item.type == "BEHAVIORAL" for item in items)
    return bare or advice


def _controls_only(own: Received, tried: frozenset[int]) -> Received:
    """What only placebo and sham arms receive, such as saline, is not an active treatment."""
    if tried and own.actives and not own.actives & tried:
        return replace(own, actives=frozenset(), placebo=not own.sham)
    return own


def _sounds_like_control(evidence: Evidence, place: int, chosen: Sequence[ArmContent], own: Received) -> bool:
    """A title or label such as ``Control``, ``Device off`` or ``Delayed start``, of a group that is said to be treated."""
    texts = [evidence.texts[place].base, *(content.arm.label for content in chosen)]
    absent = any(evidence.substances.received(text).untreated for text in texts)
    if not absent and not any(LIKE_CONTROL.search(plain(text)) for text in texts):
        return False
    if chosen and all(_has_its_own(evidence, content) for content in chosen):
        return False
    return not (own.actives and all(content.arm.type == "ACTIVE_COMPARATOR" for content in chosen))


def _has_its_own(evidence: Evidence, content: ArmContent) -> bool:
    """Whether an arm is given a drug, a device or a procedure that no other arm is, and no placebo, sham or usual care."""
    listed = [(other, named_interventions(other, evidence.record)) for other in evidence.record.arms]
    elsewhere = {item for other, items in listed if other is not content.arm for item in items}
    own = [item for item in named_interventions(content.arm, evidence.record) if item not in elsewhere]
    controls = any(is_control_name(item.name) or control_of(item.description) for item in own)
    return bool(own) and not controls and all(item.type in _SUBSTANTIAL for item in own)


def _named_by_others(evidence: Evidence, place: int, actives: frozenset[int]) -> bool:
    """All arms are planned with the same treatment, and titles of other groups name it: this one may not have had it."""
    labels = {title_key(content.arm.label) for content in evidence.contents}
    if {title_key(evidence.texts[place].base), title_key(evidence.groups[place].title)} & labels:
        return False
    same = len(evidence.contents) > 1 and all(c.received.actives >= actives for c in evidence.contents)
    others = [t.received.actives for p, t in enumerate(evidence.texts) if p != place and t.title_tells]
    return same and bool(actives) and any(actives <= other for other in others)


def _tried(evidence: Evidence) -> frozenset[int]:
    """Treatments of arms that are neither placebo nor sham by their type."""
    return frozenset[int]().union(
        *(c.received.actives for c in evidence.contents if BY_TYPE.get(c.arm.type) not in {"placebo", "sham"})
    )


def _actives(chosen: Sequence[ArmContent], background: frozenset[int], role: Role) -> frozenset[int]:
    if role != "active":
        return frozenset()
    return frozenset[int]().union(*(content.received.actives for content in chosen)) - background


def _by_title(evidence: Evidence, place: int, chosen: Sequence[ArmContent], own: Received) -> RoleOf:
    """In a crossover trial the arms receive everything: the title decides."""
    received = own if own.anything else evidence.texts[place].received
    role = of_received(received)
    if role == "unclear" and len(chosen) == 1:
        role, certainty = of_arm(evidence, chosen[0], frozenset(), frozenset())
        return RoleOf(
            role, min(certainty, 0.85), "from its arm", _names(evidence, place, chosen, chosen[0].received.actives)
        )
    told = received.anything or evidence.phases[place].kind not in {"period", "extension"}
    if not own.anything and role in {"active", "unclear"} and told and not _has_controls(evidence):
        return RoleOf("active", 0.93, "no arm has a control", _names(evidence, place, chosen, received.actives))
    agreed = len(chosen) == 1 and of_arm(evidence, chosen[0], frozenset(), frozenset())[0] == role
    active = role == "active" and re.search(r"\bactive\b", plain(evidence.groups[place].title))
    certainty = 0.97 if own.anything else 0.93 if active else 0.9 if agreed else 0.6
    controlled = LIKE_CONTROL.search(plain(evidence.groups[place].title))
    of_its_own = _named_alone(evidence, place, own) or (len(chosen) == 1 and _has_its_own(evidence, chosen[0]))
    if role == "active" and controlled and not of_its_own:
        certainty *= 0.74
    actives = own.actives if role == "active" else frozenset[int]()
    return RoleOf(role, certainty, "from its title", _names(evidence, place, chosen, actives))


def _named_alone(evidence: Evidence, place: int, own: Received) -> bool:
    """Whether a title names a drug, a device or a procedure that no other title does, such as ``Lens A (control)``."""
    names = {name for number in own.actives for name in evidence.substances.known[number].names}
    types = {item.type for item in evidence.record.interventions if item.name in names}
    others = [text.received.actives for p, text in enumerate(evidence.texts) if p != place and text.title_tells]
    return bool(others) and bool(types) and types <= _SUBSTANTIAL and not any(own.actives & other for other in others)


def _has_controls(evidence: Evidence) -> bool:
    """Whether any arm, title or intervention is or may be a control."""
    names = [item.name for item in evidence.record.interventions]
    titles = [group.title for group in evidence.groups] + [content.arm.label for content in evidence.contents]
    planned = any(c.received.placebo or c.received.sham or c.received.untreated for c in evidence.contents)
    told = any(evidence.substances.received(text).untreated or control_of(text) for text in titles)
    return planned or told or any(LIKE_CONTROL.search(plain(name)) for name in [*names, *titles])


def _mixed(evidence: Evidence, place: int, kind: KindOf, chosen: Sequence[ArmContent], own: Received) -> RoleOf:
    """Arms of different roles in one group."""
    if kind.kind == "extension" and own.actives:
        return RoleOf(
            "active", 0.9, "all receive the treatment in its title", _names(evidence, place, chosen, own.actives)
        )
    if kind.kind == "run-in" and own.anything:
        role = of_received(own)
        return RoleOf(role, 0.8, "from its title", _names(evidence, place, chosen, own.actives))
    certainty = 0.93 if kind.kind in {"total", "combined"} else 0.4 if kind.kind != "unclear" else 0.97
    return RoleOf("unclear", certainty, "its arms differ in role" if chosen else "no arm fits")


def _checked(
    role: Role, certainty: float, names: tuple[str, ...], own: Received, chosen: Sequence[ArmContent]
) -> RoleOf:
    """The role of the arms, less sure where the title of the group says otherwise."""
    said = of_received(own)
    arms_have_placebo = any(content.received.placebo for content in chosen)
    if said == "placebo" and role == "active" and arms_have_placebo:
        return RoleOf("placebo", 0.93, "its arm lists a placebo beside an active treatment, and its title says placebo")
    if said in {"unclear", role} or (role == "active" and own.placebo and not own.actives and len(names) > 1):
        return RoleOf(role, certainty, f"its arm is {role}", names)
    if {said, role} == {"placebo", "sham"}:
        return RoleOf(role, min(certainty, 0.85), f"its arm is {role}, its title says {said}", names)
    return RoleOf(role, certainty * 0.5, f"its arm is {role}, but the title says {said}", names)


def _names(evidence: Evidence, place: int, chosen: Sequence[ArmContent], actives: frozenset[int]) -> tuple[str, ...]:
    """One name for each active treatment: of the arm's interventions, the one nearest to the title."""
    title = set(words(evidence.groups[place].title))
    listed = [item.name for content in chosen for item in named_interventions(content.arm, evidence.record)]
    found: dict[int, str] = {}
    for number in sorted(actives):
        names = evidence.substances.known[number].names
        own = [name for name in dict.fromkeys(listed) if name in names and not control_of(name)] or list(names)
        found[number] = max(own, key=lambda name: (len(title & set(words(name))), -own.index(name)))
    kept = [name for name in found.values() if not measured_only(name)]
    order = {item.name: rank for rank, item in enumerate(evidence.record.interventions)}
    return tuple(sorted(kept or found.values(), key=lambda name: (order.get(name, 0), name)))
