"""The design matrix: columns as on paper, names in the covariates' own words, and what cannot be told apart refused by name."""

from __future__ import annotations

import numpy as np
import pytest

from trialpool.errors import MissingExtraError, NotEstimableError, OptionError
from trialpool.regress import design as module
from trialpool.regress.design import make_design
from trialpool.regress.formula import read_formula

LATITUDE = [44.0, 55.0, 13.0, 18.0, 33.0, 42.0, 27.0, 19.0]
DOSE = [1.0, 2.0, 4.0, 2.0, 1.0, 4.0, 4.0, 2.0]
WAY = ["n0", "c1[T.l1]", "by: mouth", "n0", "by: mouth", "c1[T.l1]", "n0", "by: mouth"]
VALUES = [{"latitude": a, "dose": b, "way of": c} for a, b, c in zip(LATITUDE, DOSE, WAY, strict=True)]
TRIALS = [f"T{i}" for i in range(8)]


def design(text: str, values=VALUES):
    covariates = {name: [one[name] for one in values] for name in values[0]}
    return make_design(read_formula(text, covariates), values, TRIALS[: len(values)])


def columns(text: str) -> dict[str, list[float]]:
    found = design(text)
    return dict(zip(found.terms, found.x.T.tolist(), strict=True))


def test_numbers_stand_as_they_are():
    assert columns("~ latitude + dose") == {"intercept": [1.0] * 8, "latitude": LATITUDE, "dose": DOSE}


def test_categories_are_compared_with_their_reference():
    """Levels with names that look like the symbols that stand for covariates."""
    found = columns("~ `way of`")
    assert list(found) == ["intercept", "way of = c1[T.l1]", "way of = n0"]
    assert found["way of = n0"] == [float(way == "n0") for way in WAY]
    other = design('~ C(`way of`, reference="n0")')
    assert other.terms == ("intercept", "way of = by: mouth", "way of = c1[T.l1]")
    assert other.references == {"way of": "n0"}


def test_numbers_as_categories_are_in_their_order():
    found = design("~ C(dose, reference=2)")
    assert found.terms == ("intercept", "dose = 1", "dose = 4")
    assert found.references == {"dose": "2"}
    assert design("~ C(dose) + latitude").references == {"dose": "1"}


def test_interactions_are_products():
    found = columns("~ latitude * `way of`")
    assert list(found)[-2:] == ["latitude : way of = c1[T.l1]", "latitude : way of = n0"]
    assert found["latitude : way of = n0"] == [x * (way == "n0") for x, way in zip(LATITUDE, WAY, strict=True)]
    assert columns("~ latitude + dose + latitude:dose")["latitude : dose"] == [
        a * b for a, b in zip(LATITUDE, DOSE, strict=True)
    ]


def test_without_intercept_each_level_has_its_column():
    found = columns("~ 0 + `way of`")
    assert list(found) == ["way of = by: mouth", "way of = c1[T.l1]", "way of = n0"]
    assert np.sum(list(found.values()), axis=0).tolist() == [1.0] * 8


@pytest.mark.parametrize(
    ("term", "function"),
    [
        ("log(latitude)", np.log),
        ("log2(latitude)", np.log2),
        ("log10(latitude)", np.log10),
        ("exp(latitude)", np.exp),
        ("sqrt(latitude)", np.sqrt),
        ("center(latitude)", lambda x: x - x.mean()),
        ("scale(latitude)", lambda x: (x - x.mean()) / x.std(ddof=1)),
        ("I(latitude ** 2)", lambda x: x**2),
        ("I((latitude - 33) / 10)", lambda x: (x - 33) / 10),
        ("I(1.05 * latitude)", lambda x: 1.05 * x),
    ],
)
def test_transformations_are_what_they_say(term, function):
    found = columns(f"~ {term}")
    assert list(found)[1] == term
    np.testing.assert_allclose(found[term], function(np.array(LATITUDE)), rtol=1e-14)


def test_polynomials_span_the_powers_and_are_orthogonal():
    x = design("~ poly(latitude, 2)").x
    assert np.abs(x.T @ x - np.diag(np.diag(x.T @ x))).max() < 1e-9
    powers = np.vander(np.array(LATITUDE), 3)
    assert np.abs(powers - x @ np.linalg.lstsq(x, powers, rcond=None)[0]).max() < 1e-8


@pytest.mark.parametrize(
    "text", ["~ latitude * `way of`", "~ poly(latitude, 2) + center(dose)", "~ scale(latitude) + C(dose)"]
)
def test_rows_at_the_trials_values_are_those_of_the_trials(text):
    """Means and levels are those of the trials used, not of the values asked for."""
    found = design(text)
    for i, values in enumerate(VALUES):
        own = {name: values[name] for name in found.formula.covariates}
        np.testing.assert_allclose(found.rows([own])[0], found.x[i], atol=1e-12)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"latitude": 40}, "the value of 'dose' is missing; give 'latitude', 'dose'"),
        ({"latitude": 40, "dose": 2, "yaer": 1}, "'yaer' is no covariate of the formula; give"),
        ({"latitude": "40", "dose": 2}, "latitude='40' is not a finite number"),
        ({"latitude": float("nan"), "dose": 2}, "latitude=nan is not a finite number"),
        ({"latitude": True, "dose": 2}, "latitude=True is not a finite number"),
        ({"latitude": 40, "dose": 3}, "dose=3 is no level of it; the levels are '1', '2', '4'"),
    ],
)
def test_values_that_cannot_be_are_refused(values, message):
    with pytest.raises(OptionError, match=message):
        design("~ latitude + C(dose)").rows([values])


def test_a_level_may_be_given_as_text_or_number():
    found = design("~ C(dose)")
    assert found.rows([{"dose": 4}]).tolist() == found.rows([{"dose": "4"}]).tolist() == [[1.0, 0.0, 1.0]]


def test_no_finite_value_is_refused_with_the_trial():
    with pytest.raises(OptionError, match=r"log\(latitude - 13\) has no finite value in 'T2'"):
        design("~ log(latitude - 13)")
    with pytest.raises(OptionError, match="has no finite value there; choose other values"):
        design("~ log(latitude)").rows([{"latitude": -1.0}])
    with pytest.raises(
        OptionError, match=r"exp\(I\(12 \* latitude\)\) has values too large or too small to compute with"
    ):
        design("~ exp(I(12 * latitude))")
    with pytest.raises(OptionError, match="cannot be computed|no finite value"):
        design("~ I(1 / (9 - 9) * latitude)")


def test_what_the_trials_do_not_determine_is_named():
    with pytest.raises(NotEstimableError, match=r"'I\(2 \* latitude\)' follows from 'latitude' in the trials used"):
        design("~ latitude + dose + I(2 * latitude)")
    with pytest.raises(NotEstimableError, match=r"follows from 'latitude', 'dose' in the trials"):
        design("~ latitude + dose + I(latitude - 3 * dose)")
    with pytest.raises(NotEstimableError, match="'dose' is 2 in every trial used, so it cannot explain"):
        design("~ dose", [one for one in VALUES if one["dose"] == 2])
    with pytest.raises(
        NotEstimableError, match=r"3 trials do not determine 3 coefficients \(intercept, latitude, dose\)"
    ):
        design("~ latitude + dose", VALUES[:3])
    with pytest.raises(NotEstimableError, match="'latitude' is 44 in every trial used"):
        design("~ latitude", VALUES[:1])
    with pytest.raises(OptionError, match="takes away every covariate"):
        design("~ latitude - latitude")


def test_a_reference_that_is_no_level_gets_the_levels():
    with pytest.raises(OptionError, match=r"reference 'N0' is no level of 'way of' \(did you mean 'n0'\?\)"):
        design('~ C(`way of`, reference="N0")')


def test_formulaic_is_asked_for_by_its_extra(monkeypatch):
    def missing(package, extra, purpose):
        raise MissingExtraError(package, extra, purpose)

    monkeypatch.setattr(module, "require_extra", missing)
    with pytest.raises(
        MissingExtraError, match=r"a formula of covariates needs the package 'formulaic'.*trialpool\[regress\]"
    ):
        design("~ latitude")
