"""The verbs that fill the store and show it, against a registry that answers on this machine."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from registry.fetch.server import FIRST_DATA, LATER_DATA, Registry, body, hanging, serve, status, study

from trialpool.cli import console
from trialpool.registry.fetch import Pace

FETCH = ("registry", "fetch", "--condition", "asthma", "--page-size", "5")
PIPES = {
    "studies": "nct_id|brief_title|overall_status\nNCT00000031|A trial of AACT|COMPLETED\n",
    "result_groups": (
        "id|nct_id|ctgov_group_code|result_type|title|description\n"
        "1|NCT00000031|EG000|Reported Event|Placebo|\n2|NCT00000031|EG001|Reported Event|Drug|\n"
    ),
    "reported_events": (
        "id|nct_id|result_group_id|ctgov_group_code|event_type|subjects_affected|subjects_at_risk|event_count|organ_system|"
        "adverse_event_term|frequency_threshold|vocab|assessment|time_frame|description\n"
        "1|NCT00000031|1|EG000|other|3|50||Infections|Cough|5|||12 weeks|\n"
        "2|NCT00000031|2|EG001|other|4|50||Infections|Cough|5|||12 weeks|\n"
    ),
}


@pytest.fixture
def at_once(monkeypatch):
    """Requests without a pause."""
    monkeypatch.setattr("trialpool.registry.fetch.connection.Pace", lambda: Pace(0.0, sleep=lambda seconds: None))


@pytest.fixture
def registry(here, monkeypatch, at_once):
    """Twelve trials on this machine, in place of ClinicalTrials.gov."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for running in serve(study(number) for number in range(1, 13)):
        monkeypatch.setenv("TRIALPOOL_API", running.address)
        yield running


@pytest.fixture
def records(here) -> Path:
    """Three records in a folder: records."""
    folder = here / "records"
    folder.mkdir()
    for number in (1, 2, 3):
        (folder / f"NCT{number:08d}.json").write_text(json.dumps(study(number)), encoding="utf-8")
    return folder


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def store_status(trialpool, *options):
    return json.loads(trialpool("registry", "status", "--format", "json", *options).out)


# --- load -------------------------------------------------------------------------------------------------------------


def test_load_says_what_came(trialpool, records):
    done = trialpool("registry", "load", "records")
    assert (done.code, done.err) == (0, "")
    assert done.out == "3 records read into registry: 3 new, 0 changed, 0 unchanged; 0 lost\n"


def test_load_again_changes_only_what_changed(trialpool, records):
    trialpool("registry", "load", "records")
    changed = study(2)
    changed["protocolSection"]["identificationModule"]["briefTitle"] = "Another title"
    changed["derivedSection"]["miscInfoModule"]["versionHolder"] = "2026-10-20"
    (records / "NCT00000002.json").write_text(json.dumps(changed))
    (records / "more.json.gz").write_bytes(gzip.compress(json.dumps({"studies": [study(4)]}).encode()))
    done = trialpool("registry", "load", "records")
    assert done.out == "4 records read into registry: 1 new, 1 changed, 2 unchanged; 0 lost\n"


def test_load_takes_several_paths_of_several_kinds(trialpool, records):
    with zipfile.ZipFile("more.zip", "w") as archive:
        archive.writestr("NCT00000007.json", json.dumps(study(7)))
    Path("lines.ndjson").write_text(f"{json.dumps(study(8))}\n{json.dumps(study(9))}\n")
    done = trialpool("registry", "load", "records", "more.zip", "lines.ndjson")
    assert done.out.startswith("6 records read into registry: 6 new")


def test_store_is_where_it_is_said(trialpool, records, here, monkeypatch):
    trialpool("registry", "load", "records", "--store", "one")
    monkeypatch.setenv("TRIALPOOL_STORE", str(here / "two"))
    trialpool("registry", "load", "records/NCT00000001.json")
    assert store_status(trialpool)["trials"] == 1
    assert store_status(trialpool, "--store", "one")["trials"] == 3
    assert sorted(path.name for path in here.iterdir()) == ["one", "records", "two"]


def test_problems_are_counted_by_kind_with_the_way_to_see_them(trialpool, records):
    odd = study(4)
    odd["resultsSection"]["adverseEventsModule"]["seriousEvents"][0]["stats"][0]["numAffected"] = "many"
    (records / "NCT00000004.json").write_text(json.dumps(odd))
    (records / "cut.json").write_text(json.dumps(study(5))[:300])
    done = trialpool("registry", "load", "records", "--store", "my store")
    first, second, *kinds = done.out.splitlines()
    assert first == "4 records read into my store: 4 new, 0 changed, 0 unchanged; 1 lost"
    assert re.fullmatch(r"\d problems, shown by: trialpool registry status --problems --store 'my store'", second)
    assert "       1 lost a record" in kinds
    assert done.code == 0
    shown = table(trialpool(*shlex.split(second.partition("trialpool ")[2]), "--format", "csv").out)
    assert len(shown) == int(second[0]) == sum(int(kind.split()[0]) for kind in kinds)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"studies": []}', "not JSON", '{"protocolSection": {}}'])
def test_nothing_that_can_be_read_is_an_error(trialpool, here, content):
    Path("a.json").write_text(content)
    done = trialpool("registry", "load", "a.json")
    assert done.code == 2
    assert done.err.startswith("trialpool: error: no record could be read")


def test_path_that_is_not_there_makes_no_store(trialpool, records, here):
    done = trialpool("registry", "load", "records", "elsewhere")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("trialpool: error: elsewhere: ")
    assert [path.name for path in here.iterdir()] == ["records"]


def test_folder_that_is_no_store_is_left_alone(trialpool, records):
    done = trialpool("registry", "load", "records", "--store", "records")
    assert (done.code, len(done.errors)) == (2, 1)
    assert len(list(records.iterdir())) == 3


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("upper", [False, True])
def test_files_of_aact_are_known_by_their_tables(trialpool, here, packed, upper):
    texts = {f"{name.upper() if upper else name}.txt": text for name, text in PIPES.items()}
    if packed:
        with zipfile.ZipFile("aact", "w") as archive:
            for name, text in texts.items():
                archive.writestr(f"export/{name}", text)
    else:
        Path("aact").mkdir()
        for name, text in texts.items():
            Path("aact", name).write_text(text)
    done = trialpool("registry", "load", "aact")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("1 record read into registry: 1 new")
    shown = store_status(trialpool)
    assert (shown["sources"], shown["event_rows"]) == ({"AACT": 1}, 2)


def test_table_of_aact_that_is_there_twice_is_told(trialpool, here):
    with zipfile.ZipFile("aact.zip", "w") as archive:
        for folder in ("old", "new"):
            for name, text in PIPES.items():
                archive.writestr(f"{folder}/{name}.txt", text)
    done = trialpool("registry", "load", "aact.zip")
    assert (done.code, done.out) == (2, "")
    assert "is there twice" in done.err
    assert [path.name for path in here.iterdir()] == ["aact.zip"]


def damaged_zip() -> bytes:
    """An archive whose list of members is torn, though its end is there."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("reported_events.txt", "x" * 1000)
    return packed.getvalue().replace(b"PK\x01\x02", b"PK\xff\xff")


def test_damaged_archive_is_a_problem(trialpool, records):
    (records / "damaged.zip").write_bytes(damaged_zip())
    Path("torn.zip").write_bytes(damaged_zip())
    done = trialpool("registry", "load", "records", "torn.zip")
    assert done.code == 0
    assert done.out.startswith("3 records read into registry: 3 new, 0 changed, 0 unchanged; 2 lost\n")


def test_a_trial_under_an_identifier_that_another_one_replaces(trialpool, records):
    first = study(1)
    first["protocolSection"]["identificationModule"]["nctIdAliases"] = ["NCT00000002"]
    (records / "NCT00000001.json").write_text(json.dumps(first))
    trialpool("registry", "load", "records")
    text = trialpool("registry", "status").out
    assert "trials          2, of these 2 with results" in text
    assert "left out        1 trial under an identifier that another trial replaces" in text


# --- status -----------------------------------------------------------------------------------------------------------


def test_status_of_what_is_no_store(trialpool, here):
    done = trialpool("registry", "status")
    assert (done.code, done.out, len(done.errors)) == (2, "", 1)
    assert list(here.iterdir()) == []


def test_status_as_text_json_and_csv_says_the_same(trialpool, records):
    (records / "cut.json").write_text("{")
    trialpool("registry", "load", "records")
    text = trialpool("registry", "status").out
    document = store_status(trialpool)
    (row,) = table(trialpool("registry", "status", "--format", "csv").out)
    assert text.splitlines() == [
        "store registry",
        "  trials          3, of these 3 with results",
        "  versions        3: ClinicalTrials.gov 3",
        "  adverse events  6 rows",
        "  registry dates  2026-10-14 to 2026-10-14",
        "  problems        1 lost a record",
    ]
    expected = {"store": "registry", "trials": 3, "versions": 3, "with_results": 3, "event_rows": 6, "obsolete": 0}
    assert expected.items() <= document.items()
    assert document["problems"] == {"record": 1, "row": 0, "field": 0, "nothing": 0}
    assert {name: str(value) for name, value in expected.items()}.items() <= row.items()
    assert (row["problems_record"], row["sources"]) == ("1", "ClinicalTrials.gov 3")


def test_status_tells_of_a_search_that_is_damaged(trialpool, registry):
    trialpool(*FETCH)
    (state,) = Path("registry/fetch").rglob("state.json")
    state.write_text("{")
    name = state.parent.name
    assert f"what is saved in fetch/{name} is damaged: that search begins again" in trialpool("registry", "status").out
    assert store_status(trialpool)["damaged_searches"] == [name]


def test_versions_of_a_trial(trialpool, records):
    trialpool("registry", "load", "records")
    later = study(1, hasResults=False)
    later["derivedSection"]["miscInfoModule"]["versionHolder"] = "2026-11-01"
    Path("later.json").write_text(json.dumps(later))
    trialpool("registry", "load", "later.json")
    versions = json.loads(trialpool("registry", "status", "nct1", "--format", "json").out)["versions"]
    assert [(v["registry_date"], v["current"], v["place"]) for v in versions] == [
        ("2026-10-14", False, "records/NCT00000001.json"),
        ("2026-11-01", True, "later.json"),
    ]
    assert versions[1]["source_note"] == "trialpool registry load later.json"
    text = trialpool("registry", "status", "NCT00000001", "NCT00000002").out
    assert len(text.splitlines()) == 5
    rows = table(trialpool("registry", "status", "NCT00000001", "--format", "csv").out)
    assert [row["current"] for row in rows] == ["false", "true"]


@pytest.mark.parametrize(("trial", "message"), [("NCT00000099", "NCT00000099"), ("asthma", "not an identifier")])
def test_versions_of_a_trial_that_is_not_there(trialpool, records, trial, message):
    trialpool("registry", "load", "records")
    done = trialpool("registry", "status", trial)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_problems_of_one_trial_alone(trialpool, records):
    for number in (4, 5):
        odd = study(number, hasResults="maybe")
        (records / f"NCT0000000{number}.json").write_text(json.dumps(odd))
    trialpool("registry", "load", "records")
    rows = table(trialpool("registry", "status", "--problems", "NCT5", "--format", "csv").out)
    assert rows
    assert {row["nct_id"] for row in rows} == {"NCT00000005"}
    assert {row["file"] for row in rows} == {"records/NCT00000005.json"}
    assert trialpool("registry", "status", "--problems", "NCT1").out == "no problems\n"
    document = json.loads(trialpool("registry", "status", "--problems", "--format", "json").out)
    assert {problem["nct_id"] for problem in document["problems"]} == {"NCT00000004", "NCT00000005"}
    text = trialpool("registry", "status", "--problems").out
    assert text.splitlines()[0].split() == ["lost", "trial", "file", "field", "problem", "value"]


def test_text_from_records_is_harmless_in_every_format(trialpool, records):
    odd = study(4, hasResults='\x1b[2J=HYPERLINK("x")\u202e')
    (records / "NCT00000004.json").write_text(json.dumps(odd))
    (records / "=cut.json").write_text("{")
    trialpool("registry", "load", "records")
    text = trialpool("registry", "status", "--problems").out
    assert "\x1b" not in text
    assert "\u202e" not in text
    for row in table(trialpool("registry", "status", "--problems", "--format", "csv").out):
        assert not any(cell.startswith("=") for cell in row.values())


# --- add --------------------------------------------------------------------------------------------------------------


def test_add_fetches_and_loads(trialpool, registry):
    done = trialpool("registry", "add", "NCT00000001", "nct2", "--api", f"{registry.address}/")
    assert (done.code, done.err) == (0, "")
    assert done.out == "2 records read into registry: 2 new, 0 changed, 0 unchanged; 0 lost\n"
    assert [asked.path[-11:] for asked in registry.asked] == ["NCT00000001", "NCT00000002"]


def test_add_of_an_obsolete_identifier_says_so(trialpool, registry):
    registry.aliases = {"NCT00000099": "NCT00000005"}
    done = trialpool("registry", "add", "NCT00000099")
    assert done.out.splitlines()[0] == "NCT00000099 is an obsolete identifier of NCT00000005, whose record was taken"
    assert trialpool("registry", "status", "NCT00000005").code == 0


def test_add_of_an_unknown_trial_stores_the_others_and_an_error_row(trialpool, registry):
    done = trialpool("registry", "add", "NCT00000404", "NCT00000001")
    assert done.code == 2
    assert done.out.startswith("1 record read into registry: 1 new, 0 changed, 0 unchanged; 1 lost\n")
    assert done.err.startswith("trialpool: error: NCT00000404: the registry has no trial of this identifier")
    (row,) = table(trialpool("registry", "status", "--problems", "--format", "csv").out)
    assert (row["lost"], row["nct_id"], row["file"]) == (
        "record",
        "NCT00000404",
        f"{registry.address}/studies/NCT00000404",
    )


def test_add_while_the_registry_is_down_leaves_no_error_row(trialpool, registry):
    registry.faults = [None, *[status(503)] * 7]
    done = trialpool("registry", "add", "NCT1", "NCT2", "NCT3")
    assert done.code == 2
    assert [line[:18] for line in done.err.splitlines()] == [
        "trialpool: error: ",
        "  - http://127.0.0",
        "  - NCT00000003: n",
    ]
    assert trialpool("registry", "status", "--problems").out == "no problems\n"
    assert store_status(trialpool)["trials"] == 1


def test_add_of_what_is_no_identifier_asks_for_nothing(trialpool, registry, here):
    done = trialpool("registry", "add", "NCT1", "dupilumab")
    assert (done.code, done.out, registry.asked) == (2, "", [])
    assert "'dupilumab' is not an identifier" in done.err
    assert list(here.iterdir()) == []


# --- fetch ------------------------------------------------------------------------------------------------------------


def test_fetch_searches_and_loads(trialpool, registry):
    done = trialpool(*FETCH, "--with-results", "--phase", "2", "--phase", "3", "--status", "completed")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        f"12 trials in 3 pages, 3 fetched now; data of {FIRST_DATA}",
        "12 records read into registry: 12 new, 0 changed, 0 unchanged; 0 lost",
    ]
    parameters = registry.searches[0].parameters
    assert parameters["filter.advanced"] == "AREA[Phase](PHASE2 OR PHASE3)"
    assert parameters["filter.overallStatus"] == "COMPLETED"
    assert parameters["aggFilters"] == "results:with"
    shown = trialpool("registry", "status").out
    assert "condition 'asthma', phase 2 or 3, status completed, with results: 12 trials, complete; data of" in shown


@pytest.mark.parametrize(
    ("option", "parameter"),
    [("condition", "cond"), ("intervention", "intr"), ("term", "term"), ("sponsor", "spons")],
)
def test_each_text_is_searched_for_in_its_place(trialpool, registry, option, parameter):
    assert trialpool("registry", "fetch", f"--{option}", "a b").code == 0
    asked = registry.searches[0].parameters
    assert {name: value for name, value in asked.items() if name.startswith("query")} == {f"query.{parameter}": "a b"}


def test_fetch_again_is_conditional_on_the_data(trialpool, registry):
    trialpool(*FETCH)
    registry.forget()
    done = trialpool(*FETCH)
    assert len(registry.asked) == 1
    assert done.out.splitlines() == [
        f"12 trials in 3 pages, fetched before; data of {FIRST_DATA}",
        "they are in the store; --again fetches them anew",
    ]
    assert trialpool(*FETCH, "--again").out.endswith("0 new, 0 changed, 12 unchanged; 0 lost\n")
    registry.data_version = LATER_DATA
    registry.records[0]["hasResults"] = False
    registry.records[0]["derivedSection"]["miscInfoModule"]["versionHolder"] = LATER_DATA[:10]
    first, _, last = trialpool(*FETCH).out.splitlines()
    assert first.startswith("the search begins again: its data are of")
    assert "0 new, 1 changed, 11 unchanged" in last


def test_fetch_that_failed_goes_on(trialpool, registry):
    registry.faults = [None, None, None, *[status(502)] * 7]
    done = trialpool(*FETCH)
    assert (done.code, done.out, len(done.errors)) == (2, "", 1)
    assert "the same command again" in done.err
    assert "stopped after 2 pages: run it again to go on" in trialpool("registry", "status").out
    registry.forget()
    done = trialpool(*FETCH)
    assert len(registry.searches) == 1
    assert done.out.startswith("12 trials in 3 pages, 1 fetched now")


def test_load_that_was_stopped_is_made_up_for(trialpool, registry, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("trialpool.cli.registry_fetch.load_into", _interrupted)
        assert trialpool(*FETCH).code == 130
    registry.forget()
    done = trialpool(*FETCH)
    assert registry.searches == []
    assert done.out.endswith("12 new, 0 changed, 0 unchanged; 0 lost\n")


def _interrupted(*given):
    raise KeyboardInterrupt


def test_bytes_that_are_not_utf_8_become_a_problem_of_their_trial(trialpool, registry):
    content = json.dumps({"totalCount": 2, "studies": registry.records[:2]}, ensure_ascii=False).encode()
    registry.faults = [None, body(content.replace("Älter".encode(), b"\xc4lter", 1))]
    done = trialpool(*FETCH)
    assert done.code == 0
    assert "2 records read into registry: 2 new" in done.out
    (problem,) = json.loads(trialpool("registry", "status", "--problems", "--format", "json").out)["problems"]
    assert "not UTF-8" in problem["problem"]
    assert problem["file"].endswith("page-00001.json.gz#studies[0]")


def test_search_that_finds_nothing_has_no_answer(trialpool, registry):
    registry.records.clear()
    done = trialpool(*FETCH)
    assert (done.code, done.out) == (1, "")
    assert "the search for condition 'asthma' finds no trial" in done.err


def test_other_number_than_announced_is_a_warning(trialpool, registry):
    registry.announced = 13
    done = trialpool(*FETCH)
    assert (done.code, len(done.warnings)) == (0, 1)
    assert "announced 13 trials and gave 12" in done.err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ((), "nothing to search for"),
        (("--condition", " "), "says nothing to search for"),
        (("--term", "NCT00000001"), "trialpool registry add NCT00000001"),
        (("--phase", "5"), "'5' is not allowed"),
        (("--status", "complete"), "did you mean 'completed'"),
        (("--condition", "a", "--page-size", "1001"), "from 1 to 1,000"),
        (("--condition", "a", "--page-size", "x"), "not a whole number"),
        (("--condition", "a", "--api", "nowhere"), "is not the address of an API"),
    ],
)
def test_search_that_cannot_be_is_refused_before_anything_is_asked(trialpool, registry, here, argv, message):
    done = trialpool("registry", "fetch", *argv)
    assert (done.code, done.out, registry.asked) == (2, "", [])
    assert message in done.err
    assert list(here.iterdir()) == []


def test_progress_is_a_bar(trialpool, registry, monkeypatch):
    drawn = []
    monkeypatch.setattr(console.Progress, "say", lambda self, text: drawn.append(text))
    trialpool(*FETCH)
    assert [text.partition(", eta")[0] for text in drawn if text.startswith("[")] == [
        "[##########..............] 5/12 trials, page 1",
        "[####################....] 10/12 trials, page 2",
        "[########################] 12/12 trials, page 3",
    ]


# --- as a process -----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_process_that_is_stopped_leaves_whole_pages_and_goes_on(trialpool, registry: Registry, number):
    registry.faults = [None, None, hanging]
    with subprocess.Popen([sys.executable, "-m", "trialpool", *FETCH], stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        while len(registry.asked) < 3 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(number)
        error = process.communicate()[1]
    if number == signal.SIGINT:
        assert (process.returncode, error) == (130, "trialpool: error: stopped before the end\n")
    names = sorted(path.name for path in Path("registry/fetch").rglob("*.*"))
    assert names == ["page-00001.json.gz", "state.json"]
    registry.forget()
    done = trialpool(*FETCH)
    assert done.out.startswith("12 trials in 3 pages, 2 fetched now")
    assert all("pageToken" in asked.parameters for asked in registry.searches)


@pytest.mark.parametrize("verb", ["load", "add", "fetch", "status"])
def test_help_answers_at_once_and_loads_nothing_of_the_extra(verb):
    code = (
        "import sys; from trialpool.cli import main; "
        f"status = main(['registry', '{verb}', '--help']); "
        "print([m for m in ('httpx', 'duckdb', 'ibis', 'pyarrow', 'scipy', 'trialpool.pool') if m in sys.modules], status, "
        "file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[] 0"


@pytest.mark.parametrize("verb", ["load", "add", "fetch", "status"])
def test_examples_in_the_help_run(trialpool, registry, records, verb):
    for line in trialpool("registry", verb, "--help").out.split("example:\n")[1].splitlines():
        done = trialpool(*shlex.split(line)[1:])
        assert done.code == 0, (line, done.err)


@pytest.mark.parametrize(("package", "argv"), [("httpx", ["add", "NCT1"]), ("duckdb", ["status"])])
def test_package_that_is_missing_is_named(trialpool, records, monkeypatch, package, argv):
    trialpool("registry", "load", "records")
    monkeypatch.setitem(sys.modules, package, None)
    done = trialpool("registry", *argv)
    assert done.code == 2
    assert f"'{package}', which is not installed: pip install 'trialpool[registry]'" in done.err
