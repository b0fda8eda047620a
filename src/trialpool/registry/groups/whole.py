"""Groups that are no arm because of who is in them: everybody, or people outside the comparison."""

from __future__ import annotations

import re

from trialpool.registry.groups.evidence import Evidence
from trialpool.registry.groups.kind_of import KindOf
from trialpool.registry.groups.periods import label_says
from trialpool.registry.groups.words import plain, title_key, words

__all__ = ["aside", "only_group", "total"]

_PEOPLE = r"(?:participant|patient|subject|arm|group|population|set|cohort|enrolled|people|individual|treated|total|study|trial)s?"
_EVERYBODY = re.compile(
    r"^(?:(?:total|overall|all|everyone|entire|whole|full|combined|pooled|any)\b[ -]*)+"
    r"(?:(?:enrolled|randomized|treated|study|trial|evaluable|safety|treatment|analysis)\b[ -]*)*"
    rf"(?:{_PEOPLE}\b[ -]*)*(?:\(.*\))?$"
    r"|^(?:enrolled|randomized|treated) (?:participant|patient|subject)s$|^(?:safety|study|itt) (?:population|set|cohort)$"
    r"|\b(?:all|total) (?:enrolled |study |treated )?(?:participant|patient|subject)s\b"
)
_NOT_COMPARED = re.compile(
    r"\b(?:not|non|never|un)[- ]?randomized\b|\bscreen(?:ing)?[- ]fail|\bnot (?:treated|dosed|implanted)|\bno implant"
    r"|\bunsuccessful|\bnon-?evaluable|\bwithdrawn\b|\bexcluded\b|\bnormal control"
    r"|\bhealthy (?:volunteer|control|subject|participant)"
)
_NEVER_TREATED = re.compile(
    r"\b(?:enrolled|consented|screened|registered)\b.*\b(?:not|never|non|un)[- ]?(?:randomized|treated|dosed|implanted)\b"
    r"|\bscreen(?:ing)?[- ]fail"
)
_NOT_IN_IT = re.compile(r"\b(?:not|non|never|un)[- ]?randomized\b|\bunsuccessful\b|\bno implant")


def only_group(evidence: Evidence, place: int) -> KindOf | None:
    """The only group of the record."""
    if len(evidence.groups) > 1:
        return None
    labels = {title_key(content.arm.label) for content in evidence.contents}
    title = evidence.groups[place].title
    if len(evidence.contents) <= 1:
        return KindOf("arm", 0.7 if evidence.crossover else 0.97, "the only group, and at most one arm")
    if title_key(title) in labels:
        return KindOf("arm", 0.8, "the only group, and it is named as an arm")
    everybody = _is_everybody(evidence, place)
    people = evidence.at_risk[place] or 0
    everybody = everybody or (people >= 0.9 * (evidence.enrollment or 1e9) and not evidence.texts[place].title_tells)
    return KindOf("total", 0.93 if everybody else 0.78, "the only group of a trial with several arms")


def _is_everybody(evidence: Evidence, place: int) -> bool:
    return bool(_EVERYBODY.search(plain(evidence.groups[place].title)))


def total(evidence: Evidence, place: int) -> KindOf | None:
    """A group whose title says everybody."""
    others = [other for other in range(len(evidence.groups)) if other != place]
    if not _is_everybody(evidence, place) or evidence.phases[place].kind in {
        "part",
        "run-in",
        "extension",
        "sub-study",
    }:
        return None
    received = [content.received for content in evidence.contents]
    if evidence.texts[place].title_tells and len(received) > 1:
        told = evidence.texts[place].received
        if any(other.actives - told.actives or (other.placebo and not told.placebo) for other in received):
            return None  # everybody on that treatment
    number = evidence.at_risk[place]
    rest = [evidence.at_risk[other] or 0 for other in others]
    adds_up = number is not None and (number == sum(rest) or number >= max(rest))
    reason = "the title says everybody"
    if not adds_up:
        return KindOf("total", 0.6, f"{reason}, but other groups are larger")
    return KindOf("total", 0.96, reason, tuple(others))


def aside(evidence: Evidence, place: int) -> KindOf | None:
    """Participants who were never part of the comparison."""
    title = plain(evidence.groups[place].title)
    if label_says(evidence, place) or not _NOT_COMPARED.search(title):
        return None
    own = set(words(title))
    planned = [set(words(content.arm.label)) for content in evidence.contents]
    treated = evidence.texts[place].title_tells or any(label and label <= own for label in planned)
    apart = 0.9 if _NOT_IN_IT.search(title) and not treated else 0.5
    certainty = 0.97 if _NEVER_TREATED.search(title) else apart
    return KindOf("unclear", certainty, "the title names participants outside the comparison")
