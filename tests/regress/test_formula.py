"""The formula: what it may hold, how it is read, and that nothing else in it is ever run."""

from __future__ import annotations

import contextlib
import os

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trialpool.errors import InputError, OptionError
from trialpool.regress.formula import FUNCTIONS, read_formula

COVARIATES = {
    "latitude": [44.0, 55.0],
    "year": [1948.0, 1960.0],
    "allocation": ["random", "alternate"],
    "risk of bias": ["low"],
}


def symbols(text: str) -> str:
    return read_formula(text, COVARIATES).symbols


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("~ latitude", "1 + n0"),
        ("latitude", "1 + n0"),
        (" ~latitude+year ", "1 + (n0 + n1)"),
        ("~ 0 + allocation", "0 + c0"),
        ("~ allocation - 1", "0 + c0"),
        ("~ -1 + allocation", "0 + c0"),
        ("~ 1 + latitude", "1 + n0"),
        ("~ latitude:year", "1 + ((n0):(n1))"),
        ("~ latitude * year", "1 + (n0 + n1 + (n0):(n1))"),
        ("~ latitude + year:allocation", "1 + (n0 + ((n1):(c2)))"),
        ("~ C(latitude)", "1 + c0"),
        ("~ latitude + C(latitude)", "1 + (n0 + c1)"),
        ("~ `risk of bias`", "1 + c0"),
        ("~ log(latitude + 1) + I(year**2)", "1 + (log((n0 + 1.0)) + I((n1 ** 2.0)))"),
        ("~ I((year - 1960) / 10)", "1 + I(((n0 - 1960.0) / 10.0))"),
        ("~ I(-latitude)", "1 + I((-n0))"),
        ("~ poly(year, 2) + poly(latitude, degree=3)", "1 + (poly(n0, 2.0) + poly(n1, 3.0))".replace(".0", "")),
        ("~ center(latitude) + scale(year)", "1 + (center(n0) + scale(n1))"),
        ("~ latitude*allocation - latitude:allocation", "1 + ((n0 + c1 + (n0):(c1)) - ((n0):(c1)))"),
    ],
)
def test_a_formula_is_written_anew_in_symbols(text, expected):
    assert symbols(text) == expected


def test_colon_binds_closer_than_star_and_plus():
    assert symbols("latitude * year:allocation") == "1 + (n0 + ((n1):(c2)) + (n0):(((n1):(c2))))"


def test_text_is_categorical_and_a_reference_is_kept():
    formula = read_formula("~ allocation + C(latitude, reference=55)", COVARIATES)
    assert [(f.name, f.categorical, f.reference) for f in formula.factors] == [
        ("allocation", True, None),
        ("latitude", True, 55.0),
    ]
    assert formula.covariates == ("allocation", "latitude")
    assert read_formula('C(allocation, reference="a:b~c")', COVARIATES).factors[0].reference == "a:b~c"


ATTACKS = [
    "__import__('os').system('touch owned')",
    "log(__import__('os').system('touch owned'))",
    "latitude + eval('1')",
    "I(exec('import os'))",
    "latitude.__class__.__mro__",
    "().__class__.__base__.__subclasses__()",
    "[x for x in (1).__class__.__base__.__subclasses__()]",
    "(lambda: latitude)()",
    "log((lambda: latitude)())",
    "open('owned', 'w')",
    "C(open('owned', 'w'))",
    "C(latitude, contr.treatment(base=open('owned', 'w')))",
    "C(latitude, reference=open('owned', 'w'))",
    "poly(latitude, open('owned', 'w'))",
    "poly(latitude, degree=__import__('os'))",
    "np.load('owned')",
    "I(latitude[open('owned', 'w')])",
    "{open('owned', 'w')}",
    'f\'{open("owned", "w")}\'',
    "log(*[latitude])",
    "log(**{'x': latitude})",
    "I((x := latitude))",
    "I(latitude if open('owned', 'w') else 1)",
    "I(latitude @ latitude)",
    "I(latitude and year)",
    "I(latitude < year)",
    "hashed(allocation)",
    "lag(latitude)",
    "bs(latitude, df=4)",
    "`latitude` + `__import__('os')`",
    "'latitude'",
    "I('latitude')",
    "I(None)",
    "I(...)",
    "I(1j * latitude)",
    "I(True * latitude)",
    "I(9**9**9**9**9 + latitude)",
    "I(latitude ** 1e9)",
    "I(latitude ** year)",
    "latitude ** 2",
    "latitude | year",
    "latitude / year",
    "latitude % year",
    "latitude, year",
    "latitude; year",
    "latitude\nimport os",
    "y ~ latitude",
    "~ latitude ~ year",
    "~~latitude",
    "latitude + 2",
    "latitude - 0.5",
    "1:latitude",
    "latitude * 1",
    "1 - latitude",
    "-latitude",
    "latitude + True",
    "",
    "~",
    "   ",
    "~ 1",
    "~ 0",
    "~ 1 + 0",
    "~ height",
    "log(allocation)",
    "poly(allocation, 2)",
    "log()",
    "log(latitude, 2)",
    "log(x=latitude)",
    "poly(latitude)",
    "poly(latitude, 0)",
    "poly(latitude, 99999999999)",
    "poly(latitude, True)",
    "C()",
    "C(latitude + year)",
    "C(latitude, 'random')",
    "C(latitude, reference='a', levels=['b'])",
    "C(allocation, reference='a') + C(allocation, reference='b')",
    "*latitude",
    "latitude latitude",
    "latitude +",
    "`latitude",
    "latitude\0",
    "(" * 400 + "latitude" + ")" * 400,
    "-" * 900 + "1 + latitude",
    "latitude + " * 120 + "year",
    "(latitude+year)*(latitude+year)*(latitude+year)*(latitude+year)*(latitude+year)*(latitude+year)",
    "+".join("latitude:year:allocation:`risk of bias`" for _ in range(30)),
]


@pytest.mark.parametrize("text", ATTACKS)
def test_anything_else_is_refused_and_nothing_is_run(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "system", lambda command: pytest.fail(f"ran {command}"))
    with pytest.raises(OptionError, match="^formula "):
        read_formula(text, COVARIATES)
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet="latiude+*:~-()I,.[]{}'\"`10 _=@logC\\\n", max_size=60))
@example("C(latitude, reference='\\d')")
@example("I(latitude)(latitude)")
def test_any_text_is_read_or_refused_in_one_sentence(text):
    with contextlib.suppress(InputError):
        rest = read_formula(text, COVARIATES).symbols
        for word in sorted({*FUNCTIONS, "poly"}, key=len, reverse=True):
            rest = rest.replace(f"{word}(", "(")
        assert set(rest) <= set("nc0123456789.+-*/:() ,e")


@pytest.mark.parametrize("given", [None, 3, ["latitude"]])
def test_a_formula_is_a_text(given):
    with pytest.raises(OptionError, match="formula is "):
        read_formula(given, COVARIATES)


def test_errors_say_what_is_wrong_and_what_to_do():
    with pytest.raises(
        OptionError, match=r"no covariate 'latitud' \(did you mean 'latitude'\?\); the table has 'allocation'"
    ):
        symbols("~ latitud")
    with pytest.raises(OptionError, match="no covariate 'x'; the table has none"):
        read_formula("~ x", {})
    with pytest.raises(OptionError, match=r"write a power as I\(x\*\*2\)"):
        symbols("latitude**2")
    with pytest.raises(OptionError, match="'np.exp.latitude.' is not allowed; allowed are covariates"):
        symbols("np.exp(latitude)")
    with pytest.raises(OptionError, match="'`risk of bias`.a' is not allowed"):
        symbols("`risk of bias`.a")
