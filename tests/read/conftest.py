"""Ways to write a table and to collect what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trialpool.errors import TableError
from trialpool.read import read_table

HEADER = "trial,treatment,outcome,events,n\n"

Write = Callable[..., Path]
Problems = Callable[..., tuple[str, ...]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write text or bytes to a file in a fresh folder."""

    def write_file(content: str | bytes, name: str = "arms.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write_file


@pytest.fixture
def problems() -> Problems:
    """Every problem that reading a table raises."""

    def problems_of(data: Any, **options: Any) -> tuple[str, ...]:
        with pytest.raises(TableError) as caught:
            read_table(data, **options)
        return caught.value.problems

    return problems_of


@pytest.fixture
def row_problems(write: Write, problems: Problems) -> Problems:
    """Every problem of arm-level rows given without their header."""

    def problems_of(*rows: str, header: str = HEADER, **options: Any) -> tuple[str, ...]:
        return problems(write(header + "\n".join(rows) + "\n"), **options)

    return problems_of
