"""trialpool registry load from a database of AACT: a real server, and addresses that cannot be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.tables import everything_in
from registry.store.postgresql import PASSWORD, create_aact, server
from registry.store.trials import event, stream, trial

from trialpool.registry.store import Store, rows_of

SECRETS = (PASSWORD, "se%2Fcret")
TRIALS = [
    trial(f"NCT0000000{i}", title=f"Trial {i}", other=[event("Nausea", ("EG000", i, 40), ("EG001", 2 * i, 41))])
    for i in (1, 2, 3)
]


@pytest.fixture(scope="module")
def aact() -> Iterator[str]:
    """Three trials in PostgreSQL, in AACT's shape."""
    rows: dict[str, list[tuple]] = {}
    for item in stream(*TRIALS):
        for table, members in rows_of(item.record).items():
            rows.setdefault(table, []).extend(members)
    with server() as owner:
        yield create_aact(owner, rows)


def test_the_trials_of_a_database_are_taken_into_the_store(trialpool, here, aact):
    done = trialpool("registry", "load", aact)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "3 records read into registry: 3 new, 0 changed, 0 unchanged; 0 lost"
    again = trialpool("registry", "load", aact)
    assert again.out.splitlines()[0] == "3 records read into registry: 0 new, 0 changed, 3 unchanged; 0 lost"
    (version,) = json.loads(trialpool("registry", "status", "NCT00000002", "--format", "json").out)["versions"]
    assert (version["source"], version["registry_date"]) == ("AACT", "2026-07-01")
    assert version["place"].startswith("PostgreSQL database postgres on ")
    assert version["source_note"] == f"trialpool registry load '{version['place']}'"


def test_numbers_out_of_the_database_are_those_of_the_trials(trialpool, here, aact):
    assert trialpool("registry", "load", aact).code == 0
    cells = {
        record.nct_id: [cell.affected for cell in record.adverse_events.terms[0].cells]
        for record in Store.open("registry").records()
    }
    assert cells == {f"NCT0000000{i}": [i, 2 * i] for i in (1, 2, 3)}


def test_the_password_is_neither_told_nor_kept(trialpool, here, aact):
    told = [trialpool("registry", "load", aact)]
    told += [trialpool("registry", "status", *more) for more in ((), ("NCT00000001",), ("--problems",))]
    kept = b"".join(content or b"" for content in everything_in(here).values())
    names = "".join(everything_in(here))
    assert [done.code for done in told] == [0] * 4
    for secret in SECRETS:
        assert all(secret not in done.out + done.err for done in told)
        assert secret.encode() not in kept
        assert secret not in names
    # the files are compressed: what they hold is asked of the store
    kept_words = [str(version) for version in Store.open("registry").versions("NCT00000001")]
    assert kept_words
    assert all(secret not in word for secret in SECRETS for word in kept_words)


def test_files_and_a_database_are_taken_together(trialpool, here, aact):
    (here / "one.json").write_text(json.dumps(trial("NCT00000009")), encoding="utf-8")
    done = trialpool("registry", "load", "one.json", aact)
    assert "4 records read into registry: 4 new" in done.out


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (
            "postgresql://reader:hunter2@localhost:1/aact",
            "PostgreSQL database aact on localhost cannot be connected to",
        ),
        ("postgresql://reader:hunt@er2@localhost/aact", "write @ as %40"),
        ("postgresql://reader:hunt/er2@localhost/aact", "write @ as %40"),
        ("postgresql://reader:12/er2@localhost/aact", "write @ as %40"),
        ("postgresql://reader:hunter%2@localhost/aact", "% as %25"),
        ("postgresql:/reader:hunter2@localhost/aact", "an address is no file or folder"),
        ("PostgreSQL://reader:hunter2@localhost/aact", "an address is no file or folder"),
        ("mysql://reader:hunter2@localhost/aact", "an address is no file or folder"),
        ("reader:hunter2@localhost/aact", "an address is no file or folder"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_without_its_password(trialpool, here, typed, says):
    done = trialpool("registry", "load", typed)
    assert (done.code, done.out, len(done.errors)) == (2, "", 1)
    assert says in done.err
    assert all(part not in done.err for part in ("hunt", "er2", "12/"))
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("option", ["--records", "--store"])
def test_an_address_where_a_folder_belongs_is_not_repeated(trialpool, here, option):
    ask = ("registry", "extract", "--treatment", "x", "--control", "placebo", "--event", "nausea", "-o", "arms.csv")
    done = trialpool(*ask, option, "postgresql://reader:hunter2@localhost/aact")
    assert (done.code, "an address is no file or folder" in done.err, "hunter2" in done.err) == (2, True, False)


def test_a_file_whose_name_looks_like_an_address_is_a_file(trialpool, here):
    name = "a:b@c.json"
    Path(name).write_text(json.dumps(trial("NCT00000009")), encoding="utf-8")
    assert trialpool("registry", "load", name).code == 0
