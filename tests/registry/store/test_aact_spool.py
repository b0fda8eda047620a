"""AACT's pipe-delimited files to whole records."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest
from registry.store.test_aact_records import aact_rows, as_kept_by_aact

from trialpool.errors import InputError
from trialpool.registry.read import Loaded, Problem
from trialpool.registry.store import TABLES, read_aact


def write_files(folder: Path, records, tables=TABLES) -> None:
    """As AACT writes them; the rows in any order, since a file need not be sorted by trial."""
    scattered = random.Random(7)
    by_record = [aact_rows(record) for record in records]
    for table in tables:
        columns = [column.name for column in TABLES[table].columns if not column.ours]
        rows = [row for tables_of in by_record for row in tables_of.get(table, [])]
        scattered.shuffle(rows)
        lines = ["|".join(columns), *("|".join(field(row[name]) for name in columns) for row in rows)]
        (folder / f"{table}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def field(value) -> str:
    text = "" if value is None else " ".join(str(value).splitlines())
    return f'"{text}"' if "|" in text else text


def test_files_and_archive_give_the_records(every_eighth, tmp_path, monkeypatch):
    monkeypatch.setattr("trialpool.registry.store.aact_spool._ROWS_TOGETHER", 500)
    originals = [item.record for item in every_eighth[:10]]
    write_files(tmp_path, originals)
    found = list(read_aact(tmp_path))
    assert [item for item in found if isinstance(item, Problem)] == []
    records = [item.record for item in found]
    assert [record.nct_id for record in records] == [record.nct_id for record in originals]
    for record, original in zip(records, originals, strict=True):
        assert on_one_line(as_kept_by_aact(record)) == on_one_line(as_kept_by_aact(original)), original.nct_id
    archive = tmp_path / "aact.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for table in TABLES:
            packed.write(tmp_path / f"{table}.txt", f"{table}.txt")
    packed_records = [item.record for item in read_aact(archive, [originals[3].nct_id]) if isinstance(item, Loaded)]
    assert [record.origin.sha256 for record in packed_records] == [records[3].origin.sha256]


def on_one_line(written: str) -> str:
    """AACT takes line breaks out."""
    return " ".join(written.replace("\\r\\n", " ").replace("\\n", " ").split())


def test_rows_without_a_trial_and_tables_that_are_not_there_are_told(tmp_path):
    (tmp_path / "studies.txt").write_text("nct_id|brief_title\nNCT00000001|One\nnonsense|Two\nNCT00000003|a|b|c\n")
    (tmp_path / "conditions.txt").write_text(
        "id|nct_id|name\n2|NCT00000001|Gout\n1|NCT00000001|Asthma\n3|NCT00000002|Lost\n4||Lost\n"
    )
    found = list(read_aact(tmp_path))
    (loaded,) = (item for item in found if isinstance(item, Loaded))
    assert loaded.record.conditions == ("Asthma", "Gout")
    problems = [item for item in found if isinstance(item, Problem)]
    assert [row.value for row in problems if row.lost == "record"] == ["nonsense"]
    assert [row.file.rpartition("/")[2] for row in problems if row.lost == "row"] == ["studies.txt:4", "conditions"]
    assert [row.problem for row in problems if row.file.endswith("conditions")] == [
        "2 rows of 1 trials that the table 'studies' lacks, such as NCT00000002; left out"
    ]
    assert sum("is not there" in row.problem for row in problems) == len(TABLES) - 2


def test_no_studies_no_records(tmp_path):
    with pytest.raises(InputError, match="no studies.txt"):
        read_aact(tmp_path)
    (tmp_path / "studies.txt").write_text("nct_id\nNCT00000001\n")
    with pytest.raises(InputError, match="does not hold NCT00000009"):
        list(read_aact(tmp_path, ["NCT00000009"]))
