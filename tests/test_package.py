"""The package as a whole: its public names, what it costs to import, what is shipped, and the habits of the house."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import itertools
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import trialpool

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "trialpool"
SOURCES = sorted(PACKAGE.rglob("*.py"))
HEAVY = (
    *("numpy", "scipy", "narwhals", "openpyxl", "pyarrow", "pandas", "polars", "jinja2", "typst", "matplotlib"),
    *("duckdb", "httpx", "ibis", "psycopg"),
)
STATISTICS = ("numerics", "effects", "heterogeneity", "pool", "regress", "sensitivity", "network")


def run_python(code: str, *, strict: bool = True) -> str:
    flags = ["-W", "error"] if strict else []
    done = subprocess.run([sys.executable, *flags, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- public names ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", trialpool.__all__)
def test_public_name_resolves_to_what_its_module_defines(name):
    value = getattr(trialpool, name)
    if name != "__version__":
        module, _, attribute = trialpool._PLACES[name].partition(":")
        assert value is getattr(importlib.import_module(module), attribute)


@pytest.mark.parametrize("name", sorted({*trialpool.__all__} - {"__version__", "PROFILES"}))
def test_public_name_is_documented(name):
    assert (getattr(trialpool, name).__doc__ or "").strip()


def test_the_three_lists_of_public_names_are_one():
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING")
    for_checkers = {
        alias.asname or alias.name: f"{statement.module}:{alias.name}"
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert for_checkers == trialpool._PLACES
    assert sorted(trialpool.__all__) == sorted([*trialpool._PLACES, "__version__"])


def test_names_are_resolved_once():
    again = run_python(
        "import trialpool\n"
        "assert 'ZeroCells' not in vars(trialpool)\n"
        "first = trialpool.ZeroCells\n"
        "print(vars(trialpool)['ZeroCells'] is first)"
    )
    assert again == "True"


def test_dir_lists_the_public_names_and_no_machinery():
    names = dir(trialpool)
    assert set(trialpool.__all__) <= set(names)
    assert [n for n in names if not n.startswith("__") and n not in trialpool.__all__] == []


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'trialpool' has no attribute 'poool'"):
        _ = trialpool.poool
    with pytest.raises(ImportError, match="poool"):
        exec("from trialpool import poool")


def test_star_import_brings_exactly_the_public_names():
    names = run_python("from trialpool import *\nprint(*[n for n in dir() if n == '__version__' or n[:2] != '__'])")
    assert sorted(names.split()) == sorted(trialpool.__all__)


FOLDER_VERBS = sorted(
    name for name in trialpool._PLACES if (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").exists()
)


@pytest.mark.parametrize("verb", FOLDER_VERBS)
@pytest.mark.parametrize("folder_first", [True, False])
def test_verb_that_shares_its_folders_name_stays_a_verb(verb, folder_first):
    imports = [f"import trialpool.{verb}", f"from trialpool import {verb}"]
    code = "\n".join([*(imports if folder_first else reversed(imports)), "import trialpool"])
    kind = run_python(f"{code}\nprint(type({verb}).__name__, trialpool.{verb} is {verb})")
    assert kind == "function True"


# --- what it costs and what is shipped -------------------------------------------------------------------------------


def test_import_loads_no_numerical_or_optional_package():
    loaded = run_python("import sys, trialpool\nprint(*sorted(m.partition('.')[0] for m in sys.modules))").split()
    assert sorted(set(loaded) & set(HEAVY)) == []


@pytest.mark.parametrize("folder", [f for f in STATISTICS if (PACKAGE / f / "__init__.py").exists()])
def test_statistics_load_numpy_and_scipy_special_alone(folder):
    code = (
        "import importlib, pkgutil, sys\n"
        f"package = importlib.import_module('trialpool.{folder}')\n"
        "for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "    importlib.import_module(module.name)\n"
        "print(*sys.modules)"
    )
    loaded = set(run_python(code, strict=False).split())
    optional = {m for m in loaded if m.partition(".")[0] in HEAVY} - {
        m for m in loaded if m.startswith(("numpy", "scipy"))
    }
    assert sorted(optional) == []
    assert (
        sorted(loaded & {"scipy.stats", "scipy.optimize", "trialpool.read", "trialpool.plots", "trialpool.report"})
        == []
    )


def test_version_is_that_of_the_installed_distribution():
    try:
        installed = importlib.metadata.version("trialpool")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("trialpool runs from its folder and is not installed")
    assert trialpool.__version__ == installed


def test_types_are_published():
    assert (PACKAGE / "py.typed").read_bytes() == b""


def test_wheel_carries_every_file_of_the_package(tmp_path):
    pytest.importorskip("hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if ".dist-info/" not in name}
    own = {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix not in {".pyc", ".pyo"}
    }
    assert sorted(own - shipped) == []
    assert sorted(shipped - own) == []


# --- habits of the house ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_source_file_fits_a_readers_head(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300, "more than 300 lines: split the file by what its parts do"
    too_long, too_wide = [], []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            if body and (body[-1].end_lineno or 0) - body[0].lineno + 1 > 50:
                too_long.append(node.name)
            if len([*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]) > 8:
                too_wide.append(node.name)
    assert too_long == [], "function bodies of more than 50 lines"
    assert too_wide == [], "functions of more than 8 parameters"


def test_contracts_name_every_statistics_folder_there_is():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    built = {f"trialpool.{f}" for f in STATISTICS if (PACKAGE / f / "__init__.py").exists()}
    forbidding = [c for c in config["tool"]["importlinter"]["contracts"] if c["type"] == "forbidden"]
    assert len(forbidding) == 2
    for contract in forbidding:
        assert set(contract["source_modules"]) == built, contract["name"]


def tracked_text_files() -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file() and not is_binary(ROOT / name)]


def is_binary(path: Path) -> bool:
    with path.open("rb") as file:
        return b"\0" in file.read(4096)


# written in pieces, so that this file does not find itself
REGISTRY_HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "registry.npm" + "js.org",
    "deb.debi" + "an.org",
    "crates" + ".io",
]
MACHINE_PATH = re.compile(r"(?<![\w:/.~-])/(?:" + "wo" + "rk|ro" + "ot|ho" + "me|Us" + r"ers)/[\w.]")


def test_repository_names_no_registry_host_and_no_machine_path():
    found = []
    for path in tracked_text_files():
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if any(host in line.casefold() for host in REGISTRY_HOSTS) or MACHINE_PATH.search(line):
                found.append(f"{relative(path)}:{number}: {line.strip()[:100]}")
    assert found == []


@pytest.mark.parametrize(
    ("line", "is_path"),
    [
        ("open('/ho" + "me/ann/arms.csv')", True),
        ("https://example.org/ro" + "ot/page", False),
        ("src/wo" + "rk/x", False),
    ],
)
def test_machine_path_pattern_tells_paths_from_addresses(line, is_path):
    assert bool(MACHINE_PATH.search(line)) is is_path


def test_lock_pins_every_dependency_with_hashes():
    text = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    requirements = re.findall(r"^([a-z0-9][\w.-]*)(==\S+)?(.*)$", text, flags=re.MULTILINE)
    assert len(requirements) > 20
    assert [name for name, pin, _ in requirements if not pin] == []
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)
    assert [block.split()[0] for block in blocks if block.strip() and "--hash=sha256:" not in block] == []


def test_lock_covers_what_the_package_and_its_extras_declare():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = config["project"]["optional-dependencies"]
    declared = [
        *config["project"]["dependencies"],
        *config["dependency-groups"]["dev"],
        *itertools.chain(*extras.values()),
    ]
    names = {re.split(r"[<>=!~\[ ;]", line, maxsplit=1)[0] for line in declared} - {"trialpool"}
    locked = set(
        re.findall(r"^([a-z0-9][\w.-]*)==", (ROOT / "requirements" / "dev.txt").read_text(), flags=re.MULTILINE)
    )
    assert sorted(names - locked) == []
