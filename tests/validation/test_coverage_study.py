"""The study is about the product: its fast routes give what the public door gives. And it can be run in parts, again."""

from __future__ import annotations

import doctest
import importlib
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from validation.coverage import routes
from validation.coverage.__main__ import chosen_cells, main
from validation.coverage.answers import Answers, answers_at
from validation.coverage.cells import EFFECT, Cell, all_cells, generate
from validation.coverage.methods import AUTOMATIC_CHOICE, METHODS, automatic_answers
from validation.coverage.performance import row, rows_of
from validation.coverage.report import LEAST_COVERAGE, report
from validation.coverage.routes import answer, answer_at_the_door, comparison_of
from validation.coverage.store import RESULTS, TABLES, read_rows
from validation.coverage.truth import true_effect

from trialpool.errors import NotEstimableError
from trialpool.pool import Automatic, InverseVariance, MantelHaenszel, Request, pool_request

SPARSE, RARE, COMMON = Cell(3, 0.005, 0.5, 2), Cell(5, 0.02, 0.2, 1), Cell(3, 0.1, 0.5, 1)
ANY = {"method": "any", "measure": "odds ratio"}


@cache
def datasets() -> np.ndarray:
    """Six of each of three cells, the last slots of the smaller ones empty of events; two without events in one arm or both."""
    parts = [generate(cell, 6) for cell in (SPARSE, RARE, COMMON)]
    widened = [
        np.concatenate([part, np.tile([[[0.0], [60], [0], [50]]], (6, 1, 5 - part.shape[2]))], 2) for part in parts
    ]
    no_treatment_events, no_events = widened[2][:1].copy(), widened[2][:1].copy()
    no_treatment_events[:, 0], no_events[:, [0, 2]] = 0.0, 0.0
    return np.concatenate([*widened, no_treatment_events, no_events])


@cache
def fast(name: str) -> Answers:
    return answer(datasets(), METHODS[name])


@pytest.mark.parametrize("module", ["cells", "truth", "performance", "__main__"])
def test_examples_of_the_docstrings(module):
    found = doctest.testmod(importlib.import_module(f"validation.coverage.{module}"))
    assert (found.attempted > 0, found.failed) == (True, 0)


@pytest.mark.parametrize("name", METHODS)
def test_a_route_gives_what_the_door_gives(name):
    door = answer_at_the_door(datasets(), METHODS[name])
    np.testing.assert_allclose(fast(name).numbers[:, door.given], door.numbers[:, door.given], rtol=1e-7, atol=1e-9)
    assert fast(name).given.tolist() == door.given.tolist()
    assert not (fast(name).failed | door.failed).any()
    assert 0 < door.given.sum() < len(door)
    assert [bool(reason) for reason in fast(name).reasons] == [bool(reason) for reason in door.reasons]


@pytest.mark.parametrize("measure", ["odds ratio", "risk ratio"])
@pytest.mark.parametrize("method", [InverseVariance(), InverseVariance(model="common")])
def test_routes_of_the_automatic_choice_that_are_no_method_of_the_study(measure, method):
    request = Request(measure=measure, method=method)
    here, door = answer(datasets(), request), answer_at_the_door(datasets(), request)
    np.testing.assert_allclose(here.numbers, door.numbers, rtol=1e-9)


def test_automatic_choice_is_that_of_the_door():
    chosen = automatic_answers(datasets(), {name: fast(name) for name in METHODS})
    for i, table in enumerate(datasets()):
        try:
            pooled = pool_request(comparison_of(table), Automatic())
        except NotEstimableError:
            assert chosen.answers.reasons[i]
            continue
        own = (pooled.estimate, pooled.std_error, pooled.conf_low, pooled.conf_high)
        np.testing.assert_allclose(chosen.answers.numbers[:, i], own, rtol=1e-7, atol=1e-9)
        assert chosen.measures[i] == pooled.request.measure
        assert chosen.choices[i].endswith(pooled.selection.situation)
    assert len(set(chosen.choices)) >= 3
    assert chosen.choices[-1] == "none"


def test_a_crash_costs_one_data_set_and_is_a_failure(monkeypatch):
    whole = routes._ROUTES[MantelHaenszel]

    def fragile(tables, request):
        if (tables == datasets()[8]).all(axis=(1, 2)).any():
            raise ZeroDivisionError("by zero")
        return whole(tables, request)

    monkeypatch.setitem(routes._ROUTES, MantelHaenszel, fragile)
    found = answer(datasets(), METHODS["Mantel-Haenszel"])
    assert np.flatnonzero(found.failed).tolist() == [8]
    assert found.crashes[8] == "ZeroDivisionError: by zero"
    others = np.delete(np.arange(len(found)), 8)
    np.testing.assert_array_equal(found.numbers[:, others], fast("Mantel-Haenszel").numbers[:, others])


def test_what_counts_as_a_number():
    numbers = np.array([[0.0, 0, 0, 0], [1.0, 1e4, 1, np.nan], [-2.0, -2, -np.inf, -2], [2.0, 2, 2, 2]])
    found = Answers.of(numbers, ["", "", "", "a reason"])
    assert found.given.tolist() == [True, False, False, False]
    assert found.failed.tolist() == [False, True, True, False]


def test_answers_of_parts_come_back_in_their_order():
    parts = [(np.array(own), Answers.of(np.tile(np.array(own, dtype=float), (4, 1)))) for own in ([3, 1], [0, 2])]
    assert answers_at(4, parts).numbers[0].tolist() == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="4 answers, not 5"):
        answers_at(5, parts)


def test_generator_has_the_properties_it_states():
    cell = Cell(30, 0.1, 0.5, 2)
    a, n1, c, n2 = np.moveaxis(generate(cell, 1000), 1, 0)
    log_total = np.log(n1 + n2)
    assert log_total.mean() == pytest.approx(0.5 * np.log(100 * 1000), abs=0.02)
    assert log_total.std() == pytest.approx(np.log(10) / 12**0.5, abs=0.01)
    assert np.abs(n1 - 2 * n2).max() <= 1
    large = n2 > 250  # there empirical logits are nearly unbiased
    logits = [np.log((x + 0.5) / (n - x + 0.5))[large] for x, n in ((a, n1), (c, n2))]
    assert logits[1].mean() == pytest.approx(np.log(0.1 / 0.9), abs=0.02)
    difference = logits[0] - logits[1]
    assert difference.mean() == pytest.approx(EFFECT, abs=0.02)
    cells = np.stack([a, n1 - a, c, n2 - c])[:, large] + 0.5
    sampling = (1 / cells).sum(axis=0).mean()
    assert difference.var() == pytest.approx(0.5**2 + sampling, rel=0.1)


@pytest.mark.parametrize("baseline", ["control", "midpoint"])
def test_what_varies_independently_of_the_effects(baseline):
    a, n1, c, n2 = np.moveaxis(generate(Cell(30, 0.1, 0.5, 1, EFFECT, baseline), 1000), 1, 0)
    large = n2 > 250
    logits = [np.log((x + 0.5) / (n - x + 0.5))[large] for x, n in ((a, n1), (c, n2))]
    noise = [(1 / (x + 0.5) + 1 / (n - x + 0.5))[large].mean() for x, n in ((a, n1), (c, n2))]
    covariance = np.cov(logits[1], logits[0] - logits[1])[0, 1] + noise[1]
    assert covariance == pytest.approx(0.0 if baseline == "control" else -0.5 * 0.5**2, abs=0.015)


def test_cells_are_90_and_their_numbers_are_independent():
    cells = all_cells()
    assert len({cell.name for cell in cells}) == len(cells) == 90
    firsts = {cell.generator(block).integers(2**62) for cell in (*cells, *all_cells(0.0)) for block in (0, 1)}
    assert len(firsts) == 360


def test_parts_cover_every_cell_once():
    parts = [chosen_cells(all_cells(), None, f"{i}/7") for i in range(1, 8)]
    assert sorted(cell.name for part in parts for cell in part) == sorted(cell.name for cell in all_cells())
    assert [cell.name for cell in chosen_cells(all_cells(), "90,3-4", None)] == [
        all_cells()[i].name for i in (89, 2, 3)
    ]


@pytest.mark.parametrize("cell", [SPARSE, COMMON, replace(COMMON, baseline="midpoint")])
def test_true_risk_ratio_is_the_mean_over_trials(cell):
    rng = np.random.default_rng(5)
    control = rng.normal(np.log(cell.risk / (1 - cell.risk)), 0.5, 400_000)
    departure = rng.normal(0.0, cell.tau, 400_000)
    control -= (cell.baseline == "midpoint") * departure / 2
    treated = control + cell.effect + departure
    ratio = np.log((1 + np.exp(-control)) / (1 + np.exp(-treated)))
    assert true_effect(cell, "risk ratio") == pytest.approx(ratio.mean(), abs=5 * ratio.std() / 400_000**0.5)
    assert true_effect(cell, "risk ratio", 80) == pytest.approx(true_effect(cell, "risk ratio"), abs=1e-13)
    with pytest.raises(ValueError, match="no truth"):
        true_effect(cell, "risk difference")


def test_a_row_by_hand():
    numbers = np.array([[-0.4, -0.9, 0.3, np.nan, np.nan], [0.1] * 5, [-0.6, -1.0, 0.0, 0, 0], [-0.1, -0.7, 0.5, 1, 1]])
    found = row(RARE, Answers.of(numbers, ["", "", "", "a reason", ""]), np.full(5, -0.5), ANY)
    counts = {"datasets": 5, "estimated": 3, "not_estimable": 1, "failures": 1}
    assert {name: found[name] for name in counts} == counts
    assert float(found["bias"]) == pytest.approx((0.1 - 0.4 + 0.8) / 3, abs=1e-4)
    assert float(found["bias_error"]) == pytest.approx(np.std([0.1, -0.4, 0.8], ddof=1) / 3**0.5, abs=1e-4)
    assert (found["coverage"], found["median_width"]) == ("0.3333", "0.5000")
    assert float(found["coverage_error"]) == pytest.approx((1 / 3 * 2 / 3 / 3) ** 0.5, abs=1e-4)


def test_a_cell_where_nothing_is_estimable_has_counts_alone():
    found = row(SPARSE, Answers.nothing(reason="no events"), np.full(1, -0.5), ANY)
    assert (found["not_estimable"], found["coverage"], found["bias"]) == (1, "", "")


def test_choices_add_up_to_the_automatic_row():
    rows, failed = rows_of(SPARSE, 12)
    assert not failed
    own = [one for one in rows if one["method"] == AUTOMATIC_CHOICE]
    assert own[0]["datasets"] == sum(one["datasets"] for one in own[1:]) == 12
    assert own[0]["estimated"] == sum(one["estimated"] for one in own[1:])
    assert {one["method"] for one in rows} == {*METHODS, AUTOMATIC_CHOICE}


def test_run_resume_and_merge(tmp_path, capsys):
    options = ["--cells", "25", "--folder", str(tmp_path / "cells")]
    assert main(["run", "--datasets", "3", *options]) == 0
    (file,) = (tmp_path / "cells").iterdir()
    first = file.read_bytes()
    file.write_bytes(first.replace(b"Peto,", b"Pete,"))
    assert main(["run", "--datasets", "3", *options]) == 0
    assert b"Pete," in file.read_bytes(), "a cell that is there is not run again"
    file.unlink()
    assert main(["run", "--datasets", "3", *options]) == 0
    assert file.read_bytes() == first, "the same seed gives the same bytes"
    targets = ["--results", str(tmp_path / "results.csv"), "--tables", str(tmp_path / "RESULTS.md")]
    assert main(["merge", *targets, "--folder", str(tmp_path / "cells")]) == 0
    merged = (tmp_path / "results.csv").read_bytes()
    assert merged == first
    assert main(["merge", *targets, "--folder", str(tmp_path / "empty")]) == 0
    assert (tmp_path / "results.csv").read_bytes() == merged, "rows of cells that are not there are kept"
    assert "| 0.5 % | 3 | 0 |" not in (tmp_path / "RESULTS.md").read_text()
    assert "Pete" not in capsys.readouterr().out


def test_the_page_names_where_the_automatic_choice_is_too_narrow():
    def of(coverage, chosen=""):
        numbers = {"estimated": 1000, "not_estimable": 0, "failures": 0, "bias": "0.0100", "bias_error": "0.01"}
        about = {"method": AUTOMATIC_CHOICE, "chosen": chosen, "measure": "odds ratio", "datasets": 1000}
        return {
            **RARE.columns,
            **about,
            **numbers,
            "coverage": coverage,
            "coverage_error": "0.0080",
            "median_width": "1.2",
        }

    low = report([of("0.9100"), of("0.9000", "hypergeometric-normal: rare events")])
    assert "**91.0**" in low
    assert "| hypergeometric-normal: rare events | 1000 | 90.0 (0.8) |" in low
    assert "| automatic choice | 91.0 | 91.0 | 91.0 | 1 | 1 |" in low
    assert "**Rare events, hypergeometric-normal model.**" in low
    assert "**Common events.**" not in low
    assert "Nowhere." in report([of("0.9300")])


@pytest.mark.skipif(not RESULTS.is_file(), reason="the study has not been run")
def test_committed_results_are_whole_and_have_no_failure():
    rows = read_rows(RESULTS)
    assert Path(TABLES).read_text(encoding="utf-8") == report(rows)
    whole = [one for one in rows if not one["chosen"]]
    assert len(whole) == 90 * (len(METHODS) + 1)
    assert all(int(one["datasets"]) >= 1000 and int(one["failures"]) == 0 for one in whole)
    assert 0.9 < LEAST_COVERAGE < 0.95
