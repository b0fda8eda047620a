"""docs/reference/cli.md names every verb, option, word and default."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from trialpool.cli.parser import VERBS, build_parser
from trialpool.pool import WORDS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
SECTIONS = {part.split("\n", 1)[0]: part for part in re.split(r"^## trialpool ", PAGE, flags=re.MULTILINE)[1:]}
SHARED = SECTIONS["pool"].partition("### What to print")[0]


def options(verb: str) -> list[argparse.Action]:
    verbs = next(a for a in build_parser(verb)._actions if isinstance(a, argparse._SubParsersAction))
    return [action for action in verbs.choices[verb]._actions if action.dest != "help"]


def test_each_verb_has_its_section_and_line():
    assert list(SECTIONS) == list(VERBS)
    for verb in VERBS:
        assert f"| [`{verb}`](#trialpool-{verb.replace(' ', '-')}) |" in PAGE


@pytest.mark.parametrize("verb", VERBS)
def test_each_option_of_a_verb_is_on_the_page(verb):
    text = SECTIONS[verb] + (SHARED if verb in {"forest", "funnel", "regress"} else "")
    for action in options(verb):
        names = action.option_strings or [str(action.metavar)]
        assert all(re.search(rf"`{name}[ `]", text) for name in names), names


@pytest.mark.parametrize("verb", VERBS)
def test_the_page_names_no_option_that_a_verb_lacks(verb):
    known = {name for action in options(verb) for name in action.option_strings} | {"--help", "--version"}
    used = [line for line in SECTIONS[verb].splitlines() if line.startswith("$ trialpool ")]
    rows = [line.split("|")[1] for line in SECTIONS[verb].splitlines() if line.startswith("| `")]
    assert set(re.findall(r"(?<![\w-])--[a-z0-9][\w-]*", " ".join([*used, *rows]))) <= known
    assert used != []
    typed = [line.removeprefix("$ trialpool ") for line in used]
    assert all(line.startswith((verb, "example ")) for line in typed)


@pytest.mark.parametrize("name", WORDS)
def test_each_word_of_an_option_is_in_its_row(name):
    flag = f"--{name.replace('_', '-')}"
    row = next(line for line in SHARED.splitlines() if line.startswith(f"| `{flag}`"))
    assert all(f"`{word}`" in row for word in WORDS[name])
    action = next(action for action in options("pool") if flag in action.option_strings)
    default = action.help.rpartition("(default: ")[2].rstrip(")").partition(";")[0]
    assert f"`{default}`" in row.split("|")[3]


def test_examples_are_typed_in_a_folder_of_their_own():
    assert "/" not in "".join(re.findall(r"-o (\S+)", PAGE))
