"""trialpool example, trialpool profiles."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from cli.tables import everything_in

from trialpool.datasets import example_files, load, names
from trialpool.pool import PROFILES, RequestWords, request_from_words


@pytest.mark.parametrize("name", names())
def test_example_is_written_as_it_ships_and_says_what_to_type_next(trialpool, here, name):
    done = trialpool("example", name)
    assert (done.code, done.err) == (0, "")
    assert everything_in(here / name) == example_files(name)
    first, last = done.out.splitlines()
    assert first == f"wrote {', '.join(example_files(name))} into {name}"
    assert last == f"next: trialpool run {name}/review.toml"


@pytest.mark.parametrize("name", names())
def test_every_example_is_a_valid_review(trialpool, here, name):
    trialpool("example", name)
    done = trialpool("check", f"{name}/review.toml")
    assert (done.code, done.out[:7]) == (0, "valid: "), done.err


@pytest.mark.parametrize("folder", ["elsewhere", "deep/er/folder", "a folder; rm -rf x"])
def test_folder_can_be_chosen_and_the_next_command_can_be_pasted(trialpool, here, folder):
    done = trialpool("example", "bcg", "--to", folder)
    assert everything_in(here / folder) == example_files("bcg")
    command = done.out.splitlines()[-1].removeprefix("next: ")
    assert shlex.split(command) == ["trialpool", "run", str(Path(folder) / "review.toml")]


def test_files_that_are_there_are_not_overwritten_unless_forced(trialpool, here):
    trialpool("example", "bcg")
    (here / "bcg" / "review.toml").write_text("mine", encoding="utf-8")
    (here / "bcg" / "arms.csv").unlink()
    before = everything_in(here)
    done = trialpool("example", "bcg")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "trialpool: error: bcg/review.toml would be overwritten; choose another folder with --to, or say --force\n"
    )
    assert everything_in(here) == before
    assert trialpool("example", "bcg", "--force").code == 0
    assert everything_in(here / "bcg") == example_files("bcg")


def test_other_files_of_the_folder_are_left_alone(trialpool, here):
    (here / "bcg").mkdir()
    (here / "bcg" / "notes.txt").write_text("mine", encoding="utf-8")
    assert trialpool("example", "bcg").code == 0
    assert everything_in(here / "bcg") == {**example_files("bcg"), "notes.txt": b"mine"}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_nothing_half_written_stays_behind(trialpool, here, monkeypatch, error, step):
    calls = []
    original = getattr(Path, step)

    def second_time(path, *arguments):
        calls.append(path)
        if len(calls) == 2:
            raise error
        return original(path, *arguments)

    monkeypatch.setattr(Path, step, second_time)
    done = trialpool("example", "bcg", "--to", "new/folder")
    assert done.code == (2 if isinstance(error, OSError) else 130)
    assert len(done.errors) == 1
    assert everything_in(here) == {}


def test_interrupted_example_leaves_what_was_there(trialpool, here, monkeypatch):
    trialpool("example", "bcg")
    before = everything_in(here)

    def interrupted(path, content):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    assert trialpool("example", "bcg", "--force").code == 130
    assert everything_in(here) == before


def test_list_names_every_example_with_its_outcomes_and_writes_nothing(trialpool, here):
    done = trialpool("example", "--list")
    assert (done.code, done.err) == (0, "")
    text = " ".join(done.out.split())
    for name in names():
        dataset = load(name)
        assert f"\n{name}\n" in f"\n{done.out}"
        assert dataset.title in text
        assert all(outcome in text for outcome in dataset.table.outcomes)
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(("argv", "option"), [(["bcg"], "NAME"), (["--to", "x"], "--to"), (["--force"], "--force")])
def test_list_takes_nothing_else(trialpool, here, argv, option):
    done = trialpool("example", "--list", *argv)
    assert (done.code, done.out) == (2, "")
    assert f"{option} has no meaning with --list" in done.err


def test_profiles_are_a_table_and_their_descriptions(trialpool):
    done = trialpool("profiles")
    assert (done.code, done.err) == (0, "")
    table, *texts = done.out.split("\n\n")
    for name, profile in PROFILES.items():
        row = next(line.split() for line in table.splitlines() if line.startswith(f"{name} "))
        chosen = request_from_words(RequestWords(profile=name)).method
        assert row[1:5] == [chosen.tau2, chosen.interval, chosen.prediction, chosen.i2]
        assert row[5] == chosen.zero_cells.rule
        text = next(text for text in texts if text.startswith(f"{name}\n"))
        assert " ".join(text.split()) == f"{name} {profile.description}"
    assert max(len(line) for line in "".join(texts).splitlines()) <= 100
