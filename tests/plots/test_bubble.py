"""The bubble plot: circles where their studies are, the model's line where it says, and nothing missing without a word."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from regress.made import COUNTS, bcg, comparison

import trialpool as tp
from trialpool.errors import OptionError
from trialpool.plots import STYLES, BubbleLayout, bubble, bubble_layout

pytestmark = pytest.mark.filterwarnings("ignore::trialpool.TrialpoolWarning")


def fitted(formula: str = "~ latitude", **options) -> tp.regress.MetaRegression:
    return tp.meta_regression(bcg(), formula, **options)


def words(layout: BubbleLayout) -> str:
    return " ".join(text.text for text in layout.texts)


def assert_well_laid_out(layout: BubbleLayout) -> None:
    frame = layout.frame
    outside = [text.box for text in layout.texts if not inside(text.box, frame)]
    within = [text.box for text in layout.texts if inside(text.box, frame)]
    for i, box in enumerate(outside):
        assert 0 <= box.left < box.right <= layout.width + 0.01
        assert 0 <= box.top < box.bottom <= layout.height
        assert not box.overlaps(frame)
        assert not any(box.overlaps(other) for other in outside[i + 1 :])
    for i, box in enumerate(within):
        assert not any(box.overlaps(other) for other in within[i + 1 :])
    for one in layout.bubbles:
        assert frame.left <= one.x - one.radius
        assert one.x + one.radius <= frame.right
        assert frame.top <= one.y - one.radius
        assert one.y + one.radius <= frame.bottom
    for x, y in (*layout.line, *layout.band, *(point for limit in layout.prediction for point in limit)):
        assert frame.left <= x <= frame.right
        assert frame.top <= y <= frame.bottom


def inside(box, frame) -> bool:
    return frame.left <= box.left and box.right <= frame.right and frame.top <= box.top and box.bottom <= frame.bottom


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("measure", ["risk ratio", "risk difference"])
def test_every_style_is_well_laid_out(style, measure):
    fit = fitted("~ latitude + allocation", measure=measure)
    assert_well_laid_out(bubble_layout(fit, style=style, prediction=True, labels=True))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=6, max_size=6, unique=True), st.booleans())
def test_any_covariate_is_well_laid_out(values, labels):
    fit = tp.meta_regression(comparison(COUNTS, x=values), "~ x")
    layout = bubble_layout(fit, labels=labels, prediction=True)
    assert_well_laid_out(layout)


def test_circles_stand_where_their_studies_are_with_areas_by_weight():
    fit = fitted()
    layout = bubble_layout(fit)
    frame, by_label = layout.frame, {one.label: one for one in layout.bubbles}
    assert len(by_label) == 13
    for study in fit.studies:
        one = by_label[study.contrast.label]
        across = (one.x - frame.left) / (frame.right - frame.left)
        assert across == pytest.approx(layout.axis.share(study.contrast.covariates["latitude"]))
        down = (frame.bottom - one.y) / (frame.bottom - frame.top)
        assert down == pytest.approx(layout.effects.share(study.estimate))
    heaviest = max(fit.studies, key=lambda study: study.weight)
    for study in fit.studies:
        ratio = by_label[study.contrast.label].radius / by_label[heaviest.contrast.label].radius
        assert ratio**2 == pytest.approx(study.weight / heaviest.weight)
    assert [one.radius for one in layout.bubbles] == sorted((one.radius for one in layout.bubbles), reverse=True)
    assert "0.41 at latitude 44, weight" in by_label["Aronson 1948"].tooltip


def test_line_and_bands_are_the_predictions():
    fit = fitted("~ latitude + allocation")
    at = {"allocation": "random"}
    layout = bubble_layout(fit, at=at, prediction=True)
    frame = layout.frame
    x0, x1 = 13, 55
    for point, x in ((0, x0), (-1, x1), (40, (x0 + x1) / 2)):
        expected = fit.predict({"latitude": x, **at})

        def height(value: float) -> float:
            return frame.bottom - (frame.bottom - frame.top) * layout.effects.share(value)

        assert layout.line[point][1] == pytest.approx(height(expected.estimate))
        assert layout.band[point if point >= 0 else 80][1] == pytest.approx(
            max(frame.top, min(frame.bottom, height(expected.conf_low)))
        )
        assert layout.prediction[1][point][1] == pytest.approx(max(frame.top, height(expected.prediction.high)))
    assert len(layout.band) == 2 * len(layout.line)


def test_other_covariates_are_held_where_it_says():
    fit = fitted("~ latitude + year + allocation")
    usual = bubble_layout(fit, "latitude")
    assert "Other covariates held at: year = 1966 (mean); allocation = alternate (reference)." in words(usual)
    other = bubble_layout(fit, "latitude", at={"year": 1950, "allocation": "random"})
    assert "Other covariates held at: year = 1950; allocation = random." in words(other)
    assert usual.line != other.line
    mean = sum(s.contrast.covariates["year"] for s in fit.studies) / 13
    assert bubble_layout(fit, "latitude", at={"year": mean}).line == usual.line
    assert "held" not in words(bubble_layout(fitted()))


def test_the_slope_is_said_where_it_is_one_number():
    ratio = math.exp(fitted().coefficients[1].estimate)
    assert f"Ratio of effects for 1 more of latitude: {ratio:.3f} (0.954 to 0.989), p = 0.005." in words(
        bubble_layout(fitted())
    )
    assert "Difference of effects for 1 more" in words(bubble_layout(fitted(measure="risk difference")))
    for formula in ("~ latitude + I(latitude**2)", "~ log(latitude)", "~ latitude * allocation"):
        assert "for 1 more of" not in words(bubble_layout(fitted(formula)))


def test_a_curve_is_drawn_for_a_curve():
    layout = bubble_layout(fitted("~ poly(latitude, 2)"))
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(layout.line, layout.line[1:], strict=False)]
    assert max(slopes) - min(slopes) > 0.1
    straight = bubble_layout(fitted())
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(straight.line, straight.line[1:], strict=False)]
    assert max(slopes) - min(slopes) < 1e-6


def test_no_difference_has_its_line_and_studies_not_used_are_counted():
    layout = bubble_layout(fitted())
    null = layout.rules[0]
    assert (
        null.y1
        == null.y2
        == pytest.approx(layout.frame.bottom - (layout.frame.bottom - layout.frame.top) * layout.effects.share(0.0))
    )
    counts = [*COUNTS, (0, 40, 0, 41), (0, 40, 3, 40)]
    how = tp.InverseVariance(zero_cells=tp.ZeroCells(rule="constant"))
    data = comparison(counts, x=[1, 2, 3, 4, 5, 6, 7, 8])
    layout = bubble_layout(tp.meta_regression(data, "~ x", method=how))
    assert "Not shown: 1 study not used in the regression." in words(layout)
    assert "Open circle: counts corrected for an empty cell (constant correction of 0.5)." in words(layout)
    assert [one.corrected for one in layout.bubbles].count(True) == 1


def test_names_stand_beside_their_circles_or_are_counted():
    layout = bubble_layout(fitted(), labels=True)
    named = [text for text in layout.texts if inside(text.box, layout.frame)]
    left_out = 13 - len(named)
    assert left_out > 0
    assert f"{left_out} studies not named for want of room." in words(layout)
    assert "not named" not in words(bubble_layout(fitted()))
    circles = {one.label: one for one in layout.bubbles}
    for text in named:
        one = circles[text.full or text.text]
        near = max(text.box.left - one.x, one.x - text.box.right, text.box.top - one.y, one.y - text.box.bottom)
        assert near < one.radius + 6


@pytest.mark.parametrize(
    ("formula", "options", "message"),
    [
        ("~ allocation", {}, "a bubble plot needs a numeric covariate; show categories as subgroups"),
        ("~ C(latitude)", {}, "a bubble plot needs a numeric covariate"),
        ("~ latitude + year", {}, "several numeric covariates; choose one of 'latitude', 'year'"),
        ("~ latitude + year", {"covariate": "yaer"}, r"covariate='yaer' is no numeric covariate.*did you mean 'year'"),
        ("~ latitude", {"covariate": "allocation"}, "choose one of 'latitude'"),
        ("~ latitude", {"at": {"year": 3}}, "at names 'year', which is not one of the other covariates: none"),
        ("~ latitude", {"at": {"latitude": 3}}, "at names 'latitude'"),
        ("~ latitude + allocation", {"at": {"allocation": "x"}}, "allocation='x' is no level of it"),
        ("~ latitude", {"at": 3}, "at is 3; give such as"),
        ("~ latitude", {"style": "plain"}, "style='plain' is not allowed"),
    ],
)
def test_what_cannot_be_drawn_is_refused(formula, options, message):
    with pytest.raises(OptionError, match=message):
        bubble(fitted(formula), **options)


def test_only_a_regression_is_drawn():
    with pytest.raises(OptionError, match=r"fit is of type Pooled; give the result of meta_regression\(\)"):
        bubble(tp.pool(bcg()))


def test_each_option_changes_the_picture():
    fit = fitted("~ latitude + year")
    base = bubble(fit, "latitude").svg
    others = [
        bubble(fit, "year").svg,
        bubble(fit, "latitude", prediction=True).svg,
        bubble(fit, "latitude", labels=True).svg,
        bubble(fit, "latitude", style="bmj").svg,
        bubble(fit, "latitude", title="Other").svg,
        bubble(fit, "latitude", title="").svg,
        bubble(fit, "latitude", at={"year": 1950}).svg,
    ]
    assert len({base, *others}) == 8
    assert bubble(fit, "latitude").svg == base


def test_the_alternative_tells_the_line():
    figure = bubble(fitted())
    assert figure.alt.startswith("Tuberculosis. Bubble plot of 13 studies by latitude. Mean risk ratio 0.88 (")
    assert figure.inline_svg.count("<circle") == 13


def test_common_effects_have_no_prediction_band():
    fit = fitted(method=tp.InverseVariance(model="common"))
    assert bubble_layout(fit, prediction=True).prediction == ()
    assert "Dashed" not in words(bubble_layout(fit, prediction=True))
    assert "common effect" in words(bubble_layout(fit))


def test_formats_of_a_file(tmp_path):
    for name, start in (("a.svg", b"<svg "), ("a.png", b"\x89PNG\r\n"), ("a.pdf", b"%PDF-")):
        path = bubble(fitted()).save(tmp_path / name, dpi=60)
        assert path.read_bytes().startswith(start)
