"""What each protocol arm receives, and which treatments are background because every randomised arm receives them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from trialpool.registry.groups.naming import is_called_placebo, is_control_name
from trialpool.registry.groups.phases import FOLLOW_ON, names_main_part, phase_of
from trialpool.registry.groups.substances import Received, Substances, control_of
from trialpool.registry.groups.words import doses, plain, title_key
from trialpool.registry.model import Intervention, ProtocolArm, Record

__all__ = [
    "LIQUIDS",
    "ArmContent",
    "arm_contents",
    "background_of",
    "called_placebo",
    "measured_only",
    "named_interventions",
    "without",
]

_MEASUREMENT = re.compile(
    r"laborator|biomarker|questionnaire|quality[- ]of[- ]life|pharmacolog\w+ stud|pharmacokinetic|assessment|survey|biopsy|biospecimen"
    r"|specimen|sampling|imaging|monitoring|chart review|medical record|diagnostic|scan\b|\bmri\b|echocardiogra"
)
_TYPE = re.compile(
    r"^(?:drug|biological|device|procedure|radiation|behavioral|genetic|dietary supplement|combination product"
    r"|diagnostic test|other)\s*:\s*",
    re.IGNORECASE,
)
LIQUIDS = re.compile(
    r"\b(?:saline|sodium chloride|nacl|dextrose|ringer\w*|vehicle|water|lactose|albumin|sugar|maltodextrin|cellulose|starch"
    r"|artificial tears?)\b"
)


@dataclass(frozen=True, slots=True)
class ArmContent:
    """A protocol arm: what it receives, what of that its label names, and doses that tell it from other arms."""

    arm: ProtocolArm
    received: Received
    named: Received
    doses: frozenset[str]
    main: bool


def named_interventions(arm: ProtocolArm, record: Record) -> tuple[Intervention, ...]:
    """The interventions of an arm: those it lists, else those that list it."""
    listed = {_TYPE.sub("", name) for name in arm.interventions}
    exact = {item.name for item in record.interventions} & listed
    alike = {title_key(name) for name in listed - exact}
    found = tuple(item for item in record.interventions if item.name in exact or title_key(item.name) in alike)
    return found or tuple(item for item in record.interventions if arm.label in item.arms)


def arm_contents(record: Record, substances: Substances) -> tuple[ArmContent, ...]:
    """What each arm receives: its interventions, corrected by what its label says.

    Some records list all interventions for every arm. A treatment that the labels of other arms name, and a label that
    names its own treatment does not, is taken as not received.
    """
    main = [_is_main(arm) for arm in record.arms]
    if not any(main):  # descriptions that begin with ``Core: ...; extension: ...``
        main = [phase_of(arm.label).kind not in FOLLOW_ON for arm in record.arms]
    labels = [substances.received(arm.label) for arm in record.arms]
    in_labels = frozenset[int]().union(*(label.actives for label in labels))
    return tuple(
        ArmContent(
            arm,
            _received(arm, label, in_labels, record, substances),
            label,
            doses(arm.label)
            or doses(" ".join(item.name for item in named_interventions(arm, record)))
            or doses(arm.description),
            compared,
        )
        for arm, label, compared in zip(record.arms, labels, main, strict=True)
    )


def _is_main(arm: ProtocolArm) -> bool:
    """Whether an arm is of the part that is compared: by its label, else by how its description starts."""
    if phase_of(arm.label).kind:
        return phase_of(arm.label).kind not in FOLLOW_ON
    return phase_of(arm.description[:60]).kind not in FOLLOW_ON or names_main_part(arm.description)


def _received(
    arm: ProtocolArm, label: Received, in_labels: frozenset[int], record: Record, substances: Substances
) -> Received:
    items = named_interventions(arm, record)
    listed = [substances.received(item.name) for item in items if not _is_control(item, arm, record)]
    actives = frozenset[int]().union(*(found.actives for found in listed))
    controls = {control_of(item.name) or ("placebo" if _is_control(item, arm, record) else "") for item in items}
    if items and not listed:
        actives = frozenset()  # controls alone: what the label names, such as ``Usual oxygen``, is no treatment
    elif label.anything:
        actives = label.actives | (actives - in_labels)
    elif not items and arm.type != "NO_INTERVENTION":
        return substances.received(arm.description)
    return Received(
        actives,
        placebo="placebo" in controls or label.placebo or arm.type == "PLACEBO_COMPARATOR",
        sham="sham" in controls or label.sham or arm.type == "SHAM_COMPARATOR",
        untreated="no treatment" in controls or label.untreated or arm.type == "NO_INTERVENTION",
    )


def _is_control(item: Intervention, arm: ProtocolArm, record: Record) -> bool:
    """A placebo by name, or saline and the like given to placebo arms alone."""
    if is_control_name(item.name) or is_called_placebo(item):
        return True
    liquid = bool(LIQUIDS.search(plain(item.name)))
    owners = [other for other in record.arms if item in named_interventions(other, record)]
    return liquid and arm in owners and all(other.type == "PLACEBO_COMPARATOR" for other in owners)


def called_placebo(arm: ProtocolArm, record: Record) -> bool:
    """Whether an arm or one of its interventions is called a placebo anywhere, or is a liquid without a drug."""
    items = named_interventions(arm, record)
    texts = [arm.label, arm.description, *(item.name for item in items), *(item.description for item in items)]
    liquids = bool(items) and all(LIQUIDS.search(plain(item.name)) for item in items)
    return liquids or any(control_of(text) == "placebo" for text in texts)


def background_of(record: Record, contents: tuple[ArmContent, ...], substances: Substances) -> frozenset[int]:
    """Treatments that each of several randomised arms receives.

    Where all arms receive the same, they differ in dose or duration of what their labels name: that is no background.
    """
    called = frozenset(
        n
        for n, known in enumerate(substances.known)
        if all(re.search(r"(?i)\bbackground\b", name) for name in known.names)
    )
    if record.design.allocation != "RANDOMIZED" or record.design.model == "CROSSOVER" or len(contents) < 2:
        return called
    common = frozenset.intersection(*(content.received.actives for content in contents))
    if _nothing_else_differs(contents, common):
        return called
    if all(content.received.actives == common for content in contents):
        named = [substances.received(content.arm.label).actives for content in contents]
        return called | (common - frozenset[int]().union(*named) if any(named) else frozenset[int]())
    return called | common


def _nothing_else_differs(contents: tuple[ArmContent, ...], common: frozenset[int]) -> bool:
    """Some arm has only what all have, and no control, though all arms are of one type: it is a treatment that is tried."""
    if len({content.arm.type for content in contents}) > 1 or all(c.received.actives == common for c in contents):
        return False
    left = [content for content in contents if content.received.actives == common]
    return any(not (c.received.placebo or c.received.sham) and common <= c.named.actives for c in left)


def measured_only(name: str) -> bool:
    """Whether an intervention is an examination rather than a treatment."""
    return bool(_MEASUREMENT.search(plain(name)))


def without(received: Received, background: frozenset[int]) -> Received:
    """What was received beside background."""
    return replace(received, actives=received.actives - background)
