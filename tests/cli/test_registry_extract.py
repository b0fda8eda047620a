"""trialpool registry extract: what it writes and says, and every way to ask it wrongly."""

from __future__ import annotations

import argparse
import csv
import json
import shlex
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cli.tables import everything_in
from registry.extract.records_json import dapagliflozin_trial, write_trials

from trialpool.cli.argument_types import past_date

ASK = ("registry", "extract", "--treatment", "dapagliflozin", "--control", "placebo")
FILES = {"arms.csv", "review.toml", "decisions.csv", "excluded.csv", "event.toml", "extraction.json", "arms.toml"}


@pytest.fixture
def records(here) -> Path:
    """Six trials in a folder: records."""
    return write_trials(here / "records", range(1, 7))


@pytest.fixture
def asked(trialpool, records):
    """The command on these records, with more options."""

    def run(*more: object, event: str = "nausea", out: str = "review/arms.csv"):
        return trialpool(*ASK, "--event", event, "--records", records, "-o", out, *more)

    return run


def rows(path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(Path(path).read_text(encoding="utf-8").splitlines()))


def test_one_command_leads_to_a_review_that_runs(trialpool, asked, here):
    done = asked()
    assert (done.code, done.err) == (0, "")
    assert set(everything_in(here / "review")) == FILES
    assert done.out.splitlines()[:2] == ["6 trials mention dapagliflozin", "Nausea: 6 trials, 12 rows"]
    command = shlex.split(done.out.splitlines()[-1].removeprefix("next: "))
    ran = trialpool(*command[1:])
    assert ran.code == 0, ran.err
    assert (here / "review" / "report" / "report.html").exists()


def test_numbers_are_those_of_the_records(asked):
    asked()
    table = rows("review/arms.csv")
    assert [(one["registry_id"], one["arm"], one["events"], one["n"], one["listed_from"]) for one in table[:2]] == [
        ("NCT00000001", "Dapagliflozin 10 mg", "5", "100", "5"),
        ("NCT00000001", "Placebo", "3", "100", "5"),
    ]
    assert table[0]["source"] == (
        "NCT00000001 2026-10-14 resultsSection.adverseEventsModule.otherEvents[0].stats[0].numAffected"
    )


def test_event_that_is_not_listed_is_within_bounds(trialpool, asked):
    done = asked(event="diarrhoea")
    assert "Diarrhoea: 6 trials, 12 rows, 6 with counts within bounds" in done.out
    first = rows("review/arms.csv")[0]
    assert [first[name] for name in ("events", "events_low", "events_high", "listed_from")] == ["", "0", "4", ""]


def test_several_events_are_one_review(trialpool, asked, here):
    done = asked("--event", "death")
    assert "Death from any cause: 6 trials, 12 rows" in done.out
    assert {"event-nausea.toml", "event-death.toml"} <= set(everything_in(here / "review"))
    assert trialpool("check", "review/review.toml").code == 0


def test_own_definition_is_copied(asked, here):
    text = 'name = "any headache"\nterms = ["Headache"]\n'
    (here / "mine.toml").write_text(text)
    assert asked(event="mine.toml").code == 0
    assert (here / "review" / "event.toml").read_text() == text


def test_again_gives_the_same_bytes(asked, here):
    asked()
    before = everything_in(here / "review")
    assert asked().code == 0
    assert everything_in(here / "review") == before


@pytest.fixture
def today(monkeypatch) -> date:
    """The day of the records' data, whatever the clock of this machine says."""
    day = date(2026, 10, 14)
    monkeypatch.setattr("trialpool.cli.argument_types._today", lambda: day)
    return day


def test_store_and_its_dates(trialpool, records, today):
    assert trialpool("registry", "load", "records").code == 0
    done = trialpool(*ASK, "--event", "nausea", "-o", "now/arms.csv")
    assert "Nausea: 6 trials" in done.out
    assert json.loads(Path("now/extraction.json").read_text())["source"] == "store registry"
    then = trialpool(*ASK, "--event", "nausea", "--as-of", today.isoformat(), "-o", "then/arms.csv")
    assert (then.code, rows("then/arms.csv")) == (0, rows("now/arms.csv"))
    early = trialpool(*ASK, "--event", "nausea", "--as-of", "2020-01-01", "-o", "early/arms.csv")
    assert early.code == 1
    assert "has no trial that mentions 'dapagliflozin'" in early.err


def test_versions_of_a_day_to_come_are_refused(trialpool, records, today):
    assert trialpool("registry", "load", "records").code == 0
    done = trialpool(*ASK, "--event", "nausea", "--as-of", "2026-10-15", "-o", "then/arms.csv")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "trialpool: error: argument --as-of: '2026-10-15' has not come yet; give a date up to today, 2026-10-14; "
        "see trialpool registry extract --help\n"
    )
    assert not Path("then").exists()


def test_a_date_is_in_the_past_by_the_clock():
    assert past_date(datetime.now(UTC).date().isoformat()) == datetime.now(UTC).date()
    with pytest.raises(argparse.ArgumentTypeError, match="has not come yet"):
        past_date((datetime.now(UTC).date() + timedelta(days=2)).isoformat())


def test_correction_in_arms_toml_wins_and_stays(asked, here):
    asked()
    arms = here / "review" / "arms.toml"
    text = arms.read_text(encoding="utf-8")
    first, rest = text.split("[[NCT00000001]]", 1)
    entry, rest = rest.split("[[NCT00000001]]", 1)
    entry = entry.replace('kind = "arm"', 'kind = "extension"').replace('status = "accepted"', 'status = "corrected"')
    arms.write_text(f"{first}[[NCT00000001]]{entry}[[NCT00000001]]{rest}", encoding="utf-8")
    done = asked()
    assert "Nausea: 5 trials" in done.out
    assert [one["registry_id"] for one in rows("review/excluded.csv")] == ["NCT00000001"]
    assert 'status = "corrected"' in arms.read_text(encoding="utf-8")


def test_trial_in_doubt_is_told(trialpool, here):
    trial = dapagliflozin_trial(1)
    for i, group in enumerate(trial["resultsSection"]["adverseEventsModule"]["eventGroups"]):
        group["title"] = group["description"] = f"Cohort {i}"
    (here / "doubt.json").write_text(json.dumps(trial))
    done = trialpool(*ASK, "--event", "nausea", "--records", "doubt.json", "-o", "arms.csv")
    assert (done.code, done.err.count("no trial is left to pool; excluded.csv says why")) == (1, 1)
    assert "1 trial in doubt: confirm or correct the arms in arms.toml" in done.out
    assert "next:" not in done.out
    assert "confirm it in arms.toml" in rows("excluded.csv")[0]["reason"]


def test_report_shows_the_trials_left_out(trialpool, asked, here):
    asked()
    text = (here / "review" / "excluded.csv").read_text(encoding="utf-8")
    assert text.count("\n") == 1
    assert trialpool("run", "review/review.toml", "--out", "none").code == 0
    assert "names no trial that was left out before the table" in (here / "none" / "report.html").read_text()
    (here / "review" / "excluded.csv").write_text(f"{text}NCT00000077,NCT00000077,,Other,no group got placebo\n")
    assert trialpool("run", "review/review.toml", "--out", "one").code == 0
    page = (here / "one" / "report.html").read_text(encoding="utf-8")
    assert 'href="https://clinicaltrials.gov/study/NCT00000077"' in page
    assert "No group got placebo." in page
    assert [one["trial"] for one in rows("one/tables/left-out.csv")] == ["NCT00000077"]
    assert "excluded.csv" in [one["name"] for one in json.loads((here / "one" / "results.json").read_text())["inputs"]]


def test_filters_leave_trials_out_with_their_reason(asked):
    done = asked("--condition", "asthma")
    assert "6  about Heart Failure, not asthma" in done.out
    assert len(rows("review/excluded.csv")) == 6
    assert "6  phase 3, not 2" in asked("--phase", "2", out="two/arms.csv").out
    assert "follow-up 24 weeks" in asked("--min-weeks", "52", out="long/arms.csv").out


def test_edited_files_are_not_lost(asked, here):
    asked()
    review = here / "review" / "review.toml"
    review.write_text("mine", encoding="utf-8")
    done = asked()
    assert (done.code, review.read_text()) == (2, "mine")
    assert "'review.toml', edited since" in done.err
    assert asked("--force").code == 0


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--store", "registry"), "--store and --records name several places"),
        (("--as-of", "2026-01-01"), "--as-of has no meaning with --records"),
        (("--as-of", "yesterday"), "'yesterday' is no date"),
        (("--include", "crosover"), "did you mean 'crossover'"),
        (("--phase", "III"), "'III' is not allowed"),
        (("--event", "nausea"), "both called 'nausea'"),
        (("--event", "nausee"), "is no ready definition (did you mean 'nausea'?)"),
        (("--control", "metformin"), "mixes 'placebo' with others"),
        (("--arms", "no.toml"), "no.toml: does not exist"),
        (("--min-weeks", "nan"), "no length of follow-up"),
        (("--events", "x"), "option '--events' is not known (did you mean '--event'?)"),
    ],
)
def test_mistakes_end_with_one_clear_error(asked, here, more, says):
    done = asked(*more)
    assert done.code == 2
    assert says in done.err
    assert not (here / "review").exists()


@pytest.mark.parametrize("out", ["arms", "arms.toml", "decisions.csv"])
def test_place_that_is_no_table(asked, out):
    done = asked(out=out)
    assert (done.code, "is no name for the table" in done.err) == (2, True)


def test_drug_that_no_record_mentions(trialpool, records):
    done = trialpool(
        "registry",
        "extract",
        "--treatment",
        "x9",
        "--control",
        "placebo",
        "--event",
        "nausea",
        "--records",
        "records",
        "-o",
        "a.csv",
    )
    assert done.code == 1
    assert "trialpool registry fetch" in done.err


def test_help_names_what_is_ready(trialpool):
    done = trialpool("registry", "extract", "--help")
    assert done.code == 0
    assert "SGLT2 inhibitors" in done.out
    assert "diarrhoea" in done.out


def test_one_command_to_the_report(asked):
    done = asked("--report")
    assert (done.code, done.out.splitlines()[-1]) == (0, str(Path("review") / "report" / "report.html"))
    assert Path("review/report/report.html").exists()
    assert "next: " not in done.out


def test_files_that_cannot_be_read_are_said(asked, records):
    (records / "broken.json").write_text('{"protocolSection": {', encoding="utf-8")
    done = asked()
    assert done.code == 0
    assert "broken.json" in done.err
    assert "nothing of it is used" in done.err


def test_nothing_readable_is_an_error(trialpool, here):
    (here / "empty").mkdir()
    done = trialpool(*ASK, "--event", "nausea", "--records", "empty", "-o", "review/arms.csv")
    assert (done.code, done.out) == (2, "")
    assert "no record could be read from empty" in done.err


def test_no_trial_left_is_no_review(asked, here):
    done = asked("--phase", "1")
    assert done.code == 1
    assert "no trial is left to pool; review/excluded.csv says why" in done.err
    assert not (here / "review" / "review.toml").exists()
    assert (here / "review" / "excluded.csv").exists()


def test_several_drugs_of_one_side_are_all_named(trialpool, records):
    ask = [
        "registry",
        "extract",
        "--treatment",
        "dapagliflozin",
        "--treatment",
        "empagliflozin",
        "--control",
        "placebo",
    ]
    assert trialpool(*ask, "--event", "nausea", "--records", records, "-o", "review/arms.csv").code == 0
    assert {row["treatment"] for row in rows("review/arms.csv")} == {"dapagliflozin or empagliflozin", "placebo"}
