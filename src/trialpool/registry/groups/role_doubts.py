"""What makes the role of a group less sure: titles and labels that sound like a control, arms with nothing of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trialpool.registry.groups.arm_roles import BY_TYPE, LIKE_CONTROL, lists_placebo
from trialpool.registry.groups.contents import LIQUIDS, ArmContent, named_interventions, without
from trialpool.registry.groups.evidence import Evidence
from trialpool.registry.groups.naming import is_control_name
from trialpool.registry.groups.substances import Received, control_of
from trialpool.registry.groups.words import plain, title_key, words

__all__ = [
    "beside_a_placebo",
    "named_alone",
    "named_by_others",
    "nothing_of_its_own",
    "of_its_own",
    "sounds_like_control",
    "stops_a_treatment",
]

_SUBSTANTIAL = frozenset({"DRUG", "BIOLOGICAL", "DEVICE", "PROCEDURE", "RADIATION", "GENETIC", "COMBINATION_PRODUCT"})
_NOT_DONE = re.compile(
    r"^no [a-z]{3}|^(?:without|non) |\bsurveillance\b|\bexpectant\b|\bwait(?:ing)? and (?:see|watch)\b|\bwatch(?:ful)? (?:and )?wait"
    r"|\bnatural (?:history|course)\b|\b(?:in|de)activ(?:e|ated)\b|\bdetuned\b|\bswitched off\b|\bdistilled water\b"
    r"|\b(?:seated|supine|quiet|bed) rest\b|\bconservative (?:management|treatment|care)\b"
)
_AS_USUAL = re.compile(r"^[^+&]*\b(?:standard|usual|conventional|routine)\b[^+&]*$")
_STOPPED = re.compile(
    r"\b(?:withdraw(?:al|n)?|discontinu\w+|stop(?:ped|ping)?|cessation|taper\w*|wean\w*|interrupt\w+)\b|\w-free\b"
)
_TELLS_NO_PRODUCT = frozenset({"control", "test", "reference", "condition", "standard", "active", "comparator"})


def beside_a_placebo(evidence: Evidence, content: ArmContent, background: frozenset[int]) -> bool:
    """Whether an arm lists a placebo and a treatment, and is no placebo arm: both kinds of group are in it."""
    no_placebo_arm = BY_TYPE.get(content.arm.type) == "active" or len(evidence.contents) == 1
    treated = bool(without(content.received, background).actives)
    return no_placebo_arm and treated and lists_placebo(content)


def nothing_of_its_own(evidence: Evidence, content: ArmContent, background: frozenset[int]) -> bool:
    """An active comparator without anything that the tested arms lack, or with advice alone: it may be a control."""
    if content.arm.type != "ACTIVE_COMPARATOR":
        return False
    tested = [other for other in evidence.contents if other.arm.type == "EXPERIMENTAL"]
    added = [without(other.received, background).actives for other in tested]
    bare = not without(content.received, background).actives and bool(content.received.actives) and any(added)
    items = named_interventions(content.arm, evidence.record)
    advice = bool(items) and bool(tested) and all(item.type == "BEHAVIORAL" for item in items)
    return bare or advice


def sounds_like_control(evidence: Evidence, place: int, chosen: Sequence[ArmContent], own: Received) -> bool:
    """A title or label such as ``Control``, ``Device off`` or ``Delayed start``, of a group that is said to be treated."""
    labels = [content.arm.label for content in chosen]
    texts = [plain(text) for text in (evidence.texts[place].base, *labels)]
    if any(_NOT_DONE.search(text) for text in texts) or any(_liquid(evidence, content) for content in chosen):
        return True
    absent = any(evidence.substances.received(text).untreated for text in texts)
    if not absent and not any(LIKE_CONTROL.search(text) for text in texts):
        return False
    tested = any(c.arm.type == "EXPERIMENTAL" and not LIKE_CONTROL.search(plain(c.arm.label)) for c in chosen)
    if chosen and (own.actives or not tested) and all(of_its_own(evidence, content) for content in chosen):
        return False
    return not (own.actives and all(content.arm.type == "ACTIVE_COMPARATOR" for content in chosen))


def _liquid(evidence: Evidence, content: ArmContent) -> bool:
    """Whether an arm that is not tested gets saline or the like alone, where others get a drug: perhaps a placebo."""
    items = named_interventions(content.arm, evidence.record)
    liquids = bool(items) and all(LIQUIDS.search(plain(item.name)) for item in items)
    return liquids and content.arm.type != "EXPERIMENTAL" and len(evidence.contents) > 1


def stops_a_treatment(chosen: Sequence[ArmContent]) -> bool:
    """A label such as ``Steroid withdrawal``: the listed treatment is what the arm goes without."""
    return any(_STOPPED.search(plain(content.arm.label)) for content in chosen)


def of_its_own(evidence: Evidence, content: ArmContent) -> bool:
    """Whether an arm is given a drug, a device or a procedure that no other arm is, and no placebo, sham or usual care."""
    listed = [(other, named_interventions(other, evidence.record)) for other in evidence.record.arms]
    elsewhere = {item for other, items in listed if other is not content.arm for item in items}
    own = [item for item in named_interventions(content.arm, evidence.record) if item not in elsewhere]
    names = [plain(item.name) for item in own]
    controls = any(is_control_name(item.name) or control_of(item.description) for item in own)
    controls = controls or any(_NOT_DONE.search(name) or _AS_USUAL.search(name) for name in names)
    return bool(own) and not controls and all(item.type in _SUBSTANTIAL for item in own)


def named_by_others(evidence: Evidence, place: int, actives: frozenset[int]) -> bool:
    """All arms are planned with the same treatment, and titles of other groups name it: this one may not have had it."""
    labels = {title_key(content.arm.label) for content in evidence.contents}
    if {title_key(evidence.texts[place].base), title_key(evidence.groups[place].title)} & labels:
        return False
    if actives <= evidence.texts[place].received.actives:
        return False  # its description names them
    same = len(evidence.contents) > 1 and all(c.received.actives >= actives for c in evidence.contents)
    others = [t.received.actives for p, t in enumerate(evidence.texts) if p != place and t.title_tells]
    return same and bool(actives) and any(actives <= other for other in others)


def named_alone(evidence: Evidence, place: int, own: Received) -> bool:
    """Whether a title names a product beside another of its sort, such as ``Lens A (control)`` beside ``Lens B``."""
    names = {name for number in own.actives for name in evidence.substances.known[number].names}
    types = {item.type for item in evidence.record.interventions if item.name in names}
    sort = set(words(evidence.texts[place].base)) - _TELLS_NO_PRODUCT
    others = [text for p, text in enumerate(evidence.texts) if p != place and text.title_tells]
    apart = bool(others) and not any(own.actives & text.received.actives for text in others)
    return apart and bool(types) and types <= _SUBSTANTIAL and any(sort & set(words(text.base)) for text in others)
