"""What a store holds, as text, JSON or CSV."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from trialpool.cli.load_records import LOST
from trialpool.display import plural, text_table

if TYPE_CHECKING:
    from trialpool.registry.fetch import SearchState
    from trialpool.registry.store import Store

__all__ = ["StoreTable", "problems_table", "status_table", "versions_table"]


@dataclass(frozen=True, slots=True)
class StoreTable:
    """One answer: ``document`` for JSON, ``rows`` for CSV, and as text."""

    document: Mapping[str, Any]
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    text: str

    def written(self, form: str) -> str:
        """The answer in one of the formats."""
        if form == "json":
            return json.dumps(self.document, indent=2, ensure_ascii=False, allow_nan=False)
        if form == "csv":
            from trialpool.display.csv import csv_text

            return csv_text(self.columns, self.rows).rstrip("\n")
        return self.text


def problems_table(store: Store, trials: Sequence[str]) -> StoreTable:
    """Each problem of the store, or of these trials."""
    rows = [asdict(problem) for problem in store.problems() if not trials or problem.nct_id in trials]
    columns = ("lost", "nct_id", "file", "path", "problem", "value")
    headers = ("lost", "trial", "file", "field", "problem", "value")
    shown = text_table(headers, [[row[column] for column in columns] for row in rows], "l" * len(headers))
    return StoreTable({"problems": rows}, columns, rows, shown if rows else "no problems")


def versions_table(store: Store, trials: Sequence[str]) -> StoreTable:
    """The versions of these trials, the current one of each last."""
    versions = [version for trial in dict.fromkeys(trials) for version in store.versions(trial)]
    rows = [{**asdict(version), "loaded_on": version.loaded_on.isoformat()} for version in versions]
    columns = ("nct_id", "registry_date", "current", "loaded_on", "source", "place", "source_note", "sha256")
    headers = ("trial", "registry date", "current", "loaded on", "source", "place", "SHA-256")
    cells = [
        (
            row["nct_id"],
            row["registry_date"] or "not stated",
            "yes" if row["current"] else "",
            row["loaded_on"],
            row["source"],
            row["place"],
            row["sha256"][:12],
        )
        for row in rows
    ]
    return StoreTable({"versions": rows}, columns, rows, text_table(headers, cells, "l" * len(headers)))


def status_table(store: Store) -> StoreTable:
    """The store in numbers, and the searches that were fetched into it."""
    status, saved = store.status(), _searches(store)
    searches = [search for search in saved.values() if search is not None]
    damaged = [name for name, search in saved.items() if search is None]
    problems = {kind: status.problems.get(kind, 0) for kind in LOST}
    counts = {"store": str(store.folder), **asdict(status), "sources": dict(status.sources), "problems": problems}
    document = {**counts, "searches": [asdict(search) for search in searches], "damaged_searches": damaged}
    sources = "; ".join(f"{source} {count}" for source, count in sorted(status.sources.items()))
    row = {**counts, "sources": sources, **{f"problems_{kind}": count for kind, count in problems.items()}}
    del row["problems"]
    lines = [
        ("trials", f"{status.trials:,}, of these {status.with_results:,} with results"),
        ("versions", f"{status.versions:,}: {sources}" if sources else "0"),
        ("adverse events", plural(status.event_rows, "row")),
        ("registry dates", f"{status.first_date} to {status.last_date}" if status.first_date else "none"),
        ("problems", ", ".join(f"{count:,} {LOST[kind]}" for kind, count in problems.items() if count) or "none"),
        *[("search", _search_line(search)) for search in searches],
        *[("search", f"what is saved in fetch/{name} is damaged: that search begins again") for name in damaged],
    ]
    if status.obsolete:
        lines.append(
            ("left out", f"{plural(status.obsolete, 'trial')} under an identifier that another trial replaces")
        )
    text = "\n".join([store.name, *(f"  {name:<16}{_plain(value)}" for name, value in lines)])
    return StoreTable(document, tuple(row), [row], text)


def _searches(store: Store) -> dict[str, SearchState | None]:
    """The searches by their folders, in the order of their words; None for what cannot be read."""
    from trialpool.registry.fetch import SavedSearch

    folders = [path.parent for path in (store.folder / "fetch").glob("*/state.json")]
    states = {folder.name: SavedSearch(folder).state() for folder in folders}
    return dict(sorted(states.items(), key=lambda item: (item[1].query if item[1] is not None else "", item[0])))


def _search_line(search: SearchState) -> str:
    if search.done:
        reach = f"{plural(search.trials, 'trial')}, complete" if search.loaded else "fetched but not loaded"
    else:
        reach = f"stopped after {plural(search.pages, 'page')}: run it again to go on"
    return f"{search.query}: {reach}; data of {search.data_version}"


def _plain(text: str) -> str:
    from trialpool.display import clean_text

    return clean_text(text)
