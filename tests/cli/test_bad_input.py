"""Bad input: the exit code, one clear message that names the row or key, no traceback, and nothing written."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from cli.tables import HEADER, RASH, REVIEW, SIDES, everything_in, write_table

GOOD = "\n".join([HEADER, *RASH, ""])


def with_row(number: int, row: str) -> str:
    """The good table with one row replaced; rows are counted as in the file, the header is 1."""
    lines = GOOD.splitlines()
    lines[number - 1] = row
    return "\n".join([*lines, ""])


def only(*names: str) -> str:
    return "\n".join([HEADER, *(row for row in RASH if row.startswith(names)), ""])


# name: (content of the table, exit code, what the message has to say)
TABLES: dict[str, tuple[str | bytes, int, tuple[str, ...]]] = {
    "more events than participants": (
        with_row(3, "Alba,placebo,rash,60,52"), 2, ("arms.csv: row 3", "'events'", "60 events in 52 participants")),
    "no participants": (with_row(3, "Alba,placebo,rash,0,0"), 2, ("arms.csv: row 3", "'n'", "0 participants")),
    "negative count": (with_row(5, "Bern,placebo,rash,-9,58"), 2, ("arms.csv: row 5", "'events'", "'-9' is negative")),
    "fractional count": (with_row(2, "Alba,drug,rash,3.5,50"), 2, ("arms.csv: row 2", "'events'", "'3.5' is a fraction")),
    "text for a number": (with_row(6, "Cork,drug,rash,few,80"), 2, ("arms.csv: row 6", "'events'", "'few' is not a number")),
    "empty cell": (with_row(6, "Cork,drug,rash,,80"), 2, ("arms.csv: row 6", "'events'", "empty")),
    "missing column": (GOOD.replace("events", "deaths"), 2, ("arms.csv", "lacks 'events'", "'deaths'")),
    "empty file": ("", 2, ("arms.csv", "the file is empty")),
    "header alone": (HEADER + "\n", 2, ("arms.csv", "no row")),
    "duplicate trial, arm and outcome": (
        GOOD + "Bern,drug,rash,4,60\n", 2, ("arms.csv: row 8", "row 4", "'Bern'", "'drug'", "'rash'")),
    "trial without a control arm": (
        GOOD + "Dover,drug,rash,4,60\n", 2, ("trial 'Dover' has no control arm", "arms.csv, row 8")),
    "not UTF-8": (GOOD.replace("Bern", "Malmö").encode("latin-1"), 2, ("arms.csv", "line 4", "0xf6", "UTF-8")),
    "script in a trial's name": (
        with_row(2, "<script>alert(1)</script>,drug,rash,3,50"), 2, ("arms.csv: row 2", "'trial'", "markup")),
    "formula in a text cell": (with_row(2, "=1+1,drug,rash,3,50"), 2, ("arms.csv: row 2", "'trial'", "'=1+1'", "formula")),
    "formula in a count": (with_row(2, "Alba,drug,rash,=1+1,50"), 2, ("arms.csv: row 2", "'events'", "formula")),
    "every trial without events": (
        GOOD.replace(",3,", ",0,").replace(",6,", ",0,").replace(",4,", ",0,").replace(",9,", ",0,").replace(",5,", ",0,")
        .replace(",7,", ",0,"), 1, ("no study has an estimable risk ratio",)),
    "one trial": (only("Alba"), 1, ("only one study", "the risk ratio of Alba alone is 0.52 (0.14 to 1.97)")),
}  # fmt: skip


@pytest.fixture(params=TABLES, ids=lambda name: name.replace(" ", "-"))
def bad(request, here: Path):
    content, code, words = TABLES[request.param]
    (here / "arms.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return code, words


def refused(done, code, words):
    """One error in plain words; further lines are the listing of an error that has several parts."""
    assert (done.code, done.out) == (code, ""), done
    assert len(done.errors) == 1, done.err
    assert all(line.startswith(("trialpool: ", "  - ")) for line in done.err.splitlines()), done.err
    assert "Traceback" not in done.err
    for word in words:
        assert word in done.err, (word, done.err)


@pytest.mark.parametrize("verb", ["pool", "forest", "funnel"])
def test_bad_table(trialpool, here, bad, verb):
    before = everything_in(here)
    done = trialpool(verb, "arms.csv", *SIDES, *([] if verb == "pool" else ["-o", "plot.svg"]))
    refused(done, *bad)
    assert everything_in(here) == before


@pytest.mark.parametrize("verb", ["run", "check"])
def test_bad_table_of_a_review(trialpool, here, bad, verb):
    (here / "review.toml").write_text(REVIEW.replace("rash.csv", "arms.csv"), encoding="utf-8")
    before = everything_in(here)
    done = trialpool(verb, "review.toml")
    code, words = bad
    if verb == "check" and code == 1:
        assert done.code == 0  # whether there is an answer, only running it shows
    else:
        refused(done, code, words)
    assert everything_in(here) == before


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "given", "words"),
    [
        ("--treatment", "drugg", ("'drugg'", "did you mean 'drug'?")),
        ("--control", "plazebo", ("'plazebo'", "did you mean 'placebo'?")),
        ("--outcome", "rush", ("'rush'", "did you mean 'rash'?")),
        ("--subgroup", "year", ("'year'", "the table has")),
    ],
)
def test_unknown_name_gets_the_nearest_one(trialpool, rash, option, given, words):
    arguments = {"--treatment": "drug", "--control": "placebo", option: given}
    done = trialpool("pool", rash, *(word for pair in arguments.items() for word in pair))
    refused(done, 2, words)


def test_treatments_that_no_trial_compares_have_no_answer(trialpool, rash):
    write_table(rash, *RASH, "Dover,other drug,rash,3,50", "Dover,usual care,rash,5,50")
    done = trialpool("pool", rash, "--treatment", "other drug", "--control", "placebo")
    refused(done, 1, ("no trial compares other drug with placebo on 'rash'", "Alba: has no treatment arm"))


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("arms.cvs", ("'.cvs' is not known", "'.csv'")),
        ("missing.csv", ("'missing.csv'", "there is no such file")),
        ("folder", ("'folder'", "this is a folder")),
        ("no/such/folder/arms.csv", ("there is no such file",)),
    ],
)
def test_file_that_is_no_table(trialpool, here, name, words):
    (here / "folder").mkdir()
    write_table(here / "arms.cvs", *RASH)
    refused(trialpool("pool", name, *SIDES), 2, words)


@pytest.mark.skipif(sys.platform == "win32", reason="sparse files")
def test_file_of_200_megabytes_is_refused_without_reading_it(trialpool, here):
    table = write_table(here / "arms.csv", *RASH)
    with table.open("ab") as file:
        file.truncate(200 * 2**20)
    refused(trialpool("pool", table, *SIDES), 2, ("arms.csv", "200.0 MiB, more than the limit of 64.0 MiB"))
    assert [path.name for path in here.iterdir()] == ["arms.csv"]


def test_data_file_of_200_megabytes_is_refused_by_a_review(trialpool, review):
    with (review.parent / "rash.csv").open("ab") as file:
        file.truncate(200 * 2**20)
    done = trialpool("run", review)
    refused(done, 2, ("rash.csv", "200.0 MiB"))
    assert sorted(path.name for path in review.parent.iterdir()) == ["rash.csv", "review.toml"]


# --- review files -----------------------------------------------------------------------------------------------------

REVIEWS: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "malformed TOML": (REVIEW.replace('"Placebo"', '"Placebo'), ("review.toml", "not valid TOML", "line 6")),
    "not UTF-8": (REVIEW.replace("Adults", "Männer").encode("latin-1"), ("review.toml", "line 4", "not UTF-8")),
    "empty": ("", ("review.toml", "is empty")),
    "deeply nested": ("a = " + "[" * 5000 + "\n" + REVIEW, ("review.toml", "nested too deeply")),
    "a typo in a key": (
        REVIEW.replace("comparator", "comperator"),
        ("line 6", "'comperator'", "did you mean 'comparator'?"),
    ),
    "a typo in a word": (REVIEW + 'tau2 = "RELM"\n', ("line 22", "'tau2'", "'RELM'", "did you mean 'REML'?")),
    "a table that is missing": (
        REVIEW.replace("[comparison]", "[comparision]"),
        ("[comparision]", "did you mean 'comparison'?"),
    ),
    "a data file that is missing": (REVIEW.replace("rash.csv", "arms.csv"), ("'arms.csv'", "does not exist")),
    "an unknown treatment": (REVIEW.replace('"drug"', '"drugg"'), ("'drugg'", "did you mean 'drug'?")),
    "an unknown control": (REVIEW.replace('"placebo"', '"plazebo"'), ("'plazebo'", "did you mean 'placebo'?")),
    "an unknown outcome": (
        REVIEW.replace('"rash"\n\n', '"rush"\n\n').replace('outcome = "rash"', 'outcome = "rush"'),
        ("'rush'", "did you mean 'rash'?"),
    ),
    "an unknown subgroup": (REVIEW + 'subgroups = ["year"]\n', ("'year'",)),
    "words that do not go together": (
        REVIEW + 'method = "peto"\ntau2 = "DL"\n',
        ("[[analysis]] number 1", "tau2", "peto"),
    ),
}


@pytest.mark.parametrize("verb", ["run", "check"])
@pytest.mark.parametrize("name", REVIEWS, ids=lambda name: name.replace(" ", "-"))
def test_bad_review(trialpool, rash, name, verb):
    content, words = REVIEWS[name]
    (rash.parent / "review.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    before = everything_in(rash.parent)
    refused(trialpool(verb, "review.toml"), 2, words)
    assert everything_in(rash.parent) == before


def test_many_mistakes_of_a_review_are_one_listing(trialpool, review):
    text = (
        REVIEW.replace("title =", "titel =").replace("population", "popluation").replace("[data]\nfile", "[data]\nfiel")
    )
    review.write_text(text + 'tau2 = "RELM"\nconf_level = 95\n', encoding="utf-8")
    done = trialpool("check", review)
    refused(
        done, 2, ("did you mean 'title'?", "did you mean 'population'?", "did you mean 'file'?", "did you mean 'REML'?")
    )
    lines = done.err.splitlines()
    assert lines[0].startswith("trialpool: error: review.toml: ")
    assert lines[0].endswith(" problems")
    assert int(lines[0].split()[-2]) == len(lines) - 1 >= 8


def test_many_mistakes_of_a_table_are_one_listing(trialpool, here):
    write_table(
        here / "arms.csv", "Alba,drug,rash,60,50", "Alba,placebo,rash,few,52", "Bern,drug,rash,-1,60", *RASH[3:]
    )
    done = trialpool("pool", "arms.csv", *SIDES)
    refused(done, 2, ("arms.csv: 3 problems", "row 2", "row 3", "row 4"))


def test_missing_review_says_how_to_make_one(trialpool, here):
    done = trialpool("run", "review.toml")
    refused(done, 2, ("review.toml", "does not exist", "trialpool example dupilumab"))


# --- places that cannot be written ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["svg", "pdf", "png"])
@pytest.mark.parametrize("verb", ["forest", "funnel"])
def test_picture_below_a_file_cannot_be_written(trialpool, rash, verb, form):
    before = everything_in(rash.parent)
    refused(trialpool(verb, rash, *SIDES, "-o", rash / f"plot.{form}"), 2, (f"plot.{form} cannot be written",))
    assert everything_in(rash.parent) == before


@pytest.mark.parametrize("place", ["rash.csv", "rash.csv/report", "rash.csv/deep/report"])
def test_report_below_a_file_cannot_be_written(trialpool, review, place):
    before = everything_in(review.parent)
    refused(trialpool("run", review, "--out", place), 2, (place,))
    assert everything_in(review.parent) == before


@pytest.mark.parametrize("place", ["rash.csv", "rash.csv/example"])
def test_example_below_a_file_cannot_be_written(trialpool, rash, place):
    before = everything_in(rash.parent)
    refused(trialpool("example", "bcg", "--to", place), 2, (f"{place} cannot be written",))
    assert everything_in(rash.parent) == before


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_permission_cannot_be_written(trialpool, review):
    locked = review.parent / "locked"
    locked.mkdir(mode=0o500)
    refused(trialpool("run", review, "--out", locked / "report"), 2, ("locked",))
    refused(trialpool("example", "bcg", "--to", locked / "bcg"), 2, ("locked",))
    refused(trialpool("forest", review.parent / "rash.csv", *SIDES, "-o", locked / "plot.svg"), 2, ("locked",))
    assert list(locked.iterdir()) == []
