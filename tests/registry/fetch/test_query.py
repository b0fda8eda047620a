"""A search in our words and in those of the API."""

from __future__ import annotations

import pytest

from trialpool.errors import OptionError
from trialpool.registry.fetch import PHASES, STATUSES, Query, canonical_nct_id


def test_every_criterion_has_its_parameter():
    query = Query(
        "asthma", "dupilumab", "eosinophils", "Sanofi", ("3", "none"), ("completed", "terminated"), with_results=True
    )
    assert query.parameters() == {
        "query.cond": "asthma",
        "query.intr": "dupilumab",
        "query.term": "eosinophils",
        "query.spons": "Sanofi",
        "filter.overallStatus": "COMPLETED|TERMINATED",
        "filter.advanced": "AREA[Phase](PHASE3 OR NA)",
        "aggFilters": "results:with",
    }
    assert str(query) == (
        "condition 'asthma', intervention 'dupilumab', term 'eosinophils', sponsor 'Sanofi', phase 3 or none, "
        "status completed or terminated, with results"
    )


def test_what_is_not_given_is_no_parameter():
    assert Query(condition=" asthma ").parameters() == {"query.cond": "asthma"}
    assert Query(phases=("1",)).parameters() == {"filter.advanced": "AREA[Phase]PHASE1"}


def test_words_are_those_of_the_api(registry_folder):
    schema = (registry_folder / "schema" / "ctg-oas-v2_2.0.3.yaml").read_text(encoding="utf-8")
    for name, words in (("Phase", PHASES), ("Status", STATUSES)):
        listed = schema.partition(f"\n    {name}:\n")[2].partition("\n    ")[2].partition("enum:\n")[2]
        allowed = {line.strip(' -"') for line in listed.splitlines()[: 20 if name == "Status" else 6]}
        assert set(words.values()) <= allowed


@pytest.mark.parametrize(
    "text", ["NCT00000102", "nct102", " NCT00000102, NCT00000103 ", "NCT00000102 NCT00000103,", ",NCT1"]
)
@pytest.mark.parametrize("name", ["condition", "intervention", "term", "sponsor"])
def test_identifiers_alone_are_refused_since_filters_would_be_ignored(name, text):
    with pytest.raises(OptionError, match=rf"{name} .*only NCT identifiers.*trialpool registry add( NCT\d{{8}})+$"):
        Query(**{name: text}, with_results=True)


@pytest.mark.parametrize("text", ["NCT00000102 OR asthma", "NCT123456789", "NCT", "xNCT00000102", "NCT00000102x"])
def test_identifiers_beside_words_are_a_search(text):
    assert Query(term=text).parameters() == {"query.term": text}


@pytest.mark.parametrize("text", ["asthma\n", "a\x00b", "caf\udce9", "\u202easthma"])
def test_text_that_cannot_be_printed_is_refused(text):
    with pytest.raises(OptionError, match="characters that cannot be printed"):
        Query(f"a{text}b")


@pytest.mark.parametrize("given", [{}, {"condition": "  "}])
def test_nothing_to_search_for(given):
    with pytest.raises(OptionError, match="nothing to search for"):
        Query(**given)


@pytest.mark.parametrize(
    ("given", "hint"),
    [({"phases": ("5",)}, "'early-1', '1'"), ({"statuses": ("complete",)}, "did you mean 'completed'")],
)
def test_unknown_word(given, hint):
    with pytest.raises(OptionError, match=hint):
        Query(**given)


def test_each_search_at_each_address_has_a_name_of_its_own():
    queries = [
        Query("asthma"),
        Query(intervention="asthma"),
        Query("asthma", phases=("2",)),
        Query("asthma", with_results=True),
        Query("asth", term="ma"),
    ]
    names = {query.key(api) for query in queries for api in ("https://one/api", "https://two/api")}
    assert len(names) == 10
    assert all(len(name) == 16 and name.isalnum() for name in names)
    assert Query(" asthma ").key("a") == Query("asthma").key("a")


@pytest.mark.parametrize("given", ["NCT1", "nct00000001", " NCT0000000000001 ", "Nct00000001"])
def test_identifier_in_its_usual_form(given):
    assert canonical_nct_id(given) == "NCT00000001"


@pytest.mark.parametrize(
    "given", ["", "NCT", "NCT0", "NCT123456789", "EUCTR2004-1", "NCT1/../x", "NCT１", "NCT1２", "12345678"]
)
def test_what_is_no_identifier(given):
    with pytest.raises(OptionError, match="not an identifier"):
        canonical_nct_id(given)
