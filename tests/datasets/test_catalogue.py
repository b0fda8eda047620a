from __future__ import annotations

import csv
import io
import re
from collections import Counter

import pytest

from trialpool.datasets import Dataset, example_files, load, names
from trialpool.errors import OptionError
from trialpool.trials import Counts

NAMES = ("acute_rejection", "bcg", "catheters", "dupilumab", "rosiglitazone")


def totals(table, outcome):
    """Events and participants by treatment."""
    events: Counter[str] = Counter()
    participants: Counter[str] = Counter()
    for trial in table.trials:
        for arm in trial.arms:
            found = arm.outcome(outcome)
            if found is not None:
                events[arm.treatment] += found.counts.events
                participants[arm.treatment] += found.counts.n
    return {treatment: (events[treatment], participants[treatment]) for treatment in events}


def outcomes(table):
    return [outcome for trial in table.trials for arm in trial.arms for outcome in arm.outcomes]


def test_the_names():
    assert names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_data_set_loads_without_a_warning_and_says_where_it_is_from(name):
    dataset = load(name)
    assert isinstance(dataset, Dataset)
    assert dataset.name == name
    assert dataset.trials is dataset.table.trials
    assert re.search(r"(19|20)\d\d;\d+:\d+-\d+\. doi:10\.\S+$|doi:10\.\S+\. Trials: ", dataset.citation)
    assert dataset.title
    assert dataset.description.endswith(".")
    assert "\n" not in dataset.title + dataset.description + dataset.citation
    assert dataset.table.source_name == "arms.csv"
    assert all(note.level == "info" for note in dataset.table.notes)
    assert all(outcome.source.reference for outcome in outcomes(dataset.table))
    assert str(dataset).startswith(dataset.title)


def test_an_unknown_name_gets_the_nearest():
    for door in (load, example_files):
        with pytest.raises(OptionError, match="name='dupilumb' is not allowed .did you mean 'dupilumab'.*'bcg'"):
            door("dupilumb")
        with pytest.raises(OptionError, match="is not allowed"):
            door("../read")


@pytest.mark.parametrize("name", NAMES)
def test_an_example_holds_its_table_as_it_is_read(name):
    files = example_files(name)
    assert list(files) == sorted(files)
    assert set(files) <= {"arms.csv", "review.toml"}
    rows = list(csv.DictReader(io.StringIO(files["arms.csv"].decode("utf-8"))))
    arms_per_row = 1 if "treatment" in rows[0] else 2
    assert len(rows) * arms_per_row == len(outcomes(load(name).table))
    assert b"\r" not in files["arms.csv"]
    assert files["arms.csv"].endswith(b"\n")


# --- dupilumab ---


def test_dupilumab_has_the_published_trials():
    table = load("dupilumab").table
    assert {
        trial.label: outcome.source.registry_id for trial in table.trials for outcome in trial.arms[0].outcomes
    } == {
        "M12": "NCT01548404",
        "SOLO 1": "NCT02277743",
        "LIBERTY AD CHRONOS": "NCT02260986",
        "Phase 2b dose-ranging": "NCT01859988",
        "SOLO 2": "NCT02277769",
    }
    assert table.treatments == ("placebo", "dupilumab")


def test_dupilumab_infections_add_up_to_the_published_totals():
    events = {
        arm: number for arm, (number, _) in totals(load("dupilumab").table, "infections and infestations").items()
    }
    assert events == {"placebo": 321, "dupilumab": 516}


def test_dupilumab_keeps_every_column_and_its_verification():
    table = load("dupilumab").table
    assert set(outcomes(table)[0].covariates) == {"dose_mg", "schedule", "background_tcs", "weeks"}
    assert Counter(outcome.source.verification for outcome in outcomes(table)) == {
        "read": 34,
        "corroborated": 20,
        "unverified": 8,
    }
    assert {o.source.verification for o in outcomes(table) if o.name == "eczema herpeticum"} == {"unverified"}
    assert all(outcome.source.publication for outcome in outcomes(table))


def test_dupilumab_weeks_are_numbers_and_doses_text_because_one_is_a_range():
    dataset = load("dupilumab")
    covariates = [outcome.covariates for outcome in outcomes(dataset.table)]
    assert {held["weeks"] for held in covariates} == {12.0, 16.0, 52.0}
    assert {held["dose_mg"] for held in covariates} == {"0", "300", "100-300"}
    assert "covariate-kept-as-text" in {note.code for note in dataset.table.notes}


# --- rosiglitazone ---


def test_rosiglitazone_adds_up_to_the_published_totals():
    table = load("rosiglitazone").table
    assert len(table.trials) == 42
    assert totals(table, "myocardial infarction") == {"rosiglitazone": (86, 15556), "control": (72, 12277)}
    assert totals(table, "cardiovascular death") == {"rosiglitazone": (39, 15556), "control": (22, 12277)}
    assert table.outcomes == ("myocardial infarction", "cardiovascular death")


def test_rosiglitazone_has_two_arms_with_both_outcomes_in_every_trial():
    for trial in load("rosiglitazone").table.trials:
        assert [arm.treatment for arm in trial.arms] == ["rosiglitazone", "control"]
        for arm in trial.arms:
            infarctions, deaths = arm.outcomes
            assert infarctions.counts.n == deaths.counts.n
            assert infarctions.covariates == deaths.covariates
            assert set(infarctions.covariates) == {"weeks", "comparator", "phase", "trial_group", "population"}
            assert infarctions.covariates["weeks"] >= 24


def test_rosiglitazone_trials_without_an_event():
    table = load("rosiglitazone").table

    def without(outcome):
        return sum(all(arm.outcome(outcome).counts.events == 0 for arm in trial.arms) for trial in table.trials)

    assert (without("myocardial infarction"), without("cardiovascular death")) == (4, 19)


def test_rosiglitazone_large_trials():
    trials = {trial.label: trial for trial in load("rosiglitazone").table.trials}
    dream, adopt = trials["DREAM"], trials["ADOPT"]
    assert [arm.outcome("myocardial infarction").counts for arm in dream.arms] == [Counts(15, 2635), Counts(9, 2634)]
    assert [arm.outcome("cardiovascular death").counts for arm in adopt.arms] == [Counts(2, 1456), Counts(5, 2895)]
    assert adopt.arms[1].label == "metformin or glyburide"


# --- the others ---


def test_bcg():
    table = load("bcg").table
    assert len(table.trials) == 13
    assert totals(table, "tuberculosis") == {"BCG vaccine": (1065, 191064), "no vaccine": (1510, 166283)}
    aronson = table.trials[0]
    assert aronson.label == "Aronson 1948"
    assert [arm.outcomes[0].counts for arm in aronson.arms] == [Counts(4, 123), Counts(11, 139)]
    assert aronson.arms[0].outcomes[0].covariates == {"year": 1948.0, "latitude": 44.0, "allocation": "random"}
    allocations = Counter(trial.arms[0].outcomes[0].covariates["allocation"] for trial in table.trials)
    assert allocations == {"random": 7, "alternate": 2, "systematic": 4}


def test_catheters():
    table = load("catheters").table
    assert len(table.trials) == 18
    assert totals(table, "catheter-related bloodstream infection") == {
        "anti-infective catheter": (27, 2495),
        "standard catheter": (87, 2495),
    }
    eventless = [t.label for t in table.trials if not any(arm.outcomes[0].counts.events for arm in t.arms)]
    assert eventless == ["Yucel 2004"]


def test_acute_rejection():
    table = load("acute_rejection").table
    assert totals(table, "acute rejection") == {
        "interleukin-2 receptor antagonist": (46, 247),
        "no antagonist": (85, 184),
    }
    randomised = {t.label for t in table.trials if t.arms[0].outcomes[0].covariates["randomised"] == "yes"}
    assert randomised == {"Heffron 2003", "Spada 2006"}
