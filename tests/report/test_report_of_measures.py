"""Reports of rates, means and given effects: nothing of 2x2 tables where there are none, and every number has its place."""

from __future__ import annotations

import csv
import html
import re
import shutil
from pathlib import Path

import pytest
from reference.entries import DATA

from trialpool.analysis.run import run
from trialpool.report import write_report

REVIEW = """title = "A review"

[question]
population = "people"
intervention = "treatment"
comparator = "control"

[data]
file = "{file}.csv"

[comparison]
treatment = "{treatment}"
control = "{control}"

[[outcome]]
name = "{outcome}"
baseline_risks = [0.3]

[[analysis]]
id = "main"
outcome = "{outcome}"
measure = "{measure}"
method = "inverse-variance"
model = "common"
"""
ASKED = {
    "means": ("normand1999", "specialist", "routine", "length of stay", "mean difference"),
    "rates": ("hart1999", "warfarin", "control", "stroke", "rate ratio"),
    "given": ("steurer2006", "purine antagonist", "alkylator", "death", "hazard ratio"),
}


@pytest.fixture(scope="module", params=ASKED)
def written(request, tmp_path_factory) -> tuple[str, str, Path]:
    """What was asked, the text of the report without its figures, and the folder."""
    names = dict(zip(("file", "treatment", "control", "outcome", "measure"), ASKED[request.param], strict=True))
    folder = tmp_path_factory.mktemp(request.param)
    shutil.copy(DATA / f"{names['file']}.csv", folder)
    (folder / "review.toml").write_text(REVIEW.format(**names), encoding="utf-8")
    out = folder / "out"
    write_report(run(folder / "review.toml"), out)
    page = re.sub(
        r"<style.*?</style>|<svg.*?</svg>", "", (out / "report.html").read_text(encoding="utf-8"), flags=re.DOTALL
    )
    return request.param, re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page))), out


SAID = {
    "means": (
        "In 9 trials, 548 participants were given specialist and 610 were given routine.",
        "The pooled mean difference is −3.46 (95% CI −4.96 to −1.96)",
        "the mean is 3.46 lower with specialist compared with routine (from 1.96 lower to 4.96 lower)",
        "mean (SD); n",
        "55.00 (47.00); 155",
        "Each trial gave mean, standard deviation and participants of each arm",
        "The mean difference rests on no cells that could be empty.",
        "No absolute effect: a mean difference does not act on a risk.",
        "MD: mean difference",
    ),
    "rates": (
        "In 6 trials, there were 53 events in 2396 person-years with warfarin and 133 in 2207 person-years with control.",
        "the rate is 64% lower",
        "events/person-years",
        "Each trial gave the events and the person-years of each arm.",
        "No absolute effect: a rate ratio does not act on a risk.",
        "IRR: rate ratio",
    ),
    "given": (
        "In 4 trials, 722 participants were given purine antagonist and 966 were given alkylator.",
        "compatible with a hazard from 22% lower to 1% higher",
        "Each trial gave an effect with its precision.",
        "Standard error from the 95 % interval.",
        "hazard ratio 0.55, 95% CI 0.28 to 1.09",
        "The hazard ratio rests on no cells that could be empty.",
        "HR: hazard ratio",
    ),
}


def test_the_report_says_what_the_numbers_are(written):
    asked, text, _ = written
    assert [part for part in SAID[asked] if part not in text] == []


def test_nothing_of_empty_cells_or_missing_numbers_is_left(written):
    asked, text, _ = written
    assert "None" not in text.replace("None could be made", "").replace("None is", "")
    assert "nan" not in text.split()
    if asked != "rates":
        assert "No correction was made for empty cells" not in text
        assert "zero-cell correction;" not in text


def rows_of(out: Path, table: str) -> list[dict[str, str]]:
    return list(csv.DictReader((out / "tables" / f"{table}.csv").read_text(encoding="utf-8").splitlines()))


def test_tables_hold_the_numbers_as_the_input_states_them(written):
    asked, _, out = written
    provenance = rows_of(out, "provenance")
    studies = rows_of(out, "studies")
    first = {
        "means": {"mean": "55.0", "sd": "47.0", "n": "155", "events": ""},
        "rates": {"events": "9", "n": "335", "person_years": "413.0", "mean": ""},
        "given": {
            "estimate": "0.5532",
            "conf_low": "0.2813",
            "conf_high": "1.0878",
            "conf_level": "0.95",
            "scale": "ratio",
        },
    }[asked]
    assert {name: provenance[0][name] for name in first} == first
    study = {
        "means": {"mean_control": "75.0", "sd_control": "64.0", "n_control": "156", "events_control": ""},
        "rates": {"events_control": "19", "person_years_control": "398.0", "n_control": "336"},
        "given": {"events_control": "", "n_control": "52", "person_years_control": ""},
    }[asked]
    assert {name: studies[0][name] for name in study} == study
