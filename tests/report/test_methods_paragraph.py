"""The methods in words: all that was used, nothing that was not."""

from __future__ import annotations

import pytest
from report.builders import REVIEW, TABLE, analysis_of, document_of, section

from trialpool.effects import ZeroCells
from trialpool.pool import InverseVariance, MantelHaenszel, Peto, Request
from trialpool.report.document import plain_text
from trialpool.report.method_words import method_keys

ONE = """\
title = "T"
[question]
population = "P"
intervention = "I"
comparator = "C"
[data]
file = "arms.csv"
[comparison]
treatment = "drug"
control = "placebo"
[[outcome]]
name = "rash"
[[analysis]]
id = "rash"
outcome = "rash"
"""


def methods_of(document):
    return " ".join(plain_text(block.content) for block in section(document, "methods").blocks)


def cited(document):
    return [plain_text(item).split(".")[0] for item in section(document, "references").blocks[0].items]


def one(tmp_path, **options):
    lines = "".join(
        f"{name} = {value!r}\n".replace("'", '"') for name, value in {"profile": "trialpool", **options}.items()
    )
    return document_of(analysis_of(tmp_path, TABLE, ONE + lines))


@pytest.mark.parametrize(
    ("request_", "keys"),
    [
        (Request(measure="risk ratio", method=InverseVariance()), ("viechtbauer2005", "hartung2001", "rover2015")),
        (
            Request(measure="risk ratio", method=InverseVariance(tau2="PM", interval="hartung-knapp")),
            ("paule1982", "hartung2001"),
        ),
        (Request(measure="odds ratio", method=InverseVariance(tau2="DL", interval="wald")), ("dersimonian1986",)),
        (Request(measure="odds ratio", method=InverseVariance(model="common")), ()),
        (Request(measure="odds ratio", method=MantelHaenszel()), ("mantel1959", "robins1986")),
        (Request(measure="risk ratio", method=MantelHaenszel()), ("mantel1959", "greenland1985")),
        (Request(measure="risk difference", method=MantelHaenszel()), ("mantel1959", "sato1989")),
        (
            Request(measure="risk difference", method=MantelHaenszel(risk_difference_variance="Greenland-Robins")),
            ("mantel1959", "greenland1985"),
        ),
        (Request(measure="Peto odds ratio", method=Peto()), ("yusuf1985",)),
    ],
)
def test_works_behind_a_method(request_, keys):
    assert method_keys(request_) == keys


def test_every_way_of_pooling_is_told_with_its_analyses(little_document):
    text = methods_of(little_document)
    assert "Hartung-Knapp intervals, never narrower than Wald's (Any rash; Any rash, arms apart; fever)." in text
    assert "Odds ratios were pooled by the Mantel-Haenszel method, common effect (Any rash, Mantel-Haenszel)." in text


def test_one_way_of_pooling_needs_no_list(tmp_path):
    text = methods_of(one(tmp_path))
    assert "never narrower than Wald's." in text
    assert "(rash)" not in text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tau2": "DL", "interval": "wald"}, "estimated by the DerSimonian-Laird estimator, with Wald intervals"),
        ({"tau2": "PM"}, "estimated by the Paule-Mandel estimator, with Hartung-Knapp intervals, never"),
        ({"model": "common"}, "Risk ratios were pooled on the logarithmic scale by inverse variance, common effect."),
        (
            {"measure": "risk difference", "model": "common"},
            "Risk differences were pooled by inverse variance, common effect.",
        ),
        ({"method": "peto"}, "Peto odds ratios were pooled by Peto's one-step method, common effect."),
        ({"zero_cells": "constant"}, "Empty cells: constant correction of 0.5."),
        ({"zero_cells": "treatment-arm"}, "Empty cells: treatment-arm correction adding to 1."),
        ({"prediction": "normal", "interval": "wald"}, "Prediction intervals use the normal distribution."),
        ({"conf_level": 0.9}, "Confidence intervals are 90% intervals"),
        ({"multi_arm": "split"}, "its control group was split among them."),
        ({"multi_arm": "shared"}, "correlation of one half."),
    ],
)
def test_option_is_told(tmp_path, options, words):
    assert words in methods_of(one(tmp_path, **options))


def test_what_was_not_used_is_not_told(tmp_path):
    text = methods_of(one(tmp_path, model="common"))
    for word in ("Prediction", "Subgroups", "correlation of one half", "Q-profile", "random effects, the variance"):
        assert word not in text


def test_only_what_was_used_is_cited(tmp_path):
    works = " ".join(cited(one(tmp_path, model="common", multi_arm="split")))
    assert "Higgins JPT, Whitehead" not in works
    assert "Gleser" not in works
    assert "Borenstein" not in works


def test_shared_control_is_cited(tmp_path):
    works = " ".join(cited(one(tmp_path, multi_arm="shared")))
    assert "Gleser" in works
    assert "Whitehead" in works


def test_alternatives_of_the_sensitivity_analyses_are_cited(little_document):
    works = " ".join(cited(little_document))
    for author in ("DerSimonian", "Paule", "Sweeting", "Yusuf"):
        assert author in works


def test_double_zero_trials_are_not_called_uninformative_where_they_are_corrected(tmp_path):
    corrected = methods_of(one(tmp_path, zero_cells="constant", double_zero="corrected"))
    assert "hold no information" not in corrected
    assert "(double-zero trials too)" in corrected
    assert "hold no information" in methods_of(one(tmp_path))
    assert str(ZeroCells(rule="constant", double_zero="corrected")) in corrected


def test_several_zero_cell_rules_name_their_analyses(tmp_path):
    review = REVIEW.replace('kind = "sensitivity"', 'kind = "sensitivity"\nzero_cells = "constant"')
    text = methods_of(document_of(analysis_of(tmp_path, TABLE, review)))
    assert "No correction was made for empty cells (Any rash; Any rash, arms apart; fever)." in text
    assert "Empty cells: constant correction of 0.5 (Any rash, Mantel-Haenszel)." in text


def test_i2_is_told_by_its_definition(tmp_path):
    assert "I² is computed from τ²." in methods_of(one(tmp_path))
    assert "I² is computed" not in methods_of(one(tmp_path, i2="Q"))


def test_subgroups_and_funnels(little_document, rosiglitazone):
    assert "Subgroups by setting were each pooled by themselves" in methods_of(little_document)
    assert "for 10 studies or more; no analysis has as many." in methods_of(little_document)
    assert "Funnel plots are drawn for 10 studies or more." in methods_of(document_of(rosiglitazone))


def test_versions_are_those_of_the_analysis(little, little_document):
    text = methods_of(little_document)
    for name, version in little.versions.items():
        assert f"{name} {version}" in text


def test_every_number_cited_is_listed(little_document):
    highest = max(int(run.text) for s in ("methods", "harms-checklist") for b in section(little_document, s).blocks
                  if hasattr(b, "content") for run in b.content if run.kind == "cite")  # fmt: skip
    assert highest == len(cited(little_document))
