"""The table of rare-event results is reproduced, and would say so if it were not."""

from __future__ import annotations

import csv
import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parents[2] / "validation"


def module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("rare_events_table", path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_every_cell_and_second_route_holds(capsys):
    assert module(HERE / "rare_events_table.py").main() == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-1].startswith("104 cells")
    assert "OFF" not in out


def test_a_cell_that_is_off_is_named(tmp_path, capsys):
    shutil.copy(HERE / "rare_events_table.py", tmp_path)
    (tmp_path / "data").mkdir()
    shutil.copy(HERE / "data" / "tausk2021.csv", tmp_path / "data")
    with (HERE / "rare_events_table.csv").open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["data"] == "tausk2021")
    row["expected"] = str(float(row["expected"]) + 0.001)
    with (tmp_path / "rare_events_table.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    assert module(tmp_path / "rare_events_table.py").main() == 1
    assert "OFF" in capsys.readouterr().out
