"""The closed options of an extraction and the names that come with the package, read without loading what they lead to."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Literal, get_args

__all__ = ["INCLUDE", "Include", "definition_texts", "ready_definitions", "ready_treatments", "treatment_texts"]

Include = Literal["crossover", "extension", "non-randomised", "sham"]
INCLUDE: tuple[Include, ...] = get_args(Include)


def _texts(package: str, folder: str) -> dict[str, str]:
    """The TOML files of a folder: name without ending to text; the package that holds it is not imported."""
    found = (files("trialpool.registry") / package / folder).iterdir()
    return {file.name.removesuffix(".toml"): file.read_text("utf-8") for file in found if file.name.endswith(".toml")}


def definition_texts() -> dict[str, str]:
    """The event definitions that come with the package: name to the text of its file."""
    return {name.replace("_", " "): text for name, text in _texts("events", "definitions").items()}


def ready_definitions() -> tuple[str, ...]:
    """Names of the event definitions that come with the package, sorted.

    >>> "diarrhoea" in ready_definitions()
    True
    """
    return tuple(sorted(definition_texts()))


def treatment_texts() -> dict[str, str]:
    """The treatments that come with the package: name of the file, with its ending, to its text."""
    return {f"{name}.toml": text for name, text in sorted(_texts("extract", "drug_classes").items())}


def ready_treatments() -> tuple[str, ...]:
    """Names of the treatments that come with the package, sorted.

    >>> "SGLT2 inhibitors" in ready_treatments()
    True
    """
    return tuple(sorted(tomllib.loads(text)["name"] for text in treatment_texts().values()))
