"""A registry that answers on this machine, and a time that passes only when somebody sleeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from registry.fetch.server import Registry, serve, study

from trialpool.registry.fetch import Client, Connection, Pace


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """Twelve trials, NCT00000001 to NCT00000012."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield from serve(study(number) for number in range(1, 13))


@dataclass(slots=True)
class Time:
    """Seconds that pass only in sleep."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now

    @property
    def pace(self) -> Pace:
        return Pace(clock=self.clock, sleep=self.sleep)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def connect(registry: Registry, time: Time) -> Iterator[Callable[..., Client]]:
    """A client of that registry in that time; its options are those of a connection."""
    opened: list[Client] = []

    def client(**options: Any) -> Client:
        opened.append(Client(registry.address, Connection(pace=time.pace, **options)))
        return opened[-1]

    yield client
    for each in opened:
        each.__exit__(None, None, None)


@pytest.fixture
def client(connect: Callable[..., Client]) -> Client:
    return connect()
