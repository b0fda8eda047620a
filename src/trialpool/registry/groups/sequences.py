"""Whether a title names an order of treatments: ``A then B``, ``Placebo to X``, ``A/B`` in a crossover trial."""

from __future__ import annotations

import re
from itertools import pairwise

from trialpool.registry.groups.substances import Substances
from trialpool.registry.groups.words import plain, tokens

__all__ = ["is_sequence", "is_switch"]

_THEN = re.compile(r"\b(?:then|followed by|cross(?:ed|ing)?[- ]?over to|switch\w*(?: to)?)\b|->|→|⇒|\s>\s")
_FIRST = re.compile(r"\bfirst\b|\bsequence\b|^[a-d](?:[-/ ]?[a-d]){1,5}$|\b(?:ab|ba|abc|acb|bac|bca|cab|cba)\b")
_CONTROL_WORDS = frozenset({"placebo", "sham", "saline"})


def _order(title: str, substances: Substances) -> list[tuple[int, int, str]]:
    """``(start, end, what)`` of treatments and controls in a title."""
    stream = tokens(title)
    found = [(start, end, str(number)) for start, end, number in substances.mentions(stream)]
    found += [(place, place + 1, "control") for place, token in enumerate(stream) if token in _CONTROL_WORDS]
    return sorted(found)


def _joined_by(title: str, substances: Substances, joints: frozenset[str]) -> list[tuple[str, str]]:
    """Neighbouring treatments that nothing but one of these words stands between."""
    stream = tokens(title)
    order = _order(title, substances)
    return [
        (a[2], b[2])
        for a, b in pairwise(order)
        if a[2] != b[2] and {t for t in stream[a[1] : b[0]] if not t[0].isdigit()} & joints and b[0] - a[1] <= 3
    ]


def is_switch(title: str, substances: Substances) -> bool:
    """From placebo to an active treatment or the other way round, as ``Placebo to X``, ``Placebo/X``, ``X then placebo``.

    ``Placebo to match X`` is a placebo.
    """
    if re.search(r"placebo (?:\w+ )?(?:to match|match\w*|for|of)\b", plain(title)):
        return False
    beside = substances.placebo_to or re.search(r"(?:\+|&|\band|\bplus|\bwith) placebo to\b", plain(title))
    pairs = _joined_by(title, substances, frozenset({"/"}) if beside else frozenset({"to", "/"}))
    ordered = _order(title, substances)
    after = [("control" in {a[2], b[2]}) for a, b in pairwise(ordered) if a[2] != b[2]]
    return any("control" in pair for pair in pairs) or (bool(_THEN.search(plain(title))) and any(after))


def is_sequence(title: str, substances: Substances, *, crossover: bool) -> bool:
    """Whether a title is an order of treatments; in a crossover trial ``A/B``, ``A first`` and ``sequence 1`` are, too."""
    text = plain(title)
    different = len({what for _, _, what in _order(title, substances)}) > 1
    if _THEN.search(text) and (different or crossover):
        return True
    matched = substances.placebo_to or re.search(
        r"placebo (?:to match|matching)|(?:\+|\band|\bplus) placebo to\b", text
    )
    if _joined_by(title, substances, frozenset({"to"})) and not (matched and "placebo to" in text):
        return True
    if crossover and re.search(r"\w to \w", text) and not re.search(r"placebo to|\d to \d", text):
        return True
    if not crossover:
        return bool(re.search(r"\bfirst\b", text)) and different
    return bool(_FIRST.search(text)) or bool(_joined_by(title, substances, frozenset({"/"})))
