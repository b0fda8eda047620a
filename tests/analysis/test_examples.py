"""The example reviews give the published figures where their input can, and say what it lacks where it cannot."""

from __future__ import annotations

import csv
import io
import json
import math
import random
from dataclasses import replace
from pathlib import Path

import pytest

from trialpool.analysis import Analysis, run
from trialpool.datasets import example_files, names

EXAMPLES = tuple(name for name in names() if "review.toml" in example_files(name))


def written(folder: Path, name: str) -> Path:
    for file, content in example_files(name).items():
        (folder / file).write_bytes(content)
    return folder / "review.toml"


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> dict[str, Analysis]:
    return {name: run(written(tmp_path_factory.mktemp(name), name)) for name in EXAMPLES}


def rounded(analysis: Analysis, analysis_id: str) -> tuple[float, ...]:
    return tuple(round(value, 2) for value in analysis.result(analysis_id).pooled.displayed)


# --- published figures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "analysis_id", "figures"),
    [
        # Fleming & Drucker 2018, J Am Acad Dermatol 78:62: DerSimonian-Laird, active arms combined
        ("dupilumab", "infections-as-published", (0.98, 0.83, 1.16)),
        ("dupilumab", "herpesvirus-as-published", (1.16, 0.78, 1.74)),
        # Crins et al. 2014, Pediatr Transplant 18:839: DerSimonian-Laird, 0.5 added
        ("acute_rejection", "acute-rejection-as-published", (0.38, 0.22, 0.66)),
        # Nissen & Wolski 2007, N Engl J Med 356:2457: Peto
        ("rosiglitazone", "myocardial-infarction", (1.43, 1.03, 1.98)),
        ("rosiglitazone", "cardiovascular-death", (1.64, 0.98, 2.74)),
    ],
)
def test_published_result_is_reproduced(answers, name, analysis_id, figures):
    assert rounded(answers[name], analysis_id) == figures
    (compared,) = answers[name].result(analysis_id).published
    assert (compared.published.estimate, compared.published.conf_low, compared.published.conf_high) == figures
    assert (compared.agrees, compared.message) == (True, "Equal to the published result at its printed decimals.")


def test_bcg_is_the_published_random_effects_model(answers):
    """Viechtbauer 2010, Journal of Statistical Software 36(3): log risk ratio, REML."""
    pooled = answers["bcg"].result("tuberculosis").pooled
    assert (round(pooled.estimate, 4), round(pooled.heterogeneity.tau2, 4)) == (-0.7145, 0.3132)
    wald = {row.label: row.pooled for row in answers["bcg"].result("tuberculosis").sensitivity[2].rows}
    assert round(wald["random, REML, Wald"].std_error, 4) == 0.1798
    # Colditz et al. 1994, JAMA 271:698: risk ratio 0.49
    assert round(math.exp(pooled.estimate), 2) == 0.49


# --- what the input lacks --------------------------------------------------------------------------------------------


def test_skin_infections_differ_and_the_input_says_why(answers):
    (compared,) = answers["dupilumab"].result("skin-infections-as-published").published
    assert compared.agrees is False
    assert compared.message.startswith("Differs from the published result in estimate")
    assert compared.lacks == (
        "The input has 4 trials with this outcome; the publication pooled 8.",
        "The input has 2225 participants with this outcome; the publication had 2706.",
        "Nothing confirms the counts of SOLO 1, SOLO 2.",
    )


def test_eczema_herpeticum_of_one_trial_is_not_pooled_and_its_published_result_stays(answers):
    result = answers["dupilumab"].result("eczema-herpeticum")
    assert result.pooled is None
    assert result.impossible.startswith(
        "nothing to pool: only one study has events and non-events; the Peto odds ratio of"
    )
    assert [(s.contrast.events_treatment, s.contrast.events_control) for s in result.studies] == [(1, 6)]
    (compared,) = result.published
    assert compared.agrees is None
    assert compared.lacks == (
        "The input has 1 trial with this outcome; the publication pooled 8.",
        "The input has 740 participants with this outcome; the publication had 2706.",
        "Nothing confirms the counts of LIBERTY AD CHRONOS.",
    )


def test_unverified_input_is_flagged_where_a_result_rests_on_it(answers):
    flagged = {
        result.spec.id
        for result in answers["dupilumab"].results
        if any(note.code == "unverified-input" for note in result.notes)
    }
    assert flagged == {"skin-infections", "skin-infections-as-published"}


def test_trials_without_an_infarction_are_listed_and_not_pooled(answers):
    pooled = answers["rosiglitazone"].result("myocardial-infarction").pooled
    assert (pooled.k, pooled.k_informative) == (42, 38)
    # Nissen & Wolski 2007: 86 infarctions with rosiglitazone, 72 in the control groups
    tables = pooled.comparison.tables()
    assert (tables[0].sum(), tables[2].sum()) == (86, 72)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_analysis_has_an_answer_or_a_reason(answers, name):
    analysis = answers[name]
    for asked, result in zip(analysis.review.analyses, analysis.results, strict=True):
        assert replace(result.spec, request=asked.request) == asked
        assert (result.selection is None) == (asked.automatic is None)
        assert result.spec.request == (result.selection.request if result.selection else asked.request)
        assert (result.pooled is None) == bool(result.impossible)
        assert result.studies
        for study in result.studies:
            assert (study.estimate is None) == bool(study.reason)
        for table in result.sensitivity:
            assert all((row.pooled is None) == bool(row.reason) for row in table.rows)


# --- the order of the rows -------------------------------------------------------------------------------------------


def numbers(analysis: Analysis) -> dict[str, object]:
    """Every number of an analysis by name, without the order in which things are shown."""
    found: dict[str, object] = {}
    for result in analysis.results:
        key = result.spec.id
        for row in result.pooled.tidy() if result.pooled else []:
            found[key] = row
        for study in result.studies:
            found[f"{key}/{study.contrast.label}"] = [study.contrast.events_treatment, study.estimate, study.weight]
        for subgroups in result.subgroups:
            found[f"{key}/by {subgroups.by}"] = [subgroups.q, subgroups.q_p_value]
            found |= {f"{key}/{subgroups.by} {g.level}": [g.estimate, g.std_error] for g in subgroups.groups}
        for table in result.sensitivity:
            found[f"{key}/{table.name}"] = table.depends
            for row in table.rows:
                found[f"{key}/{table.name}/{row.label}"] = row.pooled.tidy()[0] if row.pooled else row.reason
        found |= {f"{key}/at {e.baseline_risk:.9f}": e.difference_per_1000 for e in result.absolute}
        found[f"{key}/published"] = [(c.agrees, c.message) for c in result.published]
        if result.comparison:
            found[f"{key}/excluded"] = {e.trial: e.reason for e in result.comparison.excluded}
    return found


def assert_alike(ours: object, theirs: object, where: str) -> None:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        assert ours.keys() == theirs.keys(), where
        for key, value in ours.items():
            assert_alike(value, theirs[key], f"{where} {key}")
    elif isinstance(ours, list) and isinstance(theirs, list):
        assert_alike(dict(enumerate(ours)), dict(enumerate(theirs)), where)
    elif isinstance(ours, float):
        assert ours == pytest.approx(theirs, rel=1e-8, abs=1e-10), where
    else:
        assert ours == theirs, where


@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_but_the_display_depends_on_the_order_of_the_rows(answers, name, tmp_path):
    path = written(tmp_path, name)
    header, *rows = list(csv.reader(io.StringIO(path.with_name("arms.csv").read_text(encoding="utf-8"))))
    random.Random(7).shuffle(rows)
    with path.with_name("arms.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    assert_alike(numbers(answers[name]), numbers(run(path)), name)


@pytest.mark.parametrize("name", EXAMPLES)
def test_same_files_give_the_same_json_in_another_folder(answers, name, tmp_path):
    again = json.dumps(run(written(tmp_path, name)).to_dict(), allow_nan=False)
    assert again == json.dumps(answers[name].to_dict(), allow_nan=False)
