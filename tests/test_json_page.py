"""docs/reference/json.md lists exactly the keys that results have, and their types."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import trialpool as tp
from trialpool.datasets import example_files
from trialpool.pool import Bayes, Pooled
from trialpool.trials import Bounded, Contrast, Piece

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "json.md"
TYPES = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "null": (type(None),),
}
ROW = re.compile(r"^\| `(?P<key>\w+)` \| (?P<type>[^|]+) \|", re.MULTILINE)


def documented() -> dict[str, dict[str, str]]:
    """For each object of the page: key to type."""
    _, *sections = re.split(r"^## `(\w+)`$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    names, bodies = sections[::2], sections[1::2]
    return {
        name: {m["key"]: m["type"].strip() for m in ROW.finditer(body)}
        for name, body in zip(names, bodies, strict=True)
    }


KEYS = documented()


def objects_in(value: Any, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The object and all objects below it, each with the name that the page gives its kind."""
    yield kind, value
    for key, stated in KEYS[kind].items():
        link = re.search(r"\(#(\w+)\)", stated)
        if link and key in value and value[key] is not None:
            below = value[key] if stated.startswith("list of") else [value[key]]
            for one in below:
                yield from objects_in(one, link[1])


def pooled_results() -> Iterator[Pooled]:
    """Common and random, Mantel-Haenszel and Peto, trials left out, arms combined, too few studies for some numbers."""
    skin = {"outcome": "skin infection", "treatment": "dupilumab", "control": "placebo"}
    dupilumab = tp.compare(tp.load_dataset("dupilumab").trials, **skin)
    yield tp.pool(dupilumab)
    yield tp.pool(dupilumab.keep([0, 1]), method=tp.InverseVariance(model="common"))
    arms = {"outcome": "cardiovascular death", "treatment": "rosiglitazone", "control": "control"}
    rosiglitazone = tp.compare(tp.load_dataset("rosiglitazone").trials, **arms)
    yield tp.pool(rosiglitazone, measure="risk difference", method=tp.MantelHaenszel())
    yield tp.pool(rosiglitazone, method=tp.Peto())
    yield tp.pool(rosiglitazone, method="auto")
    yield tp.pool(rosiglitazone, measure="odds ratio", method=Bayes(likelihood="hypergeometric", relevant=1.2))
    yield tp.pool(rosiglitazone, measure="odds ratio", method=tp.InverseVariance(interval="wald", prediction="normal"))
    data = Path(__file__).parents[1] / "validation" / "data"
    warfarin = {"outcome": "stroke", "treatment": "warfarin", "control": "control"}
    rates = tp.compare(tp.read_table(data / "hart1999.csv").trials, **warfarin)
    yield tp.pool(rates, measure="rate ratio", method="auto")
    stroke_units = {"outcome": "length of stay", "treatment": "specialist", "control": "routine"}
    means = tp.compare(tp.read_table(data / "normand1999.csv").trials, **stroke_units)
    yield tp.pool(means, measure="mean difference")
    unlisted = Bounded((Piece(0, 4, 100, 5),), (Piece(0, 4, 98, 5),))
    trial = Contrast("Z", "Z", "drug", "placebo", None, 100, None, 98, bounds=unlisted)
    within = replace(dupilumab, contrasts=(*dupilumab.contrasts, trial))
    yield tp.pool(within, measure="odds ratio", method="interval-censored")


def regressions() -> Iterator[tuple[dict[str, Any], str]]:
    """Meta-regressions with and without random effects, clusters and permutations, and their predictions."""
    arms = {"outcome": "tuberculosis", "treatment": "BCG vaccine", "control": "no vaccine"}
    bcg = tp.compare(tp.load_dataset("bcg").trials, **arms)
    for options in (
        {"permutations": tp.Permutations(draws=200)},
        {"cluster": "trial"},
        {"method": tp.InverseVariance(model="common")},
    ):
        fit = tp.meta_regression(bcg, "~ latitude + allocation", **options)
        yield fit.to_dict(), "meta_regression"
        yield fit.predict({"latitude": 40, "allocation": "random"}).to_dict(), "prediction_at"


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict[str, list[dict[str, Any]]]:
    """Every object in the JSON of the example reviews and of other pooled results, by kind."""
    with pytest.warns(tp.TrialpoolWarning):
        documents = [*((result.to_dict(), "pooled") for result in pooled_results()), *regressions()]
    for name in ("bcg", "dupilumab", "rosiglitazone"):
        folder = tmp_path_factory.mktemp(name)
        for file, content in example_files(name).items():
            (folder / file).write_bytes(content)
        if name == "bcg":
            (folder / "excluded.csv").write_text("trial,reason,title\nA,no control,T\n")
            review = folder / "review.toml"
            review.write_text(review.read_text().replace("[data]\n", '[data]\nleft_out = "excluded.csv"\n'))
        documents.append((tp.run(folder / "review.toml").to_dict(), "analysis"))
    objects = defaultdict(list)
    for document, kind in documents:
        as_read = json.loads(json.dumps(document, allow_nan=False))
        for name, one in objects_in(as_read, kind):
            objects[name].append(one)
    return objects


def fits(value: Any, stated: str) -> bool:
    words = re.sub(r"\[`\w+`\]\(#\w+\)", "object", stated).replace(",", "")
    if isinstance(value, list):
        return "list of" in words
    alternatives = [word for word in re.split(r" or | ", words) if word in TYPES]
    return any(type(value) in TYPES[word] for word in alternatives) and not (
        words.startswith("list") and value is not None
    )


@pytest.mark.parametrize("kind", KEYS)
def test_page_lists_exactly_the_keys(kind, found):
    assert found[kind], f"no result here has an object of the kind {kind!r}"
    for one in found[kind]:
        assert sorted(one) == sorted(KEYS[kind])


@pytest.mark.parametrize("kind", KEYS)
def test_values_have_the_stated_types(kind, found):
    wrong = {
        (key, str(one[key])[:60])
        for one in found[kind]
        for key, stated in KEYS[kind].items()
        if not fits(one[key], stated)
    }
    assert sorted(wrong) == []


def test_values_stated_to_be_null_sometimes_are_not_always(found):
    never = {(kind, key) for kind in KEYS for key in KEYS[kind] if all(one[key] is None for one in found[kind])}
    assert sorted(never) == []


def test_checker_of_types_can_say_no():
    assert fits(1, "integer or null")
    assert fits(None, "integer or null")
    assert fits({}, "[`prediction`](#prediction) or null")
    assert not fits(1.5, "integer")
    assert not fits(True, "number")
    assert not fits("a", "list of strings")
    assert not fits([1], "number")
    assert not fits(None, "[`request`](#request)")
