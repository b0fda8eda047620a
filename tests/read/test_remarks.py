from __future__ import annotations

import pytest

from trialpool.errors import TrialpoolWarning
from trialpool.read import read_table

HEADER = "trial,arm,treatment,outcome,events,n,nct\n"


def notes(path, *, warned=True):
    if not warned:
        return read_table(path).notes
    with pytest.warns(TrialpoolWarning):
        return read_table(path).notes


@pytest.mark.parametrize("twin", ["solo 1", "SOLO  1", "SOLO1", "SOLO\u00a01", "SOLO\u200b 1", "\uff33OLO 1"])
def test_trials_whose_labels_look_the_same_stay_apart_with_a_warning(write, twin):
    path = write(f"{HEADER}SOLO 1,a,drug,f,1,10,\n{twin},b,placebo,f,1,10,\n")
    with pytest.warns(TrialpoolWarning, match="differ only in case or white space; they are kept as 2 trials"):
        table = read_table(path)
    assert [trial.label for trial in table.trials] == ["SOLO 1", twin]
    (note,) = table.notes
    assert (note.code, note.level, note.studies) == ("similar-trial-labels", "warning", ("SOLO 1", twin))


def test_trials_with_different_labels_are_not_remarked_on(write):
    path = write(f"{HEADER}SOLO 1,a,drug,f,1,10,\nSOLO 2,b,placebo,f,1,10,\nSOLO-1,b,placebo,f,1,10,\n")
    assert notes(path, warned=False) == ()


def test_treatments_outcomes_and_arms_that_look_the_same(write):
    path = write(
        f"{HEADER}A,low,drug,fever,1,10,\nA,Low,placebo,Fever,1,10,\nB,x,Placebo,fever,1,10,\nC,x,other,chill,1,10,\n"
    )
    found = {note.code: note for note in notes(path)}
    assert set(found) == {"similar-treatment-labels", "similar-outcome-labels", "similar-arm-labels"}
    assert found["similar-treatment-labels"].studies == ("A", "B")
    assert "'placebo', 'Placebo'" in found["similar-treatment-labels"].message
    assert found["similar-outcome-labels"].studies == ("A", "B")
    assert found["similar-arm-labels"].message.startswith("A: arms 'low', 'Low' differ only")
    assert all(note.level == "warning" for note in found.values())


def test_treatments_that_look_the_same_are_not_told_again_as_arms(write):
    path = write("trial,treatment,outcome,events,n\nA,drug,f,1,10\nA,Drug,f,1,10\n")
    assert [note.code for note in notes(path)] == ["similar-treatment-labels"]


def test_one_registry_identifier_under_two_labels(write):
    path = write(f"{HEADER}A,a,drug,f,1,10,NCT01\nA,b,placebo,f,1,10,NCT01\nB,b,placebo,f,1,10,nct01\n")
    (note,) = notes(path)
    assert (note.code, note.level, note.studies) == ("shared-registry-id", "warning", ("A", "B"))
    assert note.message == "NCT01 stands with trials 'A', 'B'; one trial may be published twice"


def test_a_trial_with_several_registry_identifiers(write):
    path = write(f"{HEADER}A,a,drug,f,1,10,NCT01\nA,b,placebo,f,1,10,NCT02\nA,c,other,f,1,10,\n")
    (note,) = notes(path)
    assert (note.code, note.level, note.studies) == ("several-registry-ids", "warning", ("A",))
    assert note.message == "A has several registry identifiers: NCT01, NCT02"


def test_words_for_no_identifier_are_not_one(write):
    path = write(f"{HEADER}A,a,drug,f,1,10,not registered\nB,b,placebo,f,1,10,not registered\n")
    assert notes(path, warned=False) == ()


def test_participants_that_differ_within_an_arm_are_noted(write):
    path = write(
        f"{HEADER}A,a,drug,f,1,10,\nA,a,drug,g,1,12,\nA,a,drug,h,1,11,\nA,b,placebo,f,1,9,\nA,b,placebo,g,1,9,\n"
    )
    (note,) = notes(path, warned=False)
    assert (note.code, note.level, note.studies) == ("differing-participants", "info", ("A",))
    assert note.message == "A: participants differ between the outcomes of an arm: a 10 to 12"


def test_participants_of_means_count_too(write):
    path = write("trial,treatment,outcome,events,n,mean,sd\nA,drug,f,1,10,,\nA,drug,itch,,9,3,1\n")
    (note,) = notes(path, warned=False)
    assert note.message.endswith("drug 9 to 10")
