"""Commands run in this process with their output caught, and the small tables they are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from trialpool.cli import main
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


@pytest.fixture
def trialpool(capsys: pytest.CaptureFixture[str]) -> Trialpool:
    """Run a command in this process."""

    def run(*argv: object) -> Done:
        capsys.readouterr()
        code = main([str(argument) for argument in argv])
        caught = capsys.readouterr()
        return Done(code, caught.out, caught.err)

    return run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def rash(here: Path) -> Path:
    """Three ordinary trials of drug v placebo: rash.csv."""
    return write_table(here / "rash.csv", *RASH)


@pytest.fixture
def bcg(here: Path) -> Path:
    """The BCG table, a row per trial: bcg.csv."""
    return example_table("bcg", here)


@pytest.fixture
def dupilumab(here: Path) -> Path:
    """The dupilumab table, trials of several arms and outcomes: dupilumab.csv."""
    return example_table("dupilumab", here)


@pytest.fixture
def catheters(here: Path) -> Path:
    """The catheters table, with zero cells and a trial without events: catheters.csv."""
    return example_table("catheters", here)


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
