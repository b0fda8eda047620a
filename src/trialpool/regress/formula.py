"""The formula of a meta-regression: covariates, their transformations and interactions, and nothing else.

A formula is text from outside. It is read as a syntax tree, every part of which has to be one of those allowed here, and
written anew with symbols in place of the covariates' names; only what is written anew is evaluated.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trialpool.checks import instance, nearest, quoted
from trialpool.display import clean_text
from trialpool.errors import OptionError
from trialpool.trials import Covariate

__all__ = ["FUNCTIONS", "Factor", "Formula", "read_formula"]

FUNCTIONS = ("log", "log2", "log10", "exp", "sqrt", "center", "scale", "I")
"""Functions of one numeric covariate; ``poly(x, degree)`` and ``C(x, reference=...)`` beside them."""

_LONGEST = 1000
_MOST_TERMS = 100
_HIGHEST_DEGREE = 5
_HIGHEST_POWER = 10.0

_TOKENS = re.compile(r"""(?P<text>"[^"]*"|'[^']*')|`(?P<name>[^`]*)`|(?P<colon>:)""")
_ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


@dataclass(frozen=True, slots=True)
class Factor:
    """A covariate as it enters: ``symbol`` stands for it; ``categorical`` with its ``reference`` where that was given."""

    name: str
    symbol: str
    categorical: bool
    reference: Covariate | None = None


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was read: the text as given, the same in symbols, and what the symbols stand for."""

    text: str
    symbols: str
    factors: tuple[Factor, ...]

    @property
    def covariates(self) -> tuple[str, ...]:
        """The names of its covariates, each once."""
        return tuple(dict.fromkeys(factor.name for factor in self.factors))


def read_formula(text: str, covariates: Mapping[str, Sequence[Covariate]]) -> Formula:
    """Read a formula of the covariates given.

    Parameters
    ----------
    text : str
        Such as ``"~ latitude + C(allocation)"``. Operators are ``+``, ``-``, ``:`` (interaction) and ``*`` (both and their
        interaction); ``0`` or ``-1`` leaves out the intercept; a name that is no word stands in backquotes. A covariate of
        text is categorical; ``C(x)`` makes a number one, ``C(x, reference="a")`` sets its reference.
    covariates : mapping of str to sequence
        The values of each covariate that there is.

    Returns
    -------
    Formula

    Raises
    ------
    OptionError
        Anything that is not a formula of these covariates.

    Examples
    --------
    >>> read_formula("~ latitude * C(allocation)", {"latitude": [44.0], "allocation": ["random"]}).symbols
    '1 + (n0 + c1 + (n0):(c1))'
    """
    instance("formula", text, str, 'give a text, such as "~ latitude"')
    return _Reader(text, covariates).formula()


class _Reader:
    """Walks the tree of one formula."""

    def __init__(self, text: str, covariates: Mapping[str, Sequence[Covariate]]) -> None:
        self.text = text
        self.covariates = covariates
        self.quoted_names: dict[str, str] = {}
        self.factors: dict[tuple[str, bool], Factor] = {}
        self.intercept = True

    def formula(self) -> Formula:
        if len(self.text) > _LONGEST:
            raise self._error(f"it has more than {_LONGEST} characters")
        try:
            tree = self._tree()
            symbols, count = self._sum(tree)
        except RecursionError:
            raise self._error("it is nested too deeply") from None
        if not self.factors:
            raise self._error("it names no covariate; without one, pool the trials")
        if count > _MOST_TERMS:
            raise self._error(f"it has more than {_MOST_TERMS} terms")
        return Formula(self.text, f"{int(self.intercept)} + {symbols}", tuple(self.factors.values()))

    def _error(self, problem: str) -> OptionError:
        return OptionError(f"formula {clean_text(self.text)[:100]!r}: {problem}")

    def _tree(self) -> ast.expr:
        body = self.text.strip().removeprefix("~").strip()
        if not body:
            raise self._error("it is empty")
        if "~" in _TOKENS.sub("", body):
            raise self._error('nothing stands left of "~": the effects are those of the trials')
        # ":" binds closer than "*", as "**" does in Python
        body = _TOKENS.sub(self._token, body)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(f"({body})", mode="eval").body
        except (SyntaxError, ValueError, MemoryError):
            raise self._error('it cannot be read; write such as "~ latitude + C(allocation)"') from None

    def _token(self, match: re.Match[str]) -> str:
        if match["text"]:
            return match["text"]
        if match["colon"]:
            return "**"
        symbol = f"_quoted_{len(self.quoted_names)}_"
        self.quoted_names[symbol] = match["name"]
        return symbol

    # --- what adds up: terms and their interactions ---

    def _sum(self, node: ast.expr) -> tuple[str, int]:
        """The symbols of a part of the formula, and how many terms it makes; an intercept, in or out, makes none."""
        match node:
            case ast.BinOp(left, ast.Sub(), ast.Constant(value)) if type(value) is int and value in (0, 1):
                self.intercept = value == 0
                return self._sum(left)
            case ast.BinOp(left, ast.Add() | ast.Sub() as operator, right):
                (a, m), (b, n) = self._sum(left), self._sum(right)
                if isinstance(operator, ast.Sub) and not a:
                    raise self._error(f"there is nothing to take {self._shown(right)} from")
                if not (a and b):
                    return a or b, m + n
                return f"({a} {_ARITHMETIC[type(operator)]} {b})", m + n
            case ast.BinOp(left, ast.Mult(), right):
                (a, m), (b, n) = self._product(left), self._product(right)
                return f"({a} + {b} + ({a}):({b}))", m + n + m * n
            case ast.BinOp(left, ast.Pow(), right):
                (a, m), (b, n) = self._product(left), self._product(right)
                return f"(({a}):({b}))", m * n
            case ast.UnaryOp(ast.USub(), ast.Constant(1)):
                self.intercept = False
                return "", 0
            case ast.Constant(value) if type(value) is int and value in (0, 1):
                self.intercept = value == 1
                return "", 0
            case _:
                return self._term(node), 1

    def _product(self, node: ast.expr) -> tuple[str, int]:
        if isinstance(node, ast.Constant | ast.UnaryOp):
            raise self._error(f"{ast.unparse(node)} is no covariate; write a power as I(x**2)")
        return self._sum(node)

    def _term(self, node: ast.expr) -> str:
        match node:
            case ast.Name(name):
                return self._covariate(name).symbol
            case ast.Call(ast.Name("C"), [ast.Name(name)], keywords):
                return self._covariate(name, categorical=True, reference=self._reference(keywords)).symbol
            case ast.Call(ast.Name("poly"), [argument, *rest], keywords):
                return f"poly({self._number(argument)}, {self._degree(rest, keywords)})"
            case ast.Call():
                return self._number(node)
            case _:
                raise self._error(f"{self._shown(node)} is not allowed; {_ALLOWED}")

    def _reference(self, keywords: Sequence[ast.keyword]) -> Covariate | None:
        match keywords:
            case []:
                return None
            case [ast.keyword("reference", ast.Constant(str() | int() | float() as value))]:
                return value if isinstance(value, str) else float(value)
            case _:
                raise self._error('C() takes a covariate and its reference, as in C(allocation, reference="random")')

    def _degree(self, rest: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> int:
        match (rest, keywords):
            case ([ast.Constant(degree)], []) | ([], [ast.keyword("degree", ast.Constant(degree))]):
                if type(degree) is int and 1 <= degree <= _HIGHEST_DEGREE:
                    return degree
        raise self._error(f"poly() takes a covariate and a degree from 1 to {_HIGHEST_DEGREE}, as in poly(year, 2)")

    # --- what is computed: numbers of one trial ---

    def _number(self, node: ast.expr) -> str:
        match node:
            case ast.Name(name):
                return self._covariate(name, numeric=True).symbol
            case ast.Constant(int() | float() as value) if not isinstance(value, bool) and abs(value) < 1e300:
                return repr(float(value))
            case ast.UnaryOp(ast.USub(), operand):
                return f"(-{self._number(operand)})"
            case ast.BinOp(left, ast.Pow(), ast.Constant(int() | float() as power)):
                if abs(power) > _HIGHEST_POWER:
                    raise self._error(f"a power of {power:g} is too high; the highest is {_HIGHEST_POWER:g}")
                return f"({self._number(left)} ** {float(power)!r})"
            case ast.BinOp(left, operator, right) if type(operator) in _ARITHMETIC:
                return f"({self._number(left)} {_ARITHMETIC[type(operator)]} {self._number(right)})"
            case ast.Call(ast.Name(function), [argument], []) if function in FUNCTIONS:
                return f"{function}({self._number(argument)})"
            case _:
                raise self._error(f"{self._shown(node)} is not allowed; {_ALLOWED}")

    def _covariate(
        self, name: str, *, categorical: bool = False, numeric: bool = False, reference: Covariate | None = None
    ) -> Factor:
        name = self.quoted_names.get(name, name)
        if name not in self.covariates:
            known = sorted(self.covariates)
            raise self._error(f"no covariate {name!r}{nearest(name, known)}; the table has {quoted(known) or 'none'}")
        is_text = any(isinstance(value, str) for value in self.covariates[name])
        if is_text and numeric:
            raise self._error(f"{name!r} is text, so no number can be computed from it; write C({name})")
        key = (name, categorical or is_text)
        factor = self.factors.get(key)
        if factor is None:
            symbol = f"{'c' if key[1] else 'n'}{len(self.factors)}"
            factor = self.factors[key] = Factor(name, symbol, key[1], reference)
        elif factor.reference != reference:
            raise self._error(f"{name!r} stands with two references; give it one")
        return factor

    def _shown(self, node: ast.expr) -> str:
        text = ast.unparse(node)
        for symbol, name in self.quoted_names.items():
            text = text.replace(symbol, f"`{name}`")
        return repr(text if len(text) <= 60 else f"{text[:60]}...")


_ALLOWED = f"allowed are covariates, + - : *, C(), poly() and {', '.join(f'{name}()' for name in FUNCTIONS)} of a numeric covariate"
