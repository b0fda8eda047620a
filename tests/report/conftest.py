"""The small review and the dupilumab example, run once."""

from __future__ import annotations

from pathlib import Path

import pytest
from report.builders import analysis_of, document_of, parse

from trialpool.analysis import Analysis, run
from trialpool.datasets import example_files
from trialpool.report.document import Document
from trialpool.report.html import render_html


@pytest.fixture(scope="session")
def little(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """The small review of builders.py."""
    return analysis_of(tmp_path_factory.mktemp("little"))


@pytest.fixture(scope="session")
def little_document(little: Analysis) -> Document:
    """Its document."""
    return document_of(little)


@pytest.fixture(scope="session")
def little_page(little_document):
    """Its page as a tree."""
    return parse(render_html(little_document))


def run_example(folder: Path, name: str) -> Analysis:
    """An example review, run in a folder."""
    for file, content in example_files(name).items():
        (folder / file).write_bytes(content)
    return run(folder / "review.toml")


@pytest.fixture(scope="session")
def dupilumab(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """Five trials, four outcomes, several arms, unverified counts, published results."""
    return run_example(tmp_path_factory.mktemp("dupilumab"), "dupilumab")


@pytest.fixture(scope="session")
def dupilumab_document(dupilumab: Analysis) -> Document:
    """Its document."""
    return document_of(dupilumab)


@pytest.fixture(scope="session")
def rosiglitazone(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """Forty-two trials of rare events, by Peto and Mantel-Haenszel, with funnel plots."""
    return run_example(tmp_path_factory.mktemp("rosiglitazone"), "rosiglitazone")
