"""From a formula and the values of covariates to the design matrix, by formulaic."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trialpool.checks import nearest, quoted, require_extra
from trialpool.display import clean_text, plural
from trialpool.errors import NotEstimableError, OptionError
from trialpool.numerics.columns import Array
from trialpool.regress.formula import Factor, Formula
from trialpool.regress.least_squares import EXTREME, dependent_columns, extreme_column
from trialpool.trials import Covariate

__all__ = ["INTERCEPT", "FormulaDesign", "level_text", "make_design"]

INTERCEPT = "intercept"

Values = Mapping[str, Covariate]
Levels = Mapping[str, tuple[Covariate, ...]]

_PURPOSE = "a formula of covariates"
_PARTS = re.compile(
    r"\b(?P<factor>c\d+)\[(?:T\.)?l(?P<level>\d+)\]|\b(?P<symbol>n\d+)\b|(?P<whole>\d+)\.0\b|(?P<colon>:)"
)


@dataclass(frozen=True, slots=True, eq=False)
class FormulaDesign:
    """The design of the trials used, and the way to a row for other values.

    Attributes
    ----------
    formula : Formula
    terms : tuple of str
        The name of each column.
    x : array of shape (K, p)
    levels : mapping of str to tuple
        The levels of each categorical covariate, by symbol, its reference first.
    specification : object
        formulaic's, which keeps what transformations learnt from the trials.
    """

    formula: Formula
    terms: tuple[str, ...]
    x: Array
    levels: Levels
    specification: Any

    @property
    def references(self) -> dict[str, str]:
        """The reference of each categorical covariate, by name."""
        categorical = (factor for factor in self.formula.factors if factor.categorical)
        return {factor.name: level_text(self.levels[factor.symbol][0]) for factor in categorical}

    def rows(self, values: Sequence[Values]) -> Array:
        """Rows of the design at other values of the covariates, of shape (len(values), p).

        Raises
        ------
        OptionError
            A covariate that is missing or not in the formula, or a level that no trial has.
        """
        checked = [_checked(self, one) for one in values]
        matrix = _evaluated(self.specification, self.formula.factors, checked, self.levels)
        x = np.asarray(matrix, dtype=np.float64)
        if not np.isfinite(x).all():
            raise OptionError(f"formula {self.formula.text!r} has no finite value there; choose other values")
        return x


def level_text(level: Covariate) -> str:
    """A level as text; no two numbers have the same.

    >>> level_text("random"), level_text(44.0)
    ('random', '44')
    """
    return level if isinstance(level, str) else repr(float(level)).removesuffix(".0")


def make_design(formula: Formula, values: Sequence[Values], trials: Sequence[str]) -> FormulaDesign:
    """The design of trials whose covariates are all there.

    Parameters
    ----------
    formula : Formula
    values : sequence of mappings
        The covariates of each trial.
    trials : sequence of str
        Their names, for errors.

    Raises
    ------
    NotEstimableError
        Coefficients that the trials do not determine: a covariate that does not vary, columns that depend on each other, or as
        many coefficients as trials.
    OptionError
        A reference that is no level, or a transformation without a finite value.
    """
    for name in formula.covariates:
        found = {one[name] for one in values}
        if len(found) == 1:
            level = level_text(found.pop())
            raise NotEstimableError(f"{name!r} is {level} in every trial used, so it cannot explain why effects differ")
    levels = {factor.symbol: _levels(factor, values) for factor in formula.factors if factor.categorical}
    formulaic: Any = require_extra("formulaic", "regress", _PURPOSE)
    try:
        matrix = _evaluated(formulaic.Formula(formula.symbols), formula.factors, values, levels)
    except formulaic.errors.FactorEvaluationError as error:
        raise OptionError(f"formula {formula.text!r} cannot be computed: {error}") from None
    terms = tuple(_name(str(column), formula.factors, levels) for column in matrix.columns)
    if terms in ((), (INTERCEPT,)):
        raise OptionError(f"formula {formula.text!r} takes away every covariate it names; leave one in")
    x = np.asarray(matrix, dtype=np.float64)
    if not np.isfinite(x).all():
        row, column = (int(i) for i in np.argwhere(~np.isfinite(x))[0])
        raise OptionError(f"formula {formula.text!r}: {terms[column]} has no finite value in {trials[row]!r}")
    extreme = extreme_column(x)
    if extreme is not None:
        raise OptionError(f"formula {formula.text!r}: {terms[extreme]} {EXTREME}")
    _refuse_undetermined(x, terms)
    return FormulaDesign(formula, terms, x, levels, matrix.model_spec)


def _levels(factor: Factor, values: Sequence[Values]) -> tuple[Covariate, ...]:
    """The levels that the trials have, in order, the reference in front."""
    found = sorted({one[factor.name] for one in values}, key=lambda level: (isinstance(level, str), level))
    if factor.reference is None:
        return tuple(found)
    if factor.reference not in found:
        known = [level_text(level) for level in found]
        hint = nearest(str(factor.reference), known)
        raise OptionError(
            f"reference {factor.reference!r} is no level of {factor.name!r}{hint}; the levels are {quoted(known)}"
        )
    return (factor.reference, *(level for level in found if level != factor.reference))


def _evaluated(pattern: Any, factors: Sequence[Factor], values: Sequence[Values], levels: Levels) -> Any:
    """The model matrix of a formula in symbols, or of a specification made by one before."""
    pandas: Any = require_extra("pandas", "regress", _PURPOSE)
    columns: dict[str, Any] = {}
    for factor in factors:
        given = [one[factor.name] for one in values]
        if factor.categorical:
            known = levels[factor.symbol]
            codes = [known.index(level) for level in given]
            columns[factor.symbol] = pandas.Categorical.from_codes(codes, [f"l{i}" for i in range(len(known))])
        else:
            columns[factor.symbol] = np.array(given, dtype=np.float64)
    with np.errstate(all="ignore"):  # what is not finite is refused by name
        return pattern.get_model_matrix(pandas.DataFrame(columns), context={"sqrt": np.sqrt}, na_action="ignore")


def _name(column: str, factors: Sequence[Factor], levels: Levels) -> str:
    """The name of a column in the covariates' own words."""
    if column == "Intercept":
        return INTERCEPT
    names = {factor.symbol: clean_text(factor.name) for factor in factors}

    def words(part: re.Match[str]) -> str:
        if part["factor"]:
            return f"{names[part['factor']]} = {clean_text(level_text(levels[part['factor']][int(part['level'])]))}"
        return names[part["symbol"]] if part["symbol"] else part["whole"] or " : "

    return _PARTS.sub(words, column)


def _refuse_undetermined(x: Array, terms: Sequence[str]) -> None:
    k, p = x.shape
    dependent = dependent_columns(x)
    if dependent:
        raise NotEstimableError(_collinear(x, terms, dependent[0]))
    if k <= p:
        raise NotEstimableError(
            f"{plural(k, 'trial')} do not determine {plural(p, 'coefficient')} ({', '.join(terms)}) and what varies around "
            f"them; it needs more than {p}: take fewer covariates"
        )


def _collinear(x: Array, terms: Sequence[str], column: int) -> str:
    """Which columns make up the one that is too many."""
    before = x[:, :column]
    shares, *_ = np.linalg.lstsq(before, x[:, column], rcond=None)
    sizes = np.abs(shares) * np.linalg.norm(before, axis=0)
    others = [terms[j] for j in np.flatnonzero(sizes > 1e-6 * np.linalg.norm(x[:, column])).tolist()]
    return (
        f"{terms[column]!r} follows from {quoted(others)} in the trials used, so their coefficients cannot be told apart; "
        "leave one of them out"
    )


def _checked(design: FormulaDesign, values: Values) -> Values:
    """The values with levels and numbers as the trials have them."""
    names = design.formula.covariates
    unknown = [name for name in values if name not in names]
    if unknown:
        raise OptionError(
            f"{unknown[0]!r} is no covariate of the formula{nearest(unknown[0], names)}; give {quoted(names)}"
        )
    missing = [name for name in names if name not in values]
    if missing:
        raise OptionError(f"the value of {missing[0]!r} is missing; give {quoted(names)}")
    found: dict[str, Covariate] = {}
    for factor in design.formula.factors:
        given = values[factor.name]
        found[factor.name] = _level(design, factor, given) if factor.categorical else _number(factor.name, given)
    return found


def _level(design: FormulaDesign, factor: Factor, given: object) -> Covariate:
    levels = design.levels[factor.symbol]
    for level in levels:
        if given == level or str(given) == level_text(level):
            return level
    known = [level_text(level) for level in levels]
    raise OptionError(
        f"{factor.name}={given!r} is no level of it{nearest(str(given), known)}; the levels are {quoted(known)}"
    )


def _number(name: str, given: object) -> float:
    if isinstance(given, int | float | np.number) and not isinstance(given, bool) and np.isfinite(given):
        return float(given)
    raise OptionError(f"{name}={given!r} is not a finite number; {name!r} is numeric")
