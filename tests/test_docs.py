"""Every example in README.md and docs/ is run, in the order of its page, in a folder that holds only ``records``.

A ``python`` block runs in the page's namespace (with ``>>>``, its output is compared too); in a ``console`` block each
line ``$ trialpool ...`` must end with exit code 0. Other blocks are text.
"""

from __future__ import annotations

import doctest
import json
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from registry.extract.records_json import write_trials
from registry.fetch.server import serve, study

ROOT = Path(__file__).parents[1]
PAGES = sorted(path for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")] if path.is_file())
FENCE = re.compile(
    r"^(?P<indent> *)(?P<ticks>`{3,})(?P<language>\w*)[^\n]*\n(?P<body>.*?)^(?P=indent)(?P=ticks) *$",
    re.DOTALL | re.MULTILINE,
)
TRIALPOOL = [sys.executable, "-m", "trialpool"]


@dataclass(frozen=True, slots=True)
class Example:
    language: str
    body: str
    line: int


def examples(text: str) -> list[Example]:
    found = []
    for match in FENCE.finditer(text):
        body = re.sub(rf"^{match['indent']}", "", match["body"], flags=re.MULTILINE)
        found.append(Example(match["language"], body, text.count("\n", 0, match.start("body")) + 1))
    return found


def run_python_block(example: Example, page: str, namespace: dict[str, Any]) -> None:
    if ">>> " in example.body:
        test = doctest.DocTestParser().get_doctest(example.body, namespace, page, page, example.line - 1)
        report: list[str] = []
        failed, _ = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append, clear_globs=False)
        namespace.update(test.globs)
        assert failed == 0, "".join(report)
    else:
        # blank lines in front make a traceback name the line of the page
        exec(compile("\n" * (example.line - 1) + example.body, page, "exec"), namespace)


def trialpool_commands(body: str) -> list[list[str]]:
    lines = body.replace("\\\n", " ").splitlines()
    commands = [shlex.split(line[2:], comments=True) for line in lines if line.startswith("$ ")]
    return [command[1:] for command in commands if command[:1] == ["trialpool"]]


def run_console_block(example: Example, page: str) -> None:
    for arguments in trialpool_commands(example.body):
        command = [*TRIALPOOL, *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        shown = f"{page}:{example.line}: trialpool {shlex.join(arguments)}\n{done.stdout}{done.stderr}"
        assert done.returncode == 0, shown


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder, but for a folder of records; what is asked of ClinicalTrials.gov is answered on this machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    trials = [study(number) for number in range(1, 13)]
    (tmp_path / "records").mkdir()
    for number, trial in enumerate(trials[:3], start=1):
        (tmp_path / "records" / f"NCT{number:08d}.json").write_text(json.dumps(trial), encoding="utf-8")
    write_trials(tmp_path / "records", range(11, 17))
    for registry in serve(trials):
        monkeypatch.setenv("TRIALPOOL_API", registry.address)
        yield tmp_path


@pytest.mark.filterwarnings("ignore::trialpool.errors.TrialpoolWarning")
@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_of_the_page_run(page, here):
    name = str(page.relative_to(ROOT))
    namespace: dict[str, Any] = {"__name__": "__page__"}
    for example in examples(page.read_text(encoding="utf-8")):
        if example.language in {"python", "pycon"}:
            run_python_block(example, name, namespace)
        elif example.language == "console":
            run_console_block(example, name)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_the_page_lead_somewhere(page):
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    local = [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:", target)]
    assert [target for target in local if target and not (page.parent / target).exists()] == []


# --- the machinery itself: an example that does not run is a failure -------------------------------------------------


def test_blocks_are_found_with_language_and_line():
    found = examples("# Page\n\n```python\na = 1\n```\n\n1. item\n   ```console\n   $ trialpool --help\n   ```\n")
    assert [(e.language, e.line) for e in found] == [("python", 4), ("console", 9)]
    assert found[1].body == "$ trialpool --help\n"


def test_python_blocks_share_a_namespace_and_fail_at_their_line():
    namespace: dict[str, Any] = {}
    run_python_block(Example("python", "a = 1\n", 3), "page.md", namespace)
    run_python_block(Example("python", ">>> a + 1\n2\n", 7), "page.md", namespace)
    with pytest.raises(ZeroDivisionError) as caught:
        run_python_block(Example("python", "a / 0\n", 12), "page.md", namespace)
    assert (caught.traceback[-1].path, caught.traceback[-1].lineno) == ("page.md", 11)


def test_wrong_output_fails():
    with pytest.raises(AssertionError, match="Expected"):
        run_python_block(Example("pycon", ">>> 1 + 1\n3\n", 1), "page.md", {})


def test_only_trialpool_commands_are_taken_from_a_console_block():
    body = "$ pip install trialpool\n$ trialpool pool arms.csv \\\n      --outcome 'any event'   # a comment\nRR 0.98\n"
    assert trialpool_commands(body) == [["pool", "arms.csv", "--outcome", "any event"]]


def test_command_that_fails_fails_the_page():
    with pytest.raises(AssertionError, match="page.md:5: trialpool pool no-such-file.csv"):
        run_console_block(Example("console", "$ trialpool pool no-such-file.csv\n", 5), "page.md")
