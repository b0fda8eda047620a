"""review.toml to Review: validated as a whole, every mistake in one listing."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from trialpool.analysis.records import AnalysisSpec, OutcomeSpec, PublishedResult, Question, Review
from trialpool.analysis.review_checks import Record, as_names, find_problems, request_of
from trialpool.analysis.toml_lines import TomlLines
from trialpool.errors import ReviewError
from trialpool.pool import Thresholds

__all__ = ["read_review"]

_MOST_BYTES = 4 * 2**20
_ENCODING = "utf-8-sig"  # some editors put a byte order mark in front
_MOST_DIGITS = 15


def read_review(path: str | Path) -> Review:
    """Read and validate a review file.

    Parameters
    ----------
    path : str or Path
        A TOML file; its keys are documented in docs/reference/review-file.md.

    Returns
    -------
    Review

    Raises
    ------
    ReviewError
        The file cannot be read, is not TOML, or holds mistakes; all of them are listed with line and key.
    """
    path = Path(path)
    content = _content(path)
    document = _parse(path.name, content)
    lines = TomlLines(content.decode(_ENCODING))
    problems = find_problems(document, lines)
    if problems:
        raise ReviewError(path.name, problems)
    return replace(_review(document, path, hashlib.sha256(content).hexdigest()), lines=lines)


def _content(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise ReviewError(str(path), ["is not a file; give the path of a review file"])
        if path.stat().st_size > _MOST_BYTES:
            raise ReviewError(
                path.name, ["is larger than 4 MB; a review file names its data file, it does not hold the data"]
            )
        content = path.read_bytes()
    except OSError as error:
        reason = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise ReviewError(
            str(path), [f"{reason}; give the path of a review file, or make one with: trialpool example dupilumab"]
        ) from None
    if not content.strip():
        raise ReviewError(path.name, ["is empty; make an example with: trialpool example dupilumab"])
    return content


def _parse(name: str, content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode(_ENCODING), parse_float=Decimal)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ReviewError(
            name, [f"line {line}: is not UTF-8 (byte {content[error.start]:#04x}); save the file as UTF-8"]
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ReviewError(name, [f"is not valid TOML: {error}; correct that line"]) from None
    except (ValueError, ArithmeticError):
        raise ReviewError(name, ["holds a number with too many digits to read; shorten it"]) from None
    except RecursionError:
        raise ReviewError(name, ["is nested too deeply to read; no key takes lists in lists"]) from None


def _review(document: Record, path: Path, sha256: str) -> Review:
    comparison = document["comparison"]
    outcomes = {item["name"]: _outcome(item) for item in document["outcome"]}
    multi_arm = comparison.get("multi_arm", "combine")
    given: dict[str, Any] = {name: _plain_number(value) for name, value in document.get("automatic", {}).items()}
    thresholds = Thresholds(**given)
    return Review(
        title=document["title"],
        authors=document.get("authors", ""),
        question=Question(**document["question"]),
        data_file=document["data"]["file"],
        columns=document["data"].get("columns", {}),
        left_out_file=document["data"].get("left_out", ""),
        treatments=as_names(comparison["treatment"]),
        controls=as_names(comparison["control"]),
        outcomes=tuple(outcomes.values()),
        analyses=tuple(
            _analysis(item, outcomes[item["outcome"]], multi_arm, thresholds) for item in document["analysis"]
        ),
        published=tuple(_published(item) for item in document.get("published", [])),
        file_name=path.name,
        folder=str(path.parent),
        sha256=sha256,
        thresholds=thresholds,
    )


def _plain_number(value: int | Decimal) -> int | float:
    return value if isinstance(value, int) else float(value)


def _outcome(item: Record) -> OutcomeSpec:
    return OutcomeSpec(
        name=item["name"],
        label=item.get("label", item["name"]),
        better=item.get("better", "fewer"),
        baseline_risks=tuple(float(risk) for risk in item.get("baseline_risks", [])),
        description=item.get("description", ""),
    )


def _analysis(item: Record, outcome: OutcomeSpec, multi_arm: str, thresholds: Thresholds) -> AnalysisSpec:
    request, automatic = request_of(item, thresholds)
    return AnalysisSpec(
        id=item["id"],
        title=item.get("title", outcome.label),
        outcome=outcome,
        request=request,
        kind=item.get("kind", "planned"),
        multi_arm=item.get("multi_arm", multi_arm),
        subgroups=tuple(item.get("subgroups", [])),
        comment=item.get("comment", ""),
        automatic=automatic,
    )


def _published(item: Record) -> PublishedResult:
    estimate, low, high = (Decimal(item[name]) for name in ("estimate", "conf_low", "conf_high"))
    return PublishedResult(
        analysis=item["analysis"],
        measure=item.get("measure", ""),
        estimate=float(estimate),
        conf_low=float(low),
        conf_high=float(high),
        digits=(_decimals(estimate), _decimals(low), _decimals(high)),
        trials=item.get("trials"),
        participants=item.get("participants"),
        source=item["source"],
        comment=item.get("comment", ""),
    )


def _decimals(number: Decimal) -> int:
    """The decimals that a number was written with."""
    return min(_MOST_DIGITS, max(0, -int(number.as_tuple().exponent)))
