"""trialpool regress: effects of one outcome explained by covariates of the trials."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from trialpool.checks import quoted
from trialpool.cli.argument_types import FORMATS, whole, word
from trialpool.cli.console import Progress
from trialpool.cli.options import add_comparison, add_request, comparison_from, request_from
from trialpool.cli.plot import picture
from trialpool.display import clean_text, format_estimate, format_interval
from trialpool.display.csv import csv_text
from trialpool.errors import OptionError
from trialpool.results import raise_warnings

if TYPE_CHECKING:
    from trialpool.regress import MetaRegression, Permutations, RegressionPrediction
    from trialpool.trials import Covariate

__all__ = ["configure_regress"]

_DESCRIPTION = """\
Explain why the effects of trials differ: meta-regression of one outcome of a table of trial arms on
covariates of the trials. Prints the coefficients, the test of the covariates, and the
heterogeneity that they leave."""

_EXAMPLE = """\
example:
  trialpool example bcg
  trialpool regress bcg/arms.csv --formula "~ latitude" --permutations 10000 --plot bubble.svg"""

_NOT_IN_A_REGRESSION = (
    "method",
    "tau2_interval",
    "intercepts",
    "likelihood",
    "tau_prior",
    "effect_prior",
    "relevant",
    "risk_difference_variance",
)


def configure_regress(parser: argparse.ArgumentParser) -> None:
    """Give the verb its options."""
    parser.description, parser.epilog = _DESCRIPTION, _EXAMPLE
    add_comparison(parser, "--formula FORMULA ")
    group = parser.add_argument_group("what explains the effects")
    group.add_argument(
        "--formula",
        metavar="FORMULA",
        required=True,
        help='covariates, such as "~ latitude + C(allocation)"; : and * for interactions, log(x), sqrt(x), poly(x, 2), I(x**2), ... '
        'for transformations, C(x, reference="a") for categories',
    )
    group.add_argument(
        "--cluster", metavar="NAME", help="variance robust to correlation within 'trial' or within a covariate (CR2)"
    )
    group.add_argument(
        "--permutations",
        metavar="NUMBER",
        type=whole,
        help="also p-values by that many random arrangements of the covariates; by all where there are no more than that",
    )
    group.add_argument("--seed", metavar="NUMBER", type=whole, help="seed of the arrangements (default: 1)")
    add_request(parser, without=_NOT_IN_A_REGRESSION)
    output = parser.add_argument_group("what to print and draw")
    output.add_argument(
        "--at",
        metavar="COVARIATE=VALUE",
        type=_value,
        action="append",
        default=[],
        help="add the mean effect there, with its confidence and prediction interval; once for each covariate of the formula",
    )
    output.add_argument(
        "--format",
        metavar="WORD",
        type=word(FORMATS),
        default="text",
        help=f"{' | '.join(FORMATS)} (default: text); JSON and CSV have full precision on the working scale",
    )
    output.add_argument("--plot", metavar="PICTURE", type=picture, help="bubble plot to write: .svg, .pdf, .png")
    output.add_argument(
        "--along", metavar="COVARIATE", help="the plot's covariate, where there are several that are numbers"
    )
    parser.set_defaults(run=run_regress)


def _value(given: str) -> tuple[str, Covariate]:
    name, equals, value = (part.strip() for part in given.partition("="))
    if not (equals and name and value):
        raise argparse.ArgumentTypeError(f"{given!r} is not a pair; write a covariate = its value, as in latitude=40")
    try:
        return name, float(value)
    except ValueError:
        return name, value


def run_regress(arguments: argparse.Namespace) -> int:
    """Regress, print, and draw where that was asked for."""
    from trialpool.pool import Request
    from trialpool.regress import regression_request

    permutations, at = _permutations(arguments), _at(arguments)
    if arguments.along is not None and arguments.plot is None:
        raise OptionError("--along has no meaning without --plot; leave it out")
    with Progress(f"reading {arguments.file}") as progress:
        request = request_from(arguments)
        if not isinstance(request, Request):  # --method is no option of this verb, and words alone choose none
            raise OptionError("meta-regression is by inverse variance; it has no automatic choice")
        comparison = comparison_from(arguments)
        progress.say("fitting")
        fit = regression_request(
            comparison, arguments.formula, request, cluster=arguments.cluster, permutations=permutations
        )
        prediction = fit.predict(at) if at else None
        document = _document(fit, prediction, arguments.format)
        if arguments.plot is not None:
            from trialpool.plots.bubble import bubble

            progress.say("drawing")
            bubble(fit, arguments.along).save(arguments.plot)
    if not (arguments.format == "text" and sys.stdout is not None and sys.stdout.isatty()):
        raise_warnings(fit.notes)  # on a terminal the text shows them already
    print(document)
    return 0


def _permutations(arguments: argparse.Namespace) -> Permutations | None:
    if arguments.permutations is None:
        if arguments.seed is not None:
            raise OptionError("--seed has no meaning without --permutations; leave it out")
        return None
    from trialpool.regress import Permutations

    seed = {} if arguments.seed is None else {"seed": arguments.seed}
    return Permutations(draws=arguments.permutations, **seed)


def _at(arguments: argparse.Namespace) -> Mapping[str, Covariate]:
    found = dict(arguments.at)
    if len(found) < len(arguments.at):
        names = [name for name, _ in arguments.at]
        raise OptionError(f"--at gives {quoted(n for n in found if names.count(n) > 1)} twice; give each once")
    return found


def _document(fit: MetaRegression, prediction: RegressionPrediction | None, form: str) -> str:
    if form == "json":
        added = {"prediction": prediction.to_dict()} if prediction else {}
        return json.dumps({**fit.to_dict(), **added}, indent=2, ensure_ascii=False, allow_nan=False)
    if form == "csv":
        return _csv(fit, prediction)
    return "\n".join([str(fit), *([_prediction_line(prediction)] if prediction else [])])


def _csv(fit: MetaRegression, prediction: RegressionPrediction | None) -> str:
    """A row per coefficient and one for the prediction: the columns of ``tidy()``, then those of ``glance()``."""
    rows = fit.tidy()
    if prediction:
        names = ("estimate", "std_error", "conf_low", "conf_high", "df")
        where = ", ".join(f"{name} = {value}" for name, value in prediction.values.items())
        rows.append({"term": f"mean effect at {where}", **{name: getattr(prediction, name) for name in names}})
        if prediction.prediction:
            limits = {"conf_low": prediction.prediction.low, "conf_high": prediction.prediction.high}
            rows.append({"term": f"prediction interval at {where}", **limits, "df": prediction.prediction.df})
    names_of_rows = [*fit.tidy()[0], *fit.glance()]
    absent = dict.fromkeys(names_of_rows)
    return csv_text(names_of_rows, [{**absent, **row, **fit.glance()} for row in rows]).rstrip("\n")


def _prediction_line(prediction: RegressionPrediction) -> str:
    where = ", ".join(
        f"{name} = {value:g}" if isinstance(value, float) else f"{name} = {value}"
        for name, value in prediction.values.items()
    )
    line = f"\n{prediction.scale.abbreviation} at {clean_text(where)}: {format_estimate(*prediction.displayed)}"
    if prediction.displayed_prediction:
        line += f"; prediction interval {format_interval(*prediction.displayed_prediction)}"
    return line
