from __future__ import annotations

from trialpool.read import read_table

HEADER = "trial,treatment,outcome,events,n,"


def covariates(table):
    return [outcome.covariates for trial in table.trials for arm in trial.arms for outcome in arm.outcomes]


def test_a_column_of_numbers_is_numeric(write):
    table = read_table(write(f"{HEADER}dose_mg\nA,drug,f,1,10,300\nA,placebo,f,1,10,0\nB,drug,f,1,10,1.5e2\n"))
    assert covariates(table) == [{"dose_mg": 300.0}, {"dose_mg": 0.0}, {"dose_mg": 150.0}]
    assert all(type(held["dose_mg"]) is float for held in covariates(table))


def test_an_empty_cell_is_absent_and_leaves_the_column_numeric(write):
    table = read_table(write(f"{HEADER}weeks,tcs\nA,drug,f,1,10,16,yes\nA,placebo,f,1,10,, \n"))
    assert covariates(table) == [{"weeks": 16.0, "tcs": "yes"}, {}]


def test_one_text_makes_the_whole_column_text_and_is_noted(write):
    table = read_table(write(f"{HEADER}dose\nA,drug,f,1,10,300\nA,placebo,f,1,10,0\nB,drug,f,1,10,100-300\n"))
    assert covariates(table) == [{"dose": "300"}, {"dose": "0"}, {"dose": "100-300"}]
    (note,) = table.notes
    assert (note.code, note.level) == ("covariate-kept-as-text", "info")
    assert note.message == "column 'dose' is kept as text, because row 4 holds '100-300', which is not a number"


def test_words_for_missing_or_infinite_are_text_and_noted(write):
    for word in ("NA", "nan", "inf", "1,5"):
        table = read_table(write(f'{HEADER}age\nA,drug,f,1,10,35\nA,placebo,f,1,10,"{word}"\n'))
        assert covariates(table) == [{"age": "35"}, {"age": word}]
        assert [note.code for note in table.notes] == ["covariate-kept-as-text"]


def test_a_column_of_text_is_not_noted(write):
    table = read_table(write(f"{HEADER}tcs,empty\nA,drug,f,1,10,no,\n"))
    assert covariates(table) == [{"tcs": "no"}]
    assert table.notes == ()


def test_names_keep_their_spelling_and_values_are_stripped(write):
    table = read_table(write(f'{HEADER}" Background TCS "\nA,drug,f,1,10," yes "\n'))
    assert covariates(table) == [{"Background TCS": "yes"}]


def test_infinite_numbers_of_a_data_frame_are_refused(problems):
    row = {"trial": "A", "treatment": "drug", "outcome": "f", "events": 1, "n": 10}
    assert problems([{**row, "age": 1.0}, {**row, "outcome": "g", "age": float("inf")}]) == (
        "row 1, column 'age': inf is not a finite number; leave the row out if the number is not known",
    )


def test_both_arms_of_a_row_share_its_covariates(write):
    header = "trial,year,events_treatment,n_treatment,events_control,n_control\n"
    assert covariates(read_table(write(header + "A,1948,1,10,2,11\n"))) == [{"year": 1948.0}] * 2
