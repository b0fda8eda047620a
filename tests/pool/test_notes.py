"""Each note appears on a case made for it, says which studies it is about, and is raised if it is a warning."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pytest
from harmonise.builders import make_arm, make_comparison, make_trial

import trialpool
from trialpool.effects import ZeroCells
from trialpool.errors import TrialpoolWarning
from trialpool.harmonise import compare
from trialpool.pool import (
    Bayes,
    IntervalCensored,
    InverseVariance,
    MantelHaenszel,
    Peto,
    Pooled,
    make_request,
    pool,
    pool_request,
    pool_subgroups,
)
from trialpool.results import Note
from trialpool.trials import Bounded, Comparison, Contrast, GivenEffect, Means, Piece

TABLE = (20, 100, 10, 110)
PLAIN = make_comparison(TABLE, (25, 120, 16, 118), (18, 90, 17, 95), (30, 150, 22, 148), (19, 99, 12, 101))
NO_EVENTS = (0, 50, 0, 60)
ONLY_EVENTS = (50, 50, 60, 60)
NONE_TREATED = (0, 100, 12, 110)
NONE_CONTROL = (12, 100, 0, 110)

MULTI_ARM = [
    make_trial(
        f"T{i}",
        make_arm("drug", 20 + i, 100, label="low"),
        make_arm("drug", 25 + 2 * i, 100, label="high"),
        make_arm("placebo", 15, 101),
    )
    for i in range(5)
]


def multi_arm(handling: Literal["split", "shared"]) -> Comparison:
    return compare(MULTI_ARM, outcome="rash", treatment="drug", control="placebo", multi_arm=handling)


@dataclass(frozen=True)
class Case:
    comparison: Comparison
    level: Literal["info", "warning"]
    says: str
    studies: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


RARE = make_comparison(
    (3, 1000, 1, 1000), (2, 1000, 3, 1000), (4, 1000, 2, 1000), (1, 1000, 2, 1000), (1, 1000, 1, 1000)
)
UNEVEN = make_comparison((20, 200, 9, 100), (15, 100, 12, 101), (10, 100, 25, 300))
LARGE = make_comparison((30, 100, 10, 100), (28, 100, 11, 100))
CONSTANT = {"method": InverseVariance(zero_cells=ZeroCells(rule="constant"))}

MEANS = replace(
    PLAIN,
    contrasts=tuple(
        replace(c, means=(Means(5.0 + i, 2.0, 30), Means(6.0 - 12.0 * (i == 4), 2.0, 31)))
        for i, c in enumerate(PLAIN.contrasts)
    ),
)
ADJUSTED = replace(
    PLAIN,
    contrasts=tuple(
        replace(c, given=GivenEffect(0.1 * i, 0.04, True, "adjusted hazard ratio" if i else "hazard ratio"))
        for i, c in enumerate(PLAIN.contrasts)
    ),
)

CASES = {
    "double-zero": Case(
        make_comparison(TABLE, NO_EVENTS, TABLE, TABLE, ONLY_EVENTS, TABLE, TABLE),
        "info",
        "2 studies with no events (or no non-events) in both arms: not estimable, listed, not pooled",
        ("B", "E"),
        {"measure": "odds ratio"},
    ),
    "zero-cell-left-out": Case(
        make_comparison(TABLE, NONE_TREATED, TABLE, TABLE, NONE_CONTROL, TABLE, TABLE),
        "warning",
        "2 studies with an empty cell left out: inverse variance cannot use it without a correction",
        ("B", "E"),
    ),
    "zero-weight": Case(
        make_comparison(TABLE, NONE_CONTROL, TABLE),
        "info",
        "1 study with no events in the control arm: the weight in the sum is zero although the events count",
        ("B",),
        {"method": MantelHaenszel()},
    ),
    "no-own-effect": Case(
        make_comparison(TABLE, NONE_TREATED, TABLE),
        "info",
        "1 study with no estimable effect alone: part of the pooled estimate all the same",
        ("B",),
        {"method": MantelHaenszel()},
    ),
    "zero-cell-correction": Case(
        make_comparison(TABLE, NONE_TREATED, TABLE, TABLE, TABLE, TABLE),
        "info",
        "1 study corrected: constant correction of 0.5.",
        ("B",),
        CONSTANT,
    ),
    "split-control": Case(
        multi_arm("split"),
        "info",
        "Control arms shared by several arms were split",
        tuple(f"T{i}: {dose}" for i in range(5) for dose in ("low", "high")),
    ),
    "rare-events": Case(RARE, "warning", "Events are rare (0.2%, half of the studies with 4 or fewer)"),
    "few-studies": Case(make_comparison(TABLE, TABLE, TABLE, TABLE), "info", "Only 4 trials"),
    "unverified-input": Case(
        make_comparison(*[TABLE] * 5, verification="unverified"),
        "warning",
        "5 studies with counts that nothing confirms: this result rests on unverified input",
        tuple("ABCDE"),
    ),
    "no-prediction-interval": Case(make_comparison(TABLE, TABLE), "info", "it needs at least three studies"),
    "no-standard-deviation": Case(
        make_comparison(TABLE, (25, 120, 16, 118)),
        "info",
        "The posterior has no standard deviation",
        (),
        {"method": Bayes(tau_prior="half-cauchy(0.5)", effect_prior="flat")},
    ),
    "prior-without-unit": Case(
        PLAIN,
        "warning",
        "state tau_prior and effect_prior in its unit",
        (),
        {"measure": "risk difference", "method": Bayes()},
    ),
    # effects more alike than chance would have them
    "prediction-inside-confidence": Case(
        make_comparison((10, 100, 20, 100), (20, 200, 41, 200), (5, 50, 10, 50), (30, 300, 61, 300)),
        "info",
        "does not hold the whole confidence interval",
        (),
        {"method": InverseVariance(prediction="confidence-distribution")},
    ),
    "shared-control-covariance": Case(
        multi_arm("shared"), "info", "10 contrasts of 5 trials are pooled with the covariance"
    ),
    "peto-uneven-allocation": Case(
        UNEVEN, "warning", "2 of 3 studies allocate 2:1 or more", ("A", "C"), {"method": Peto()}
    ),
    "peto-large-effect": Case(LARGE, "warning", "biased towards 1 where the effect is large", (), {"method": Peto()}),
    "not-estimable": Case(
        MEANS,
        "warning",
        "1 study left out: the means do not have the same sign",
        ("E",),
        {"measure": "ratio of means"},
    ),
    "several-measures": Case(
        ADJUSTED,
        "warning",
        "calls the estimates hazard ratio, adjusted hazard ratio",
        ("A", "B", "C", "D", "E"),
        {"measure": "hazard ratio"},
    ),
}

UNLISTED = Contrast(
    "Z", "Z", "drug", "placebo", None, 100, None, 98, bounds=Bounded((Piece(0, 4, 100, 5),), (Piece(0, 4, 98, 5),))
)
WIDE = replace(UNLISTED, trial="W", label="W", bounds=Bounded((Piece(0, 100, 100),), (Piece(0, 98, 98),)))
WITH_BOUNDS = replace(PLAIN, contrasts=(*PLAIN.contrasts, UNLISTED))
CASES |= {
    "bounds-left-out": Case(
        WITH_BOUNDS, "warning", "1 study with events known within bounds alone left out: a registry lists", ("Z",)
    ),
    "counts-within-bounds": Case(
        WITH_BOUNDS,
        "info",
        "1 study with events known within bounds alone: part of the likelihood, by their bounds",
        ("Z",),
        {"measure": "odds ratio", "method": "interval-censored"},
    ),
    "conditional-on-listing": Case(
        WITH_BOUNDS,
        "info",
        "1 study with events known within bounds alone: not in the likelihood, which is of the listed trials",
        ("Z",),
        {"measure": "odds ratio", "method": IntervalCensored(likelihood="hypergeometric")},
    ),
    "bounds-exclude-nothing": Case(
        replace(PLAIN, contrasts=(*PLAIN.contrasts, WIDE)),
        "info",
        "1 study with events known within bounds alone: they say nothing",
        ("W",),
        {"measure": "odds ratio", "method": "interval-censored"},
    ),
}

SINGLE_ARM_CODES = {"not-randomised", "double-arcsine", "beyond-a-proportion", "no-own-value"}
SUBGROUP_CODES = {"covariate-missing", "subgroup-not-estimable", "no-interaction-test", "small-subgroups"}


def quietly(case: Case) -> Pooled:
    return pool_request(case.comparison, make_request(**case.options))


def note_of(pooled: Pooled, code: str) -> Note:
    (found,) = (note for note in pooled.notes if note.code == code)
    return found


@pytest.mark.parametrize("code", CASES)
def test_note_says_what_it_is_about(code):
    case = CASES[code]
    note = note_of(quietly(case), code)
    assert (note.level, note.studies) == (case.level, case.studies)
    assert case.says in note.message
    assert note.message.endswith(".")
    assert note.to_dict() in quietly(case).to_dict()["notes"]


@pytest.mark.parametrize("code", [code for code, case in CASES.items() if case.level == "warning"])
def test_warning_is_raised_by_the_public_door_and_kept(code):
    case = CASES[code]
    with pytest.warns(TrialpoolWarning) as caught:
        pooled = pool(case.comparison, **case.options)
    note = note_of(pooled, code)
    (raised,) = (w for w in caught if str(w.message) == note.message)
    assert raised.filename == __file__
    assert len(caught) == sum(n.level == "warning" for n in pooled.notes)


@pytest.mark.parametrize("code", [code for code, case in CASES.items() if case.level == "info"])
def test_note_that_is_no_warning_is_kept_without_one(code):
    case = CASES[code]
    assert note_of(pool(case.comparison, **case.options), code).level == "info"


def test_requests_made_before_raise_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert note_of(quietly(CASES["rare-events"]), "rare-events")


def test_plain_result_has_no_note():
    for options in ({}, {"measure": "odds ratio"}, {"method": MantelHaenszel()}, {"method": Peto()}):
        assert pool(PLAIN, **options).notes == ()


def test_every_note_of_the_pooling_code_has_a_case_here():
    codes = set()
    for path in (Path(trialpool.__file__).parent / "pool").glob("*.py"):
        if path.name.startswith(("multivariate", "dose_")):
            continue  # doors of their own, with tests of their own notes
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Note":
                (first, *_) = node.args
                assert isinstance(first, ast.Constant)
                codes.add(first.value)
    assert codes == set(CASES) | SUBGROUP_CODES | SINGLE_ARM_CODES


# --- where the line is drawn -----------------------------------------------------------------------------------------


def codes_of(comparison: Comparison, **options: Any) -> set[str]:
    return {note.code for note in pool_request(comparison, make_request(**options)).notes}


def rare_table(events: int, n: int) -> tuple[int, int, int, int]:
    return events, n, events, n


@pytest.mark.parametrize(
    ("events", "n", "warned"),
    [
        (4, 401, True),  # below 1 %, 8 events a study
        (4, 400, False),  # 1 % exactly
        (5, 5000, False),  # 10 events a study: enough for the normal approximation, however rare
        (1, 5000, True),
    ],
)
def test_rare_is_below_one_per_cent_with_few_events_a_study(events, n, warned):
    comparison = make_comparison(*[rare_table(events, n)] * 5)
    assert ("rare-events" in codes_of(comparison)) == warned


@pytest.mark.parametrize("options", [{"method": MantelHaenszel()}, {"method": Peto()}])
def test_methods_for_rare_events_are_not_warned_about(options):
    assert "rare-events" not in codes_of(RARE, **options)


def test_few_studies_are_fewer_than_five_that_contribute_to_random_effects():
    five = make_comparison(TABLE, TABLE, TABLE, TABLE, TABLE)
    four_and_a_double_zero = make_comparison(TABLE, TABLE, NO_EVENTS, TABLE, TABLE)
    assert "few-studies" not in codes_of(five)
    assert "few-studies" in codes_of(four_and_a_double_zero)
    assert "few-studies" not in codes_of(four_and_a_double_zero, method=InverseVariance(model="common"))


def test_prediction_interval_of_a_common_effect_needs_no_excuse():
    assert "no-prediction-interval" not in codes_of(
        make_comparison(TABLE, TABLE), method=InverseVariance(model="common")
    )


@pytest.mark.parametrize(("n", "warned"), [(200, True), (199, False)])
def test_uneven_is_two_to_one(n, warned):
    comparison = make_comparison((20, n, 11, 100), (15, 100, 12, 101))
    assert ("peto-uneven-allocation" in codes_of(comparison, method=Peto())) == warned


def test_effect_is_large_from_a_doubling_on_in_either_direction():
    halved = make_comparison((10, 100, 30, 100), (11, 100, 28, 100))
    assert "peto-large-effect" in codes_of(halved, method=Peto())
    small = make_comparison((30, 100, 24, 100), (28, 100, 20, 100))
    assert "peto-large-effect" not in codes_of(small, method=Peto())


def test_one_unverified_count_is_enough_and_corroborated_ones_are_none():
    for verification, expected in (
        ("corroborated", False),
        ("read", False),
        ("not stated", False),
        ("unverified", True),
    ):
        comparison = make_comparison(*[TABLE] * 5, verification=verification)
        assert ("unverified-input" in codes_of(comparison)) == expected


def test_unverified_counts_that_the_result_does_not_rest_on_are_not_flagged():
    five = make_comparison(*[TABLE] * 5)
    (empty,) = make_comparison(NO_EVENTS, verification="unverified").contrasts
    comparison = replace(five, contrasts=(*five.contrasts, replace(empty, label="F", trial="F")))
    assert "unverified-input" not in codes_of(comparison)
    used = pool_request(comparison, make_request(measure="risk difference", method=MantelHaenszel()))
    assert note_of(used, "unverified-input").studies == ("F",)


# --- subgroups -------------------------------------------------------------------------------------------------------


def test_warnings_of_subgroups_are_raised_once_by_their_door():
    comparison = make_comparison(
        *[TABLE] * 4, verification="unverified", covariates={"dose": ["low", "low", "high", None]}
    )
    with pytest.warns(TrialpoolWarning) as caught:
        result = pool_subgroups(comparison, "dose")
    raised = [str(w.message) for w in caught]
    assert raised[0] == next(n.message for n in result.notes if n.code == "covariate-missing")
    assert raised[1] == next(n.message for n in result.notes if n.code == "small-subgroups")
    assert raised[2:] == [note_of(g.pooled, "unverified-input").message for g in result.groups if g.pooled]
