"""Questions and treatments from words, and the records they refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest
from registry.extract.trials import DRUG, PLACEBO, trial

from trialpool.errors import OptionError, ReviewError
from trialpool.registry.extract import Drug, make_question, read_treatment, ready_treatments
from trialpool.registry.model import AdverseEvents, Design


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        ("empagliflozin", "Empagliflozin 10 MG", True),
        ("insulin", "insulins", False),
        ("insulin", "Insulin-glargine", True),
        ("BI 10773", "BI10773", True),
        ("LY2189265", "LY 2189265 1.5 mg", True),
        ("JNJ-28431754", "JNJ28431754", True),
        ("LY2189265", "LY21892650", False),
        ("Forxiga", "Forxiga\u00ae", True),
        ("dapagliflozin", "dapagliflozin-matching", True),
        ("X", "Xa", False),
    ],
)
def test_names_are_whole_words_in_any_way_to_write_codes(name, text, named):
    assert Drug(name).named_in(text) is named


@pytest.mark.parametrize("name", ready_treatments())
def test_ready_treatments_hold_drugs_whose_names_are_found_in_themselves(name):
    treatment = read_treatment([name.upper()])
    assert treatment.name == name
    assert all(treatment.drug_in(one).name == drug.name for drug in treatment.drugs for one in drug.names)


def test_several_names_are_one_side():
    found = read_treatment(["GLP-1 receptor agonists", "tirzepatide"])
    assert found.name == "GLP-1 receptor agonists or tirzepatide"
    assert found.drug_in("Tirzepatide 5 mg").name == "tirzepatide"


def test_treatment_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\n[drugs]\nalpha = ["A-1"]\nbeta = []\n')
    assert read_treatment([str(path)]).names == ("alpha", "A-1", "beta")
    path.write_text('name = "mine"\n[drugs]\nalpha = ["A-1"]\nbeta = ["A-1"]\ngamma = 3\n')
    with pytest.raises(ReviewError, match="'gamma' is 3"):
        read_treatment([str(path)])
    path.write_text('name = "mine"\n[drugs]\nalpha = ["A-1"]\nbeta = ["A-1"]\n')
    with pytest.raises(ReviewError, match="'A-1' under 'alpha' and under 'beta'"):
        read_treatment([str(path)])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"treatment": [], "control": ["placebo"]}, "names no treatment"),
        ({"treatment": ["123"], "control": ["placebo"]}, "names no treatment"),
        ({"treatment": ["=a"], "control": ["placebo"]}, "starts with a letter or a digit"),
        ({"treatment": ["a\nb"], "control": ["placebo"]}, "line break"),
        ({"treatment": ["a"], "control": ["<b>"]}, "holds no '<'"),
        ({"treatment": ["a"], "control": ["placebo", "b"]}, "mixes 'placebo' with others"),
        ({"treatment": ["a"], "control": ["A"]}, "stands on both sides"),
        ({"treatment": ["a"], "control": ["b"], "include": ["crosover"]}, "did you mean 'crossover'"),
        ({"treatment": ["a"], "control": ["b"], "phases": ["III"]}, "phase='III' is not allowed"),
        ({"treatment": ["a"], "control": ["b"], "min_weeks": float("nan")}, "no length of follow-up"),
    ],
)
def test_mistakes(given, says):
    with pytest.raises(OptionError, match=says):
        make_question(given.pop("treatment"), given.pop("control"), **given)


@pytest.mark.parametrize(
    ("design", "named", "reason"),
    [
        ({"allocation": "NON_RANDOMIZED"}, {}, "not randomised (allocation NON_RANDOMIZED)"),
        ({"allocation": ""}, {}, "not randomised (allocation not stated)"),
        ({"allocation": "NA"}, {"include": ["non-randomised"]}, ""),
        ({}, {"phases": ["2"]}, "phase 3, not 2"),
        ({"phases": ("PHASE2", "PHASE3")}, {"phases": ["2"]}, ""),
        ({}, {"conditions": ["diabetes"]}, "about Asthma, not diabetes"),
        ({}, {"conditions": ["diabetes", "ASTHMA"]}, ""),
    ],
)
def test_records_are_refused_by_their_design_and_subject(design, named, reason):
    record, _ = trial([DRUG, PLACEBO])
    record = replace(record, design=replace(record.design, **design))
    assert make_question(["Drug X"], ["placebo"], **named).refusal(record) == reason


def test_record_without_results_is_refused():
    record, _ = trial([DRUG, PLACEBO])
    question = make_question(["Drug X"], ["placebo"])
    none = replace(record, adverse_events=None)
    assert question.refusal(none) == "no results are posted"
    assert question.refusal(replace(none, has_results=True)) == "results are posted, but no adverse events"
    empty = replace(record, adverse_events=AdverseEvents(), has_results=True)
    assert question.refusal(empty) == "results are posted, but no adverse events"
    assert question.refusal(replace(record, design=Design())) != ""
