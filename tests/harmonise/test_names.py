"""Names of outcomes and treatments: case does not count, and what leads nowhere says what there is."""

from __future__ import annotations

import pytest
from harmonise.builders import make_arm, make_trial

from trialpool.errors import OptionError
from trialpool.harmonise import compare

TWO_ARMS = make_trial("Smith", make_arm("drug", 5, 50), make_arm("placebo", 8, 48))


def contrasts(*trials, treatment="drug", control="placebo", multi_arm="combine", outcome="rash"):
    return compare(trials, outcome=outcome, treatment=treatment, control=control, multi_arm=multi_arm)


def test_case_and_outer_white_space_of_names_do_not_count_and_the_table_s_spelling_is_kept():
    comparison = contrasts(TWO_ARMS, outcome=" Rash ", treatment="DRUG", control=["Placebo"])
    assert (comparison.outcome, comparison.treatments, comparison.controls) == ("rash", ("drug",), ("placebo",))


def test_exact_spelling_wins_where_the_table_has_several():
    trials = [TWO_ARMS, make_trial("Shout", make_arm("DRUG", 1), make_arm("placebo", 2))]
    assert contrasts(*trials, treatment="DRUG").labels == ("Shout",)
    assert contrasts(*trials, treatment="drug").labels == ("Smith",)
    assert contrasts(*trials, treatment=["DRUG", "drug"]).labels == ("Smith", "Shout")
    with pytest.raises(OptionError, match="treatment 'Drug' may be any of 'drug', 'DRUG'; write it as the table does"):
        contrasts(*trials, treatment="Drug")


def test_name_given_twice_counts_once():
    assert contrasts(TWO_ARMS, treatment=["drug", "Drug", "drug"]).treatments == ("drug",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"treatment": "drgu"}, "unknown treatment 'drgu' (did you mean 'drug'?); the table has 'drug', 'placebo'"),
        ({"control": "plcebo"}, "unknown control 'plcebo' (did you mean 'placebo'?); the table has 'drug', 'placebo'"),
        ({"control": ["placebo", "sham"]}, "unknown control 'sham'; the table has 'drug', 'placebo'"),
        ({"outcome": "rahs"}, "unknown outcome 'rahs' (did you mean 'rash'?); the table has 'rash'"),
        ({"outcome": None}, "unknown outcome None; the table has 'rash'"),
        ({"treatment": []}, "no treatment is named; the table has 'drug', 'placebo'"),
        ({"treatment": "placebo"}, "'placebo' is named as treatment and as control; a comparison needs two"),
        ({"treatment": ["drug", "PLACEBO"]}, "'placebo' is named as treatment and as control; a comparison needs two"),
        (
            {"multi_arm": "combined"},
            "multi_arm='combined' is not allowed (did you mean 'combine'?); choose one of 'combine', 'split', 'shared'",
        ),
    ],
)
def test_names_that_lead_nowhere(options, message):
    with pytest.raises(OptionError) as caught:
        contrasts(TWO_ARMS, **options)
    assert str(caught.value) == message


def test_no_trials_at_all():
    with pytest.raises(OptionError, match="unknown outcome 'rash'; the table has none"):
        contrasts()
