"""The entry: verbs, help, exit codes, and errors that are told instead of shown as a traceback."""

from __future__ import annotations

import argparse
import io
import re
import shlex
import subprocess
import sys
import tomllib
import warnings
from pathlib import Path

import pytest
from cli.tables import SIDES, everything_in, write_table

import trialpool as package
import trialpool.cli as command_line
from trialpool.cli import console
from trialpool.cli.parser import VERBS, build_parser
from trialpool.errors import NotEstimableError, OutputError, TrialpoolError, TrialpoolWarning

MODULE = [sys.executable, "-m", "trialpool"]


def run(*argv: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*MODULE, *argv], capture_output=True, text=True, check=False, **options)


def raising(error: BaseException):
    def parse(argv):
        def verb(arguments):
            raise error

        return argparse.Namespace(run=verb)

    return parse


# --- help and version -------------------------------------------------------------------------------------------------


def test_version_is_that_of_the_package(trialpool):
    assert trialpool("--version").out == f"trialpool {package.__version__}\n"


def test_help_lists_every_verb_with_its_line_and_the_exit_codes(trialpool):
    done = trialpool("--help")
    assert (done.code, done.err) == (0, "")
    for name, verb in VERBS.items():
        assert re.search(rf"^    {name}\s+{re.escape(verb.summary)}$", done.out, flags=re.MULTILINE)
    assert "Exit codes: 0 done, 1 the data hold no answer, 2 bad input, 130 interrupted." in done.out


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_describes_it_names_defaults_and_ends_with_an_example(trialpool, verb):
    done = trialpool(*verb.split(), "--help")
    assert (done.code, done.err) == (0, "")
    paragraph = done.out.split("\n\n")[1]
    assert len(paragraph) > 80
    assert paragraph.rstrip().endswith(".")
    assert "\nexample:\n  trialpool " in done.out
    assert done.out.rstrip().splitlines()[-1].startswith("  trialpool ")
    assert max(len(line) for line in done.out.splitlines()) <= 100


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_is_explained(verb):
    for action in options_of(verb):
        assert action.help, action.dest
        has_default = action.default not in (None, False, [], argparse.SUPPRESS)
        assert "(default: " in action.help or not has_default, action.dest


@pytest.mark.parametrize("verb", VERBS)
def test_options_that_take_a_word_name_their_words(verb):
    for action in options_of(verb):
        if action.metavar == "WORD":
            assert " | " in action.help
            assert "(default: " in action.help


def options_of(verb: str) -> list[argparse.Action]:
    parser = build_parser(verb)
    verbs = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return verbs.choices[verb]._actions


def test_examples_in_the_help_run(trialpool, here):
    for verb in (verb for verb in VERBS if " " not in verb):  # those of registries need records: test_registry*.py
        text = trialpool(verb, "--help").out
        for line in text.split("example:\n")[1].splitlines():
            words = shlex.split(line)[1:]
            done = trialpool(*words, *(["--force"] if words[0] == "example" else []))
            assert done.code == 0, (line, done.err)


def test_help_of_a_group_lists_its_verbs(trialpool):
    done = trialpool("registry", "--help")
    assert (done.code, done.err) == (0, "")
    for name, verb in VERBS.items():
        assert (f"  {name:<22}{verb.summary}\n" in done.out) == name.startswith("registry ")


def test_nothing_typed_shows_the_help_as_an_error(trialpool):
    done = trialpool()
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("usage: trialpool")


def test_nothing_numerical_is_imported_for_the_help():
    code = (
        "import sys; from trialpool.cli import main; status = main(['--help']); "
        "print([m for m in ('numpy', 'scipy', 'trialpool.pool') if m in sys.modules], status, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[] 0"


def test_main_is_the_declared_entry():
    config = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert config["project"]["scripts"] == {"trialpool": "trialpool.cli:main"}


# --- wrong words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["pol"], "'pol' is not a verb (did you mean 'pool'?); the verbs are 'run', 'check'"),
        (["review.toml"], "to answer a review, type: trialpool run review.toml"),
        (["registry"], "'registry' is followed by one of: load, add, fetch, status"),
        (["registry", "lod"], "'registry lod' is not a verb (did you mean 'registry load'?)"),
        (["registry", "load"], "the following arguments are required: PATH; see trialpool registry load --help"),
        (["registry", "fetch", "--phases", "3"], "option '--phases' is not known (did you mean '--phase'?)"),
        (["--verbose"], "no verb given, only --verbose; see trialpool --help"),
        (["pool"], "the following arguments are required: FILE; see trialpool pool --help"),
        (["pool", "a.csv", "--modle", "random"], "option '--modle' is not known (did you mean '--model'?)"),
        (["pool", "a.csv", "--modle=random"], "option '--modle' is not known (did you mean '--model'?)"),
        (["pool", "a.csv", "--meas", "risk ratio"], "option '--meas' is not known"),
        (["pool", "a.csv", "--measure", "risk", "ratio"], "argument --measure: 'risk' is not allowed"),
        (["pool", "a.csv", "--outcome", "skin", "infection"], "'infection' stands alone; put a name of several words in quotes"),
        (["pool", "a.csv", "--model", "ramdom"], "argument --model: 'ramdom' is not allowed (did you mean 'random'?)"),
        (["pool", "a.csv", "--model"], "argument --model: expected one argument"),
        (["pool", "a.csv", "--conf-level", "high"], "argument --conf-level: 'high' is not a number"),
        (["pool", "a.csv", "--column", "events"], "argument --column: 'events' is not a pair"),
        (["pool", "a.csv", "--column", "=tpos"], "argument --column: '=tpos' is not a pair"),
        (["forest", "a.csv"], "the following arguments are required: -o/--output"),
        (["forest", "a.csv", "-o", "plot.gif"], "'plot.gif' has no ending that says its format; end it with one of .svg, .pdf, .png"),
        (["funnel", "a.csv", "-o", "plot"], "'plot' has no ending"),
        (["example", "bgc"], "did you mean 'bcg'?"),
        (["example"], "which example is not said"),
    ],
)  # fmt: skip
def test_wrong_words_give_one_line_and_exit_code_2(trialpool, here, argv, message):
    done = trialpool(*argv)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert done.err.startswith("trialpool: error: ")
    assert message in done.err
    assert list(here.iterdir()) == []


# --- exit codes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (NotEstimableError("no study has an effect"), 1, "no study has an effect"),
        (OutputError("it is full"), 2, "it is full"),
        (TrialpoolError("anything else of ours"), 2, "anything else of ours"),
        (MemoryError(), 1, "the input is too large for this machine's memory; give less of it at a time"),
        (OSError(28, "No space left on device"), 2, "the output cannot be written: No space left on device"),
        (OSError(5, "Input/output error", "arms.csv"), 2, "arms.csv: Input/output error"),
        (OSError(), 2, "the output cannot be written: OSError"),
        (KeyboardInterrupt(), 130, "stopped before the end"),
        (console.Stopped(15), 143, "stopped before the end"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_exit_code_of_an_error(trialpool, monkeypatch, error, code, message):
    monkeypatch.setattr(command_line, "parse", raising(error))
    done = trialpool("pool")
    assert (done.code, done.out, done.err) == (code, "", f"trialpool: error: {message}\n")


def test_closed_pipe_is_silent(trialpool, monkeypatch):
    monkeypatch.setattr(command_line, "parse", raising(BrokenPipeError()))
    done = trialpool("pool")
    assert (done.code, done.out, done.err) == (141, "", "")


def test_error_of_our_own_making_is_not_hidden(trialpool, monkeypatch):
    monkeypatch.setattr(command_line, "parse", raising(ZeroDivisionError("a mistake in the program")))
    with pytest.raises(ZeroDivisionError):
        trialpool("pool")


def test_error_cannot_write_escape_sequences_to_the_terminal(trialpool, monkeypatch):
    monkeypatch.setattr(command_line, "parse", raising(OutputError("a\x1b[31m\u202eb: 2 problems\n  - c\x07\n  - d")))
    done = trialpool("pool")
    assert done.err == "trialpool: error: a\ufffd[31mb: 2 problems\n  - c\ufffd\n  - d\n"


def test_warnings_are_lines_on_stderr_each_once(trialpool, monkeypatch):
    def verb(arguments):
        for text in ("rare\nevents", "rare\nevents", "few studies"):
            warnings.warn(text, TrialpoolWarning, stacklevel=1)
        print("the result")
        return 0

    monkeypatch.setattr(command_line, "parse", lambda argv: argparse.Namespace(run=verb))
    done = trialpool("pool")
    assert (done.code, done.out) == (0, "the result\n")
    assert done.err == "trialpool: warning: rare events\ntrialpool: warning: few studies\n"


def test_warnings_of_others_are_left_to_python(trialpool, monkeypatch):
    def verb(arguments):
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        return 0

    monkeypatch.setattr(command_line, "parse", lambda argv: argparse.Namespace(run=verb))
    with pytest.warns(DeprecationWarning, match="old"):
        done = trialpool("pool")
    assert done.warnings == []


def test_warning_filters_of_the_caller_are_as_before(trialpool, rash):
    before = (list(warnings.filters), warnings.showwarning)
    trialpool("pool", rash, *SIDES)
    assert (list(warnings.filters), warnings.showwarning) == before


# --- as a process -----------------------------------------------------------------------------------------------------


def test_module_runs_as_a_process(rash):
    done = run("pool", str(rash), *SIDES)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("rash: drug v placebo\n")
    assert done.stdout.endswith("\n")


def test_error_of_a_process(here):
    done = run("pool", "no-such-file.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "trialpool: error: 'no-such-file.csv': there is no such file\n"


@pytest.fixture(params=["buffered", "unbuffered"])
def buffering(request, monkeypatch):
    """What is left in a buffer meets a closed pipe or a full disk only at the end of the process."""
    if request.param == "buffered":
        monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    else:
        monkeypatch.setenv("PYTHONUNBUFFERED", "1")


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX pipe")
@pytest.mark.parametrize("trials", [2, 1000])
def test_reader_that_goes_away_leaves_no_traceback(rash, buffering, trials):
    arms = ("drug", "placebo")
    table = write_table(rash, *(f"Trial {i},{arm},rash,{3 + i % 5},50" for i in range(trials) for arm in arms))
    command = [*MODULE, "pool", str(table), *SIDES, "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_full_disk_under_stdout_is_one_line(rash, buffering):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*MODULE, "pool", str(rash), *SIDES], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr == "trialpool: error: the output cannot be written: No space left on device\n"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell")
def test_closed_streams_are_no_reason_to_fail(rash):
    command = f'exec "{sys.executable}" -m trialpool pool "{rash}" --treatment drug --control placebo >&- 2>&-'
    done = subprocess.run(["/bin/sh", "-c", command], check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_output_is_utf_8_whatever_the_locale(rash, form):
    table = write_table(
        rash, *(row.replace("Bern", "Malmö").replace("Cork", "東京") for row in rash.read_text().split()[1:])
    )
    environment = {"PYTHONIOENCODING": "ascii:strict", "PATH": "", "PYTHONPATH": str(Path(package.__file__).parents[1])}
    done = subprocess.run(
        [*MODULE, "pool", str(table), *SIDES, "--format", form], capture_output=True, check=False, env=environment
    )
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode("utf-8")
    assert form == "csv" or ("Malmö" in text and "東京" in text)
    assert "\ufffd" not in text


def test_streams_that_are_not_text_wrappers_are_left_alone(monkeypatch, rash):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    assert command_line.main(["pool", str(rash), *SIDES]) == 0
    assert stream.getvalue().startswith("rash: drug v placebo")


@pytest.mark.skipif(sys.platform != "linux", reason="a file name of any bytes")
def test_path_that_is_not_utf_8_is_printed_as_it_is(here):
    done = subprocess.run([*MODULE, "example", "bcg", "--to", b"caf\xe9"], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"wrote arms.csv, review.toml into caf\xe9\n")
    done = subprocess.run([*MODULE, "pool", b"caf\xe9.csv"], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"trialpool: error: ")
    assert done.stderr.count(b"\n") == 1


# --- packages that are not installed ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("package", "extra", "argv"),
    [
        ("openpyxl", "tables", ["pool", "rash.xlsx", *SIDES]),
        ("typst", "plots", ["forest", "rash.csv", *SIDES, "-o", "plot.pdf"]),
        ("jinja2", "report", ["run", "review.toml"]),
    ],
)
def test_package_that_is_missing_is_named_with_the_extra_that_brings_it(
    trialpool, review, monkeypatch, package, extra, argv
):
    (review.parent / "rash.xlsx").write_bytes(b"PK\x03\x04")
    before = everything_in(review.parent)
    monkeypatch.setitem(sys.modules, package, None)
    done = trialpool(*argv)
    assert (done.code, done.out) == (2, "")
    assert len(done.errors) == 1
    assert f"needs the package '{package}', which is not installed: pip install 'trialpool[{extra}]'" in done.err
    assert everything_in(review.parent) == before
