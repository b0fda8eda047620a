"""The funnel: precision upwards, the limits where chance puts them, and nothing missing without a word."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plots.builders import bcg, make_contrast, make_pooled, make_request, make_study, weighted

from trialpool.effects import ZeroCells
from trialpool.errors import NotEstimableError, OptionError
from trialpool.plots import STYLES, FunnelLayout, funnel, funnel_layout
from trialpool.pool import InverseVariance


def assert_well_laid_out(layout: FunnelLayout) -> None:
    boxes = [text.box for text in layout.texts]
    for i, box in enumerate(boxes):
        assert 0 <= box.left < box.right <= layout.width + 0.01
        assert 0 <= box.top < box.bottom <= layout.height
        assert not box.overlaps(layout.frame)
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])
    frame = layout.frame
    for point in layout.points:
        assert frame.left <= point.x <= frame.right
        assert frame.top <= point.y <= frame.bottom
    for x, y in layout.limits:
        assert frame.left <= x <= frame.right
        assert frame.top <= y <= frame.bottom


def footers(layout: FunnelLayout) -> str:
    return " ".join(text.text for text in layout.texts)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("measure", ["risk ratio", "risk difference"])
def test_every_style_is_well_laid_out(style, measure):
    assert_well_laid_out(funnel_layout(bcg(measure), style=style))


@settings(max_examples=80)
@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(1e-3, 9)), min_size=1, max_size=12), st.text(max_size=200))
def test_any_effects_are_well_laid_out(effects, title):
    studies = weighted(
        [make_study(make_contrast(str(i)), estimate=e, std_error=se) for i, (e, se) in enumerate(effects)]
    )
    assert_well_laid_out(funnel_layout(make_pooled(studies), title=title))


def test_points_stand_where_their_numbers_are():
    pooled = bcg()
    layout = funnel_layout(pooled)
    frame = layout.frame
    for point, study in zip(layout.points, pooled.studies, strict=True):
        assert (point.x - frame.left) / (frame.right - frame.left) == pytest.approx(layout.axis.share(study.estimate))
        assert (point.y - frame.top) / (frame.bottom - frame.top) == pytest.approx(study.std_error / layout.errors.high)
    most_precise = min(range(13), key=lambda i: pooled.studies[i].std_error)
    assert layout.points[most_precise].y == min(point.y for point in layout.points)
    assert layout.points[0].tooltip == "Aronson 1948: 0.41, standard error 0.571"


@pytest.mark.parametrize(("conf_level", "critical"), [(0.95, 1.959964), (0.9, 1.644854)])
def test_limits_are_the_normal_ones_at_the_level_asked_for(conf_level, critical):
    pooled = replace(bcg(), request=make_request(conf_level=conf_level))
    layout = funnel_layout(pooled)
    (left, bottom), (apex, top), (right, _) = layout.limits
    per_unit = (layout.frame.right - layout.frame.left) / (layout.axis.high - layout.axis.low)
    assert (top, bottom) == (layout.frame.top, layout.frame.bottom)
    assert (right - apex) / per_unit == pytest.approx(critical * layout.errors.high, rel=1e-6)
    assert (apex - left) == pytest.approx(right - apex)
    assert f"pseudo {100 * conf_level:g}% limits" in footers(layout)


def test_the_axes_are_named_and_begin_at_no_error():
    layout = funnel_layout(bcg())
    assert layout.errors.low == 0
    assert "Standard error of the log risk ratio" in footers(layout)
    assert "Risk ratio (log scale)" in footers(layout)
    assert "log scale" not in footers(funnel_layout(bcg("risk difference")))


def test_no_difference_and_the_pooled_estimate_have_lines():
    pooled = bcg()
    layout = funnel_layout(pooled)
    null, estimate = layout.rules[:2]
    per_unit = (layout.frame.right - layout.frame.left) / (layout.axis.high - layout.axis.low)
    assert null.x1 == null.x2
    assert estimate.x1 - null.x1 == pytest.approx(per_unit * pooled.estimate)
    assert not null.dash
    assert estimate.dash
    assert f"{math.exp(pooled.estimate):.2f}" in footers(layout)


def test_studies_without_an_effect_are_counted_and_corrected_ones_are_open():
    studies = weighted([make_study(make_contrast("A")), make_study(make_contrast("B"), increments=(0.5, 0.5))])
    studies.append(make_study(make_contrast("C", (0, 9, 0, 9)), reason="no events"))
    request = make_request(method=InverseVariance(zero_cells=ZeroCells(rule="constant")))
    layout = funnel_layout(make_pooled(studies, request))
    assert [point.corrected for point in layout.points] == [False, True]
    assert "Open circle: counts corrected for an empty cell (constant correction of 0.5)." in footers(layout)
    assert "Not shown: 1 study without an effect of its own." in footers(layout)
    more = [*studies, make_study(make_contrast("D", (0, 9, 0, 9)), reason="no events")]
    assert "Not shown: 2 studies without an effect of their own." in footers(funnel_layout(make_pooled(more, request)))
    assert "Not shown" not in footers(funnel_layout(bcg()))
    assert "Open circle" not in footers(funnel_layout(bcg()))


def test_no_effect_at_all_is_an_error_that_says_so():
    pooled = bcg()
    none = replace(
        pooled, studies=tuple(make_study(s.contrast, reason="no events", weight=0.1) for s in pooled.studies)
    )
    with pytest.raises(NotEstimableError, match="no study has an effect of its own"):
        funnel_layout(none)


def test_options_have_an_effect_or_are_refused():
    assert funnel_layout(bcg(), title="Other").texts[0].text == "Other"
    assert funnel_layout(bcg(), title="").texts[0].text.startswith("Standard error")
    assert funnel(bcg(), style="bmj").svg != funnel(bcg()).svg
    with pytest.raises(OptionError, match="style='plain' is not allowed"):
        funnel_layout(bcg(), style="plain")


def test_the_alternative_tells_how_the_studies_lie():
    figure = funnel(bcg())
    assert figure.alt.startswith(
        "Tuberculosis. Funnel plot of 13 studies, 8 of them below the pooled estimate, 5 above."
    )
    assert figure.inline_svg.count("<circle") == 13
