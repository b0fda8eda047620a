"""Commands run in this process with their output caught."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.tables import RASH, REVIEW, Done, Trialpool, example_table, write_table

from trialpool.cli import main


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


@pytest.fixture
def review(rash: Path) -> Path:
    """A review of rash.csv: review.toml."""
    path = rash.parent / "review.toml"
    path.write_text(REVIEW, encoding="utf-8")
    return path
