"""The door: an Analysis to its report, results, tables and figures on disk."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from trialpool.analysis import Analysis, Review
from trialpool.report.build import build_document
from trialpool.report.csv_tables import csv_tables
from trialpool.report.figures import draw_figures
from trialpool.report.html import render_html
from trialpool.report.manifest import MANIFEST
from trialpool.report.places import check_writable, publish

__all__ = ["ReportFiles", "check_place", "report_contents", "write_report"]

_PAGE, _RESULTS = "report.html", "results.json"


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where a report was written."""

    report: Path
    results: Path
    manifest: Path
    tables: tuple[Path, ...]
    figures: tuple[Path, ...]


def check_place(review: Review, out: str | os.PathLike[str], *, force: bool = False) -> None:
    """Say at once, before any work, whether the report of a review can be written to a folder; nothing stays behind.

    Raises
    ------
    OutputError
        As for :func:`write_report`.
    """
    check_writable(out, (_PAGE, _RESULTS), inputs=_inputs(review), force=force)


def write_report(analysis: Analysis, out: str | os.PathLike[str], *, force: bool = False) -> ReportFiles:
    """Write the report of an analysis into a folder.

    The folder gets ``report.html`` (self-contained), ``results.json`` (``analysis.to_dict()`` in full precision), ``tables``
    (CSV), ``figures`` (SVG) and ``manifest.json``, which lists them. The same analysis gives the same bytes. In a folder that
    is there, files that an earlier manifest lists are replaced or, where this report has none of that name, removed; all
    others stay as they are. An error or an interruption leaves nothing half-written.

    Parameters
    ----------
    analysis : Analysis
    out : path
        Made if it is not there.
    force : bool, default False
        Replace files of the same names that trialpool did not write, which is refused otherwise. The files that the
        review is made from are never replaced.

    Returns
    -------
    ReportFiles

    Raises
    ------
    OutputError
        The place cannot be written, or a file that is there would be lost.
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
    report.html 10
    """
    out = Path(out)
    check_place(analysis.review, out, force=force)
    contents = report_contents(analysis)
    publish(contents, out, inputs=_inputs(analysis.review), force=force)
    paths = {name: out / name for name in contents}
    return ReportFiles(
        report=paths[_PAGE],
        results=paths[_RESULTS],
        manifest=out / MANIFEST,
        tables=tuple(path for name, path in paths.items() if name.startswith("tables/")),
        figures=tuple(path for name, path in paths.items() if name.startswith("figures/")),
    )


def report_contents(analysis: Analysis) -> dict[str, bytes]:
    """Every file of a report but its manifest, by its path in the folder."""
    figures = draw_figures(analysis)
    results = json.dumps(analysis.to_dict(), ensure_ascii=False, allow_nan=False, indent=2)
    texts = {
        _PAGE: render_html(build_document(analysis, figures)),
        _RESULTS: f"{results}\n",
        **{f"tables/{name}.csv": text for name, text in csv_tables(analysis).items()},
        **{f"figures/{named.name}.svg": named.figure.svg for named in figures},
    }
    # text from a data frame may hold half of a surrogate pair, which no file can
    return {name: text.encode("utf-8", "replace") for name, text in texts.items()}


def _inputs(review: Review) -> tuple[Path, ...]:
    folder = Path(review.folder)
    names = (review.file_name, review.data_file, review.left_out_file)
    return tuple(folder / name for name in names if name)
