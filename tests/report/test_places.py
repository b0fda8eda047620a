"""Places: all or nothing, and nothing of the user's is touched."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from pathlib import Path

import pytest

from trialpool.errors import OutputError
from trialpool.report.manifest import manifest_of
from trialpool.report.places import check_writable, publish

FILES = {"report.html": b"page", "tables/a.csv": b"a", "figures/b.svg": b"b"}
WRITTEN = FILES | {"manifest.json": manifest_of(FILES)}

needs_permissions = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


# --- a new folder -----------------------------------------------------------------------------------------------------


def test_new_folder_has_every_file_and_nothing_else(tmp_path):
    publish(FILES, tmp_path / "out")
    assert content(tmp_path / "out") == WRITTEN
    assert everything(tmp_path) == [
        "out",
        "out/figures",
        "out/figures/b.svg",
        "out/manifest.json",
        "out/report.html",
        "out/tables",
        "out/tables/a.csv",
    ]


def test_parents_are_made(tmp_path):
    publish(FILES, tmp_path / "a" / "b" / "out")
    assert content(tmp_path / "a" / "b" / "out") == WRITTEN


def test_folder_has_the_usual_permissions(tmp_path):
    publish(FILES, tmp_path / "out")
    (tmp_path / "usual").mkdir()
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == stat.S_IMODE((tmp_path / "usual").stat().st_mode)


def test_place_may_be_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    publish(FILES, Path("out"))
    publish(FILES, Path("sub/out"))
    assert content(tmp_path / "out") == content(tmp_path / "sub" / "out") == WRITTEN


# --- a folder that is there -------------------------------------------------------------------------------------------


def test_own_files_are_replaced_and_others_stay(tmp_path):
    out = tmp_path / "out"
    publish(FILES, out)
    (out / "notes.txt").write_bytes(b"mine")
    (out / "tables" / "mine.csv").write_bytes(b"mine too")
    publish(FILES | {"report.html": b"new page"}, out)
    assert content(out) == WRITTEN | {"report.html": b"new page", "notes.txt": b"mine", "tables/mine.csv": b"mine too"}


def test_link_to_a_folder_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    publish(FILES, tmp_path / "out")
    assert content(tmp_path / "real") == WRITTEN
    assert (tmp_path / "out").is_symlink()


def test_files_are_replaced_not_written_into(tmp_path):
    out = tmp_path / "out"
    publish(FILES, out)
    os.link(out / "report.html", tmp_path / "kept.html")
    publish(FILES | {"report.html": b"new page"}, out)
    assert (tmp_path / "kept.html").read_bytes() == b"page"


# --- whose files they are ---------------------------------------------------------------------------------------------


def test_manifest_lists_the_files(tmp_path):
    publish(FILES, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "manifest.json").read_bytes()) == {
        "schema_version": "1.0",
        "program": "trialpool",
        "files": ["figures/b.svg", "report.html", "tables/a.csv"],
    }


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_file_that_trialpool_did_not_write_is_refused_unless_forced(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"mine")
    for write in (publish, lambda files, out: check_writable(out, files)):
        with pytest.raises(OutputError) as caught:
            write(FILES, tmp_path)
        assert str(caught.value) == (
            f"{tmp_path} holds files that trialpool did not write ({name}); "
            "choose another folder with --out, or say --force"
        )
        assert content(tmp_path) == {name: b"mine"}
    check_writable(tmp_path, FILES, force=True)
    publish(FILES, tmp_path, force=True)
    assert content(tmp_path) == WRITTEN


def test_refusal_names_the_first_files(tmp_path):
    files = {f"{letter}.csv": b"mine" for letter in "abcde"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(OutputError, match=r"\(a\.csv, b\.csv, c\.csv, \.\.\.\)"):
        publish(files, tmp_path)


def test_dangling_link_in_the_place_of_a_file_is_the_users(tmp_path):
    (tmp_path / "report.html").symlink_to("nowhere")
    with pytest.raises(OutputError, match=r"did not write \(report\.html\)"):
        publish(FILES, tmp_path)


def test_manifest_covers_only_what_it_lists(tmp_path):
    publish(FILES, tmp_path)
    (tmp_path / "tables" / "new.csv").write_bytes(b"mine")
    with pytest.raises(OutputError, match=r"did not write \(tables/new\.csv\)"):
        publish(FILES | {"tables/new.csv": b"new"}, tmp_path)
    assert content(tmp_path) == WRITTEN | {"tables/new.csv": b"mine"}


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b'{"files": ["report.html"]}',
        b'{"program": "other", "files": ["report.html"]}',
        b'{"program": "trialpool", "files": "report.html"}',
    ],
)
def test_manifest_of_another_program_covers_nothing(tmp_path, manifest):
    (tmp_path / "report.html").write_bytes(b"mine")
    (tmp_path / "manifest.json").write_bytes(manifest)
    with pytest.raises(OutputError, match=r"did not write \(report\.html, manifest\.json\)"):
        publish({"report.html": b"new"}, tmp_path)
    assert content(tmp_path) == {"report.html": b"mine", "manifest.json": manifest}


# --- files of an earlier run ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("force", [False, True])
def test_files_that_only_an_earlier_run_wrote_are_removed(tmp_path, force):
    publish(FILES, tmp_path)
    (tmp_path / "figures" / "mine.svg").write_bytes(b"mine")
    new = {"report.html": b"new page", "tables/c.csv": b"c"}
    publish(new, tmp_path, force=force)
    assert content(tmp_path) == new | {"manifest.json": manifest_of(new), "figures/mine.svg": b"mine"}


def test_file_of_an_earlier_run_that_is_gone_is_no_obstacle(tmp_path):
    publish(FILES, tmp_path)
    (tmp_path / "figures" / "b.svg").unlink()
    publish({"report.html": b"page"}, tmp_path)
    assert list(content(tmp_path)) == ["manifest.json", "report.html"]


@pytest.mark.parametrize(
    "name",
    [
        "../mine.txt",
        "tables/../../mine.txt",
        "..\\mine.txt",
        "{absolute}",
        "C:/mine.txt",
        "C:mine.txt",
        "away/mine.txt",
        "folder",
        ".",
        "",
        "nul\0",
        "\ud800",
        7,
        None,
        ["mine.txt"],
        "./report.html",
        "REPORT.HTML",
    ],
)
def test_manifest_removes_nothing_outside_and_nothing_new(tmp_path, name):
    out, absolute = tmp_path / "out", tmp_path / "mine.txt"
    (out / "folder").mkdir(parents=True)
    absolute.write_bytes(b"mine")
    (out / "away").symlink_to(tmp_path)
    listed = str(absolute) if name == "{absolute}" else name
    document = {"schema_version": "1.0", "program": "trialpool", "files": [listed]}
    (out / "manifest.json").write_text(json.dumps(document))
    publish(FILES, out)
    assert absolute.read_bytes() == b"mine"
    assert {name: data for name, data in content(out).items() if name in WRITTEN} == WRITTEN
    assert (out / "folder").is_dir()


# --- input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("name", [*FILES, "figures/stale.svg"])
@pytest.mark.parametrize("link", ["none", "input", "output", "folder"])
def test_input_is_neither_replaced_nor_removed(tmp_path, name, link, force):
    out = tmp_path / "out"
    publish(FILES | {"figures/stale.svg": b"stale"}, out)
    place = given = out / name
    if link == "input":
        given = tmp_path / "input"
        given.symlink_to(place)
    elif link == "output":
        given = place.rename(tmp_path / "input")
        place.symlink_to(given)
    elif link == "folder":
        (tmp_path / "linked").symlink_to(out)
        given = tmp_path / "linked" / name
    before = content(tmp_path)
    with pytest.raises(OutputError, match=r"is a file that the review is made from.* choose another folder with --out"):
        publish(FILES, out, inputs=[tmp_path / "other", given], force=force)
    assert content(tmp_path) == before


def test_input_beside_the_report_is_no_obstacle(tmp_path):
    (tmp_path / "arms.csv").write_bytes(b"data")
    publish(FILES, tmp_path, inputs=[tmp_path / "arms.csv", tmp_path / "gone.toml"])
    publish(FILES, tmp_path, inputs=[tmp_path / "arms.csv", tmp_path / "gone.toml"])
    assert content(tmp_path) == WRITTEN | {"arms.csv": b"data"}


# --- places that cannot be written ------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [check_writable, lambda out: publish(FILES, out)])
def test_file_in_the_place_of_the_folder(tmp_path, write):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError, match=r"out is there and is not a folder; choose another folder with --out"):
        write(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("write", [check_writable, lambda out: publish(FILES, out)])
def test_file_above_the_folder(tmp_path, write):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match=r"cannot be made, because .*file is not a folder"):
        write(tmp_path / "file" / "sub" / "out")
    assert everything(tmp_path) == ["file"]


def test_dangling_link_is_refused(tmp_path):
    (tmp_path / "out").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="is there and is not a folder"):
        check_writable(tmp_path / "out")


def test_folder_where_a_file_belongs_is_refused_before_anything_is_replaced(tmp_path):
    out = tmp_path / "out"
    publish(FILES, out)
    (out / "figures" / "b.svg").unlink()
    (out / "figures" / "b.svg").mkdir()
    with pytest.raises(OutputError, match=r"b\.svg is a folder where the report has a file"):
        publish(FILES | {"report.html": b"new page"}, out)
    assert (out / "report.html").read_bytes() == b"page"


def test_file_where_a_folder_belongs_is_refused_before_anything_is_replaced(tmp_path):
    (tmp_path / "tables").write_text("mine")
    with pytest.raises(OutputError, match=r"tables is a file where the report has a folder"):
        publish(FILES, tmp_path)
    assert everything(tmp_path) == ["tables"]


@needs_permissions
@pytest.mark.parametrize("name", [".", "out", "sub/out"])
def test_folder_without_permission(tmp_path, name):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match=r"cannot be written \(Permission denied\)"):
            check_writable(tmp_path / name)
    finally:
        tmp_path.chmod(0o700)


def test_system_folder_that_takes_no_folder():
    with pytest.raises(OutputError, match=r"/proc/self/out cannot be written \("):
        check_writable("/proc/self/out")


def test_name_that_is_too_long(tmp_path):
    with pytest.raises(OutputError, match=r"cannot be written \(File name too long\)"):
        publish(FILES, tmp_path / ("x" * 300))
    assert everything(tmp_path) == []


def test_checking_leaves_nothing(tmp_path):
    check_writable(tmp_path)
    check_writable(tmp_path / "a" / "b")
    assert everything(tmp_path) == []


# --- errors and interruptions -----------------------------------------------------------------------------------------


@pytest.fixture(
    params=[KeyboardInterrupt, SystemExit, OSError(28, "No space left on device")], ids=["ctrl-c", "exit", "full"]
)
def trouble(request):
    return request.param


def fail_after(monkeypatch, name, calls, trouble):
    """Let the method of Path work so many times, then fail."""
    works, left = getattr(Path, name), [calls]

    def method(self, *arguments, **options):
        if left[0] == 0:
            raise trouble
        left[0] -= 1
        return works(self, *arguments, **options)

    monkeypatch.setattr(Path, name, method)


@pytest.mark.parametrize("written", [0, 1, 2])
def test_trouble_while_writing_leaves_no_new_folder(tmp_path, monkeypatch, trouble, written):
    fail_after(monkeypatch, "write_bytes", written, trouble)
    with pytest.raises((OutputError, KeyboardInterrupt, SystemExit)):
        publish(FILES, tmp_path / "a" / "out")
    assert everything(tmp_path) == []


def test_trouble_while_renaming_leaves_no_new_folder(tmp_path, monkeypatch, trouble):
    fail_after(monkeypatch, "rename", 0, trouble)
    with pytest.raises((OutputError, KeyboardInterrupt, SystemExit)):
        publish(FILES, tmp_path / "out")
    assert everything(tmp_path) == []


@pytest.mark.parametrize("written", [0, 1, 2])
def test_trouble_while_writing_leaves_an_older_report_as_it_was(tmp_path, monkeypatch, trouble, written):
    out = tmp_path / "out"
    publish(FILES, out)
    fail_after(monkeypatch, "write_bytes", written, trouble)
    with pytest.raises((OutputError, KeyboardInterrupt, SystemExit)):
        publish(dict.fromkeys(FILES, b"new"), out)
    assert content(out) == WRITTEN
    assert sorted(path.name for path in out.iterdir()) == ["figures", "manifest.json", "report.html", "tables"]


@pytest.mark.parametrize("replaced", [0, 1, 2, 3])
def test_trouble_while_replacing_leaves_whole_files_and_no_temporary_folder(tmp_path, monkeypatch, trouble, replaced):
    out = tmp_path / "out"
    publish(FILES, out)
    fail_after(monkeypatch, "replace", 1 + replaced, trouble)  # the first is the claim
    with pytest.raises((OutputError, KeyboardInterrupt, SystemExit)):
        publish(dict.fromkeys(FILES, b"new"), out)
    assert list(content(out)) == sorted(WRITTEN)
    assert sum(data == b"new" for data in content(out).values()) == replaced


@pytest.mark.parametrize("method", ["replace", "unlink"])
@pytest.mark.parametrize("calls", range(4))
def test_next_run_mends_what_an_interrupted_one_left(tmp_path, monkeypatch, method, calls):
    out, new = tmp_path / "out", {"report.html": b"new page", "tables/c.csv": b"c"}
    publish(FILES, out)
    with monkeypatch.context() as interrupted:
        fail_after(interrupted, method, calls, KeyboardInterrupt)
        with contextlib.suppress(KeyboardInterrupt):
            publish(new, out)
    publish(new, out)
    assert content(out) == new | {"manifest.json": manifest_of(new)}


def test_parents_that_hold_something_else_by_then_stay(tmp_path, monkeypatch):
    def rename(self, target):
        (target.parent / "other.txt").write_text("mine")
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(KeyboardInterrupt):
        publish(FILES, tmp_path / "a" / "out")
    assert everything(tmp_path) == ["a", "a/other.txt"]


def test_left_over_of_a_killed_run_is_no_obstacle(tmp_path):
    (tmp_path / f".trialpool-{os.getpid()}-0.part").mkdir()
    publish(FILES, tmp_path / "out")
    assert content(tmp_path / "out") == WRITTEN
