r"""Markdown escapes of the registry's API undone.

The API (``markupFormat=markdown``, its default) escapes punctuation in the fields that its metadata calls ``markup``:
descriptions, comments, notes (``\[orally\]``, ``\<0.5``, ``10\^9/L``). Fields that it calls ``text`` (titles, labels, terms,
time frames) are never escaped, so a backslash there is the sponsor's own and stays.
"""

from __future__ import annotations

import re

__all__ = ["unescaped"]

# CommonMark 2.4: a backslash before ASCII punctuation escapes it; before anything else it is a backslash.
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def unescaped(markdown: str) -> str:
    r"""Text of a markup field without its backslash escapes; other markup, such as lists or legacy HTML, stays as it is.

    >>> unescaped(r"180 \[mg\], p \< 0.05, C:\temp")
    '180 [mg], p < 0.05, C:\\temp'
    """
    return _ESCAPE.sub(r"\1", markdown) if "\\" in markdown else markdown
