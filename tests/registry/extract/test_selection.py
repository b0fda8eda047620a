"""Which groups answer a question, and the words with which the others are left out."""

from __future__ import annotations

import pytest
from registry.extract.trials import DRUG, PLACEBO, match, trial

from trialpool.registry.extract import make_question
from trialpool.registry.extract.selection import select
from trialpool.registry.groups import match_groups
from trialpool.registry.model import Intervention

V_PLACEBO = make_question(["Drug X"], ["placebo"])


def chosen(question, matches, **named):
    record, groups = trial(matches, **named)
    found = select(question, record, groups)
    return found, [
        ([o.match.group for o in s.treatment], [o.match.group for o in s.control], s.beside) for s in found.strata
    ]


def test_arms_of_each_dose_and_the_placebo_are_used():
    more = match(2, "Drug X 10 mg", "active", ["Drug X"])
    found, strata = chosen(V_PLACEBO, [DRUG, PLACEBO, more])
    assert strata == [(["EG000", "EG002"], ["EG001"], ())]
    assert {decision.after for decision in found.decisions} == {"treatment (Drug X)", "control"}


@pytest.mark.parametrize(
    "kind", ["combined", "total", "sequence", "period", "run-in", "sub-study", "crossover", "extension"]
)
def test_groups_that_are_no_arm_are_left_out(kind):
    other = match(2, "Drug X", "active", ["Drug X"], kind=kind)
    found, strata = chosen(V_PLACEBO, [DRUG, PLACEBO, other])
    assert strata == [(["EG000"], ["EG001"], ())]
    assert any(decision.after == "left out" and "EG002" in decision.before for decision in found.decisions)
    _, alone = chosen(V_PLACEBO, [other, PLACEBO])
    assert alone == []


@pytest.mark.parametrize("kind", ["crossover", "extension"])
def test_crossover_and_extension_groups_are_used_if_asked_for(kind):
    question = make_question(["Drug X"], ["placebo"], include=[kind])
    matches = [match(0, "Drug X", "active", ["Drug X"], kind=kind), match(1, "Placebo", "placebo", kind=kind)]
    assert chosen(question, matches)[1] == [(["EG000"], ["EG001"], ())]
    assert chosen(V_PLACEBO, matches)[1] == []


def test_crossover_groups_that_are_asked_for_hold_the_same_participants():
    matches = [
        match(0, "Drug X", "active", ["Drug X"], kind="crossover"),
        match(1, "Placebo", "placebo", kind="crossover"),
    ]
    question = make_question(["Drug X"], ["placebo"], include=["crossover", "extension"])
    found, strata = chosen(question, matches, overlaps=[("EG000", "EG001")])
    assert strata == [(["EG000"], ["EG001"], ())]
    assert [decision.before for decision in found.decisions if "hold the same participants" in decision.rule] == [
        "EG000 and EG001"
    ]
    later = [matches[0], match(1, "Placebo", "placebo"), match(2, "Drug X", "active", ["Drug X"], kind="extension")]
    found, strata = chosen(question, later, overlaps=[("EG000", "EG002")])
    assert strata == []
    assert "hold the same participants" in found.reason


def test_doubtful_group_leaves_the_trial_out_unless_others_answer():
    doubt = match(1, "Control", "placebo", accepted=False)
    found, strata = chosen(V_PLACEBO, [DRUG, doubt])
    assert strata == []
    assert found.in_doubt
    assert "confirm it in arms.toml" in found.reason
    assert "'Control': why" in found.reason
    more = match(2, "Drug X?", "active", ["Drug X"], accepted=False)
    found, strata = chosen(V_PLACEBO, [DRUG, PLACEBO, more])
    assert strata == [(["EG000"], ["EG001"], ())]
    assert any("in doubt" in decision.rule for decision in found.decisions)


def test_word_of_the_user_is_told():
    found, _ = chosen(V_PLACEBO, [DRUG, match(1, "Control", "placebo", by="user")])
    assert [d.rule for d in found.decisions if d.after == "control"] == ["confirmed by the user"]


def test_groups_that_hold_the_same_participants_are_never_both_used():
    again = match(2, "Drug X, whole", "active", ["Drug X"])
    found, strata = chosen(V_PLACEBO, [DRUG, PLACEBO, again], overlaps=[("EG000", "EG002")])
    assert (strata, found.in_doubt) == ([], True)
    assert "EG000 and EG002 hold the same participants" in found.reason
    unused = match(2, "All", "unclear", kind="total")
    assert chosen(V_PLACEBO, [DRUG, PLACEBO, unused], overlaps=[("EG000", "EG002")])[1] != []


def test_co_treatment_has_to_be_the_same_on_both_sides():
    both = match(0, "X and M", "active", ["Drug X", "Metformin"])
    found, strata = chosen(V_PLACEBO, [both, PLACEBO])
    assert strata == []
    assert found.reason == (
        "co-treatment differs: beside Drug X the groups got Metformin; beside placebo the groups got nothing"
    )
    with_placebo = match(1, "Placebo and M", "active", ["Metformin"], arms=["Placebo and M"])
    assert chosen(V_PLACEBO, [both, with_placebo])[1] == [(["EG000"], ["EG001"], ("Metformin",))]


def test_reason_names_every_co_treatment_and_the_groups_that_are_no_arm():
    matches = [
        match(0, "X and M", "active", ["Drug X", "Metformin"]),
        match(1, "X", "active", ["Drug X"]),
        match(2, "Drug Y", "active", ["Drug Y"], arms=["Drug Y, oral placebo"]),
        match(3, "Placebo, then X", "placebo", kind="period"),
    ]
    found, strata = chosen(V_PLACEBO, matches)
    assert strata == []
    assert found.reason == (
        "co-treatment differs: beside Drug X the groups got Metformin, or nothing; beside placebo the groups got Drug Y; "
        "group EG003 'Placebo, then X' is left out as a period beside the main comparison"
    )


def test_real_trial_whose_placebo_group_got_the_drug_later(real_load):
    """Its placebo group got sitagliptin from week 26 to 104, and no adverse events are posted of the first 26 weeks alone."""
    record = next(each.record for each in real_load.records if each.record.nct_id == "NCT00734474")
    found = select(make_question(["sitagliptin"], ["placebo"]), record, match_groups(record))
    assert found.strata == ()
    assert "beside sitagliptin the groups got nothing; beside placebo the groups got LY2189265" in found.reason
    assert "group EG008 'Placebo/Sitagliptin (Baseline Through 104 Weeks)' is left out" in found.reason


def test_factorial_trial_is_two_comparisons():
    matches = [
        DRUG,
        PLACEBO,
        match(2, "X + M", "active", ["Drug X", "Metformin"]),
        match(3, "M + placebo", "active", ["Metformin"], arms=["M + placebo"]),
    ]
    found, strata = chosen(V_PLACEBO, matches)
    assert strata == [(["EG000"], ["EG001"], ()), (["EG002"], ["EG003"], ("Metformin",))]
    assert any(decision.after == "2 comparisons" for decision in found.decisions)


@pytest.mark.parametrize("name", ["Drug X/metformin", "Drug X + Metformin 500 mg", "Drug X and metformin"])
def test_fixed_combination_is_not_the_drug_alone(name):
    combined = match(0, "Tablet", "active", [name])
    assert chosen(V_PLACEBO, [combined, PLACEBO], interventions=[name])[1] == []


@pytest.mark.parametrize(
    "name", ["Drug X 5 mg/day", "Drug X 5 mg + placebo", "DRUG-X (high dose)", "Drug X and placebo tablets"]
)
def test_doses_and_placebos_are_no_co_treatment(name):
    one = match(0, "Tablet", "active", [name])
    assert len(chosen(V_PLACEBO, [one, PLACEBO], interventions=[name])[1]) == 1


def test_other_names_brands_and_codes_of_the_record_count():
    coded = match(0, "Arm A", "active", ["BI10773"])
    question = make_question(["SGLT2 inhibitors"], ["placebo"])
    assert len(chosen(question, [coded, PLACEBO], interventions=["BI10773"])[1]) == 1
    named = Intervention("Study drug", "DRUG", other_names=("Jardiance", "placebo to match"))
    assert len(chosen(question, [match(0, "Arm A", "active", ["Study drug"]), PLACEBO], interventions=[named])[1]) == 1
    placebo_of = Intervention("Study drug", "DRUG", other_names=("Jardiance placebo",))
    assert chosen(question, [match(0, "Arm A", "active", ["Study drug"]), PLACEBO], interventions=[placebo_of])[1] == []


def test_code_that_only_the_label_explains():
    coded = match(0, "Empagliflozin 10 mg", "active", ["ABC-1"])
    question = make_question(["empagliflozin"], ["placebo"])
    assert len(chosen(question, [coded, PLACEBO], interventions=["ABC-1"])[1]) == 1


def test_controls():
    usual, sham = match(1, "Usual care", "no treatment"), match(1, "Sham", "sham")
    other = match(1, "Glargine", "active", ["Glargine"])
    assert chosen(V_PLACEBO, [DRUG, usual])[1] == []
    assert chosen(V_PLACEBO, [DRUG, sham])[1] == []
    assert chosen(V_PLACEBO, [DRUG, other])[0].reason == "no group got placebo"
    assert len(chosen(make_question(["Drug X"], ["no treatment"]), [DRUG, usual])[1]) == 1
    assert len(chosen(make_question(["Drug X"], ["placebo"], include=["sham"]), [DRUG, sham])[1]) == 1
    assert len(chosen(make_question(["Drug X"], ["glargine"]), [DRUG, other])[1]) == 1
    both = match(1, "Glargine and X", "active", ["Glargine", "Drug X"])
    assert chosen(make_question(["Drug X"], ["glargine"]), [DRUG, both])[1] == []


def test_treatment_that_nobody_got():
    found, _ = chosen(make_question(["Drug Y"], ["placebo"]), [DRUG, PLACEBO])
    assert (found.reason, found.in_doubt) == ("no group got Drug Y", False)
