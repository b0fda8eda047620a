"""From records to rows: small trials by rule, and real ones read by a person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from registry.events.small import event, row
from registry.extract.trials import DRUG, NAUSEA, PLACEBO, V_PLACEBO, extracted, match, trial

from trialpool.read import read_table
from trialpool.registry.events import read_definition
from trialpool.registry.extract import ListSource, extract, make_question, source_from_paths
from trialpool.registry.extract.rows import trial_label
from trialpool.registry.extract.selection import Stratum
from trialpool.registry.extract.write import extraction_contents
from trialpool.registry.groups import match_groups
from trialpool.registry.model import Origin


def numbers(extraction):
    names = ("arm", "treatment", "events", "events_low", "events_high", "n", "listed_from")
    return [tuple(row[name] for name in names) for row in extraction.rows]


def test_rows_hold_counts_with_the_number_from_which_they_are_listed():
    found = extracted([DRUG, PLACEBO])
    assert numbers(found) == [
        ("Drug X 5 mg", "Drug X", 7, None, None, 100, 5),
        ("Placebo", "placebo", 8, None, None, 100, 5),
    ]
    first = found.rows[0]
    assert first["source"] == "NCT00000001 otherEvents[0].stats[0].numAffected"
    assert (first["drug"], first["follow_up_weeks"], first["phase"], first["masking"]) == (
        "Drug X",
        12.0,
        "3",
        "double",
    )
    assert (first["assessment"], first["vocabulary"], first["conditions"]) == ("systematic", "MedDRA 20.0", "Asthma")


def test_rows_within_bounds_have_no_count():
    found = extracted([DRUG, PLACEBO], rows=[row("serious", "Nausea", [3, 0])])
    assert numbers(found) == [
        ("Drug X 5 mg", "Drug X", None, 3, 7, 100, None),
        ("Placebo", "placebo", None, 0, 4, 100, None),
    ]


def test_group_beside_that_reaches_the_threshold_made_the_record_list_the_row():
    other = match(2, "Drug Y", "active", ["Drug Y"])
    found = extracted([DRUG, PLACEBO, other], rows=[row("other", "Nausea", [2, 1, 9])])
    assert [one[-1] for one in numbers(found)] == [None, None]
    assert any(decision.rule == "group EG002 made the record list it" for decision in found.decisions)
    none = extracted([DRUG, PLACEBO, other], rows=[row("other", "Nausea", [2, 1, 3])])
    assert any("listed though below the threshold" in decision.rule for decision in none.decisions)
    own = extracted([DRUG, PLACEBO, other], rows=[row("other", "Nausea", [6, 1, 3])])
    assert [one[-1] for one in numbers(own)] == [5, 5]
    whole = match(2, "All", "unclear", kind="total")
    total = extracted([DRUG, PLACEBO, whole], rows=[row("other", "Nausea", [6, 1, 7])], overlaps=[("EG000", "EG002")])
    assert [one[-1] for one in numbers(total)] == [None, None]
    assert any(decision.rule == "group EG002 made the record list it" for decision in total.decisions)


def test_trial_without_a_count_on_one_side_is_left_out_with_the_reason():
    found = extracted([DRUG, PLACEBO], rows=[row("other", "Nausea", [7, None])])
    assert found.rows == ()
    assert [(one.registry_id, one.outcome) for one in found.excluded] == [("NCT00000001", "event")]
    assert "the number affected is missing" in found.excluded[0].reason


def test_arm_without_a_count_is_left_out_and_the_others_stay():
    more = match(2, "Drug X 10 mg", "active", ["Drug X"])
    found = extracted([DRUG, PLACEBO, more], rows=[row("other", "Nausea", [7, 8, None])])
    assert [one[0] for one in numbers(found)] == ["Drug X 5 mg", "Placebo"]
    assert any("unknown" in decision.after for decision in found.decisions)


def test_several_events_are_several_outcomes():
    rash = replace(event(terms=["Rash"]), name="rash")
    found = extracted([DRUG, PLACEBO], events=(NAUSEA, rash))
    assert [one["outcome"] for one in found.rows] == ["event", "event", "rash", "rash"]


def test_short_follow_up_is_left_out_if_asked_for():
    question = make_question(["Drug X"], ["placebo"], min_weeks=24)
    found = extracted([DRUG, PLACEBO], question)
    assert found.excluded[0].reason == "follow-up 12 weeks, shorter than 24 weeks asked for"


def test_factorial_trial_has_two_labels():
    matches = [
        DRUG,
        PLACEBO,
        match(2, "X + M", "active", ["Drug X", "Metformin"]),
        match(3, "M + placebo", "active", ["Metformin"], arms=["M + placebo"]),
    ]
    found = extracted(matches)
    assert [one["trial"] for one in found.rows] == ["NCT00000001, alone"] * 2 + ["NCT00000001, with Metformin"] * 2


def test_titles_that_are_the_same_are_told_apart():
    same = match(2, "Drug X 5 mg", "active", ["Drug X"])
    found = extracted([DRUG, PLACEBO, same])
    assert [one[0] for one in numbers(found)] == ["Drug X 5 mg (EG000)", "Drug X 5 mg (EG002)", "Placebo"]


def test_of_several_versions_the_newest_counts():
    record, groups = trial([DRUG, PLACEBO])
    old = replace(record, last_update="2020-01-01", title="Drug X, old")
    new = replace(
        record, last_update="2021-01-01", title="Drug X, new", origin=Origin("ClinicalTrials.gov", "x", "2026-01-01")
    )
    for order in ([old, new], [new, old]):
        source = ListSource(order)
        assert [problem.lost for problem in source.superseded] == ["record"]
        found = extract(source, V_PLACEBO, [NAUSEA], match=lambda one: groups)
        assert found.rows[0]["title"] == "Drug X, new"
        assert found.versions == {"NCT00000001": "2026-01-01"}


@pytest.mark.parametrize(
    "title", ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "-1+1", "A\x00B\u202eC", "@SUM(A1)", '"; drop']
)
def test_hostile_texts_are_read_back_as_plain_names(tmp_path, title):
    drug = match(0, title, "active", ["Drug X"])
    record, groups = trial([drug, PLACEBO], title=title, conditions=(title,))
    found = extract(ListSource([record]), V_PLACEBO, [NAUSEA], match=lambda one: groups)
    for name, content in extraction_contents(found).items():
        (tmp_path / name).write_bytes(content)
    table = read_table(tmp_path / "arms.csv")
    (one,) = table.trials
    assert len(one.arms) == 2
    assert not one.label.startswith(("=", "@", "-"))


def test_real_trials_cell_by_cell(records_folder):
    """Every number of two trials, read in the records: SELECT and AWARD-1."""
    paths = [records_folder / f"{nct_id}.json.gz" for nct_id in ("NCT03574597", "NCT01064687")]
    source, problems = source_from_paths(paths)
    assert not [problem for problem in problems if problem.lost == "record"]
    question = make_question(["GLP-1 receptor agonists"], ["placebo"])
    found = extract(source, question, [read_definition("nausea")], match=match_groups)
    cells = {
        (one["registry_id"], one["arm"]): tuple(one[k] for k in ("events", "events_low", "events_high", "n"))
        for one in found.rows
    }
    assert cells == {
        ("NCT01064687", "0.75 mg LY2189265 (Baseline Through 26 Weeks)"): (45, None, None, 280),
        ("NCT01064687", "1.5 mg LY2189265 (Baseline Through 26 Weeks)"): (78, None, None, 279),
        ("NCT01064687", "Exenatide (Baseline Through 26 Weeks)"): (71, None, None, 278),
        ("NCT01064687", "Placebo (Baseline Through 26 Weeks)"): (8, None, None, 141),
        ("NCT03574597", "Semaglutide"): (None, 1592, 1604, 8803),
        ("NCT03574597", "Placebo"): (None, 337, 345, 8801),
    }
    assert {one["drug"] for one in found.rows} == {"dulaglutide", "exenatide", "semaglutide", ""}


@pytest.mark.parametrize(
    ("acronym", "organisation", "completion", "name"),
    [
        ("HART", "Someone", "2011-05", "HART (NCT00000001)"),
        ("", "Eli Lilly and Company", "2011-05", "Eli Lilly and Company 2011 (NCT00000001)"),
        ("An acronym that is not one at all, but the whole title of the trial", "Bayer", "", "Bayer (NCT00000001)"),
        ("", "", "2011", "2011 (NCT00000001)"),
        ("", "", "", "NCT00000001"),
    ],
)
def test_a_trial_goes_by_acronym_or_by_sponsor_and_year(acronym, organisation, completion, name):
    record, _ = trial([DRUG, PLACEBO])
    named = replace(record, acronym=acronym, organisation=organisation, completion=completion)
    assert trial_label(named, Stratum((), (), ()), named=False) == name
