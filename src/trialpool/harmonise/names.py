"""The names that a door is given, as the table spells them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from trialpool.checks import instance, nearest, quoted
from trialpool.display import plural
from trialpool.errors import OptionError
from trialpool.trials import Exclusion, Trial

__all__ = ["known_name", "known_treatments", "listed", "trials_of"]

_MOST_EXCLUSIONS_SHOWN = 5


def trials_of(given: Any) -> tuple[Trial, ...]:
    """The trials, if they are such."""
    way_out = "give the trials of a table, such as read_table(path).trials"
    if hasattr(given, "trials"):
        way_out = "give its trials, as in table.trials"
    trials = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else given
    for trial in instance("trials", trials, tuple, way_out):
        instance("a member of trials", trial, Trial, way_out)
    return tuple(trials)


def listed(excluded: Sequence[Exclusion]) -> str:
    """Exclusions in one sentence, the first few of them."""
    shown = [f"{e.trial}: {e.reason}" for e in excluded[:_MOST_EXCLUSIONS_SHOWN]]
    more = len(excluded) - len(shown)
    return "; ".join([*shown, f"and {plural(more, 'more trial')}"] if more else shown)


def known_name(what: str, word: object, names: Iterable[str]) -> str:
    """The table's own spelling of a name."""
    known = list(dict.fromkeys(names))
    if word in known:
        return str(word)
    alike = [name for name in known if isinstance(word, str) and name.casefold() == word.strip().casefold()]
    if len(alike) > 1:
        raise OptionError(f"{what} {word!r} may be any of {quoted(alike)}; write it as the table does")
    if not alike:
        raise OptionError(
            f"unknown {what} {word!r}{nearest(str(word), known)}; the table has {quoted(known) or 'none'}"
        )
    return alike[0]


def known_treatments(what: str, words: object, trials: Sequence[Trial]) -> tuple[str, ...]:
    """The table's own spelling of one or several treatments."""
    names = [arm.treatment for trial in trials for arm in trial.arms]
    given = list(words) if isinstance(words, Iterable) and not isinstance(words, str) else [words]
    if not given:
        raise OptionError(f"no {what} is named; the table has {quoted(dict.fromkeys(names))}")
    return tuple(dict.fromkeys(known_name(what, word, names) for word in given))
