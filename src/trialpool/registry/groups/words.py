"""Titles, labels and descriptions as words that can be compared: spelling, units and doses made alike."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

__all__ = ["MARKS", "amounts_differ", "doses", "plain", "title_key", "tokens", "words"]

MARKS = frozenset("+/,;().:&")
"""Punctuation that is kept as a token: it separates treatments from each other."""

_TRADE_MARKS = dict.fromkeys(map(ord, "®™©℠*"), " ")
_SPELLINGS = (
    (r"\\([\[\]<>*_^~])", r"\1"),  # the registry's Markdown escapes
    (r"[\u2010-\u2015\u2212]", "-"),
    (r"[\u03bc\u00b5](?=g\b|l\b|mol|g/)", "mc"),
    (r"\bmilligrams?\b(?:\s*\(mg\))?|\bmgs\b", "mg"),
    (r"\bmicrograms?\b(?:\s*\((?:mcg|ug)\))?|\bug\b", "mcg"),
    (r"\bnanograms?\b(?:\s*\(ng\))?", "ng"),
    (r"\bkilograms?\b(?:\s*\(kg\))?", "kg"),
    (r"\bmillilit(?:er|re)s?\b(?:\s*\(ml\))?", "ml"),
    (r"\binternational units?\b(?:\s*\(iu\))?", "iu"),
    (r"\bgrams?\b(?:\s*\(g\))?", "g"),
    (r"(?<=g)\s+per\s+(?=kg|m|h|d|min)", "/"),
    (r"/\s*kilograms?\b", "/kg"),
    (r"/\s*(?:minute|min)\b", "/min"),
    (r"/\s*(?:hour|hr|h)\b", "/h"),
    (r"(?<=\d)\s+percent\b", "%"),
    (r"(?<=\d)-(?=(?:day|week|month|year|hour|minute|dose)s?\b)", " "),
    (r"haem", "hem"),
    (r"oedema", "edema"),
    (r"oest", "est"),
    (r"paed", "ped"),
    (r"anaes", "anes"),
    (r"(?<=[a-z]{3})is(?=ed\b|ing\b|ation)", "iz"),
    (r"tumour", "tumor"),
    (r"labell", "label"),
    (r"orrhoea", "orrhea"),
    (r"fibre", "fiber"),
    (r"centre", "center"),
    (r"sulph", "sulf"),
    (r"\bplacebos\b|\bpbo\b|\bplc\b|\bdummy\b", "placebo"),
    (r"\bdouble-?\s?blind(?:ed)?\b", "double-blind"),
    (r"\bopen-?\s?label(?:ed)?\b", "open-label"),
)
_SPELLING_RULES = tuple((re.compile(pattern), new) for pattern, new in _SPELLINGS)

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?"
_UNIT = (
    r"(?:mg|mcg|ng|g|kg|ml|l|iu|units?|u|mmol|mcmol|meq|gy|vp|pfu|ppm|mm|%)(?:/(?:kg|m\^?2|min|h|day|d|ml|dose|week))*"
)
_LISTED_BEFORE = "".join(f"(?<!{word} )" for word in ("cohort", "group", "part", "level", "stage"))
_DOSE = re.compile(  # possessive and bounded, so that a long list of numbers costs no more than it is long
    rf"(?<![\w.]){_LISTED_BEFORE}(?P<first>(?>{_NUMBER}))(?P<more>(?:\s*(?:-|/|to|or|and|,|\+|x)\s*(?>{_NUMBER})){{0,8}}+)"
    rf"\s*-?\s*(?P<unit>{_UNIT})(?![a-z0-9])"
)
_SEVERAL_TIMES = re.compile(r"\b(?:bid|b\.i\.d|tid|t\.i\.d|qid|q\.i\.d|q(?:6|8|12)h|twice|(?:two|three|four) times)\b")
_A_DAY = re.compile(r"/d(?:ay)?\b|\bdaily\b|\b(?:per|a) day\b")
_TO_MG = {"mg": 1.0, "mcg": 1e-3, "ng": 1e-6, "g": 1e3}
_TOKEN = re.compile(r"[^\W_]+(?:['.\-][^\W_]+)*%?|[+/,;().:&]")
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}
_AFTER_WHICH_ROMAN = frozenset({"arm", "group", "part", "phase", "stage", "cohort", "period", "level"})
_EMPTY = frozenset(
    re.findall(
        r"\S+",
        """
        a an the of in on to for from with who were was is are be been which that this these their at by as or and plus not
        participant patient subject person individual people group arm treatment treated receive received receiving
        randomized randomization study trial drug dose dosage administered taken given will all eligible enrolled
        followed once daily oral orally tablet capsule
        """,
    )
)


@lru_cache(maxsize=2048)
def plain(text: str) -> str:
    """A text in one spelling: case, dashes, units, British and American.

    >>> plain("Placebos, 5 micrograms (mcg) Randomised")
    'placebo, 5 mcg randomized'
    """
    text = unicodedata.normalize("NFKC", text.translate(_TRADE_MARKS)).replace("_", " ").casefold()
    for pattern, new in _SPELLING_RULES:
        text = pattern.sub(new, text)
    return " ".join(text.split())


def _number(text: str) -> float:
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        text = text.replace(",", "")
    return float(text.replace(",", "."))


def _dose_tokens(match: re.Match[str]) -> list[str]:
    numbers = [match["first"], *re.findall(_NUMBER, match["more"])]
    unit, _, per = match["unit"].partition("/")
    factor = _TO_MG.get(unit, 1.0)
    name = "mg" if unit in _TO_MG else unit.rstrip("s")
    return [f"{_number(n) * factor:g}{name}{'/' + per if per else ''}" for n in numbers]


def doses(text: str) -> frozenset[str]:
    """Doses in a text, weights in mg.

    >>> sorted(doses("Drug 2.5-5 mg or 1,000 μg/kg"))
    ['1mg/kg', '2.5mg', '5mg']
    """
    return frozenset(dose for match in _DOSE.finditer(plain(text)) for dose in _dose_tokens(match))


def amounts_differ(title: str, label: str) -> bool:
    """Whether one of two texts gives the dose of a day and the other that of each of several intakes.

    >>> amounts_differ("Drug X 150 mg/day", "Drug X 75 mg BID"), amounts_differ("Drug X 75 mg", "Drug X 75 mg BID")
    (True, False)
    """
    texts = plain(title), plain(label)
    several = [bool(_SEVERAL_TIMES.search(text)) for text in texts]
    daily = [bool(_A_DAY.search(text)) and not times for text, times in zip(texts, several, strict=True)]
    return (daily[0] and several[1]) or (daily[1] and several[0])


@lru_cache(maxsize=2048)
def tokens(text: str) -> tuple[str, ...]:
    """Words, doses and separating punctuation, in order.

    >>> tokens("Drug-X 0.5 mg + Placebo (arm II)")
    ('drug-x', '0.5mg', '+', 'placebo', '(', 'arm', '2', ')')
    """
    found: list[str] = []
    position = 0
    text = plain(text)
    for match in _DOSE.finditer(text):
        found += _words(text[position : match.start()])
        found += _dose_tokens(match)
        position = match.end()
    return tuple(found + _words(text[position:]))


def _words(text: str) -> list[str]:
    found: list[str] = []
    for token in _TOKEN.findall(text):
        if found and token in _ROMAN and found[-1] in _AFTER_WHICH_ROMAN:
            found.append(_ROMAN[token])
        else:
            found.append(_singular(token))
    return found


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) and word[-2].isalpha():
        return word[:-1]
    return word


def words(text: str) -> tuple[str, ...]:
    """The tokens that can tell one group from another: no punctuation, no words that any group may have."""
    return tuple(token for token in tokens(text) if token not in MARKS and token not in _EMPTY)


@lru_cache(maxsize=2048)
def title_key(text: str) -> str:
    """Equal for titles that differ in case, punctuation, spacing, units, plurals or the words arm and group alone.

    ``X + placebo`` is not ``X placebo``.

    >>> title_key("Drug X 0.5mg (Arms)") == title_key("drug-x, 0.5 MG - arm")
    True
    """
    stream = tokens(text)
    joined = {place for place, (mark, word) in enumerate(pairwise(stream)) if (mark, word) == ("+", "placebo")}
    found = [token for place, token in enumerate(stream) if token not in MARKS or place in joined]
    together = "".join([token for token in found if token not in {"arm", "group"}] or found)
    return re.sub(r"[^\w%.+]", "", together.replace("-", ""))


def dose_text(text: str) -> str:
    """Doses in the words of a text, in one spelling of units.

    >>> dose_text("Drug X 2.5-5 Milligrams OD + Drug Y 10 mg")
    '2.5-5 mg + 10 mg'
    """
    return " + ".join(match.group().strip() for match in _DOSE.finditer(plain(text)))
