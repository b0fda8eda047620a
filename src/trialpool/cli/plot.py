"""trialpool forest, trialpool funnel: one outcome of a table, drawn."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from trialpool.choices import STYLES
from trialpool.cli.argument_types import number, word
from trialpool.cli.console import Progress
from trialpool.cli.options import add_comparison, add_request, add_subgroup, comparison_from, request_from
from trialpool.errors import OptionError
from trialpool.results import raise_warnings

if TYPE_CHECKING:
    from trialpool.pool import Pooled

__all__ = ["configure_forest", "configure_funnel", "picture"]

_FOREST_DESCRIPTION = """\
Pool one outcome of a table of trial arms and draw its forest plot: each study with its counts,
effect and weight, the pooled effect, and what was done to get it."""

_FOREST_EXAMPLE = """\
example:
  trialpool example bcg
  trialpool forest bcg/arms.csv --subgroup allocation --layout bmj -o forest.svg"""

_FUNNEL_DESCRIPTION = """\
Pool one outcome of a table of trial arms and draw its funnel plot: the standard error of each study
against its effect."""

_FUNNEL_EXAMPLE = """\
example:
  trialpool example bcg
  trialpool funnel bcg/arms.csv -o funnel.svg"""

_NOT_IN_A_FUNNEL = ("prediction", "i2", "tau2_interval", "relevant")
_ENDINGS = (".svg", ".pdf", ".png")
_DPI = 300


def configure_forest(parser: argparse.ArgumentParser) -> None:
    """Give the verb its options."""
    parser.description, parser.epilog = _FOREST_DESCRIPTION, _FOREST_EXAMPLE
    add_comparison(parser, "-o PICTURE ")
    add_request(parser)
    group = _add_plot(parser)
    add_subgroup(group)
    group.add_argument(
        "--better",
        metavar="fewer|more",
        type=word(("fewer", "more")),
        default="fewer",
        help="whether fewer or more events favour the treatment (default: fewer)",
    )
    parser.set_defaults(run=run_forest)


def configure_funnel(parser: argparse.ArgumentParser) -> None:
    """Give the verb its options."""
    parser.description, parser.epilog = _FUNNEL_DESCRIPTION, _FUNNEL_EXAMPLE
    add_comparison(parser, "-o PICTURE ")
    add_request(parser, without=_NOT_IN_A_FUNNEL)
    _add_plot(parser)
    parser.set_defaults(run=run_funnel)


def _add_plot(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    group = parser.add_argument_group("what to draw")
    group.add_argument(
        "-o",
        "--output",
        metavar="PICTURE",
        type=picture,
        required=True,
        help=f"picture to write: {', '.join(_ENDINGS)}",
    )
    group.add_argument(
        "--layout",
        metavar="WORD",
        type=word(STYLES),
        default=STYLES[0],
        help=f"look, after a journal: {' | '.join(STYLES)} (default: {STYLES[0]})",
    )
    group.add_argument("--title", metavar="TEXT", help="title (default: the outcome; '' for none)")
    group.add_argument("--dpi", metavar="NUMBER", type=number, help=f"dots per inch of a .png (default: {_DPI})")
    return group


def picture(given: str) -> Path:
    """A type for argparse: a path whose ending says a picture's format."""
    path = Path(given)
    if path.suffix.lower() not in _ENDINGS:
        endings = ", ".join(_ENDINGS)
        raise argparse.ArgumentTypeError(f"{given!r} has no ending that says its format; end it with one of {endings}")
    return path


def run_forest(arguments: argparse.Namespace) -> int:
    """Draw a forest plot."""
    from trialpool.plots import forest
    from trialpool.pool import subgroup_request

    dpi = _dpi(arguments)
    with Progress(f"reading {arguments.file}") as progress:
        pooled = _pooled(arguments)
        by = arguments.subgroup
        subgroups = subgroup_request(pooled.comparison, by, pooled.request) if by is not None else None
        progress.say("drawing")
        figure = forest(
            pooled,
            style=arguments.layout,
            subgroups=subgroups,
            title=arguments.title,
            favours_low="treatment" if arguments.better == "fewer" else "control",
        )
        path = figure.save(arguments.output, dpi=dpi)
    print(path)
    raise_warnings(pooled.notes + (subgroups.notes if subgroups else ()))
    return 0


def run_funnel(arguments: argparse.Namespace) -> int:
    """Draw a funnel plot."""
    from trialpool.plots import funnel

    dpi = _dpi(arguments)
    with Progress(f"reading {arguments.file}") as progress:
        pooled = _pooled(arguments)
        progress.say("drawing")
        path = funnel(pooled, style=arguments.layout, title=arguments.title).save(arguments.output, dpi=dpi)
    print(path)
    raise_warnings(pooled.notes)
    return 0


def _pooled(arguments: argparse.Namespace) -> Pooled:
    from trialpool.pool import pool_request

    request = request_from(arguments)
    return pool_request(comparison_from(arguments), request)


def _dpi(arguments: argparse.Namespace) -> float:
    if arguments.dpi is None:
        return _DPI
    ending = arguments.output.suffix
    if ending.lower() != ".png":
        raise OptionError(
            f"--dpi has no meaning for a {ending}; leave it out, or end the name of the picture with .png"
        )
    return float(arguments.dpi)
