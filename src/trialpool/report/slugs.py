"""Safe names for anchors and files."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["slug", "unique_slugs"]

_LONGEST = 100


def slug(text: str, fallback: str = "item") -> str:
    """Letters, digits and hyphens that stand for a text.

    >>> slug("Skin infections (<week 16>)"), slug("感染")
    ('skin-infections-week-16', 'item')
    """
    return re.sub(r"[^a-z0-9]+", "-", text.casefold())[:_LONGEST].strip("-") or fallback


def unique_slugs(texts: Iterable[str], fallback: str = "item") -> list[str]:
    """A name for each text, none given twice.

    >>> unique_slugs(["Rash", "rash!", "rash-2"])
    ['rash', 'rash-2', 'rash-2-2']
    """
    given: list[str] = []
    for text in texts:
        base = name = slug(text, fallback)
        number = 1
        while name in given:
            number += 1
            name = f"{base}-{number}"
        given.append(name)
    return given
