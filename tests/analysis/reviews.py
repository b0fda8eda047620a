"""Review files: a short valid one to spoil in one place, and random valid ones in random styles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from trialpool.analysis.schema import TABLES
from trialpool.trials import MULTI_ARM

VALID = """\
title = "Rash and nausea"

[question]
population = "Adults"
intervention = "Drug"
comparator = "Placebo"

[data]
file = "arms.csv"

[comparison]
treatment = "drug"
control = "placebo"
multi_arm = "split"

[[outcome]]
name = "rash"
label = "Rash of any kind"
baseline_risks = [0.05, 0.10]

[[outcome]]
name = "nausea"

[[analysis]]
id = "rash-planned"
outcome = "rash"
subgroups = ["weeks"]
profile = "trialpool"

[[analysis]]
id = "nausea-or"
outcome = "nausea"
kind = "sensitivity"
measure = "odds ratio"
tau2 = "DL"

[[published]]
analysis = "nausea-or"
estimate = 0.98
conf_low = 0.83
conf_high = 1.16
source = "Smith 2004"
"""

ARMS = """\
trial,arm,treatment,weeks,outcome,events,n
Smith,drug,drug,12,rash,10,100
Smith,placebo,placebo,12,rash,20,101
Jones,drug,drug,12,rash,12,120
Jones,placebo,placebo,12,rash,18,119
Brown,low,drug,52,rash,9,90
Brown,high,drug,52,rash,14,95
Brown,placebo,placebo,52,rash,16,92
Smith,drug,drug,12,nausea,5,100
Smith,placebo,placebo,12,nausea,4,101
Jones,drug,drug,12,nausea,8,120
Jones,placebo,placebo,12,nausea,3,119
"""


def spoiled(old: str, new: str, text: str = VALID) -> str:
    """The text with one passage, of which there has to be exactly one, written otherwise."""
    assert text.count(old) == 1, (old, text.count(old))
    return text.replace(old, new)


def line_of(text: str, passage: str) -> int:
    """The line on which the only such passage begins."""
    assert text.count(passage) == 1, (passage, text.count(passage))
    return text[: text.index(passage)].count("\n") + 1


def write_review(folder: Path, text: str | bytes = VALID, arms: str = ARMS) -> Path:
    """A review with its data."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "arms.csv").write_text(arms, encoding="utf-8")
    path = folder / "review.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# --- random documents ------------------------------------------------------------------------------------------------

Values = Mapping[str, Any]
NAMES = st.text(min_size=1).filter(lambda name: name.strip())
COMMENTS = ["", "", "# x", '# """', "# [[analysis]]", "# id = 'x", "#'''"]
GAPS = ["", "", "\n", '# """\n', "# [fake]\n", "\n\n# key = 1\n"]

OPTIONS = st.one_of(
    st.sampled_from(
        [
            {},
            {"measure": "odds ratio", "method": "mantel-haenszel", "zero_cells": "treatment-arm"},
            {"method": "peto"},
            {"model": "common", "zero_cells": "constant", "increment": Decimal("0.25"), "double_zero": "corrected"},
            {"profile": "revman5", "conf_level": Decimal("0.90")},
            {"measure": "risk difference", "method": "mantel-haenszel", "risk_difference_variance": "Sato"},
        ]
    ),
    st.fixed_dictionaries(
        {"tau2": st.sampled_from(["REML", "DL", "PM"]), "i2": st.sampled_from(["tau2", "Q"])},
        optional={
            "interval": st.sampled_from(["wald", "hartung-knapp"]),
            "prediction": st.sampled_from(["k-1", "k-2"]),
            "kind": st.sampled_from(["planned", "post hoc"]),
            "multi_arm": st.sampled_from(MULTI_ARM),
            "comment": st.text(),
        },
    ),
)
RISKS = st.lists(st.decimals("0.001", "0.999", places=3), min_size=1, max_size=3)
DECIMALS = st.decimals(-99, 99, places=2)


@dataclass
class Document:
    """TOML text with what it says and the line of each key."""

    text: str = ""
    tables: list[tuple[str, int, Values]] = field(default_factory=list)
    lines: dict[tuple[str, int, str], int] = field(default_factory=dict)

    def add(self, text: str) -> int:
        line = self.text.count("\n") + 1
        self.text += text
        return line

    def values(self, table: str, index: int = 0) -> Values:
        return next(values for name, i, values in self.tables if (name, i) == (table, index))


@st.composite
def contents(draw: st.DrawFn) -> list[tuple[str, int, Values]]:
    """Tables with their number and values, in an order that TOML allows."""
    outcomes = draw(st.lists(NAMES, min_size=1, max_size=3, unique_by=lambda name: name.strip().casefold()))
    ids = draw(st.lists(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,9}", fullmatch=True), min_size=1, max_size=3, unique=True))
    tables: list[tuple[str, int, Values]] = [
        ("question", 0, {name: draw(NAMES) for name in ("population", "intervention", "comparator")}),
        ("data", 0, {"file": draw(NAMES)}),
        ("comparison", 0, {"treatment": draw(st.sampled_from(["drug", ["a", "b"]])), "control": "placebo"}),
    ]
    for i, name in enumerate(outcomes):
        optional = {
            "label": NAMES,
            "better": st.sampled_from(["fewer", "more"]),
            "baseline_risks": RISKS,
            "description": st.text(),
        }
        tables.append(("outcome", i, {"name": name, **draw(st.fixed_dictionaries({}, optional=optional))}))
    for i, name in enumerate(ids):
        tables.append(("analysis", i, {"id": name, "outcome": draw(st.sampled_from(outcomes)), **draw(OPTIONS)}))
    for i in range(draw(st.integers(0, 2))):
        low, middle, high = sorted(draw(st.lists(DECIMALS, min_size=3, max_size=3)))
        limits = {"estimate": middle, "conf_low": low, "conf_high": high}
        tables.append(("published", i, {"analysis": draw(st.sampled_from(ids)), "source": draw(NAMES), **limits}))
    return [("", 0, {"title": draw(NAMES)}), *draw(st.permutations(tables[:3])), *tables[3:]]


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A valid review file in some style: comments, quoted keys, inline tables, text over several lines."""
    document = Document()
    for table, index, values in draw(contents()):
        document.tables.append((table, index, values))
        document.add(draw(st.sampled_from(GAPS)))
        if table in {"question", "data"} and draw(st.booleans()) and not any(t for t, *_ in document.tables[:-1]):
            inline = ", ".join(f"{key} = {_text(value)}" for key, value in values.items())
            line = document.add(f"{table} = {{ {inline} }}\n")
            document.lines.update({(table, index, key): line for key in values})
            continue
        if table:
            brackets = f"[[{table}]]" if TABLES[table].repeated else f"[{table}]"
            document.lines[table, index, ""] = document.add(f"{brackets} {draw(st.sampled_from(COMMENTS))}\n")
        for key, value in values.items():
            document.add(draw(st.sampled_from(GAPS)))
            quoted = draw(st.sampled_from([key, f'"{key}"', f"'{key}'"]))
            written = (
                f"{quoted} = {_written(value, over_lines=draw(st.booleans()))} {draw(st.sampled_from(COMMENTS))}\n"
            )
            document.lines[table, index, key] = document.add(written)
    return document


def _text(value: str) -> str:
    """A TOML basic string: JSON's, but that TOML wants DEL escaped too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _written(value: Any, *, over_lines: bool) -> str:
    if isinstance(value, list):
        items = [_written(item, over_lines=False) for item in value]
        return "[\n  " + ", # ]\n  ".join(items) + "\n]" if over_lines else f"[{', '.join(items)}]"
    if isinstance(value, str):
        return f'"""\\\n  {_text(value)[1:-1]}"""' if over_lines and value.strip() == value else _text(value)
    return str(value)
