"""Validators with one wording: what was given, what is wrong, the way out."""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Iterable, Sequence
from importlib import import_module
from numbers import Real
from types import ModuleType
from typing import TYPE_CHECKING, TypeGuard, TypeVar

from trialpool.errors import MissingExtraError, OptionError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["choice", "finite_array", "instance", "nearest", "positive", "probability", "quoted", "require_extra"]

T = TypeVar("T")


def quoted(words: Iterable[object]) -> str:
    """Words in quotes, separated by commas.

    >>> quoted(["common", "random"])
    "'common', 'random'"
    """
    return ", ".join(f"'{word}'" for word in words)


def nearest(word: str, allowed: Iterable[str]) -> str:
    """A hint with the nearest allowed word, or nothing.

    >>> nearest("ramdom", ["common", "random"])
    " (did you mean 'random'?)"
    """
    options = list(allowed)
    folded = {option.casefold(): option for option in options}
    close = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return f" (did you mean '{folded[close[0]]}'?)" if close else ""


def choice(name: str, value: object, allowed: Sequence[str]) -> str:
    """Return ``value`` if it is one of the allowed words, else raise OptionError.

    >>> choice("model", "random", ["common", "random"])
    'random'
    """
    if isinstance(value, str) and value in allowed:
        return value
    raise OptionError(f"{name}={value!r} is not allowed{nearest(str(value), allowed)}; choose one of {quoted(allowed)}")


def instance(name: str, value: T, kind: type | tuple[type, ...], way_out: str) -> T:
    """Return ``value`` if it is of that kind, else raise OptionError with the way out.

    >>> instance("columns", {"n": "total"}, dict, "give a dict")
    {'n': 'total'}
    """
    if isinstance(value, kind):
        return value
    raise OptionError(f"{name} is {_named(value)}; {way_out}")


def _named(value: object) -> str:
    """What was given: a plain value as it is written, anything else by its type."""
    if value is None or isinstance(value, (str, Real)):
        return reprlib.repr(value)
    return f"the class {value.__name__}" if isinstance(value, type) else f"of type {type(value).__name__}"


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, Real) and not isinstance(value, bool)


def probability(name: str, value: object, example: float = 0.95) -> float:
    """Return ``value`` as a float strictly between 0 and 1, else raise OptionError."""
    if _is_number(value) and 0 < float(value) < 1:
        return float(value)
    raise OptionError(f"{name}={value!r} is not a probability; give a number between 0 and 1, such as {example}")


def positive(name: str, value: object) -> float:
    """Return ``value`` as a finite float above zero, else raise OptionError."""
    if _is_number(value) and 0 < float(value) < float("inf"):
        return float(value)
    raise OptionError(f"{name}={value!r} is not a positive number; give a finite number above 0")


def finite_array(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return ``values`` as a float array without NaN or infinity, else raise OptionError."""
    import numpy as np  # loaded by this one check alone, so that the others cost nothing

    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise OptionError(f"{name} is not an array of numbers ({error})") from None
    if not np.isfinite(array).all():
        where = np.argwhere(~np.isfinite(array))[0].tolist()
        raise OptionError(f"{name} holds a value that is missing or infinite at position {where}; leave that study out")
    return array


def require_extra(package: str, extra: str, purpose: str) -> ModuleType:
    """Import an optional package, or say which extra brings it."""
    try:
        return import_module(package)
    except ImportError:
        raise MissingExtraError(package.partition(".")[0], extra, purpose) from None
