"""Which figures a report has, and what their files are called."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from report.builders import REVIEW, TABLE, analysis_of

from trialpool.report.figures import FUNNEL_STUDIES, draw_figures, funnel_studies


@pytest.fixture(scope="module")
def drawn(little):
    return draw_figures(little)


def test_names_say_analysis_kind_and_subject(drawn):
    names = [figure.name for figure in drawn if figure.analysis == "rash"]
    assert names == [
        "rash-forest",
        "rash-subgroups-setting",
        "rash-sensitivity-methods-for-rare-events",
        "rash-sensitivity-leave-one-out",
        "rash-sensitivity-estimator-and-interval",
        "rash-sensitivity-zero-cell-handling",
        "rash-sensitivity-multi-arm-handling",
    ]


def test_names_are_safe_and_unique_even_where_ids_collide(little):
    ids = ["../rash", "rash", "rash-subgroups", "RASH"]
    renamed = [replace(r, spec=replace(r.spec, id=i)) for r, i in zip(little.results, ids, strict=True)]
    names = [figure.name for figure in draw_figures(replace(little, results=tuple(renamed)))]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in names)


def test_analysis_without_an_answer_has_a_forest_plot_of_its_studies_alone(drawn):
    (only,) = [figure for figure in drawn if figure.analysis == "fever"]
    assert only.kind == "forest"
    assert "Eger" in only.figure.svg


def test_choice_that_does_not_arise_has_no_figure(dupilumab):
    about = {figure.about for figure in draw_figures(dupilumab) if figure.kind == "sensitivity"}
    assert about == {"Methods for rare events", "Leave one out", "Estimator and interval", "Multi-arm handling"}


def test_funnel_needs_ten_studies(little, rosiglitazone):
    assert FUNNEL_STUDIES == 10
    assert not [figure for figure in draw_figures(little) if figure.kind == "funnel"]
    funnels = [figure for figure in draw_figures(rosiglitazone) if figure.kind == "funnel"]
    enough = [r.spec.id for r in rosiglitazone.results if funnel_studies(r) >= FUNNEL_STUDIES]
    assert [figure.analysis for figure in funnels] == enough != []


def test_funnel_counts_studies_with_an_effect_of_their_own(little):
    assert funnel_studies(little.result("rash")) == 3
    assert funnel_studies(little.result("fever")) == 1


def test_forest_plot_names_the_analysis_and_every_study(drawn):
    svg = drawn[0].figure.svg
    for word in ("Any rash", "Alba", "Bern", "Cork", "Dale"):
        assert word in svg


def test_better_direction_reaches_the_plots(tmp_path, drawn):
    def sides(figures):
        return {f.name: re.findall(r">([^<>]*Favours[^<>]*)<", f.figure.svg) for f in figures if f.analysis == "rash"}

    review = REVIEW.replace('description = "Rash of any grade"', 'better = "more"')
    turned, usual = sides(draw_figures(analysis_of(tmp_path, TABLE, review))), sides(drawn)
    assert usual["rash-forest"] != turned["rash-forest"]
    for name, words in usual.items():
        assert [word.strip("←→ ") for word in words] == [word.strip("←→ ") for word in reversed(turned[name])]


def test_no_comparison_no_figure(tmp_path):
    table = TABLE.replace(
        "Eger,,Eger 2005,placebo,placebo,0,12,home,fever,1,31", "Eger,,Eger 2005,other,other,0,12,home,fever,1,31"
    )
    analysis = analysis_of(tmp_path, table)
    assert analysis.result("fever").comparison is None
    assert not [figure for figure in draw_figures(analysis) if figure.analysis == "fever"]
