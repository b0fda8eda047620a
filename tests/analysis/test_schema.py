"""The schema of a review file: every key does something, refuses what it cannot use, and stands in the documentation."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from analysis.reviews import VALID, spoiled, write_review

from trialpool.analysis import Review, read_review, run
from trialpool.analysis.schema import TABLES
from trialpool.choices import word_names
from trialpool.datasets import example_files
from trialpool.pool import RequestWords

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "review-file.md"
KEYS = [(table, key) for table, held in TABLES.items() for key in held.keys]


def heading(table: str) -> str:
    return f"[[{table}]]" if TABLES[table].repeated else f"[{table}]" if table else "Top level"


def allowed_words(table: str, key: str) -> list[str]:
    """The words of a key that takes nothing else, as its own message lists them."""
    message = TABLES[table].keys[key].check("no such word")
    return re.findall(r"'([^']*)'", message.partition("allowed: ")[2])


# --- every key does something ----------------------------------------------------------------------------------------

# Where a key goes in the valid review, and a value that is not its default; with it, what it needs or what it replaces.
ANALYSIS = 'tau2 = "DL"'
OUTCOME = '[[outcome]]\nname = "nausea"'
BAYES = 'method = "bayes"'
VALUES: dict[tuple[str, str], tuple[str, str]] = {
    ("", "title"): ('title = "Rash and nausea"', 'title = "Other"'),
    ("", "authors"): ('title = "Rash and nausea"', 'title = "Rash and nausea"\nauthors = "A"'),
    ("question", "population"): ('population = "Adults"', 'population = "Children"'),
    ("question", "intervention"): ('intervention = "Drug"', 'intervention = "Other"'),
    ("question", "comparator"): ('comparator = "Placebo"', 'comparator = "Nothing"'),
    ("data", "file"): ('file = "arms.csv"', 'file = "other.csv"'),
    ("data", "columns"): ('file = "arms.csv"', 'file = "arms.csv"\ncolumns = { n = "total" }'),
    ("data", "left_out"): ('file = "arms.csv"', 'file = "arms.csv"\nleft_out = "excluded.csv"'),
    ("comparison", "treatment"): ('treatment = "drug"', 'treatment = ["drug", "other"]'),
    ("comparison", "control"): ('control = "placebo"', 'control = "nothing"'),
    ("comparison", "multi_arm"): ('multi_arm = "split"', 'multi_arm = "shared"'),
    ("automatic", "few_trials"): (OUTCOME, f"[automatic]\nfew_trials = 7\n\n{OUTCOME}"),
    ("automatic", "enough_trials"): (OUTCOME, f"[automatic]\nenough_trials = 7\n\n{OUTCOME}"),
    ("automatic", "few_events"): (OUTCOME, f"[automatic]\nfew_events = 7\n\n{OUTCOME}"),
    ("automatic", "rare_risk"): (OUTCOME, f"[automatic]\nrare_risk = 0.01\n\n{OUTCOME}"),
    ("automatic", "follow_up"): (OUTCOME, f"[automatic]\nfollow_up = 3\n\n{OUTCOME}"),
    ("outcome", "name"): ('name = "nausea"', 'name = "nausea"\n[[outcome]]\nname = "other"'),
    ("outcome", "label"): ('label = "Rash of any kind"', 'label = "Other"'),
    ("outcome", "better"): ('name = "nausea"', 'name = "nausea"\nbetter = "more"'),
    ("outcome", "baseline_risks"): ("baseline_risks = [0.05, 0.10]", "baseline_risks = [0.5]"),
    ("outcome", "description"): ('name = "nausea"', 'name = "nausea"\ndescription = "x"'),
    ("analysis", "id"): ('id = "rash-planned"', 'id = "other"'),
    ("analysis", "title"): (ANALYSIS, 'tau2 = "DL"\ntitle = "Other"'),
    ("analysis", "outcome"): ('outcome = "nausea"', 'outcome = "rash"'),
    ("analysis", "kind"): ('kind = "sensitivity"', 'kind = "post hoc"'),
    ("analysis", "multi_arm"): (ANALYSIS, 'tau2 = "DL"\nmulti_arm = "combine"'),
    ("analysis", "subgroups"): ('subgroups = ["weeks"]', 'subgroups = ["dose"]'),
    ("analysis", "comment"): (ANALYSIS, 'tau2 = "DL"\ncomment = "x"'),
    ("analysis", "measure"): ('measure = "odds ratio"', 'measure = "risk difference"'),
    ("analysis", "method"): (ANALYSIS, 'method = "mantel-haenszel"'),
    ("analysis", "model"): (ANALYSIS, 'model = "common"'),
    ("analysis", "tau2"): (ANALYSIS, 'tau2 = "PM"'),
    ("analysis", "tau2_interval"): (ANALYSIS, 'tau2 = "DL"\ntau2_interval = "generalised-Q"'),
    ("analysis", "intercepts"): (ANALYSIS, 'method = "logistic"\nintercepts = "random"'),
    ("analysis", "likelihood"): (ANALYSIS, f'{BAYES}\nlikelihood = "hypergeometric"'),
    ("analysis", "tau_prior"): (ANALYSIS, f'{BAYES}\ntau_prior = "half-cauchy(0.5)"'),
    ("analysis", "effect_prior"): (ANALYSIS, f'{BAYES}\neffect_prior = "flat"'),
    ("analysis", "relevant"): (ANALYSIS, f"{BAYES}\nrelevant = 0.8"),
    ("analysis", "interval"): (ANALYSIS, 'tau2 = "DL"\ninterval = "wald"'),
    ("analysis", "prediction"): (ANALYSIS, 'tau2 = "DL"\nprediction = "k-1"'),
    ("analysis", "i2"): (ANALYSIS, 'tau2 = "DL"\ni2 = "Q"'),
    ("analysis", "zero_cells"): (ANALYSIS, 'tau2 = "DL"\nzero_cells = "constant"'),
    ("analysis", "double_zero"): (ANALYSIS, 'zero_cells = "constant"\ndouble_zero = "corrected"'),
    ("analysis", "increment"): (ANALYSIS, 'zero_cells = "constant"\nincrement = 0.1'),
    ("analysis", "risk_difference_variance"): (
        'measure = "odds ratio"\ntau2 = "DL"',
        'measure = "risk difference"\nmethod = "mantel-haenszel"\nrisk_difference_variance = "Greenland-Robins"',
    ),
    ("analysis", "profile"): (ANALYSIS, 'profile = "meta"'),
    ("analysis", "conf_level"): (ANALYSIS, 'tau2 = "DL"\nconf_level = 0.9'),
    ("published", "analysis"): ('analysis = "nausea-or"', 'analysis = "rash-planned"'),
    ("published", "measure"): ("estimate = 0.98", 'measure = "odds ratio"\nestimate = 0.98'),
    ("published", "estimate"): ("estimate = 0.98", "estimate = 0.99"),
    ("published", "conf_low"): ("conf_low = 0.83", "conf_low = 0.82"),
    ("published", "conf_high"): ("conf_high = 1.16", "conf_high = 1.17"),
    ("published", "trials"): ("estimate = 0.98", "estimate = 0.98\ntrials = 8"),
    ("published", "participants"): ("estimate = 0.98", "estimate = 0.98\nparticipants = 80"),
    ("published", "source"): ('source = "Smith 2004"', 'source = "Other"'),
    ("published", "comment"): ('source = "Smith 2004"', 'source = "Smith 2004"\ncomment = "x"'),
}


def read(folder: Path, text: str) -> Review:
    return replace(read_review(write_review(folder, text)), sha256="", folder="")


def test_every_key_has_a_value_here():
    assert set(VALUES) == set(KEYS)


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_every_key_changes_the_review(tmp_path, table, key):
    old, new = VALUES[table, key]
    # what else the passage says, without the key itself
    rest = "\n".join(line for line in new.splitlines() if not line.startswith(f"{key} ="))
    changed = read(tmp_path, spoiled(old, new))
    assert changed != read(tmp_path, VALID)
    if rest and not TABLES[table].keys[key].required:
        assert changed != read(tmp_path, spoiled(old, rest))


def test_options_of_an_analysis_are_those_of_every_other_door():
    assert set(word_names()) <= set(TABLES["analysis"].keys)


# --- every key refuses what it cannot use ----------------------------------------------------------------------------


@pytest.mark.parametrize(("table", "key"), KEYS)
@pytest.mark.parametrize("value", [True, {"a": {}}, [[]], [{}], [True]])
def test_every_key_refuses_what_no_key_takes(table, key, value):
    message = TABLES[table].keys[key].check(value)
    assert re.search(r"give |allowed: ", message), message


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_every_key_takes_words_or_text_or_numbers_and_not_the_others(table, key):
    """Text where numbers belong and numbers where text belongs are refused by the same key that takes the other."""
    check = TABLES[table].keys[key].check
    takes_text, takes_number = not check("x"), not check(1) or not check(0.5) or not check(5)
    assert not (takes_text and takes_number)


# --- the documentation -----------------------------------------------------------------------------------------------


def documented() -> dict[str, dict[str, tuple[str, str]]]:
    """For each section of the page: key to its value and default."""
    text = PAGE.read_text(encoding="utf-8")
    sections: dict[str, dict[str, tuple[str, str]]] = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", body, flags=re.MULTILINE)
        sections[title] = {key: (value, default) for key, value, default, _ in rows}
    return sections


def test_every_table_has_its_section_in_order():
    sections = [title for title, keys in documented().items() if keys]
    assert sections == [heading(table) for table in TABLES]


@pytest.mark.parametrize("table", TABLES)
def test_every_key_has_its_row_in_order_and_no_other_is_named(table):
    assert list(documented()[heading(table)]) == list(TABLES[table].keys)


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_row_says_whether_the_key_is_required(table, key):
    _, default = documented()[heading(table)][key]
    assert (default == "required") == TABLES[table].keys[key].required
    assert default.strip()


@pytest.mark.parametrize(("table", "key"), [place for place in KEYS if allowed_words(*place)])
def test_row_lists_the_allowed_words(table, key):
    value, _ = documented()[heading(table)][key]
    assert re.findall(r"`([^`]*)`", value) == allowed_words(table, key)


def test_words_are_found_for_every_closed_key():
    closed = {key for table, key in KEYS if allowed_words(table, key)}
    free = {"increment", "conf_level", "tau_prior", "effect_prior", "relevant"}
    assert closed == {"multi_arm", "better", "kind", *word_names()} - free


@pytest.mark.parametrize(
    ("table", "key", "default"),
    [
        ("comparison", "multi_arm", "combine"),
        ("outcome", "better", "fewer"),
        ("analysis", "kind", "planned"),
        ("analysis", "profile", "trialpool"),
    ],
)
def test_stated_defaults_are_the_defaults(tmp_path, table, key, default):
    assert documented()[heading(table)][key][1] == f"`{default}`"
    review = read(tmp_path, spoiled('multi_arm = "split"\n', ""))
    outcome, spec = review.outcomes[1], review.analyses[0]
    found = {"multi_arm": spec.multi_arm, "better": outcome.better, "kind": spec.kind, "profile": spec.request.profile}
    assert found[key] == default


def test_stated_numbers_are_the_defaults(tmp_path):
    rows = documented()["[[analysis]]"]
    assert float(rows["conf_level"][1]) == RequestWords().conf_level
    corrected = read(tmp_path, spoiled('tau2 = "DL"', 'zero_cells = "constant"')).analyses[1]
    assert float(rows["increment"][1]) == corrected.request.zero_cells.increment


def full_example() -> str:
    return re.findall(r"^```toml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)[-1]


def test_full_example_runs_on_its_data_and_answers_everything(tmp_path):
    (tmp_path / "excluded.csv").write_text("trial,reason\n")
    analysis = run(write_review(tmp_path, full_example(), example_files("dupilumab")["arms.csv"].decode()))
    assert all(result.pooled is not None for result in analysis.results)
    assert [subgroups.by for subgroups in analysis.results[0].subgroups] == ["background_tcs"]


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_full_example_uses_every_key(tmp_path, table, key):
    """TOML's own reader finds the key in the example."""
    document = tomllib.loads(full_example())
    holders = document.get(table, []) if TABLES[table].repeated else [document[table] if table else document]
    assert any(key in holder for holder in holders)
