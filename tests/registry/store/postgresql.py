"""A real PostgreSQL server for tests: made in a temporary folder, spoken to through a socket there, stopped at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from trialpool.registry.store.tables import TABLES

_TYPES = {"text": "text", "integer": "integer", "number": "numeric", "date": "date"}
_READER, PASSWORD = "reader", "se/cret"


@contextmanager
def server() -> Iterator[str]:
    """The address, for the owner, of an empty database ``aact``."""
    missing = [name for name in ("initdb", "pg_ctl", "postgres") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no PostgreSQL server here: {', '.join(missing)} not found")
    folder = Path(tempfile.mkdtemp(prefix="trialpool-pg-"))
    as_owner = _as_owner(folder)
    data, log = folder / "data", folder / "log"

    def run(*command: str) -> None:
        done = subprocess.run(
            [*as_owner, *command], check=False, capture_output=True, text=True, timeout=60, cwd=folder
        )
        assert done.returncode == 0, f"{command[0]}: {done.stdout} {done.stderr}"

    try:
        run("initdb", "-D", str(data), "-U", "owner", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8",
            "--pwfile", str(_password_file(folder)), "--no-sync")  # fmt: skip
        settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        run("pg_ctl", "-D", str(data), "-l", str(log), "-o", settings, "-w", "start")
        try:
            yield f"postgresql://owner:se%2Fcret@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _password_file(folder: Path) -> Path:
    file = folder / "password"
    file.write_text(PASSWORD)
    file.chmod(0o644)
    return file


def _as_owner(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: it then runs as the user ``postgres``, to whom the folder is given."""
    if os.geteuid() != 0:
        return []
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL refuses to run as root, and there is no user 'postgres'")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def create_aact(owner: str, rows: Mapping[str, list[tuple]]) -> str:
    """Fill the schema ``ctgov`` with rows as ``rows_of`` gives them; the address for an account that may only read.

    As in AACT, columns of ours are not there, numbers of rows are small integers, and a column that ours lacks is.
    """
    import psycopg

    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA ctgov")
        numbers = _Renumbered()
        for table in TABLES.values():
            own = [column for column in table.columns if not column.ours]
            typed = ", ".join(f'"{column.name}" {_TYPES[column.type]}' for column in own)
            connection.execute(f"CREATE TABLE ctgov.{table.name} ({typed}, updated_at timestamp)")
            names = [column.name for column in own]
            with connection.cursor().copy(
                f"COPY ctgov.{table.name} ({', '.join(names)}, updated_at) FROM STDIN"
            ) as copy:
                for row in rows.get(table.name, []):
                    cells = dict(zip(table.names, row, strict=True))
                    copy.write_row([*(numbers.of(table.name, name, cells[name]) for name in names), date(2026, 7, 1)])
        connection.execute(f"CREATE ROLE {_READER} LOGIN PASSWORD '{PASSWORD}'")
        connection.execute(f"ALTER ROLE {_READER} SET default_transaction_read_only = on")
        connection.execute("REVOKE ALL ON DATABASE postgres FROM PUBLIC")
        connection.execute(f"GRANT CONNECT ON DATABASE postgres TO {_READER}")
        connection.execute(f"GRANT USAGE ON SCHEMA ctgov TO {_READER}")
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA ctgov TO {_READER}")
    return owner.replace("//owner:", f"//{_READER}:")


_REFERS_TO = {
    "result_group_id": "result_groups",
    "outcome_id": "outcomes",
    "outcome_analysis_id": "outcome_analyses",
    "intervention_id": "interventions",
    "design_group_id": "design_groups",
}


class _Renumbered:
    """Small numbers in place of ours, which a row and those that refer to it share."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, int], int] = {}

    def of(self, table: str, column: str, value: object) -> object:
        target = table if column == "id" else _REFERS_TO.get(column)
        if target is None or value is None:
            return value
        return self._numbers.setdefault((target, value), len(self._numbers) + 1)
