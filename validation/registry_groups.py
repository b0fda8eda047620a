"""Event groups to arms, kinds and roles: our matches beside labels made by hand.

    python validation/registry_groups.py [--records DIR] [--labels FILE ...] [--asked]

matches the event groups of the labelled records (``validation/data/registry_labels*.csv``, by people who had not seen the
program's answer; see ``validation/README.md``), and prints for each set how many are accepted without asking and how many of
those are right, then the wrong ones, and with ``--asked`` what is asked.

Precision: of the accepted groups, those that are right. Recall: of all groups, those that are accepted and right. *Sure* are
the groups whose note does not begin with "unsure" or "raters differed": the record itself decides them. Exit code 1 where,
over all sets, precision is below 0.98, or recall of the sure groups is below 0.90.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trialpool.display import text_table
from trialpool.registry.groups import GroupMatch, match_groups
from trialpool.registry.model import Record
from trialpool.registry.read import Loaded, read_paths

HERE = Path(__file__).parent
SETS = ("", "_second", "_third", "_fourth", "_development")
LABELS = tuple(HERE / "data" / f"registry_labels{name}.csv" for name in SETS)
OPEN = ("unsure", "raters differed")
LEAST_PRECISION, LEAST_RECALL = 0.98, 0.90
PARTS = ("arms", "kind", "role", "arms, kind and role", "treatments")


@dataclass(frozen=True, slots=True)
class Compared:
    """A labelled group, its match, and the parts of the match that are right."""

    label: Mapping[str, str]
    match: GroupMatch
    right: frozenset[str]

    @property
    def all_right(self) -> bool:
        return "arms, kind and role" in self.right

    @property
    def sure(self) -> bool:
        """Whether the record decides the label."""
        return not self.label["note"].startswith(OPEN)


def names(cell: str) -> frozenset[str]:
    """A cell of names joined by `` | ``, without regard to case and spaces at the ends."""
    return frozenset(name.strip().casefold() for name in cell.split(" | ") if name.strip())


def read_labels(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_records(folder: Path, nct_ids: Sequence[str]) -> dict[str, Record]:
    """The records of these trials; those that are missing are named."""
    paths = [folder / f"{nct_id}.json.gz" for nct_id in nct_ids]
    missing = [path.name for path in paths if not path.exists()]
    if missing:
        sys.exit(f"{folder} has no {', '.join(missing)}; name the folder of the records with --records")
    loaded = (item.record for item in read_paths(paths) if isinstance(item, Loaded))
    return {record.nct_id: record for record in loaded}


def compare(labels: Sequence[Mapping[str, str]], records: Mapping[str, Record]) -> list[Compared]:
    """Every labelled group with its match."""
    matched = {nct_id: match_groups(records[nct_id]) for nct_id in {label["nct_id"] for label in labels}}
    return [_compared(label, matched[label["nct_id"]].of(label["group"])) for label in labels]


def _compared(label: Mapping[str, str], match: GroupMatch) -> Compared:
    same = {
        "arms": names(label["arms"]) == names(" | ".join(match.arms)),
        "kind": label["kind"] == match.kind,
        "role": label["role"] == match.role,
        "treatments": names(label["treatments"]) == names(" | ".join(match.treatments)),
    }
    right = {part for part, equal in same.items() if equal}
    if right >= {"arms", "kind", "role"}:
        right.add("arms, kind and role")
    return Compared(label, match, frozenset(right))


def precision_and_recall(compared: Sequence[Compared], part: str) -> tuple[float, float]:
    accepted = [item for item in compared if item.match.accepted]
    right = sum(part in item.right for item in accepted)
    return (right / len(accepted) if accepted else 1.0), right / len(compared)


def numbers(name: str, compared: Sequence[Compared]) -> list[str]:
    """A row of the table of sets."""
    sure = [item for item in compared if item.sure]
    whole = [f"{value:.3f}" for value in precision_and_recall(compared, "arms, kind and role")]
    decided = [f"{value:.3f}" for value in precision_and_recall(sure, "arms, kind and role")]
    trials = len({item.match.nct_id for item in compared})
    return [name, str(trials), str(len(compared)), *whole, str(len(sure)), *decided]


def print_sets(sets: Mapping[str, Sequence[Compared]]) -> None:
    rows = [numbers(name, compared) for name, compared in sets.items()]
    if len(sets) > 1:
        rows.append(numbers("all", [item for compared in sets.values() for item in compared]))
    columns = ["labels", "trials", "groups", "precision", "recall", "sure", "precision of sure", "recall of sure"]
    print(text_table(columns, rows))


def print_parts(compared: Sequence[Compared]) -> None:
    accepted = sum(item.match.accepted for item in compared)
    print(f"\n{len(compared)} groups; {accepted} accepted, {len(compared) - accepted} asked\n")
    rows = []
    for part in PARTS:
        precision, recall = precision_and_recall(compared, part)
        every = sum(part in item.right for item in compared) / len(compared)
        rows.append([part, f"{precision:.3f}", f"{recall:.3f}", f"{every:.3f}"])
    print(text_table(["", "precision", "recall", "right, asked or not"], rows))


def print_groups(title: str, chosen: Sequence[Compared]) -> None:
    print(f"\n{title}: {len(chosen)}")
    for item in chosen:
        match, label = item.match, item.label
        verdict = "right" if item.all_right else "wrong"
        print(f"  {match.nct_id} {match.group} {match.title!r} ({verdict}, confidence {match.confidence})")
        print(f"    found:    {' | '.join(match.arms)}; {match.kind}; {match.role}")
        if not item.all_right:
            print(f"    labelled: {label['arms']}; {label['kind']}; {label['role']} {label['note']}".rstrip())
        for reason in match.reasons:
            print(f"      {reason}")


def main(arguments: Sequence[str] | None = None) -> int:
    beside = HERE.parents[1] / "shared" / "data" / "registry"
    default = Path(os.environ.get("TRIALPOOL_REGISTRY_RECORDS", beside)) / "v2"
    parser = argparse.ArgumentParser(description="Event groups of registry records against labels made by hand.")
    parser.add_argument("--records", type=Path, default=default, help="folder of NCT*.json.gz")
    parser.add_argument("--labels", type=Path, nargs="+", default=LABELS, help="labels (CSV)")
    parser.add_argument("--asked", action="store_true", help="list the groups that are asked, too")
    options = parser.parse_args(arguments)
    sets = {path.stem: read_labels(path) for path in options.labels}
    nct_ids = [label["nct_id"] for labels in sets.values() for label in labels]
    records = read_records(options.records, list(dict.fromkeys(nct_ids)))
    compared = {name: compare(labels, records) for name, labels in sets.items()}
    every = [item for items in compared.values() for item in items]
    print_sets(compared)
    print_parts(every)
    print_groups("Accepted, and wrong", [c for c in every if c.match.accepted and not c.all_right])
    if options.asked:
        print_groups("Asked", [c for c in every if not c.match.accepted])
    precision, _ = precision_and_recall(every, "arms, kind and role")
    _, recall = precision_and_recall([c for c in every if c.sure], "arms, kind and role")
    print(
        f"\nprecision {precision:.3f} (at least {LEAST_PRECISION}), recall of sure {recall:.3f} (at least {LEAST_RECALL})"
    )
    return 0 if precision >= LEAST_PRECISION and recall >= LEAST_RECALL else 1


if __name__ == "__main__":
    sys.exit(main())
