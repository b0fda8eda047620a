"""trialpool registry extract: from records to a table of trial arms, and the review that pools it."""

from __future__ import annotations

import argparse
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trialpool.checks import quoted
from trialpool.cli.argument_types import local, number, past_date, word
from trialpool.cli.console import Progress
from trialpool.cli.store_option import add_store, store_folder
from trialpool.display import clean_text, plural
from trialpool.errors import InputError, NotEstimableError, OptionError
from trialpool.registry.choices import INCLUDE, ready_definitions, ready_treatments
from trialpool.results import Note, raise_warnings

if TYPE_CHECKING:
    from trialpool.registry.extract import Extraction, ExtractionFiles
    from trialpool.registry.groups import ArmsFile, RecordGroups
    from trialpool.registry.model import Record
    from trialpool.registry.read import Problem
    from trialpool.registry.source import RecordSource

__all__ = ["configure_registry_extract"]

_DESCRIPTION = """\
From registry records to the table of trial arms that answers a question, and the review that
pools it. Beside the table stand review.toml, decisions.csv (every choice, with its rule),
excluded.csv (every trial left out, and why), event.toml (what counts as the event) and arms.toml
(which group got what: confirm or correct it there, and run the command again). Nothing is added
up that may count a participant twice, and nothing that is not reported is taken for zero."""

_EXAMPLE = f"""\
ready events: {", ".join(ready_definitions()[:5])},
  {", ".join(ready_definitions()[5:])}
ready treatments: {", ".join(ready_treatments())}

example:
  trialpool registry extract --treatment dapagliflozin --control placebo --event nausea \\
      -o review/arms.csv
  trialpool run review/review.toml"""

_ARMS = "arms.toml"
_MOST_REASONS = 12
_LONGEST_REASON = 90
_PARTICULAR = ("in doubt", "co-treatment differs")  # reasons that go on with what is particular to a trial


def configure_registry_extract(parser: argparse.ArgumentParser) -> None:
    """Give the verb its options."""
    parser.description, parser.epilog = _DESCRIPTION, _EXAMPLE
    parser.usage = f"{parser.prog} --treatment NAME --control NAME --event EVENT -o FILE [...]"
    _add_question(parser.add_argument_group("what to ask"))
    _add_filters(parser.add_argument_group("which trials"))
    _add_places(parser.add_argument_group("from where, and to where"))
    parser.set_defaults(run=run_registry_extract)


def _add_question(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--treatment",
        metavar="NAME",
        action="append",
        required=True,
        help="drug, ready treatment or .toml file of names; once more for each further name or drug",
    )
    group.add_argument(
        "--control",
        metavar="NAME",
        action="append",
        required=True,
        help="placebo, 'no treatment', or a drug as for --treatment",
    )
    group.add_argument(
        "--event",
        metavar="EVENT",
        action="append",
        required=True,
        help="ready event or .toml file of a definition; once for each event",
    )


def _add_filters(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--condition",
        metavar="TEXT",
        action="append",
        default=[],
        help="only trials with this text in their conditions, keywords or titles; once more for each alternative",
    )
    group.add_argument(
        "--phase",
        metavar="0|1|2|3|4",
        action="append",
        default=[],
        type=word(("0", "1", "2", "3", "4")),
        help="only trials of this phase; once more for each further one",
    )
    group.add_argument(
        "--min-weeks", metavar="NUMBER", type=number, help="only trials with a follow-up of so many weeks"
    )
    group.add_argument(
        "--include",
        metavar="|".join(INCLUDE),
        action="append",
        default=[],
        type=word(INCLUDE),
        help="also use what is left out otherwise; once for each",
    )


def _add_places(group: argparse._ArgumentGroup) -> None:
    add_store(group)
    group.add_argument(
        "--database", metavar="URL", help="an AACT database instead: postgresql://USER:PASSWORD@HOST/aact"
    )
    group.add_argument(
        "--records",
        metavar="PATH",
        type=local,
        action="append",
        default=[],
        help="files or folders of records instead, without a store; once for each",
    )
    group.add_argument(
        "--as-of", metavar="DATE", type=past_date, help="the versions of the store that were current then"
    )
    group.add_argument(
        "--arms",
        metavar="FILE",
        type=Path,
        help="confirmed and corrected arms (default: arms.toml beside -o, if it is there)",
    )
    group.add_argument(
        "-o", "--out", metavar="FILE", type=Path, required=True, help="the table, such as review/arms.csv"
    )
    group.add_argument(
        "--force", action="store_true", help="replace files that were edited since, or written by another"
    )
    group.add_argument(
        "--report", action="store_true", help="also run the review, and write its report beside the table"
    )


def run_registry_extract(arguments: argparse.Namespace) -> int:
    """Extract, write, and say what came."""
    from trialpool.registry.events import read_definition
    from trialpool.registry.extract import check_place, extract, make_question, write_extraction
    from trialpool.registry.groups import write_arms_file

    question = make_question(
        arguments.treatment,
        arguments.control,
        conditions=arguments.condition,
        phases=arguments.phase,
        min_weeks=arguments.min_weeks,
        include=arguments.include,
    )
    events = [read_definition(event) for event in arguments.event]
    _refuse_one_name(tuple(event.name for event in events))
    check_place(arguments.out, force=arguments.force)
    corrections = _corrections(arguments)
    with Progress("reading records") as progress:
        source = _source(arguments)
        extraction = extract(source, question, events, match=_matcher(corrections), progress=progress)
    if not extraction.considered:
        raise NotEstimableError(
            f"{source.name} has no trial that mentions {quoted(question.treatment.names[:5])}; "
            "fetch records with: trialpool registry fetch --intervention ... --with-results"
        )
    files = write_extraction(extraction, arguments.out, force=arguments.force)
    remarks = write_arms_file(_arms_place(arguments), extraction.groups, corrections)
    print("\n".join([_summary(extraction, files, arguments), *map(clean_text, remarks)]))
    if extraction.rows and not arguments.report:
        print(f"next: trialpool run {shlex.quote(str(files.review))}")
    if not extraction.rows:
        raise NotEstimableError(f"no trial is left to pool; {files.table.parent / 'excluded.csv'} says why")
    if arguments.report:
        from trialpool.cli.run import answer_review

        answer_review(files.review, files.table.parent / "report", force=arguments.force)
    return 0


def _refuse_one_name(names: tuple[str, ...]) -> None:
    folded = [name.casefold() for name in names]
    twice = next((name for i, name in enumerate(names) if folded[i] in folded[:i]), None)
    if twice is not None:
        raise OptionError(f"--event names two events that are both called {twice!r}; give each its own name")


def _source(arguments: argparse.Namespace) -> RecordSource:
    given = {"--store": arguments.store, "--database": arguments.database, "--records": arguments.records}
    named = [option for option, value in given.items() if value]
    if len(named) > 1:
        raise OptionError(f"{' and '.join(named)} name several places of records; give one")
    if arguments.as_of is not None and named not in ([], ["--store"]):
        raise OptionError(f"--as-of has no meaning with {named[0]}, which has one version of each record; use a store")
    if arguments.records:
        from trialpool.registry.extract import source_from_paths

        source, problems = source_from_paths(arguments.records)
        raise_warnings(_lost(problems))
        if not source.records_held:
            raise InputError(f"no record could be read from {source.name}; give files or folders of registry records")
        return source
    from trialpool.registry.extract.as_of import StoreAt
    from trialpool.registry.store import AactDatabase, Store

    if arguments.database:
        return AactDatabase(arguments.database)
    store = Store.open(store_folder(arguments))
    return store if arguments.as_of is None else StoreAt(store, arguments.as_of)


def _lost(problems: Sequence[Problem]) -> Iterator[Note]:
    """A warning for each file or record that could not be read."""
    for problem in problems:
        if problem.lost == "record":
            yield Note("record-lost", f"{problem.file}: {problem.problem}; nothing of it is used", "warning")


def _arms_place(arguments: argparse.Namespace) -> Path:
    """Where the arms are kept: the file that was given, or one beside the table."""
    given: Path | None = arguments.arms
    return given if given is not None else arguments.out.parent / _ARMS


def _corrections(arguments: argparse.Namespace) -> ArmsFile | None:
    from trialpool.registry.groups import read_arms_file

    place = _arms_place(arguments)
    return read_arms_file(place) if arguments.arms is not None or place.exists() else None


def _matcher(corrections: ArmsFile | None) -> Callable[[Record], RecordGroups]:
    from trialpool.registry.groups import match_groups

    return lambda record: match_groups(record, corrections)


def _summary(extraction: Extraction, files: ExtractionFiles, arguments: argparse.Namespace) -> str:
    """How many trials are used and left out, what is in doubt, and what to type next."""
    mention = "mentions" if extraction.considered == 1 else "mention"
    lines = [f"{plural(extraction.considered, 'trial')} {mention} {extraction.question.treatment.name}"]
    for event in extraction.events:
        rows = [row for row in extraction.rows if row["outcome"] == event.name]
        trials = len({row["registry_id"] for row in rows})
        bounded = len({row["registry_id"] for row in rows if row["events"] is None})
        within = f", {bounded} with counts within bounds" if bounded else ""
        lines.append(f"{event.label}: {plural(trials, 'trial')}, {plural(len(rows), 'row')}{within}")
    lines += _left_out(extraction)
    doubtful = sum(excluded.in_doubt for excluded in extraction.excluded)
    arms = shlex.quote(str(_arms_place(arguments)))
    if doubtful:
        lines.append(
            f"{plural(doubtful, 'trial')} in doubt: confirm or correct the arms in {arms}, then run this again"
        )
    names = ", ".join(path.name for path in files.files)
    lines.append(f"wrote {names} into {files.table.parent}, and the arms into {arms}")
    return "\n".join(lines)


def _left_out(extraction: Extraction) -> list[str]:
    """The reasons, the most frequent first; each trial is named in excluded.csv."""
    reasons = Counter(_short(excluded.reason) for excluded in extraction.excluded)
    if not reasons:
        return []
    trials = len({excluded.registry_id for excluded in extraction.excluded})
    shown = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))[:_MOST_REASONS]
    more = [f"  and {len(reasons) - len(shown)} more reasons in excluded.csv"] if len(reasons) > len(shown) else []
    return [
        f"left out, wholly or for an event: {plural(trials, 'trial')}",
        *(f"  {n}  {text}" for text, n in shown),
        *more,
    ]


def _short(reason: str) -> str:
    """A reason without what is particular to one trial."""
    common = next((start for start in _PARTICULAR if reason.startswith(f"{start}: ")), "")
    text = common or clean_text(reason)
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}..."
