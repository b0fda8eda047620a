"""What a group got beside the drug that was asked for, by the names of the record's interventions."""

from __future__ import annotations

import pytest
from registry.extract.trials import match

from trialpool.registry.extract import make_question
from trialpool.registry.extract.sides import side_of
from trialpool.registry.model import Intervention, Origin, Record


def side(asked, *interventions, control="placebo"):
    record = Record(
        "NCT00000001",
        Origin("ClinicalTrials.gov", ""),
        interventions=tuple(Intervention(name) for name in interventions),
    )
    found = side_of(make_question(asked, [control]), record, match(0, "group", "active", list(interventions)))
    return found.side, found.beside_names


@pytest.mark.parametrize(
    ("asked", "name", "beside"),
    [
        (["LCZ696"], "LCZ696 (sacubitril/valsartan)", ()),
        (["LCZ696"], "Sacubitril/Valsartan (LCZ696)", ()),
        (["sacubitril/valsartan"], "LCZ696 (sacubitril/valsartan)", ()),
        (["LCZ696", "sacubitril/valsartan"], "LCZ696 (sacubitril/valsartan)", ()),
        (["sacubitril/valsartan"], "Sacubitril - valsartan 97/103 mg tablets", ()),
        (["sacubitril"], "sacubitril/valsartan", ("valsartan",)),
        (["empagliflozin"], "empagliflozin + linagliptin", ("linagliptin",)),
        (["empagliflozin"], "Empagliflozin (plus linagliptin)", ("linagliptin)",)),
        (["empagliflozin"], "Jardiance (empagliflozin) 25 mg", ()),
        (["empagliflozin"], "BI 10773 [empagliflozin]", ()),
        (["empagliflozin"], "empagliflozin 10 mg", ()),
    ],
)
def test_names_in_brackets_are_the_same_drug_and_others_are_beside(asked, name, beside):
    assert side(asked, name) == ("treatment", beside)


def test_a_second_intervention_is_beside():
    assert side(["drug X"], "Drug X", "Metformin") == ("treatment", ("Metformin",))
