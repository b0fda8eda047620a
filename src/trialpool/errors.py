"""One error tree and one warning tree.

::

    TrialpoolError
    ├── InputError (ValueError)        what was given cannot be used; exit code 2
    │   ├── TableError                 a file, row, column or cell of a table
    │   ├── ReviewError                review.toml; carries every problem found
    │   ├── OptionError                an argument or option
    │   ├── OutputError                a place that cannot be written
    │   └── MissingExtraError          an optional dependency that is not installed
    ├── FetchError                     a registry cannot be reached, or does not answer as it should; exit code 2
    └── NotEstimableError              the data are valid but hold no answer; exit code 1

    TrialpoolWarning (UserWarning)     also kept as a Note in the result
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "FetchError",
    "InputError",
    "MissingExtraError",
    "NotEstimableError",
    "OptionError",
    "OutputError",
    "ReviewError",
    "TableError",
    "TrialpoolError",
    "TrialpoolWarning",
]

_MOST_PROBLEMS_SHOWN = 20


class TrialpoolError(Exception):
    """Base of every error that trialpool raises on purpose."""


class InputError(TrialpoolError, ValueError):
    """What was given cannot be used: says what, why, and the way out."""


class _ListedProblems(InputError):
    """An input error that lists every problem found, one a line."""

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        if len(self.problems) == 1:
            message = f"{where}: {self.problems[0]}"
        else:
            shown = self.problems[:_MOST_PROBLEMS_SHOWN]
            lines = [f"{where}: {len(self.problems)} problems", *(f"  - {p}" for p in shown)]
            if len(self.problems) > len(shown):
                lines.append(f"  - ... and {len(self.problems) - len(shown)} more")
            message = "\n".join(lines)
        super().__init__(message)

    def __reduce__(self) -> tuple[type[_ListedProblems], tuple[str, tuple[str, ...]]]:
        return type(self), (self.where, self.problems)


class TableError(_ListedProblems):
    """A table of trial arms cannot be read; ``problems`` names each row and column."""


class ReviewError(_ListedProblems):
    """A review file is not valid; ``problems`` names each line and key."""


class OptionError(InputError):
    """An argument or option has no meaning here."""


class OutputError(InputError):
    """A place for results cannot be written."""


class MissingExtraError(InputError, ImportError):
    """A part of trialpool needs a package that is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.package = package
        self.extra = extra
        self.purpose = purpose
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed: pip install 'trialpool[{extra}]'"
        )

    def __reduce__(self) -> tuple[type[MissingExtraError], tuple[str, str, str]]:
        return type(self), (self.package, self.extra, self.purpose)


class FetchError(TrialpoolError):
    """A registry on the network cannot be reached, or does not answer as it should."""


class NotEstimableError(TrialpoolError):
    """The data are valid but do not determine the quantity asked for."""


class TrialpoolWarning(UserWarning):
    """A reader of the result must know this; the result keeps it as a Note."""
