"""References: complete, numbered as cited, linked by their identifier."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import trialpool.report
from trialpool.report.document import plain_text
from trialpool.report.references import Citations
from trialpool.report.works import REFERENCES

SOURCES = Path(trialpool.report.__file__).parent


def test_works_are_numbered_in_the_order_of_their_first_citation():
    cite = Citations()
    numbers = [cite(key).text for key in ("yusuf1985", "cochrane", "yusuf1985", "paule1982")]
    assert numbers == ["1", "2", "1", "3"]
    assert [plain_text(work)[:6] for work in cite.listed()] == ["Yusuf ", "Higgin", "Paule "]


def test_number_links_to_its_entry():
    assert Citations()("cochrane").href == "#reference-1"


def test_sentence_has_its_numbers_after_it():
    assert plain_text(Citations().sentence("Pooled.", "mantel1959", "robins1986")) == "Pooled.12 "


def test_unknown_work_is_an_error():
    with pytest.raises(KeyError):
        Citations()("nobody1900")


@pytest.mark.parametrize("key", sorted(REFERENCES))
def test_every_work_has_authors_title_year_and_place(key):
    text = REFERENCES[key]
    year = key.removeprefix(key.rstrip("0123456789"))
    assert re.match(r"[A-ZÖ][\w-]+ [A-Z]", text)
    assert year in text
    assert len(text.split(". ")) >= 3
    assert text.endswith(".") == ("doi:" not in text and "https:" not in text)


@pytest.mark.parametrize("key", sorted(REFERENCES))
def test_every_work_is_cited_somewhere(key):
    cited = "".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py") if path.name != "references.py")
    assert f'"{key}"' in cited


def test_identifier_is_a_link_that_holds_no_raw_angle_bracket():
    cite = Citations()
    cite("higgins1996")
    link = next(run for run in cite.listed()[0] if run.kind == "link")
    assert link.text.startswith("doi:10.1002/(SICI)")
    assert link.href.startswith("https://doi.org/10.1002/(SICI)1097-0258(19961230)15:24%3C2733::AID")


def test_address_is_a_link():
    cite = Citations()
    cite("cochrane")
    link = next(run for run in cite.listed()[0] if run.kind == "link")
    assert link.href == "https://training.cochrane.org/handbook"


def test_book_without_identifier_is_plain():
    cite = Citations()
    cite("gleser2009")
    assert [run.kind for run in cite.listed()[0]] == ["text"]
