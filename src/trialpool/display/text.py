"""Words around numbers, and text from outside made safe to show."""

from __future__ import annotations

import html
import re
import unicodedata

from trialpool.display.numbers import MINUS

__all__ = ["clean_text", "covariate_words", "escape_html", "plural", "sentence_case", "typographic"]

# not the no-break and the narrow spaces, which are typography
_WHITESPACE = re.compile("[\t-\r\x1c-\x20\x85\u2028\u2029]+")
_DIRECTION_MARKS = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def plural(count: int, noun: str) -> str:
    """A count with its noun.

    >>> plural(1, "study"), plural(2, "study"), plural(3, "trial")
    ('1 study', '2 studies', '3 trials')
    """
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun[:-1]}ies" if noun.endswith("y") else f"{count} {noun}s"


def typographic(text: str) -> str:
    """Names of statistics and signs in plain letters, as they are printed.

    >>> typographic("tau2 by Paule-Mandel; I2 from Q")
    'τ² by Paule-Mandel; I² from Q'
    """
    named = re.sub(r"\btau2\b", "τ²", re.sub(r"\bI2\b", "I²", text))
    return re.sub(r"(?<=\w) - (?=\w)", f" {MINUS} ", named)


def sentence_case(text: str) -> str:
    """A text with a capital letter, unless its first word has letters of its own choice.

    >>> [sentence_case(t) for t in ("myocardial infarction", "eGFR decline", "HbA1c")]
    ['Myocardial infarction', 'eGFR decline', 'HbA1c']
    """
    first = text.split(" ", 1)[0]
    return text[0].upper() + text[1:] if first.islower() else text


def clean_text(text: object) -> str:
    r"""Text from outside on one line, without control characters or marks that turn the reading direction.

    >>> clean_text("Smith\n\t2004\x1b")
    'Smith 2004�'
    """
    text = str(text)
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    composed = unicodedata.normalize("NFC", text).translate(_DIRECTION_MARKS)
    collapsed = _WHITESPACE.sub(" ", composed).strip()
    return "".join("\N{REPLACEMENT CHARACTER}" if _unprintable(c) else c for c in collapsed)


def _unprintable(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Cn"}


def escape_html(text: object) -> str:
    """Text from outside made safe for HTML, SVG and XML, in content and in quoted attributes.

    >>> escape_html('<script>"&"</script>')
    '&lt;script&gt;&quot;&amp;&quot;&lt;/script&gt;'
    """
    return html.escape(clean_text(text))


def covariate_words(name: str) -> str:
    """A covariate's column name as words.

    >>> covariate_words("background_tcs")
    'background tcs'
    """
    return name.replace("_", " ").strip() or name
