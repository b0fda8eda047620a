"""trialpool pool: the three formats, and what is added to them."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys

import pytest
from cli.tables import SIDES, write_table

from trialpool.cli.formats import Answer, answer_csv
from trialpool.harmonise import compare
from trialpool.pool import RequestWords, absolute_effect, pool_request, request_from_words, subgroup_request
from trialpool.read import read_table


def pooled(path, *, outcome="tuberculosis", treatment="treatment", control="control", **words):
    comparison = compare(read_table(path).trials, outcome=outcome, treatment=treatment, control=control)
    return pool_request(comparison, request_from_words(RequestWords(**words)))


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


# --- text -------------------------------------------------------------------------------------------------------------


def test_text_is_what_python_prints(trialpool, bcg):
    done = trialpool("pool", bcg)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{pooled(bcg)}\n"


def test_text_has_the_published_answer(trialpool, bcg):
    out = trialpool("pool", bcg, "--interval", "wald").out
    assert "Risk ratio 0.49 (0.34 to 0.70)" in out
    assert "tau2 = 0.3132" in out


BESIDE = """\
By allocation  Studies          RR (95 % CI)    tau2     I2
-------------  -------  --------------------  ------  -----
random               7   0.38 (0.19 to 0.74)  0.3925  89.9%
alternate            2  0.58 (0.02 to 20.85)  0.1326  82.0%
systematic           4   0.65 (0.21 to 2.09)  0.4003  86.4%

Test of interaction: Q = 1.85, df = 2, p = 0.40
Warning: allocation = alternate: fewer than 3 studies, so the test of interaction is unreliable \
(one-study groups enter with their own standard error, which leaves out \
the variation between studies).

Per 1000 people, baseline risk  control  treatment    difference (95 % CI)
------------------------------  -------  ---------  ----------------------
1.0%                               10.0        4.9     −5.1 (−6.7 to −2.7)
10.0%                             100.0       48.9  −51.1 (−67.0 to −27.4)
"""


def test_text_shows_subgroups_and_absolute_effects(trialpool, bcg):
    out = trialpool("pool", bcg, "--subgroup", "allocation", "--baseline-risk", "0.01", "--baseline-risk", "0.1").out
    assert out == f"{pooled(bcg)}\n\n{BESIDE}"


def row_of(text, name):
    return next(line.split(maxsplit=2) for line in text.splitlines() if line.split(maxsplit=1)[:1] == [name])


def test_subgroup_of_one_study_shows_that_study(trialpool, bcg):
    out = trialpool("pool", bcg, "--subgroup", "latitude").out
    assert row_of(out, "55") == ["55", "1", "0.20 (0.09 to 0.49)"]


def test_subgroup_without_an_effect_says_so(trialpool, rash):
    header, *lines = rash.read_text().split()
    kinds = [f"{line},{'none' if 'Cork' in line else 'some'}" for line in lines]
    write_table(
        rash,
        *(re.sub("rash,[0-9]+", "rash,0", line) if "Cork" in line else line for line in kinds),
        header=f"{header},kind",
    )
    out = trialpool("pool", rash, *SIDES, "--subgroup", "kind").out
    assert row_of(out, "none") == ["none", "1", "not estimable"]
    assert "Note: No test of interaction: it needs two subgroups with an effect." in out


def test_absolute_effect_that_was_held_says_so(trialpool, rash):
    harm = [line.translate(str.maketrans("369", "963")) for line in rash.read_text().split()[1:]]
    write_table(rash, *harm)
    out = trialpool("pool", rash, *SIDES, "--baseline-risk", "0.9").out
    assert "Note: A predicted risk left 0 to 1 and was held at that bound." in out
    assert "held at that bound" not in trialpool("pool", rash, *SIDES, "--baseline-risk", "0.001").out


# --- JSON -------------------------------------------------------------------------------------------------------------


def test_json_is_exactly_the_results_dict(trialpool, bcg):
    done = trialpool("pool", bcg, "--measure", "odds ratio", "--format", "json")
    expected = pooled(bcg, measure="odds ratio").to_dict()
    assert done.out == json.dumps(expected, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    assert "Frimodt-Møller" in done.out


def test_json_with_subgroups_and_absolute_effects_only_adds_keys(trialpool, bcg):
    plain = json.loads(trialpool("pool", bcg, "--format", "json").out)
    more = json.loads(
        trialpool("pool", bcg, "--format", "json", "--subgroup", "allocation", "--baseline-risk", "0.05").out
    )
    result = pooled(bcg)
    assert more.pop("subgroups") == json.loads(
        json.dumps(subgroup_request(result.comparison, "allocation", result.request).to_dict())
    )
    assert more.pop("absolute") == [absolute_effect(result, 0.05).to_dict()]
    assert more == plain


def test_json_writes_a_limit_too_large_for_a_number_as_null(trialpool, rash):
    write_table(rash, "A,drug,rash,1,50", "A,placebo,rash,9,50", "B,drug,rash,7,60", "B,placebo,rash,1,50")
    done = trialpool("pool", rash, *SIDES, "--conf-level", "0.9999", "--format", "json")
    document = json.loads(done.out)
    assert document["displayed"]["conf_high"] is None
    assert math.isfinite(document["conf_high"])


# --- CSV --------------------------------------------------------------------------------------------------------------


def test_csv_is_one_row_of_tidy_and_glance_in_full_precision(trialpool, bcg):
    done = trialpool("pool", bcg, "--format", "csv")
    result = pooled(bcg)
    (row,) = rows(done.out)
    expected = {**result.tidy()[0], **result.glance()}
    assert list(row) == [*result.tidy()[0], *result.glance()]
    assert row == {name: str(value) for name, value in expected.items()}
    assert float(row["estimate"]) == result.estimate
    assert "\r" not in done.out


def test_csv_has_a_row_for_each_subgroup_the_test_and_each_absolute_effect(trialpool, bcg):
    out = trialpool("pool", bcg, "--format", "csv", "--subgroup", "latitude", "--baseline-risk", "0.05").out
    result = pooled(bcg)
    groups = subgroup_request(result.comparison, "latitude", result.request)
    found = {row["term"]: row for row in rows(out)}
    assert list(found) == [
        "risk ratio",
        *(f"latitude = {group.level}" for group in groups.groups),
        "interaction: latitude",
        "difference per 1000 at baseline risk 0.05",
    ]
    for group in groups.groups:
        assert float(found[f"latitude = {group.level}"]["estimate"]) == group.estimate
        assert found[f"latitude = {group.level}"]["k"] == str(len(group.studies))
    test = found["interaction: latitude"]
    assert (float(test["statistic"]), int(test["df"]), float(test["p_value"])) == (
        groups.q,
        groups.q_df,
        groups.q_p_value,
    )
    effect = absolute_effect(result, 0.05)
    absolute = found["difference per 1000 at baseline risk 0.05"]
    assert float(absolute["estimate"]) == effect.difference_per_1000
    assert (float(absolute["conf_low"]), float(absolute["conf_high"])) == (
        effect.conf_low_per_1000,
        effect.conf_high_per_1000,
    )


def test_csv_leaves_what_does_not_exist_empty(trialpool, bcg):
    (row,) = rows(trialpool("pool", bcg, "--format", "csv", "--method", "mantel-haenszel").out)
    assert (row["df"], row["tau2"]) == ("", "")
    assert row["q"] != ""


@pytest.mark.parametrize("start", ["+", "-", "@"])
def test_csv_holds_no_text_that_a_spreadsheet_would_run(trialpool, rash, start):
    header, *lines = rash.read_text().split()
    name = f"{start}SUM(A1)"
    write_table(rash, *(f"{line},x" for line in lines), header=f"{header},{name}")
    out = trialpool("pool", rash, *SIDES, f"--subgroup={name}", "--format", "csv").out
    terms = [row["term"] for row in rows(out)]
    assert terms == ["risk ratio", f"'{name} = x", f"interaction: {name}"]


def test_csv_keeps_negative_numbers_as_numbers(bcg):
    row = rows(answer_csv(Answer(pooled(bcg), None, ())))[0]
    assert row["estimate"].startswith("-0.71")


# --- warnings ---------------------------------------------------------------------------------------------------------


def warned(trialpool, path, *argv):
    return trialpool(
        "pool", path, "--treatment", "dupilumab", "--control", "placebo", "--outcome", "skin infection", *argv
    )


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_warnings_go_to_stderr(trialpool, dupilumab, form):
    done = warned(trialpool, dupilumab, "--format", form)
    assert done.code == 0
    assert len(done.warnings) == len(done.err.splitlines()) == 1
    assert "this result rests on unverified input" in done.err
    assert "trialpool: warning" not in done.out


def test_warnings_that_the_text_shows_are_not_repeated_on_a_terminal(trialpool, dupilumab, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    done = warned(trialpool, dupilumab)
    assert done.err == ""
    assert done.out.count("this result rests on unverified input") == 1
    assert "unverified input" in warned(trialpool, dupilumab, "--format", "csv").err


def test_warnings_of_the_reader_and_of_subgroups_are_told_too(trialpool, rash):
    header, *lines = rash.read_text().split()
    write_table(rash, *(f"{line},{'' if 'Alba' in line else 'x'}" for line in lines), header=f"{header},sourse")
    done = trialpool("pool", rash, *SIDES, "--subgroup", "sourse")
    assert [w for w in done.warnings if "column 'sourse' is kept as a covariate" in w] != []
    assert [w for w in done.warnings if "without a value of 'sourse'" in w] != []


# --- tables -----------------------------------------------------------------------------------------------------------


def test_columns_are_mapped_by_name(trialpool, rash):
    _, *lines = rash.read_text().split()
    plain = trialpool("pool", rash, *SIDES, "--format", "csv").out
    write_table(rash, *lines, header="study,group,outcome,cases,size")
    mapping = [
        "--column",
        "trial=study",
        "--column",
        "treatment=group",
        "--column",
        "events=cases",
        "--column",
        "n=size",
    ]
    done = trialpool("pool", rash, *SIDES, *mapping, "--format", "csv")
    assert (done.code, done.out) == (0, plain)


def test_same_input_gives_same_bytes(trialpool, bcg):
    assert trialpool("pool", bcg, "--format", "json").out == trialpool("pool", bcg, "--format", "json").out
