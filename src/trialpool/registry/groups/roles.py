"""The role of a group in a comparison, and its treatments beside background."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from trialpool.registry.groups.arm_roles import BY_TYPE, LIKE_CONTROL, of_arm, of_received
from trialpool.registry.groups.contents import ArmContent, measured_only, named_interventions, without
from trialpool.registry.groups.evidence import Evidence
from trialpool.registry.groups.kind_of import KindOf
from trialpool.registry.groups.matches import Role
from trialpool.registry.groups.naming import is_control_name
from trialpool.registry.groups.role_doubts import (
    beside_a_placebo,
    named_alone,
    named_by_others,
    nothing_of_its_own,
    of_its_own,
    sounds_like_control,
    stops_a_treatment,
)
from trialpool.registry.groups.substances import Received, control_of
from trialpool.registry.groups.words import plain, words

__all__ = ["RoleOf", "role_of"]


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
    own = _controls_only(without(evidence.substances.told(evidence.texts[place].base), background), tried)
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
    if role == "active" and not names and not background:
        names = _listed(evidence, chosen)
    if kind.kind == "extension" and role != "active":
        return RoleOf(role, 0.5, "an extension, in which former control groups mostly get the treatment", names)
    if (
        role in {"placebo", "sham"}
        and not own.placebo
        and any(beside_a_placebo(evidence, content, background) for content in chosen)
    ):
        return RoleOf("active", 0.85, "its arm lists a treatment and a placebo, and its title names no placebo", names)
    found_role = _checked(role, certainty, names, own, chosen)
    if found_role.role != role:
        return found_role
    doubts = _doubts(evidence, place, role, chosen, own, background)
    described = evidence.substances.received(evidence.groups[place].description)
    if kind.kind == "period" and role != "active" and described.actives - background:
        doubts["its description names a treatment"] = 0.7
    left = found_role.certainty * math.prod(doubts.values())
    return replace(found_role, certainty=left, reason="; but ".join([found_role.reason, *doubts]))


def _doubts(
    evidence: Evidence,
    place: int,
    role: Role,
    chosen: Sequence[ArmContent],
    own: Received,
    background: frozenset[int],
) -> dict[str, float]:
    """What speaks against a role, each with the share of certainty that it leaves."""
    doubts: dict[str, float] = {}
    if evidence.record.design.study_type == "OBSERVATIONAL":
        named = any(content.named.actives for content in chosen)
        doubts["nobody is assigned in an observational study"] = 0.93 if named else 0.75
    if role != "active":
        return doubts
    if any(nothing_of_its_own(evidence, content, background) for content in chosen):
        doubts["it has nothing that the tested arms lack, or advice alone"] = 0.74
    if sounds_like_control(evidence, place, chosen, own):
        doubts["its title, label or treatment is like that of a control"] = 0.74
    elif stops_a_treatment(chosen):
        doubts["its label speaks of stopping a treatment"] = 0.74
    if not own.anything and named_by_others(evidence, place, _actives(chosen, background, role)):
        doubts["titles of other groups name the treatment, and its own does not"] = 0.7
    return doubts


def _controls_only(own: Received, tried: frozenset[int]) -> Received:
    """What only placebo and sham arms receive, such as saline, is not an active treatment."""
    if tried and own.actives and not own.actives & tried:
        return replace(own, actives=frozenset(), placebo=not own.sham)
    return own


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
        certainty = 0.93 if received.anything else 0.7
        return RoleOf("active", certainty, "no arm has a control", _names(evidence, place, chosen, received.actives))
    agreed = len(chosen) == 1 and of_arm(evidence, chosen[0], frozenset(), frozenset())[0] == role
    active = role == "active" and re.search(r"\bactive\b", plain(evidence.groups[place].title))
    certainty = 0.97 if own.anything else 0.93 if active else 0.9 if agreed else 0.6
    controlled = LIKE_CONTROL.search(plain(evidence.groups[place].title))
    own_product = named_alone(evidence, place, own) or (len(chosen) == 1 and of_its_own(evidence, chosen[0]))
    reason = "from its title"
    if role == "active" and controlled and not own_product:
        certainty *= 0.74
        reason = "from its title; but that is like the title of a control"
    actives = (own.actives or received.actives) if role == "active" else frozenset[int]()
    return RoleOf(role, certainty, reason, _names(evidence, place, chosen, actives))


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
            "active", 0.93, "all receive the treatment in its title", _names(evidence, place, chosen, own.actives)
        )
    if kind.kind == "run-in" and own.anything:
        role = of_received(own)
        certainty = 0.94 if own.actives and not own.placebo else 0.8
        return RoleOf(role, certainty, "from its title", _names(evidence, place, chosen, own.actives))
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


def _listed(evidence: Evidence, chosen: Sequence[ArmContent]) -> tuple[str, ...]:
    """What the arms list, where the names themselves are too short or too common to be found in a text."""
    items = [item.name for content in chosen for item in named_interventions(content.arm, evidence.record)]
    return tuple(name for name in dict.fromkeys(items) if not is_control_name(name) and not measured_only(name))
