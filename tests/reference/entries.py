"""The pinned entries, and the way from an entry's settings to trialpool's own answer."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

from trialpool.effects import ZeroCells
from trialpool.harmonise import compare
from trialpool.pool import InverseVariance, MantelHaenszel, Peto, Pooled, Request, pool_request
from trialpool.read import read_table
from trialpool.trials import Comparison

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "validation" / "data"

Entry = dict[str, Any]


def load(name: str) -> list[Entry]:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))["entries"]


def identifiers(entries: list[Entry]) -> list[str]:
    return [entry["id"] for entry in entries]


@cache
def comparison(dataset: str, multi_arm: str = "combine") -> Comparison:
    path = DATA / f"{dataset}.csv"
    if path.read_text(encoding="utf-8").startswith("trial,arm"):
        rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
        table = read_table([{**dict(zip(rows[0], row, strict=True)), "outcome": "event"} for row in rows[1:]])
        return compare(table.trials, outcome="event", treatment="active", control="control", multi_arm=multi_arm)
    table = read_table(path, outcome="event")
    return compare(table.trials, outcome="event", treatment="treatment", control="control", multi_arm=multi_arm)


def zero_cells(settings: Entry) -> ZeroCells:
    rule = settings.get("zero_cells", "none")
    if rule == "none":
        return ZeroCells()
    double_zero = "corrected" if settings.get("double_zero") == "corrected" else "not estimable"
    return ZeroCells(rule=rule, increment=settings.get("increment", 0.5), double_zero=double_zero)


def request(settings: Entry) -> Request:
    measure, level = settings["measure"], settings.get("conf_level", 0.95)
    if settings["method"] == "peto":
        return Request(measure=measure, method=Peto(), conf_level=level)
    if settings["method"] == "mantel-haenszel":
        variance = None
        if measure == "risk difference":
            variance = {"sato": "Sato", "greenland-robins": "Greenland-Robins"}[settings["variance"]]
        method: Any = MantelHaenszel(zero_cells=zero_cells(settings), risk_difference_variance=variance)
    elif settings["model"] == "common":
        method = InverseVariance(model="common", zero_cells=zero_cells(settings))
    else:
        method = InverseVariance(
            tau2=settings["tau2"],
            interval=settings["interval"],
            prediction=settings.get("prediction"),
            zero_cells=zero_cells(settings),
        )
    return Request(measure=measure, method=method, conf_level=level)


def pooled(entry: Entry) -> Pooled:
    settings = entry["settings"]
    return pool_request(comparison(entry["dataset"], settings.get("multi_arm", "combine")), request(settings))


def ours(result: Pooled, name: str) -> float | None:
    """Our value of a pinned name."""
    h, p = result.heterogeneity, result.prediction
    if name in ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"):
        return getattr(result, name)
    if name in ("tau2", "tau2_low", "tau2_high", "q", "q_df", "q_p_value"):
        return getattr(h, name)
    if name in ("prediction_low", "prediction_high"):
        return None if p is None else {"prediction_low": p.low, "prediction_high": p.high}[name]
    return {
        "i2_tau2": lambda: h.i2_from_tau2,
        "i2_q": lambda: h.i2_from_q,
        "h2_q": lambda: h.q / h.q_df,
        "h2_tau2": lambda: h.h2,
        "k": lambda: sum(study.estimate is not None for study in result.studies),
        "k_informative": lambda: result.k_informative,
    }[name]()


def close(value: float | None, pinned: float | None, *, relative: float = 1e-8, absolute: float = 1e-12) -> bool:
    """Whether two values agree; None agrees with None alone."""
    if value is None or pinned is None:
        return value is None and pinned is None
    return math.isclose(value, pinned, rel_tol=relative, abs_tol=absolute)
