"""The names of a treatment: one drug, several of a class, and the brands and codes each goes by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from trialpool.analysis.schema import Key
from trialpool.errors import OptionError
from trialpool.registry.choices import ready_treatments, treatment_texts
from trialpool.registry.toml_file import name_problem, parse_flat, read_toml_text, text_problem, texts_problem

__all__ = ["Drug", "Treatment", "read_treatment", "ready_treatments"]

_MOST_NAMES = 4
_WHAT = "a treatment definition"
_APART = "[\\s\\-\u2010-\u2015_\u00ae\u2122/+&]*"


@dataclass(frozen=True)
class Drug:
    """One drug with its other names: brands, codes, spellings."""

    name: str
    other_names: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All its names."""
        return (self.name, *self.other_names)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(map(_name_pattern, self.names)), re.IGNORECASE)

    def named_in(self, text: str) -> bool:
        """Whether a text has one of its names as whole words.

        >>> Drug("empagliflozin", ("BI 10773",)).named_in("BI10773 25 mg"), Drug("insulin").named_in("insulins")
        (True, False)
        """
        return self._pattern.search(text) is not None

    def without(self, text: str) -> str:
        """A text without its names.

        >>> Drug("LCZ696", ("sacubitril/valsartan",)).without("LCZ696 (sacubitril/valsartan) 200 mg")
        ' () 200 mg'
        """
        return self._pattern.sub("", text)


def _name_pattern(name: str) -> str:
    """A name whose letters and numbers may be set apart by spaces, hyphens or signs of a trade mark, combined drugs by a stroke."""
    parts = re.findall(r"[^\W\d_]+|\d+", name)
    return rf"(?<![^\W_]){_APART.join(map(re.escape, parts))}(?![^\W_])"


@dataclass(frozen=True)
class Treatment:
    """What one side of a question got: any of these drugs.

    Attributes
    ----------
    name : str
        As the table of trial arms will call it.
    drugs : tuple of Drug
    """

    name: str
    drugs: tuple[Drug, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All names of all drugs."""
        return tuple(name for drug in self.drugs for name in drug.names)

    def drug_in(self, text: str) -> Drug | None:
        """The first drug that a text names."""
        return next((drug for drug in self.drugs if drug.named_in(text)), None)


def _drugs_problem(value: Any) -> str:
    if not isinstance(value, dict) or not value:
        return 'names each drug with its other names, as in empagliflozin = ["Jardiance", "BI 10773"]'
    found = ((key, text_problem(key) or ("" if names == [] else texts_problem(names))) for key, names in value.items())
    wrong = next((f"{key!r} {problem}" for key, problem in found if problem), "")
    names = [name for key, others in value.items() for name in (key, *others)] if not wrong else []
    empty = next((name for name in names if not re.search(r"[^\W\d_]", name)), None)
    return wrong or ("" if empty is None else f"has the name {empty!r}, which has no letter")


_KEYS: Mapping[str, Key] = {
    "name": Key(name_problem, required=True),
    "drugs": Key(_drugs_problem, required=True),
}


def _no_mistakes(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    names: dict[str, str] = {}
    for drug, others in document["drugs"].items():
        for name in (drug, *others):
            if names.setdefault(name.casefold(), drug) != drug:
                yield "drugs", f"has {name!r} under {names[name.casefold()]!r} and under {drug!r}; name it once"


def _ready() -> list[Treatment]:
    return [_from_text(text, name) for name, text in treatment_texts().items()]


def read_treatment(given: Sequence[str]) -> Treatment:
    """A treatment from what was typed: names of drugs, the name of a ready treatment, or TOML files; several are joined.

    Parameters
    ----------
    given : sequence of str
        ``["dapagliflozin", "Forxiga"]`` are two names, ``["SGLT2 inhibitors"]`` a class, ``["my drugs.toml"]`` a file.

    Raises
    ------
    OptionError
        Nothing is named, or something without a letter.
    ReviewError
        A file cannot be read or holds mistakes.

    Examples
    --------
    >>> read_treatment(["SGLT2 inhibitors"]).drugs[0].name, read_treatment(["drug A", "A-123"]).name
    ('bexagliflozin', 'drug A or A-123')
    """
    if not given or not all(re.search(r"[^\W\d_]", name) for name in given):
        raise OptionError(f"{list(given)!r} names no treatment; give its name, such as dapagliflozin")
    wrong = next((problem for name in given if not name.endswith(".toml") and (problem := name_problem(name))), "")
    if wrong:
        raise OptionError(f"a treatment {wrong}")
    parts = [_one(name) for name in given]
    names = list(dict.fromkeys(part.name for part in parts))
    shown = (
        names if len(names) <= _MOST_NAMES else [*names[: _MOST_NAMES - 1], f"{len(names) - _MOST_NAMES + 1} others"]
    )
    return Treatment(" or ".join(shown), tuple(drug for part in parts for drug in part.drugs))


def _one(given: str) -> Treatment:
    known = {treatment.name.casefold(): treatment for treatment in _ready()}
    if given.casefold() in known:
        return known[given.casefold()]
    if given.endswith(".toml"):
        return _from_text(read_toml_text(Path(given), _WHAT), Path(given).name)
    return Treatment(given.strip(), (Drug(given.strip()),))


def _from_text(text: str, name: str) -> Treatment:
    document = parse_flat(text, name, _KEYS, _no_mistakes)
    drugs = tuple(Drug(drug, tuple(others)) for drug, others in document["drugs"].items())
    return Treatment(document["name"].strip(), drugs)
