"""The options that pool, forest and funnel share, and what they lead to: a comparison and a request."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from trialpool.checks import quoted
from trialpool.choices import MULTI_ARM, RANDOM_EFFECTS_DEFAULTS, WORDS, RequestWords, word_names
from trialpool.cli.argument_types import number, word
from trialpool.errors import OptionError

if TYPE_CHECKING:
    from trialpool.pool import Automatic, Request
    from trialpool.read import TrialTable
    from trialpool.trials import Comparison

__all__ = ["add_comparison", "add_request", "add_subgroup", "comparison_from", "request_from"]

_MEANINGS: Mapping[str, str] = {
    "measure": "what to estimate",
    "method": "how to pool; auto chooses by the evidence",
    "model": "one effect common to all trials, or effects that vary at random",
    "tau2": "estimator of the between-trial variance",
    "tau2_interval": "confidence interval of the between-trial variance",
    "interval": "confidence or credible interval of the pooled effect, as the method has it",
    "prediction": "distribution of the prediction interval, t with k-1 or k-2 degrees of freedom, normal, or that of tau2",
    "i2": "definition of I2",
    "intercepts": "intercepts of the trials in a regression",
    "likelihood": "likelihood of a Bayesian or an interval-censored analysis",
    "zero_cells": "correction of trials with an empty cell",
    "double_zero": "trials without an event in either arm",
    "risk_difference_variance": "variance of the Mantel-Haenszel risk difference",
    "profile": "named set of choices that the options start from, as 'trialpool profiles' shows them",
}
_WHERE_FROM = "The defaults are those of the profile trialpool; --profile brings its own."
_DEFAULTS: Mapping[str, str] = {
    **RANDOM_EFFECTS_DEFAULTS,
    "measure": "risk ratio",
    "method": "inverse-variance; peto with the Peto odds ratio",
    "model": "random",
    "zero_cells": "none",
    "double_zero": "not estimable",
    "risk_difference_variance": "Sato",
    "intercepts": "fixed",
    "likelihood": "normal; binomial of interval-censored",
    "profile": "trialpool",
}
"""What the words are by default, as a reader needs it; what the default request says itself is tested."""
_ZERO_CELLS = ("zero_cells", "increment", "double_zero")


_FREE: Mapping[str, tuple[Callable[[str], str | float], str, str]] = {
    "tau_prior": (
        str,
        "PRIOR",
        (
            "prior of the between-trial standard deviation, such as 'half-normal(0.5)', 'half-cauchy(0.5)' or "
            "'turner(infection, drug v placebo)' (default: half-normal(0.5))"
        ),
    ),
    "effect_prior": (
        str,
        "PRIOR",
        (
            "prior of the mean effect on the working scale, such as 'normal(0, 2.82)' or 'flat' (default: normal(0, 4); "
            "normal(0, 2.82) with likelihood hypergeometric)"
        ),
    ),
    "relevant": (
        number,
        "NUMBER",
        "a relevant effect as displayed, such as 0.8: also print the probability of one beyond it",
    ),
}
"""The options of a Bayesian analysis that are no words."""


def _column(given: str) -> tuple[str, str]:
    ours, equals, theirs = given.partition("=")
    if not (equals and ours.strip() and theirs.strip()):
        raise argparse.ArgumentTypeError(f"{given!r} is not a pair; write our name = the table's, as in events=tpos")
    return ours.strip(), theirs.strip()


def add_comparison(parser: argparse.ArgumentParser, needed: str = "") -> None:
    """Which table, and which of its arms on which outcome; ``needed`` are the verb's own needs, for the line of usage."""
    sides = "[--treatment NAME] [--control NAME] [...]"
    parser.usage = f"{parser.prog} FILE {needed}[--outcome NAME] {sides if len(needed) < 15 else '[...]'}"
    group = parser.add_argument_group("what to compare")
    group.add_argument(
        "file",
        metavar="FILE",
        help="table: .csv, .tsv, .xlsx or .parquet; a row per trial, arm and outcome, or a row per trial",
    )
    group.add_argument("--outcome", metavar="NAME", help="outcome (may be left out where the table has one)")
    for side in ("treatment", "control"):
        group.add_argument(
            f"--{side}",
            metavar="NAME",
            action="append",
            help=f"name of the {side} as the table has it; once more for each further one of that side. For a table "
            f"with a row per trial: what to call that side (default: {side})",
        )
    group.add_argument(
        "--multi-arm",
        metavar="|".join(MULTI_ARM),
        type=word(MULTI_ARM),
        default="combine",
        help="trials with several treatment arms: combine them | split the control among them | set each against the "
        "shared control, with covariance (default: combine)",
    )
    group.add_argument(
        "--column",
        metavar="OURS=THEIRS",
        type=_column,
        action="append",
        default=[],
        help="read our column from the table's column of another name, as in events=tpos; once for each",
    )


def add_request(parser: argparse.ArgumentParser, *, without: Collection[str] = ()) -> None:
    """Measure, method and its choices, but for those that mean nothing to the verb."""
    pooling = parser.add_argument_group("how to pool", _WHERE_FROM)
    zero_cells = parser.add_argument_group("empty cells")
    for name in word_names():
        group = zero_cells if name in _ZERO_CELLS else pooling
        flag = f"--{name.replace('_', '-')}"
        if name in WORDS and name not in without:
            meaning = f"{_MEANINGS[name]}: {' | '.join(WORDS[name])} (default: {_DEFAULTS[name]})"
            group.add_argument(flag, metavar="WORD", type=word(WORDS[name]), help=meaning)
    zero_cells.add_argument(
        "--increment",
        metavar="NUMBER",
        type=number,
        help="what the correction adds to each cell, on average over the arms (default: 0.5)",
    )
    for name, (kind, metavar, meaning) in _FREE.items():
        if name not in without:
            pooling.add_argument(f"--{name.replace('_', '-')}", metavar=metavar, type=kind, help=meaning)
    level = RequestWords().conf_level
    meaning = f"level of every interval (default: {level:g})"
    pooling.add_argument("--conf-level", metavar="NUMBER", type=number, default=level, help=meaning)


def add_subgroup(group: argparse._ArgumentGroup) -> None:
    """Subgroups by a covariate."""
    meaning = "also pool each level of this column by itself, and test whether they differ"
    group.add_argument("--subgroup", metavar="COVARIATE", help=meaning)


def request_from(arguments: argparse.Namespace) -> Request | Automatic:
    """The request that the options make."""
    from trialpool.pool import request_from_words

    return request_from_words(
        RequestWords(**{name: getattr(arguments, name) for name in word_names() if hasattr(arguments, name)})
    )


def comparison_from(arguments: argparse.Namespace) -> Comparison:
    """Read the table and compare the arms that the options name."""
    from trialpool.harmonise import compare

    table = _read(arguments)
    return compare(
        table.trials,
        outcome=_outcome(arguments.outcome, table),
        treatment=_side("treatment", arguments.treatment, table),
        control=_side("control", arguments.control, table),
        multi_arm=arguments.multi_arm,
    )


def _read(arguments: argparse.Namespace) -> TrialTable:
    from trialpool.read import read_table

    columns: dict[str, str] = {}
    for ours, theirs in arguments.column:
        if ours in columns:
            raise OptionError(f"--column gives {ours!r} twice, as {columns[ours]!r} and as {theirs!r}; give it once")
        columns[ours] = theirs
    sides = {"treatment": arguments.treatment, "control": arguments.control}
    names = {side: given[0] for side, given in sides.items() if given and len(given) == 1}
    if arguments.outcome is not None:
        names["outcome"] = arguments.outcome
    return read_table(arguments.file, columns=columns, **names)


def _outcome(given: str | None, table: TrialTable) -> str:
    if given is not None:
        return given
    if len(table.outcomes) == 1:
        return table.outcomes[0]
    raise OptionError(f"{table.source_name} has several outcomes; choose one with --outcome: {quoted(table.outcomes)}")


def _side(side: str, given: Sequence[str] | None, table: TrialTable) -> Sequence[str]:
    """The names given; a table with a row per trial calls its sides ``treatment`` and ``control`` unless told."""
    if given is not None:
        return given
    if side in table.treatments:
        return [side]
    raise OptionError(f"--{side} is missing; the treatments of {table.source_name} are {quoted(table.treatments)}")
