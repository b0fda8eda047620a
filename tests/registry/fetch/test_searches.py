"""Fetching a search to disk: stopped and gone on with, skipped, begun again; nothing half-written."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
from registry.fetch.server import FIRST_DATA, LATER_DATA, body, cut_json, dropped, shorter_than_its_length, status

from trialpool.errors import FetchError, OutputError
from trialpool.registry.fetch import Query, RefusedError, SavedSearch, UnreachableError, fetch_search, mark_loaded

ASTHMA = Query("asthma", with_results=True)


def ids(paths) -> list[str]:
    pages = [json.loads(gzip.decompress(path.read_bytes())) for path in paths]
    return [study["protocolSection"]["identificationModule"]["nctId"] for page in pages for study in page["studies"]]


ALL = [f"NCT{number:08d}" for number in range(1, 13)]


@pytest.fixture
def fetch(client, tmp_path):
    """Fetch the asthma trials, five on a page."""

    def run(**options):
        return fetch_search(ASTHMA, tmp_path, client, page_size=5, **options)

    return run


@pytest.fixture
def stopped_after_two(fetch, registry):
    """A search that Ctrl-C stopped after the second page of three."""

    def interrupt(state):
        if state.pages == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(told=interrupt)
    registry.forget()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def paths_asked(registry) -> list[str]:
    return [asked.path.rpartition("/")[2] for asked in registry.asked]


PAGES = [f"page-0000{number}.json.gz" for number in (1, 2, 3)]


def test_pages_and_state_are_on_disk(fetch, registry, tmp_path):
    told = []
    found = fetch(told=told.append)
    assert names(tmp_path) == [*PAGES, "state.json"]
    assert found.folder == tmp_path / ASTHMA.key(registry.address)
    assert [path.name for path in found.paths] == PAGES
    assert ids(found.paths) == ALL
    assert (found.fetched, found.notes) == (3, ())
    assert [(state.pages, state.trials, state.total) for state in told] == [
        (0, 0, None),
        (1, 5, 12),
        (2, 10, 12),
        (3, 12, 12),
    ]
    assert json.loads((found.folder / "state.json").read_text()) == {
        "api": registry.address,
        "query": "condition 'asthma', with results",
        "data_version": FIRST_DATA,
        "pages": 3,
        "trials": 12,
        "total": 12,
        "next_token": None,
        "done": True,
        "loaded": False,
    }


def test_same_answers_give_the_same_files(fetch, tmp_path):
    fetch()
    first = {path.name: path.read_bytes() for path in tmp_path.rglob("*.*")}
    fetch(again=True)
    assert {path.name: path.read_bytes() for path in tmp_path.rglob("*.*")} == first


def test_stopped_search_goes_on_after_its_last_page(stopped_after_two, fetch, registry, tmp_path):
    assert names(tmp_path) == [*PAGES[:2], "state.json"]
    found = fetch()
    assert paths_asked(registry) == ["version", "studies", "version"]
    assert "pageToken" in registry.searches[0].parameters
    assert ids(found.paths) == ALL
    assert (found.fetched, found.notes) == (1, ())
    assert found.state.total == 12


def test_stopped_after_the_last_page_asks_for_no_page(fetch, registry):
    def interrupt(state):
        if state.pages == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(told=interrupt)
    registry.forget()
    found = fetch()
    assert paths_asked(registry) == ["version", "version"]
    assert (ids(found.paths), found.fetched, found.state.done) == (ALL, 0, True)


@pytest.mark.parametrize("moment", ["page", "state"])
def test_stopped_between_writing_and_renaming(fetch, registry, tmp_path, monkeypatch, moment):
    replace, seen = Path.replace, []

    def interrupted(self, target):
        seen.append(target.name)
        wanted = "page-00002.json.gz" if moment == "page" else "state.json"
        if target.name == wanted and "page-00002.json.gz" in seen:
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            fetch()
    assert [name for name in names(tmp_path) if name.endswith(".part")] == []
    registry.forget()
    found = fetch()
    assert (ids(found.paths), found.fetched) == (ALL, 2)
    assert len(registry.searches) == 2


def test_server_that_fails_in_the_middle_loses_nothing(fetch, registry):
    registry.faults = [None, None, None, *[status(503)] * 7]
    with pytest.raises(UnreachableError, match="same command again"):
        fetch()
    registry.forget()
    found = fetch()
    assert (ids(found.paths), found.fetched) == (ALL, 1)


def test_complete_search_is_not_fetched_again_while_the_data_are_the_same(fetch, registry):
    first = fetch()
    registry.forget()
    found = fetch()
    assert paths_asked(registry) == ["version"]
    assert (found.paths, found.fetched) == (first.paths, 0)
    assert found.state.done


def test_complete_search_is_fetched_again_when_the_data_are_newer(fetch, registry, tmp_path):
    fetch()
    registry.data_version = LATER_DATA
    del registry.records[4:]
    found = fetch()
    assert (ids(found.paths), found.state.data_version) == (ALL[:4], LATER_DATA)
    assert names(tmp_path) == [PAGES[0], "state.json"]
    (note,) = found.notes
    assert note.message == f"the search begins again: its data are of {LATER_DATA} now, and were of {FIRST_DATA}"


def test_complete_search_is_fetched_again_when_asked(fetch, registry):
    fetch()
    registry.forget()
    found = fetch(again=True)
    assert (len(registry.searches), found.fetched, found.notes) == (3, 3, ())


def test_loaded_is_remembered_until_it_is_fetched_anew(fetch):
    mark_loaded(fetch())
    assert fetch().state.loaded
    assert not fetch(again=True).state.loaded


def test_newer_data_before_going_on(stopped_after_two, fetch, registry):
    registry.data_version = LATER_DATA
    found = fetch()
    assert (ids(found.paths), found.fetched) == (ALL, 3)
    assert "begins again" in found.notes[0].message
    assert "pageToken" not in registry.searches[0].parameters


def test_newer_data_in_the_middle(fetch, registry):
    def change(asked):
        if len(registry.searches) == 2:
            registry.data_version = LATER_DATA

    registry.before = change
    found = fetch()
    assert (ids(found.paths), found.state.data_version) == (ALL, LATER_DATA)
    assert len(registry.searches) == 6
    assert [note.code for note in found.notes] == ["begun-again"]


def test_data_that_never_rest(fetch, registry):
    def change(asked):
        registry.data_version += "x"

    registry.before = change
    with pytest.raises(FetchError, match="had to begin 3 times"):
        fetch()
    assert len(registry.searches) == 9


def test_token_that_is_no_longer_known(stopped_after_two, fetch, registry):
    registry.faults = [None, status(400, "Invalid page token")]
    found = fetch()
    assert (ids(found.paths), found.fetched) == (ALL, 3)
    assert "no longer knows the place where it was stopped" in found.notes[0].message


def test_refusal_of_a_search_is_an_error_at_once(fetch, registry):
    registry.faults = [None, status(400, "Invalid query")]
    with pytest.raises(RefusedError, match="Invalid query"):
        fetch()
    assert len(registry.searches) == 1


def test_refusal_after_pages_of_this_run_is_an_error(fetch, registry, stopped_after_two, client, tmp_path):
    registry.faults = [None, None, status(400, "Too deep")]
    with pytest.raises(RefusedError, match="Too deep"):
        fetch_search(ASTHMA, tmp_path, client, page_size=1)
    assert len(registry.searches) == 2


DAMAGES = [
    b"",
    b"[]",
    b'{"pages": 2}',
    b"\xff",
    b"[" * 100_000,
]


@pytest.mark.parametrize("content", DAMAGES, ids=range(len(DAMAGES)))
def test_damaged_state_begins_again_and_says_so(stopped_after_two, fetch, tmp_path, content):
    (path,) = tmp_path.rglob("state.json")
    path.write_bytes(content)
    found = fetch()
    assert (ids(found.paths), found.fetched) == (ALL, 3)
    assert "what was saved of it is damaged" in found.notes[0].message


@pytest.mark.parametrize(
    "change", [{"pages": "2"}, {"next_token": 5}, {"pages": 3}, {"done": None}, {"more": 1}, {"pages": -1}]
)
def test_state_that_does_not_fit_begins_again(stopped_after_two, fetch, tmp_path, change):
    (path,) = tmp_path.rglob("state.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert fetch().fetched == 3


def test_lost_page_begins_again(stopped_after_two, fetch, tmp_path):
    (path,) = tmp_path.rglob("page-00001.json.gz")
    path.unlink()
    found = fetch()
    assert (ids(found.paths), found.fetched) == (ALL, 3)


def test_another_number_than_announced_is_said(fetch, registry):
    registry.announced = 14
    for _ in range(2):
        (note,) = fetch().notes
        assert note.level == "warning"
        assert "announced 14 trials and gave 12" in note.message


def test_two_searches_do_not_meet(fetch, client, tmp_path):
    fetch()
    fetch_search(Query("copd"), tmp_path, client, page_size=12)
    assert len(list(tmp_path.iterdir())) == 2
    assert fetch().fetched == 0


def test_place_that_cannot_be_written(client, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot be written .* --store"):
        fetch_search(ASTHMA, tmp_path / "file", client)


def test_bytes_that_are_not_utf_8_are_kept(fetch, registry):
    content = json.dumps({"studies": [registry.records[0]]}).encode().replace(b"asthma", b"asthm\xe9")
    registry.faults = [None, body(content)]
    (path,) = fetch().paths
    assert gzip.decompress(path.read_bytes()) == content


def test_nothing_saved_is_not_started(tmp_path):
    saved = SavedSearch(tmp_path / "none")
    assert (saved.state(), saved.started()) == (None, False)
    saved.clear()


def test_whatever_fails_and_whenever_it_is_stopped_every_trial_comes_once(client, registry, tmp_path):
    """Fifteen searches with random faults and stops, each run again until it is complete."""
    chance = random.Random(20261014)
    faults = [status(500), status(429, Retry_After="3"), shorter_than_its_length, cut_json, dropped, body(b"<html>")]
    for number in range(15):
        query, size = Query(f"search {number}"), chance.randint(1, 7)
        registry.empty_pages_before = set(chance.sample(range(0, 12 * size, size), 2))
        for _ in range(100):
            registry.faults = [chance.choice([*faults, None, None, None]) for _ in range(12)]
            steps = iter([chance.random() < 0.2 for _ in range(50)])

            def stop(state, steps=steps):
                if next(steps):
                    raise KeyboardInterrupt

            try:
                found = fetch_search(query, tmp_path, client, page_size=size, told=stop)
            except (KeyboardInterrupt, UnreachableError):
                continue
            break
        assert ids(found.paths) == ALL
        assert found.notes == ()
        assert sorted(found.folder.iterdir()) == [*found.paths, found.folder / "state.json"]
