"""The CSV tables: every column filled, full precision, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialpool.display.csv import csv_text, defused
from trialpool.report.csv_tables import COLUMNS, csv_tables


@pytest.fixture(scope="module")
def tables(little):
    return {name: list(csv.DictReader(io.StringIO(text))) for name, text in csv_tables(little).items()}


def test_every_table_is_there_with_its_header(little):
    made = csv_tables(little)
    assert list(made) == list(COLUMNS)
    for name, text in made.items():
        assert text.splitlines()[0].split(",") == list(COLUMNS[name])


def test_rows_are_those_of_the_results(little, tables):
    results = little.results
    assert len(tables["results"]) == len(results)
    assert len(tables["studies"]) == sum(len(r.studies) for r in results)
    assert len(tables["sensitivity"]) == sum(len(t.rows) for r in results for t in r.sensitivity)
    assert len(tables["subgroups"]) == sum(len(s.groups) for r in results for s in r.subgroups)
    assert len(tables["absolute"]) == sum(len(r.absolute) for r in results)
    assert len(tables["excluded"]) == sum(len(r.comparison.excluded) for r in results)
    assert len(tables["decisions"]) == sum(len(r.comparison.decisions) for r in results)
    assert len(tables["published"]) == 1


def test_provenance_has_every_count_of_the_input(little, tables):
    assert len(tables["provenance"]) == 13
    first = tables["provenance"][0]
    empty = {name for name, value in first.items() if value == ""}
    assert {"mean", "sd", "person_years", "median", "estimate", "scale", "conf_level"} <= empty
    assert {name: value for name, value in first.items() if value} == {
        "trial": "Alba", "arm": "drug low", "treatment": "drug", "outcome": "rash", "events": "3", "n": "50",
        "file": "arms.csv", "row": "2", "source": "Table 2", "registry_id": "NCT00000001",
        "publication": "Alba 2001", "verification": "read",
    }  # fmt: skip


def test_numbers_have_full_precision(little, tables):
    for result, row in zip(little.results, tables["results"], strict=True):
        if result.pooled:
            assert float(row["estimate"]) == result.pooled.estimate
            assert float(row["displayed_conf_high"]) == result.pooled.displayed[2]
            assert float(row["q"]) == result.pooled.heterogeneity.q


def test_missing_numbers_are_empty_and_say_why(tables):
    fever = tables["results"][3]
    assert fever["estimate"] == fever["tau2"] == fever["prediction_low"] == ""
    assert fever["impossible"].startswith("nothing to pool")
    dale = next(row for row in tables["studies"] if row["study"] == "Dale")
    assert dale["estimate"] == dale["weight"] == ""
    assert dale["reason"].startswith("no events in either arm")


def test_truth_is_written_out(tables):
    assert {row["unverified_input"] for row in tables["results"]} == {"true", "false"}
    assert {row["contributes"] for row in tables["studies"]} == {"true", "false"}


def test_sensitivity_keeps_reference_conclusion_and_reason(tables):
    rows = [
        row
        for row in tables["sensitivity"]
        if row["analysis"] == "rash-shared" and row["table"] == "Estimator and interval"
    ]
    assert rows[0]["is_reference"] == "true"
    silent = next(row for row in rows if not row["estimate"])
    assert silent["reason"]
    assert silent["conclusion"] == ""
    assert {row["depends"] for row in rows} == {"true"}


def test_single_study_of_a_subgroup_has_its_effect_on_both_scales(tables):
    home = next(row for row in tables["subgroups"] if row["level"] == "home")
    assert home["conf_low"] == ""
    assert float(home["displayed_estimate"]) == pytest.approx(0.6492857142857142, rel=1e-12)
    assert home["interaction_df"] == "1"


def test_absolute_effects_are_not_rounded(little, tables):
    effect = little.result("rash").absolute[0]
    assert float(tables["absolute"][0]["difference_per_1000"]) == effect.difference_per_1000


def test_published_result_says_what_is_lacking(tables):
    (row,) = tables["published"]
    assert row["agrees"] == "false"
    assert "Nothing confirms the counts of Bern." in row["lacks"]
    assert row["participants"] == ""


@pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))
def test_text_that_begins_like_a_formula_is_defused(start):
    assert defused(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("text", ["rash", "a=b", "", "'quoted", "\N{MINUS SIGN}1"])
def test_other_text_stays(text):
    assert defused(text) == text


def test_negative_numbers_are_not_text():
    assert csv_text(["a"], [{"a": -0.5}, {"a": -3}, {"a": "-3"}]) == "a\n-0.5\n-3\n'-3\n"


@given(st.lists(st.tuples(st.text(), st.floats(allow_nan=False), st.none() | st.booleans()), max_size=5))
def test_csv_is_read_back_as_it_was(rows):
    records = [dict(zip("abc", row, strict=True)) for row in rows]
    back = list(csv.DictReader(io.StringIO(csv_text("abc", records), newline="")))
    assert [row["a"] for row in back] == [
        defused(text).replace("\r\n", "\n").replace("\r", "\n") for text, _, _ in rows
    ]
    assert [float(row["b"]) for row in back] == [number for _, number, _ in rows]
    assert [row["c"] for row in back] == [{None: "", True: "true", False: "false"}[flag] for _, _, flag in rows]


def test_record_without_a_column_is_an_error():
    with pytest.raises(KeyError):
        csv_text(["a", "b"], [{"a": 1}])
