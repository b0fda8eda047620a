"""Every kind of mistake in a review file is shown with its line, its key, what is allowed and the nearest name."""

from __future__ import annotations

import pytest
from analysis.reviews import VALID, line_of, spoiled, write_review

from trialpool.analysis import read_review
from trialpool.analysis.schema import TABLES
from trialpool.errors import ReviewError

HERE = "@@"
"""Stands before the place that a message has to name; without it, the place is where the new passage begins."""

TITLE, FILE, TREATMENT = 'title = "Rash and nausea"', 'file = "arms.csv"', 'treatment = "drug"'
RISKS, TAU2, ID, SOURCE = "baseline_risks = [0.05, 0.10]", 'tau2 = "DL"', 'id = "rash-planned"', 'source = "Smith 2004"'
CORRECTED = 'zero_cells = "constant"\n'
AN_ID = "give letters, digits, hyphens and underscores (at most 64)"
A_RISK = "give a number between 0 and 1"

# What is replaced, by what, and what the message says after the line.
# fmt: off
UNKNOWN = [
    (TITLE, f'{TITLE}\n@@titel = "y"',
     "top level: key 'titel' is not known (did you mean 'title'?); allowed: 'title', 'authors'"),
    ('population = "Adults"', 'population = "Adults"\n@@populaton = "x"',
     "[question]: key 'populaton' is not known (did you mean 'population'?); allowed: 'population', 'intervention', 'comp"),
    (FILE, f"{FILE}\n@@sheet = 1",
     "[data]: key 'sheet' is not known; allowed: 'file', 'columns'"),
    (TAU2, 'tau = "DL"',
     "[[analysis]] number 2: key 'tau' is not known (did you mean 'tau2'?); allowed: 'id', 'title', 'outcome',"),
    ("[question]", "@@[quesion]\n[question]",
     "table [quesion] is not known (did you mean 'question'?); allowed: 'question', 'data', 'comparison',"),
    ("[question]", "@@[[extra]]\n[question]",
     "table [extra] is not known; allowed: 'question',"),
]
WORDS = [
    (TAU2, 'tau2 = "reml"',
     "[[analysis]] number 2: key 'tau2' is 'reml' (did you mean 'REML'?); allowed: 'REML', 'ML', 'DL', 'DL2', 'PM'"),
    ('measure = "odds ratio"', 'measure = "OR"',
     "[[analysis]] number 2: key 'measure' is 'OR'; allowed: 'risk ratio', 'odds ratio',"),
    ('multi_arm = "split"', 'multi_arm = "splitt"',
     "[comparison]: key 'multi_arm' is 'splitt' (did you mean 'split'?); allowed: 'combine', 'split', 'shared'"),
    ('kind = "sensitivity"', "kind = 3",
     "[[analysis]] number 2: key 'kind' is 3; allowed: 'planned', 'sensitivity', 'post hoc'"),
    ('label = "Rash of any kind"', 'better = "less"',
     "[[outcome]] number 1: key 'better' is 'less'; allowed: 'fewer', 'more'"),
]
TEXTS = [
    (TITLE, "title = 5", "top level: key 'title' is 5; give text in quotes"),
    (TITLE, "title = true", "top level: key 'title' is true; give text in quotes"),
    (TITLE, "title = 2020-01-01", "top level: key 'title' is 2020-01-01; give text in quotes"),
    (TITLE, "title = { text = 1.5 }", "top level: key 'title' is a table; give text in quotes"),
    (TITLE, 'title = ""', "top level: key 'title' is empty; give text"),
    ('comparator = "Placebo"', 'comparator = ["Placebo"]',
     "[question]: key 'comparator' is a list; give text in quotes"),
    ('comparator = "Placebo"', 'comparator = "  "', "[question]: key 'comparator' is empty; give text"),
    (TREATMENT, "treatment = []", "[comparison]: key 'treatment' is an empty list; name at least one"),
    (TREATMENT, 'treatment = ["drug", 2]', "[comparison]: key 'treatment' is 2; give text in quotes"),
    (TREATMENT, 'treatment = ["drug", "Drug"]', "[comparison]: key 'treatment' names 'Drug' twice; name it once"),
    ('subgroups = ["weeks"]', 'subgroups = "weeks"',
     "[[analysis]] number 1: key 'subgroups' is 'weeks'; give a list such as [\"weeks\"]"),
    ('subgroups = ["weeks"]', 'subgroups = ["weeks", "dose", "weeks"]',
     "[[analysis]] number 1: key 'subgroups' names 'weeks' twice; name it once"),
    (ID, 'id = "rash planned"', f"[[analysis]] number 1: key 'id' is 'rash planned'; {AN_ID}"),
    (ID, 'id = "../rash"', f"[[analysis]] number 1: key 'id' is '../rash'; {AN_ID}"),
    (ID, r'id = "rash\n"', rf"[[analysis]] number 1: key 'id' is 'rash\n'; {AN_ID}"),
    (ID, f'id = "{"x" * 65}"', f"[[analysis]] number 1: key 'id' is '{'x' * 59}...; {AN_ID}"),
    (FILE, f'{FILE}\n@@columns = "n"', "[data]: key 'columns' is 'n'; give pairs such as events = \"n_events\""),
    (FILE, f"{FILE}\n@@[data.columns]\nevents = 3", "[data]: key 'columns' 'events' is 3; give text in quotes"),
]
NUMBERS = [
    (RISKS, "baseline_risks = 0.05",
     "[[outcome]] number 1: key 'baseline_risks' is 0.05; give a list of risks such as [0.05, 0.10]"),
    (RISKS, "baseline_risks = []",
     "[[outcome]] number 1: key 'baseline_risks' is a list; give a list of risks such as [0.05, 0.10]"),
    (RISKS, "baseline_risks = [0.05, 5]", f"[[outcome]] number 1: key 'baseline_risks' is 5; {A_RISK}"),
    (RISKS, "baseline_risks = [1e-400]", f"[[outcome]] number 1: key 'baseline_risks' is 1E-400; {A_RISK}"),
    (RISKS, f"baseline_risks = [0.{'9' * 20}]",
     f"[[outcome]] number 1: key 'baseline_risks' is 0.{'9' * 20}; {A_RISK}"),
    (TAU2, "conf_level = 95", f"[[analysis]] number 2: key 'conf_level' is 95; {A_RISK}"),
    (TAU2, f"{CORRECTED}@@increment = 0", "[[analysis]] number 2: key 'increment' is 0; give a number above 0"),
    (TAU2, f"{CORRECTED}@@increment = -0.5", "[[analysis]] number 2: key 'increment' is -0.5; give a number above 0"),
    ("conf_low = 0.83", 'conf_low = "0.83"', "[[published]] number 1: key 'conf_low' is '0.83'; give a number"),
    ("conf_low = 0.83", "conf_low = nan", "[[published]] number 1: key 'conf_low' is NaN; give a number"),
    ("conf_high = 1.16", "conf_high = inf", "[[published]] number 1: key 'conf_high' is Infinity; give a number"),
    ("conf_high = 1.16", "conf_high = 1e400", "[[published]] number 1: key 'conf_high' is 1E+400; give a number"),
    ("conf_high = 1.16", f"conf_high = 0x{'f' * 5000}",
     "[[published]] number 1: key 'conf_high' is a number too large to use; give a number"),
    ("conf_high = 1.16", "conf_high = true", "[[published]] number 1: key 'conf_high' is true; give a number"),
    (SOURCE, f"{SOURCE}\n@@trials = 8.0", "[[published]] number 1: key 'trials' is 8.0; give a whole number above 0"),
    (SOURCE, f"{SOURCE}\n@@trials = true", "[[published]] number 1: key 'trials' is true; give a whole number above 0"),
    (SOURCE, f"{SOURCE}\n@@participants = 0",
     "[[published]] number 1: key 'participants' is 0; give a whole number above 0"),
]
STRUCTURE = [
    (TITLE, '@@authors = "A"', "top level: key 'title' is missing"),
    ('[question]\npopulation = "Adults"', "[question]", "[question]: key 'population' is missing"),
    ("[[published]]\nanalysis = \"nausea-or\"", "[[published]]", "[[published]] number 1: key 'analysis' is missing"),
    ("[data]", "[[data]]", "[data]: must be one table, written [data] once"),
    ("[[published]]", "[published]",
     "[[published]] number 1: must be written [[published]], once for each published"),
]
REFERENCES = [
    ('outcome = "nausea"', 'outcome = "nausae"',
     "[[analysis]] number 2: key 'outcome' names no [[outcome]]: 'nausae' (did you mean 'nausea'?); there are 'rash', 'n"),
    ('analysis = "nausea-or"', 'analysis = "nausea"',
     "[[published]] number 1: key 'analysis' names no [[analysis]]: 'nausea' (did you mean 'nausea-or'?); there are 'ra"),
    ('name = "nausea"', 'name = "nausea"\n[[outcome]]\n@@name = "Rash"',
     "[[outcome]] number 3: key 'name' 'Rash' is there already; each outcome needs its own name"),
    ('control = "placebo"', 'control = ["placebo", "Drug"]',
     "[comparison]: key 'control' has 'Drug', which is a treatment too; name two sides"),
    ("estimate = 0.98", "estimate = 1.98",
     "[[published]] number 1: key 'estimate' does not lie between conf_low and conf_high"),
]
OPTIONS = [
    (TAU2, f'model = "common"\n@@{TAU2}',
     "[[analysis]] number 2: tau2 has no meaning with model='common'; leave it out, or choose model='random'"),
    (TAU2, 'method = "peto"\nmodel = "random"',
     "[[analysis]] number 2: method 'peto' is a common-effect method; leave model out,"),
    (TAU2, f'method = "mantel-haenszel"\n@@{TAU2}',
     "[[analysis]] number 2: tau2 has no meaning with method 'mantel-haenszel'; leave it out"),
    (TAU2, "increment = 0.5",
     "[[analysis]] number 2: increment has no meaning with zero_cells='none'; choose a rule, or leave it out"),
    (TAU2, 'i2 = "tau2"\nmodel = "common"', "[[analysis]] number 2: i2='tau2' has no meaning with model='common'"),
    ('measure = "odds ratio"\ntau2 = "DL"', 'measure = "risk ratio"\nmethod = "peto"',
     "[[analysis]] number 2: measure='risk ratio' does not go with method 'peto'"),
    (TAU2, 'risk_difference_variance = "Sato"',
     "[[analysis]] number 2: risk_difference_variance has no meaning with method 'inverse-variance'"),
]
# fmt: on
MISTAKES = [*UNKNOWN, *WORDS, *TEXTS, *NUMBERS, *STRUCTURE, *REFERENCES, *OPTIONS]


@pytest.fixture
def mistakes(tmp_path):
    """Every problem of this text."""

    def problems_of(text: str) -> tuple[str, ...]:
        with pytest.raises(ReviewError) as caught:
            read_review(write_review(tmp_path, text))
        assert caught.value.where == "review.toml"
        return caught.value.problems

    return problems_of


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES)
def test_mistake_is_the_only_one_and_shown_with_its_line(mistakes, old, new, message):
    marked = spoiled(old, new if HERE in new else HERE + new)
    line = line_of(marked, HERE)
    (problem,) = mistakes(marked.replace(HERE, ""))
    assert problem.startswith((f"line {line}, {message}", f"line {line}: {message}"))


def test_top_level_table_is_line_one(mistakes):
    (problem,) = mistakes(spoiled(TITLE, '\n\nauthors = "A"'))
    assert problem == "line 1, top level: key 'title' is missing"


@pytest.mark.parametrize("value", ['[{ analysis = "rash-planned" }, 1]', "[1]", "[]", '"all"', "3"])
def test_list_of_anything_is_no_list_of_tables(mistakes, value):
    text = spoiled(TITLE, f"{TITLE}\npublished = {value}")
    assert mistakes(text[: text.index("[[published]]")]) == (
        "line 2, [[published]] number 1: must be written [[published]], once for each published",
    )


def test_id_that_differs_only_in_case_is_the_same_file_name(mistakes):
    text = spoiled('id = "nausea-or"', 'id = "Rash-Planned"')
    text = spoiled('analysis = "nausea-or"', 'analysis = "Rash-Planned"', text)
    line = line_of(text, 'id = "Rash-Planned"')
    assert mistakes(text) == (
        f"line {line}, [[analysis]] number 2: key 'id' 'Rash-Planned' is there already; each analysis needs its own id",
    )


@pytest.mark.parametrize("table", [name for name, table in TABLES.items() if table.required])
def test_missing_table_says_what_it_needs(mistakes, table):
    needed = ", ".join(f"'{key}'" for key, rule in TABLES[table].keys.items() if rule.required)
    brackets = f"[[{table}]]" if TABLES[table].repeated else f"[{table}]"
    parts = VALID.split("\n\n")
    problems = mistakes("\n\n".join(part for part in parts if not part.startswith(brackets)))
    assert problems == (f"table {brackets} is missing; it needs {needed}",)


@pytest.mark.parametrize("table", ["analysis", "outcome"])
def test_repeated_table_written_as_one(mistakes, table):
    first, *rest = VALID.split(f"[[{table}]]\n")
    text = first + f"[{table}]\n" + rest[0] + rest[-1].partition("\n\n")[2]
    assert mistakes(text) == (
        f"line {line_of(text, f'[{table}]')}, [[{table}]] number 1: must be written [[{table}]], once for each {table}",
    )


# --- several mistakes ------------------------------------------------------------------------------------------------


def test_all_mistakes_are_in_one_listing_in_the_order_of_the_file(mistakes):
    """Those of structure, of references and of options alike."""
    text = VALID
    for old, new in [
        ("title = ", "titel = "),
        ('population = "Adults"', "population = 3"),
        ('multi_arm = "split"', 'multi_arm = "apart"'),
        (RISKS, "baseline_risks = [2]"),
        ('outcome = "rash"', 'outcome = "rsh"'),
        (TAU2, f'model = "common"\n{TAU2}'),
        ('analysis = "nausea-or"', 'analysis = "nausea"'),
        ("estimate = 0.98", "estimate = 98"),
    ]:
        text = spoiled(old, new, text)
    problems = mistakes(text)
    found = [int(problem.removeprefix("line ").partition(",")[0]) for problem in problems]
    places = ["population", "multi_arm", "baseline_risks", '"rsh"', TAU2, 'analysis = "nausea"', "estimate"]
    assert found == [1, 1, *(line_of(text, place) for place in places)]
    assert "key 'titel' is not known" in problems[0]
    assert "key 'title' is missing" in problems[1]


def test_target_that_is_misspelt_itself_makes_no_further_mistakes(mistakes):
    problems = mistakes(spoiled('name = "nausea"', 'nmae = "nausea"'))
    assert len(problems) == 2
    assert all("[[outcome]] number 2: key" in problem for problem in problems)
    (problem,) = mistakes(spoiled('id = "nausea-or"', 'id = "nausea or"'))
    assert "[[analysis]] number 2: key 'id' is 'nausea or'" in problem


def test_options_are_not_judged_where_one_of_them_is_not_a_word(mistakes):
    (problem,) = mistakes(spoiled(TAU2, f'{TAU2}\nmodel = "commn"'))
    assert "key 'model' is 'commn' (did you mean 'common'?)" in problem


def test_many_mistakes_are_counted_and_all_kept(mistakes, tmp_path):
    text = VALID + "".join(f"extra{i} = 1\n" for i in range(30))
    assert len(mistakes(text)) == 30
    with pytest.raises(ReviewError, match="review.toml: 30 problems") as caught:
        read_review(write_review(tmp_path, text))
    assert str(caught.value).endswith("... and 10 more")
