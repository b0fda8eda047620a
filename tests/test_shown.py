"""What a console and a notebook show of a public object: short, and safe where a text comes from outside."""

from __future__ import annotations

from dataclasses import replace

import pytest
from harmonise.builders import make_arm, make_comparison, make_trial

import trialpool as tp
from trialpool.datasets import example_files
from trialpool.trials import Exclusion

COMPARISON = make_comparison((4, 100, 11, 90), (30, 200, 12, 100), (20, 90, 40, 85))
HOSTILE = "<script>x</script>\x1b[31m"


def bcg():
    return tp.compare(
        tp.load_dataset("bcg").trials, outcome="tuberculosis", treatment="BCG vaccine", control="no vaccine"
    )


@pytest.fixture
def analysis(tmp_path):
    for name, content in example_files("bcg").items():
        (tmp_path / name).write_bytes(content)
    return tp.run(tmp_path / "review.toml")


@pytest.mark.parametrize(
    "make",
    [tp.pool, lambda c: tp.pool_subgroups(c, "allocation"), lambda c: tp.leave_one_out(tp.pool(c))],
    ids=["pooled", "subgroups", "sensitivity"],
)
@pytest.mark.filterwarnings("ignore::trialpool.TrialpoolWarning")
def test_a_result_shows_itself_as_it_prints(make):
    result = make(bcg())
    assert repr(result) == str(result) == f"{result}"
    assert len(repr(result)) < 3000


def test_a_comparison_says_what_it_holds():
    found = replace(COMPARISON, excluded=(Exclusion("Z", "does not report this outcome"),))
    title, sizes = repr(found).splitlines()
    assert title == f"{found.outcome}: {found.treatment} v {found.control}"
    assert sizes == "3 contrasts from 3 trials; 1 trial excluded; 0 decisions taken"
    assert str(found) == repr(found)


def test_a_comparison_in_a_notebook_has_a_row_per_contrast():
    page = COMPARISON._repr_html_()
    assert page.count("<tr>") == 1 + len(COMPARISON)
    assert '<td class="number">4/100</td><td class="number">11/90</td>' in page
    assert page.endswith("<p>3 contrasts from 3 trials; 0 trials excluded; 0 decisions taken</p>")


def test_a_table_says_what_it_holds_and_in_a_notebook_lists_its_trials():
    table = tp.load_dataset("bcg").table
    assert repr(table) == str(table) == "arms.csv: 13 trials, 26 arms; 1 outcome: tuberculosis"
    page = table._repr_html_()
    assert page.startswith(f"<table><caption>{table}</caption>")
    assert page.count("<tr>") == 14
    assert "<td>BCG vaccine; no vaccine</td><td>tuberculosis</td>" in page


def test_a_data_set_says_what_it_is():
    dataset = tp.load_dataset("bcg")
    assert repr(dataset) == str(dataset)
    assert len(repr(dataset).splitlines()) == 4


def test_an_analysis_has_its_title_and_a_line_for_each_answer(analysis):
    title, blank, _, _, *lines = repr(analysis).splitlines()
    assert (title, blank) == (analysis.review.title, "")
    assert str(analysis) == repr(analysis)
    assert len(lines) == len(analysis.results)
    for line, result in zip(lines, analysis.results, strict=True):
        assert line.startswith(result.spec.id)
        assert f"{result.pooled.scale.abbreviation} " in line
        assert repr(result).startswith(f"{result.spec.id}: {result.spec.title}: {result.pooled.scale.abbreviation} ")
    assert analysis._repr_html_().count("<tr>") == 1 + len(lines)


def test_an_analysis_without_an_answer_says_why(analysis):
    result = replace(analysis.results[0], pooled=None, impossible="fewer than two studies")
    assert repr(result).endswith(": no answer: fewer than two studies")
    shown = replace(analysis, results=(result,))
    assert repr(shown).endswith("no answer: fewer than two studies")
    assert "no answer: fewer than two studies" in shown._repr_html_()


def test_text_from_outside_is_made_safe(analysis):
    trial = make_trial(f"T {HOSTILE}", make_arm("drug", 1, 10), make_arm("placebo", 2, 10))
    shown = [
        replace(COMPARISON, outcome=HOSTILE, treatments=(HOSTILE,)),
        replace(COMPARISON, contrasts=tuple(replace(c, label=HOSTILE) for c in COMPARISON.contrasts)),
        replace(analysis.table, source_name=HOSTILE, trials=(trial,)),
        replace(analysis, review=replace(analysis.review, title=HOSTILE)),
        replace(analysis, results=(replace(analysis.results[0], pooled=None, impossible=HOSTILE),)),
    ]
    for value in shown:
        assert "\x1b" not in repr(value)
        assert "&lt;script&gt;" in value._repr_html_()
        assert "<script>" not in value._repr_html_()
        assert "\x1b" not in value._repr_html_()
