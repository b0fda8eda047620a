"""The door: an Analysis to its report, results, tables and figures on disk."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from trialpool.analysis import Analysis
from trialpool.report.build import build_document
from trialpool.report.csv_tables import csv_tables
from trialpool.report.figures import draw_figures
from trialpool.report.html import render_html
from trialpool.report.places import check_writable, publish

__all__ = ["ReportFiles", "report_contents", "write_report"]


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where a report was written."""

    report: Path
    results: Path
    tables: tuple[Path, ...]
    figures: tuple[Path, ...]


def write_report(analysis: Analysis, out: str | os.PathLike[str]) -> ReportFiles:
    """Write the report of an analysis into a folder.

    The folder gets ``report.html`` (self-contained), ``results.json`` (``analysis.to_dict()`` in full precision), ``tables``
    (CSV) and ``figures`` (SVG). The same analysis gives the same bytes. Files that are in the folder already and are not the
    report's stay as they are; an error or an interruption leaves nothing half-written.

    Parameters
    ----------
    analysis : Analysis
    out : path
        Made if it is not there.

    Returns
    -------
    ReportFiles

    Raises
    ------
    OutputError
        The place cannot be written.
    MissingExtraError
        Without the extra ``report``.

    Examples
    --------
    >>> import tempfile
    >>> from trialpool.analysis import run
    >>> from trialpool.datasets import example_files
    >>> with tempfile.TemporaryDirectory() as name:
    ...     for file, content in example_files("dupilumab").items():
    ...         _ = (Path(name) / file).write_bytes(content)
    ...     files = write_report(run(Path(name) / "review.toml"), Path(name) / "report")
    ...     print(files.report.name, len(files.tables))
    report.html 9
    """
    out = Path(out)
    check_writable(out)
    contents = report_contents(analysis)
    publish(contents, out)
    paths = {name: out / name for name in contents}
    return ReportFiles(
        report=paths["report.html"],
        results=paths["results.json"],
        tables=tuple(path for name, path in paths.items() if name.startswith("tables/")),
        figures=tuple(path for name, path in paths.items() if name.startswith("figures/")),
    )


def report_contents(analysis: Analysis) -> dict[str, bytes]:
    """Every file of a report, by its path in the folder."""
    figures = draw_figures(analysis)
    results = json.dumps(analysis.to_dict(), ensure_ascii=False, allow_nan=False, indent=2)
    texts = {
        "report.html": render_html(build_document(analysis, figures)),
        "results.json": f"{results}\n",
        **{f"tables/{name}.csv": text for name, text in csv_tables(analysis).items()},
        **{f"figures/{named.name}.svg": named.figure.svg for named in figures},
    }
    # text from a data frame may hold half of a surrogate pair, which no file can
    return {name: text.encode("utf-8", "replace") for name, text in texts.items()}
