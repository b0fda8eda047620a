"""Names of events made comparable: British and American spelling, punctuation, plural, word order, older names."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["american", "normalised_term", "phrases_of", "term_keys"]

_BRITISH = (
    # within words, so that every compound and derivation is met
    ("rrhoea", "rrhea"),
    ("oedema", "edema"),
    ("haem", "hem"),
    ("aemi", "emi"),
    ("paen", "pen"),
    ("ooesoph", "oesoph"),
    ("oestr", "estr"),
    ("foet", "fet"),
    ("pnoea", "pnea"),
    ("leuco", "leuko"),
    ("paed", "ped"),
    ("gynaec", "gynec"),
    ("anaesth", "anesth"),
    ("aesthe", "esthe"),
    ("faec", "fec"),
    ("caec", "cec"),
    ("caesar", "cesar"),
    ("coeli", "celi"),
    ("aetiol", "etiol"),
    ("sulph", "sulf"),
    ("tumour", "tumor"),
    ("colour", "color"),
    ("odour", "odor"),
    ("behaviour", "behavior"),
    ("humour", "humor"),
    ("labour", "labor"),
    ("fibre", "fiber"),
    ("centre", "center"),
    ("litre", "liter"),
    ("goitre", "goiter"),
    ("manoeuv", "maneuv"),
    ("homoeo", "homeo"),
    ("orthopaed", "orthoped"),
    ("dyspnoe", "dyspne"),
    ("apnoe", "apne"),
    ("mould", "mold"),
    ("counsell", "counsel"),
    ("labell", "label"),
)
_OESOPHAGUS = re.compile(r"\boesoph")  # inside a word the o belongs to what is before it: gastroesophageal
_ISE = re.compile(
    r"(?<=[a-z]{3})(?<!rev)(?<!adv)(?<!superv)(?<!prom)(?<!exerc)(?<!rais)is(?=(?:e|ed|es|ing|ation|ations)\b)"
)
_ISE_NOT = frozenset(
    {"disease", "exercise", "increase", "decrease", "raise", "noise", "bruise", "otherwise", "malaise"}
)
_YSE = re.compile(r"lys(?=(?:e|ed|ing)\b)")

_OLDER_NAMES = {
    # names that the dictionary has replaced, or that another dictionary uses for the same event
    "anorexia": "decreased appetite",
    "convulsion": "seizure",
    "grand mal convulsion": "generalized tonic-clonic seizure",
    "renal failure acute": "acute kidney injury",
    "acute renal failure": "acute kidney injury",
    "renal failure chronic": "chronic kidney disease",
    "fever": "pyrexia",
    "rigors": "chills",
    "muscle cramp": "muscle spasms",
    "hot flashes": "hot flush",
    "vaginal mycosis": "vulvovaginal mycotic infection",
    "vaginal candidiasis": "vulvovaginal candidiasis",
    "fungal genital infection": "genital infection fungal",
    "loose stools": "diarrhea",
}
_UNNAMED = re.compile(r"\s*\(?\bnos\b\)?\s*$")
_APOSTROPHES = re.compile("['\u2018\u2019`\u00b4]")
_NOT_WORDS = re.compile(r"[^\w%<>]+|_")
_LETTER_HYPHEN = re.compile(r"(?<=[a-z])[-\u2010-\u2015](?=[a-z])")


def american(text: str) -> str:
    """A text in lower case with American spelling.

    >>> american("Diarrhoea haemorrhagic, catheterisation, disease")
    'diarrhea hemorrhagic, catheterization, disease'
    """
    text = unicodedata.normalize("NFKC", text).casefold().replace("\u00e6", "ae").replace("\u0153", "oe")
    for british, plain in _BRITISH:
        text = text.replace(british, plain)
    return re.sub(r"[a-z]+", _american_word, _OESOPHAGUS.sub("esoph", text))


def _american_word(match: re.Match[str]) -> str:
    word = match.group()
    if word in _ISE_NOT or word.removesuffix("s") in _ISE_NOT or word.removesuffix("d") in _ISE_NOT:
        return word
    return _YSE.sub("lyz", _ISE.sub("iz", word))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


@lru_cache(maxsize=16_384)
def normalised_term(term: str) -> str:
    """One spelling for the names of an event that mean the same.

    Case, punctuation, apostrophes, hyphens, the plural and a final "NOS" do not count; British spelling becomes American.
    The order of the words is kept.

    >>> normalised_term("Diarrhoea NOS") == normalised_term("diarrhea")
    True
    >>> normalised_term("Crohn's Disease"), normalised_term("Oedema, peripheral")
    ('crohn disease', 'edema peripheral')
    """
    return _joined(_LETTER_HYPHEN.sub(" ", _without_marks(term)))


def _without_marks(term: str) -> str:
    return _UNNAMED.sub("", _APOSTROPHES.sub("", american(term.strip())))


def _joined(text: str) -> str:
    return " ".join(_singular(word) for word in _NOT_WORDS.sub(" ", text).split())


@lru_cache(maxsize=16_384)
def term_keys(term: str) -> frozenset[str]:
    """Keys of a term: two terms are the same event where they share one.

    The words in alphabetical order, hyphens read as spaces and as nothing, with the name that replaced an older one.

    >>> bool(term_keys("Infection, urinary tract") & term_keys("Urinary tract infections"))
    True
    >>> bool(term_keys("Vulvo-vaginal candidiasis") & term_keys("Vaginal candidiasis"))
    True
    """
    plain = _without_marks(term)
    spelt = {_joined(_LETTER_HYPHEN.sub(" ", plain)), _joined(american(_LETTER_HYPHEN.sub("", plain)))}
    keys = {_sorted_words(words) for words in spelt if words}
    return frozenset(keys | {_OLDER[key] for key in keys if key in _OLDER})


def phrases_of(term: str) -> tuple[str, ...]:
    """The words of a term in their order: hyphens as spaces and as nothing, and the older names that it replaced.

    >>> phrases_of("Diarrhoea")
    ('diarrhea', 'loose stool')
    """
    plain = _without_marks(term)
    spelt = (_joined(_LETTER_HYPHEN.sub(" ", plain)), _joined(american(_LETTER_HYPHEN.sub("", plain))))
    older = (normalised_term(old) for old, new in _OLDER_NAMES.items() if normalised_term(new) in spelt)
    return tuple(phrase for phrase in dict.fromkeys((*spelt, *older)) if phrase)


def _sorted_words(words: str) -> str:
    return " ".join(sorted(words.split()))


_OLDER = {_sorted_words(normalised_term(old)): _sorted_words(normalised_term(new)) for old, new in _OLDER_NAMES.items()}
