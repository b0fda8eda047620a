"""Shapes of a dose-response curve: the effect against dose 0 as a function of the dose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from trialpool.checks import choice, finite_array, instance, positive
from trialpool.display import plural
from trialpool.errors import NotEstimableError, OptionError

__all__ = ["SHAPES", "Emax", "Linear", "LogDose", "Quadratic", "Shape", "ShapeWord", "Spline", "shape_of"]

Array = NDArray[np.float64]

_KNOT_QUANTILES = (0.1, 0.5, 0.9)  # Harrell 2015, Regression Modeling Strategies, section 2.4.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """The same step of the effect for each unit of dose."""

    name: ClassVar[str] = "linear"
    terms: ClassVar[tuple[str, ...]] = ("dose",)

    def columns(self, doses: Array) -> Array:
        """Regressors (n, 1) of doses (n,); 0 at dose 0."""
        return np.asarray(doses[:, None], dtype=np.float64)

    def resolved(self, doses: Array) -> Linear:
        """The shape with what it takes from the doses of all arms."""
        _enough_doses(doses, 1, self.name)
        return self

    def __str__(self) -> str:
        return "linear in dose"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDose:
    """Linear in ``log(1 + dose / offset)``, which is 0 at dose 0: ``log(dose + offset)`` less its value there.

    ``offset`` is the lowest active dose unless given, so that the unit of the doses does not matter.
    """

    name: ClassVar[str] = "log"
    terms: ClassVar[tuple[str, ...]] = ("log dose",)

    offset: float | None = None

    def __post_init__(self) -> None:
        if self.offset is not None:
            object.__setattr__(self, "offset", positive("offset", self.offset))

    def columns(self, doses: Array) -> Array:
        """Regressors (n, 1) of doses (n,); 0 at dose 0."""
        assert self.offset is not None  # noqa: S101 (resolved before)
        return np.asarray(np.log1p(doses / self.offset)[:, None], dtype=np.float64)

    def resolved(self, doses: Array) -> LogDose:
        """The shape with what it takes from the doses of all arms."""
        _enough_doses(doses, 1, self.name)
        return self if self.offset is not None else replace(self, offset=float(doses[doses > 0].min()))

    def __str__(self) -> str:
        return "linear in log dose" if self.offset is None else f"linear in log(1 + dose / {self.offset:g})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quadratic:
    """Dose and its square."""

    name: ClassVar[str] = "quadratic"
    terms: ClassVar[tuple[str, ...]] = ("dose", "dose squared")

    def columns(self, doses: Array) -> Array:
        """Regressors (n, 2) of doses (n,); 0 at dose 0."""
        return np.column_stack([doses, doses * doses])

    def resolved(self, doses: Array) -> Quadratic:
        """The shape with what it takes from the doses of all arms."""
        _enough_doses(doses, 2, self.name)
        return self

    def __str__(self) -> str:
        return "quadratic in dose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spline:
    """Restricted cubic spline: cubic between the knots, linear beyond them.

    Stone & Koo (1985), Proceedings of the Statistical Computing Section of the American Statistical Association, 45. With K
    knots there are K - 1 regressors. The knots are at the 10th, 50th and 90th percentile of the arms' doses unless given.
    """

    name: ClassVar[str] = "spline"

    knots: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if self.knots is None:
            return
        knots = finite_array("knots", self.knots)
        if knots.ndim != 1 or knots.size < 3 or not (np.diff(knots) > 0).all() or knots[0] < 0:
            raise OptionError(f"knots={self.knots!r} are no knots; give three doses or more, from low to high")
        object.__setattr__(self, "knots", tuple(knots.tolist()))

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the regressors."""
        assert self.knots is not None  # noqa: S101 (resolved before)
        return ("dose", *(f"dose beyond {knot:g}" for knot in self.knots[:-2]))

    def columns(self, doses: Array) -> Array:
        """Regressors (n, K - 1) of doses (n,); 0 at dose 0."""
        t = np.asarray(self.knots, dtype=np.float64)
        cubes = np.maximum(doses[:, None] - t, 0.0) ** 3
        last = (t[-1] - t[:-2]) / (t[-1] - t[-2])
        before = (t[-2] - t[:-2]) / (t[-1] - t[-2])
        bends = (cubes[:, :-2] - cubes[:, [-2]] * last + cubes[:, [-1]] * before) / (t[-1] - t[0]) ** 2
        return np.column_stack([doses, bends])

    def resolved(self, doses: Array) -> Spline:
        """The shape with what it takes from the doses of all arms."""
        _enough_doses(doses, 2 if self.knots is None else len(self.knots) - 1, self.name)
        if self.knots is not None:
            return self
        knots = np.quantile(doses, _KNOT_QUANTILES)
        if not (np.diff(knots) > 0).all():
            raise NotEstimableError(
                "the doses of the arms lie too close for three knots at their 10th, 50th and 90th percentile; give "
                "Spline(knots=...), or choose 'linear' or 'log'"
            )
        return replace(self, knots=tuple(knots.tolist()))

    def __str__(self) -> str:
        at = "" if self.knots is None else f" with knots at {', '.join(f'{knot:g}' for knot in self.knots)}"
        return f"restricted cubic spline{at}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Emax:
    """``Emax dose / (dose + ED50)``: rises to a plateau, half of it at the dose ED50."""

    name: ClassVar[str] = "emax"
    terms: ClassVar[tuple[str, ...]] = ("Emax", "log ED50")

    def resolved(self, doses: Array) -> Emax:
        """The shape with what it takes from the doses of all arms."""
        active = np.unique(doses[doses > 0])
        if active.size < 3:
            raise NotEstimableError(
                f"an Emax curve needs at least three active doses in all trials together; there {_are(active.size)} "
                f"({', '.join(f'{dose:g}' for dose in active)}): choose shape='linear' or 'log'"
            )
        return self

    def __str__(self) -> str:
        return "Emax"


Shape = Linear | LogDose | Quadratic | Spline | Emax
ShapeWord = Literal["linear", "log", "quadratic", "spline", "emax"]
SHAPES: tuple[ShapeWord, ...] = get_args(ShapeWord)
_BY_WORD: dict[str, type[Shape]] = {kind.name: kind for kind in (Linear, LogDose, Quadratic, Spline, Emax)}


def shape_of(shape: ShapeWord | Shape) -> Shape:
    """The shape that a word means, or the shape itself.

    >>> str(shape_of("log").resolved(np.array([0.0, 20.0, 40.0])))
    'linear in log(1 + dose / 20)'
    """
    if isinstance(shape, str):
        return _BY_WORD[choice("shape", shape, SHAPES)]()
    way_out = "give a word such as 'linear', or a shape such as LogDose(offset=10)"
    return instance("shape", shape, (Linear, LogDose, Quadratic, Spline, Emax), way_out)


def _enough_doses(doses: Array, least: int, name: str) -> None:
    active = np.unique(doses[doses > 0])
    if active.size < least:
        raise NotEstimableError(
            f"shape={name!r} needs at least {plural(least, 'active dose')}; there {_are(active.size)}: choose a shape with fewer "
            "parameters"
        )


def _are(count: int) -> str:
    return f"{'is' if count == 1 else 'are'} {count}"
