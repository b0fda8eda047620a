"""trialpool run, trialpool check: what is written and printed, and what an interrupted run leaves."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.tables import REVIEW, everything_in, example_table

from trialpool.analysis import run as run_review
from trialpool.datasets import names

MODULE = [sys.executable, "-m", "trialpool"]


# --- check ------------------------------------------------------------------------------------------------------------


def test_check_counts_what_it_found_and_writes_nothing(trialpool, review):
    before = everything_in(review.parent)
    done = trialpool("check", review)
    assert (done.code, done.err) == (0, "")
    assert done.out == "valid: 1 analysis of 1 outcome in 3 trials (rash.csv)\n"
    assert everything_in(review.parent) == before


def test_check_of_an_example_says_several(trialpool, here):
    trialpool("example", "rosiglitazone")
    done = trialpool("check", "rosiglitazone/review.toml")
    assert done.out == "valid: 4 analyses of 2 outcomes in 42 trials (arms.csv)\n"


def test_check_tells_warnings(trialpool, review):
    table = review.parent / "rash.csv"
    table.write_text(
        table.read_text().replace("events,n", "events,n,sourse").replace("\n", ",x\n").replace("sourse,x", "sourse")
    )
    done = trialpool("check", review)
    assert done.code == 0
    assert [warning for warning in done.warnings if "'sourse'" in warning] == done.warnings != []


# --- run --------------------------------------------------------------------------------------------------------------


def test_run_writes_a_report_beside_the_review_and_prints_it_last(trialpool, review):
    before = everything_in(review.parent)
    done = trialpool("run", review)
    assert done.code == 0, done.err
    out = review.parent / "report"
    after = everything_in(review.parent)
    figures, tables = (len(list((out / name).iterdir())) for name in ("figures", "tables"))
    assert done.out.splitlines() == [
        f"wrote {figures} figures into {out / 'figures'}",
        f"wrote {tables} tables into {out / 'tables'}",
        f"wrote {out / 'results.json'}",
        str(out / "report.html"),
    ]
    new = [name for name, content in after.items() if name not in before and content is not None]
    assert len(new) == figures + tables + 3  # report, results, manifest
    assert {name: content for name, content in after.items() if name in before} == before


def test_run_prints_a_path_that_can_be_opened_from_here(trialpool, review):
    done = trialpool("run", "review.toml")
    assert done.out.splitlines()[-1] == str(Path("report") / "report.html")
    assert Path(done.out.splitlines()[-1]).is_file()


@pytest.mark.parametrize("out", ["elsewhere", "deep/er"])
def test_out_says_where(trialpool, review, out):
    done = trialpool("run", review, "--out", out)
    assert done.out.splitlines()[-1] == str(Path(out) / "report.html")
    assert not (review.parent / "report").exists()


def test_results_are_those_of_python(trialpool, review):
    trialpool("run", review)
    written = json.loads((review.parent / "report" / "results.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(run_review(review).to_dict()))


def test_run_twice_gives_the_same_bytes(trialpool, review):
    trialpool("run", review, "--out", "one")
    trialpool("run", review, "--out", "two")
    assert everything_in(review.parent / "one") == everything_in(review.parent / "two")


def test_run_again_replaces_its_report(trialpool, review):
    trialpool("run", review)
    first = everything_in(review.parent)
    assert trialpool("run", review).code == 0
    assert everything_in(review.parent) == first


def test_run_that_draws_less_leaves_no_figure_of_the_run_before(trialpool, review):
    again = '\n[[analysis]]\nid = "again"\noutcome = "rash"\nmeasure = "odds ratio"\n'
    review.write_text(REVIEW + again, encoding="utf-8")
    assert trialpool("run", review).code == 0
    assert (review.parent / "report/figures/again-forest.svg").exists()
    review.write_text(REVIEW, encoding="utf-8")
    assert trialpool("run", review).code == 0
    assert trialpool("run", review, "--out", "fresh").code == 0
    assert everything_in(review.parent / "report") == everything_in(review.parent / "fresh")


# --- what is there already --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["report.html", "results.json", "manifest.json", "tables/studies.csv"])
def test_files_of_the_user_are_refused_unless_forced(trialpool, review, name):
    mine = review.parent / "out" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", encoding="utf-8")
    before = everything_in(review.parent)
    done = trialpool("run", review, "--out", "out")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"trialpool: error: out holds files that trialpool did not write ({name}); "
        "choose another folder with --out, or say --force\n"
    )
    assert everything_in(review.parent) == before
    assert trialpool("run", review, "--out", "out", "--force").code == 0
    assert mine.read_text(encoding="utf-8") != "mine"


def test_folder_with_other_files_is_added_to(trialpool, review):
    before = everything_in(review.parent)
    for _ in range(2):
        assert trialpool("run", review, "--out", ".").code == 0
        after = everything_in(review.parent)
        assert after.items() > before.items()


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize("link", [False, True])
def test_run_never_overwrites_its_own_data(trialpool, review, force, link):
    (review.parent / "tables").mkdir()
    data = (review.parent / "rash.csv").rename(review.parent / "tables/studies.csv")
    name = "tables/studies.csv"
    if link:
        name = "linked.csv"
        (review.parent / name).symlink_to(data)
    review.write_text(REVIEW.replace("rash.csv", name), encoding="utf-8")
    before = everything_in(review.parent)
    done = trialpool("run", "review.toml", "--out", ".", *force)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "trialpool: error: tables/studies.csv is a file that the review is made from, and the report would take its "
        "place; choose another folder with --out\n"
    )
    assert everything_in(review.parent) == before


def test_run_never_overwrites_its_own_review(trialpool, review, monkeypatch):
    monkeypatch.setattr("trialpool.analysis.run", lambda *given, **named: pytest.fail("the work was begun"))
    (review.parent / "out").mkdir()
    moved = (review.parent / "rash.csv").rename(review.parent / "out/rash.csv")
    page = review.rename(review.parent / "out/report.html")
    before = everything_in(review.parent)
    done = trialpool("run", page, "--out", moved.parent, "--force")
    assert done.code == 2
    assert "report.html is a file that the review is made from" in done.err
    assert everything_in(review.parent) == before


def test_empty_name_is_no_folder(trialpool, review):
    before = everything_in(review.parent)
    for argv in (["run", review, "--out", ""], ["run", review, "--out="], ["example", "bcg", "--to", ""]):
        done = trialpool(*argv)
        assert (done.code, done.out) == (2, "")
        assert "'' names no folder" in done.err
    assert everything_in(review.parent) == before


@pytest.mark.parametrize("name", names())
def test_every_example_runs(trialpool, here, name):
    trialpool("example", name)
    done = trialpool("run", f"{name}/review.toml")
    assert done.code == 0, done.err
    assert done.errors == []
    assert Path(done.out.splitlines()[-1]).read_text(encoding="utf-8").lower().startswith("<!doctype html>")


def test_published_figures_of_dupilumab_are_in_the_results(trialpool, here):
    trialpool("example", "dupilumab")
    trialpool("run", "dupilumab/review.toml")
    results = json.loads((here / "dupilumab/report/results.json").read_text(encoding="utf-8"))
    displayed = {a["id"]: a["pooled"]["displayed"] for a in results["analyses"] if a["pooled"]}
    infections, herpes = displayed["infections-as-published"], displayed["herpesvirus-as-published"]
    assert [round(infections[key], 2) for key in ("estimate", "conf_low", "conf_high")] == [0.98, 0.83, 1.16]
    assert [round(herpes[key], 2) for key in ("estimate", "conf_low", "conf_high")] == [1.16, 0.78, 1.74]


def test_one_analysis_without_an_answer_does_not_stop_the_others(trialpool, review):
    table = review.parent / "rash.csv"
    table.write_text(table.read_text() + "Alba,drug,death,0,50\nAlba,placebo,death,0,52\n", encoding="utf-8")
    death = '[[outcome]]\nname = "death"\n\n[[analysis]]\nid = "death"\noutcome = "death"\n'
    review.write_text(REVIEW + "\n" + death, encoding="utf-8")
    done = trialpool("run", review)
    assert done.code == 0, done.err
    results = json.loads((review.parent / "report" / "results.json").read_text(encoding="utf-8"))
    assert [a["pooled"] is None for a in results["analyses"]] == [False, True]
    assert results["analyses"][1]["impossible"] != ""
    assert "trialpool: warning: death: no answer: no events in any arm" in done.err


def test_warnings_of_an_analysis_are_told_with_its_id(trialpool, here):
    trialpool("example", "dupilumab")
    done = trialpool("run", "dupilumab/review.toml")
    unverified = [warning for warning in done.warnings if "rests on unverified input" in warning]
    assert [warning.split(": ")[2] for warning in unverified] == ["skin-infections", "skin-infections-as-published"]
    assert "trialpool: warning: eczema-herpeticum: no answer: " in done.err
    assert done.warnings == done.err.splitlines()


def test_no_analysis_with_an_answer_is_exit_code_1_and_no_report(trialpool, review):
    review.write_text(REVIEW + 'zero_cells = "none"\n', encoding="utf-8")
    table = review.parent / "rash.csv"
    table.write_text(re.sub(r"rash,\d+", "rash,0", table.read_text()), encoding="utf-8")
    before = everything_in(review.parent)
    done = trialpool("run", review)
    assert (done.code, done.out) == (1, "")
    assert "rash: nothing to pool" in done.err
    assert everything_in(review.parent) == before


def test_place_of_the_report_is_checked_before_the_work(trialpool, review, monkeypatch):
    monkeypatch.setattr("trialpool.analysis.run", lambda *given, **named: pytest.fail("the work was begun"))
    assert trialpool("run", review, "--out", "rash.csv/report").code == 2


# --- interrupted ------------------------------------------------------------------------------------------------------

LONG = 400
"""Analyses of a review that takes far longer than a test may."""


@pytest.fixture
def long_review(here: Path) -> Path:
    example_table("rosiglitazone", here)
    head = (
        REVIEW.replace("rash.csv", "rosiglitazone.csv")
        .replace('"drug"', '"rosiglitazone"')
        .replace('"placebo"', '"control"')
    )
    head = head.replace('"rash"', '"myocardial infarction"').partition("[[analysis]]")[0]
    analyses = [
        f'[[analysis]]\nid = "a{i}"\noutcome = "myocardial infarction"\nmeasure = "odds ratio"\n' for i in range(LONG)
    ]
    path = here / "review.toml"
    path.write_text(head + "\n".join(analyses), encoding="utf-8")
    return path


def until_progress_shows(terminal: int, process: subprocess.Popen[bytes]) -> str:
    """What the process has written on its terminal once the line of progress counts analyses."""
    seen, end = b"", time.monotonic() + 60
    while not re.search(rb"\d+/\d+ ", seen):
        assert process.poll() is None, seen
        assert time.monotonic() < end, seen
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 4096)
    return seen.decode()


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Tests in the background may ignore Ctrl-C, and would hand that on to the process they start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals and terminals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_run_leaves_no_file_and_no_traceback(long_review, ctrl_c, number, code):
    before = everything_in(long_review.parent)
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [*MODULE, "run", "review.toml"], cwd=long_review.parent, stdout=subprocess.PIPE, stderr=theirs
    ) as process:
        os.close(theirs)
        try:
            seen = until_progress_shows(ours, process)
            process.send_signal(number)
            assert process.wait(timeout=60) == code
        finally:
            process.kill()
        assert process.stdout.read() == b""
    seen += rest(ours)
    os.close(ours)
    assert "Traceback" not in seen
    assert seen.rstrip().endswith("trialpool: error: stopped before the end")
    assert everything_in(long_review.parent) == before


def rest(terminal: int) -> str:
    """What is left to read of a terminal whose process has ended."""
    parts = []
    while select.select([terminal], [], [], 0)[0]:
        try:
            parts.append(os.read(terminal, 4096))
        except OSError:  # how Linux says that the other end is closed
            break
        if not parts[-1]:
            break
    return b"".join(parts).decode()


@pytest.mark.parametrize(("step", "call"), [("write_bytes", 1), ("write_bytes", 5), ("mkdir", 3), ("rename", 1)])
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), OSError(28, "No space left on device")], ids=["interrupt", "full"]
)
def test_report_that_is_stopped_while_it_is_written_leaves_nothing(trialpool, review, monkeypatch, step, call, error):
    calls = []
    original = getattr(Path, step)

    def stopped(path, *given, **named):
        calls.append(path)
        if len(calls) == call:
            raise error
        return original(path, *given, **named)

    before = everything_in(review.parent)
    monkeypatch.setattr(Path, step, stopped)
    done = trialpool("run", review)
    assert done.code == (130 if isinstance(error, KeyboardInterrupt) else 2)
    assert len(done.errors) == 1
    assert everything_in(review.parent) == before
