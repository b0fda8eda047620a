"""The small tables that commands are given, and what they leave in a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from trialpool.datasets import example_files

HEADER = "trial,treatment,outcome,events,n"
RASH = (
    "Alba,drug,rash,3,50",
    "Alba,placebo,rash,6,52",
    "Bern,drug,rash,4,60",
    "Bern,placebo,rash,9,58",
    "Cork,drug,rash,5,80",
    "Cork,placebo,rash,7,81",
)
SIDES = ("--treatment", "drug", "--control", "placebo")

REVIEW = """\
title = "Drug and rash"

[question]
population = "Adults"
intervention = "Drug"
comparator = "Placebo"

[data]
file = "rash.csv"

[comparison]
treatment = "drug"
control = "placebo"

[[outcome]]
name = "rash"

[[analysis]]
id = "rash"
outcome = "rash"
profile = "trialpool"
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith("trialpool: error: ")]

    @property
    def warnings(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith("trialpool: warning: ")]


Trialpool = Callable[..., Done]


def example_table(name: str, folder: Path) -> Path:
    path = folder / f"{name}.csv"
    path.write_bytes(example_files(name)["arms.csv"])
    return path


def write_table(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def everything_in(folder: Path) -> Mapping[str, bytes | None]:
    """Each path below a folder with its content; None for a folder."""
    paths = sorted(folder.rglob("*"))
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in paths}
