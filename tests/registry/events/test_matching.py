"""Which rows are the event, and by which rule."""

from __future__ import annotations

import pytest
from registry.events.small import event, record, row

from trialpool.registry.events import definition_from_text, event_cells, match_terms, read_definition
from trialpool.registry.model import AdverseEvents


def matched(definition, *rows):
    return [(m.row.term, m.rule, m.name) for m in match_terms(definition, AdverseEvents(terms=tuple(rows)))]


def test_terms_synonyms_patterns_and_exclusions():
    definition = definition_from_text(
        'name = "x"\nterms = ["Balanitis"]\npatterns = ["genital.*infection"]\nexclude_terms = ["Genital infection viral"]\n'
        'exclude_patterns = ["herpes"]\n[synonyms]\n"Balanitis" = ["Balanoposthitis"]'
    )
    names = [
        "BALANITIS",
        "balanoposthitis",
        "Genital tract infection",
        "Genital infection viral",
        "Genital herpes infection",
        "Rash",
    ]
    assert matched(definition, *(row("other", name, [1]) for name in names)) == [
        ("BALANITIS", "term", "Balanitis"),
        ("balanoposthitis", "synonym", "Balanoposthitis"),
        ("Genital tract infection", "pattern", "genital.*infection"),
    ]


def test_organ_systems_alone_take_every_term_and_beside_patterns_confine_them():
    rows = [
        row("other", "Cystitis", [1], system="Infections and infestations"),
        row("other", "Cystitis", [1], system="Renal disorders"),
    ]
    alone = event('organ_systems = ["infections and infestations"]')
    assert matched(alone, *rows) == [("Cystitis", "organ system", "Infections and infestations")]
    assert len(matched(event('patterns = ["cyst"]'), *rows)) == 2
    assert len(matched(event('patterns = ["cyst"]\norgan_systems = ["Infections and infestations"]'), *rows)) == 1


def test_sections_confine_the_rows():
    rows = [row("other", "Nausea", [1]), row("serious", "Nausea", [1])]
    found = match_terms(event('sections = ["serious"]', terms=["Nausea"]), AdverseEvents(terms=tuple(rows)))
    assert [match.row.section for match in found] == ["serious"]


def test_special_forms_are_not_the_event():
    names = ["Nausea/Vomiting", "Procedural nausea", "Nausea (post-medication visit)", "NAUSEA", "nausea"]
    assert [m[0] for m in matched(read_definition("nausea"), *(row("other", n, [1]) for n in names))] == [
        "NAUSEA",
        "nausea",
    ]


def test_hostile_terms_are_matched_in_no_time_and_without_effect():
    rows = [row("other", name, [1]) for name in ("a" * 10_000, "<script>alert(1)</script>", "=1+1", "\x00\u202e", "")]
    assert matched(event('patterns = ["a.*a.*b"]', terms=["Nausea"]), *rows) == []


def test_several_spellings_of_the_real_records(real):
    # PARADIGM-like records write MedDRA in British, older ones in American spelling and capitals
    found = match_terms(read_definition("hyperkalaemia"), real("NCT00094302").adverse_events)
    assert {match.row.term for match in found} == {"HYPERKALEMIA"}
    assert len(found) == 6


@pytest.mark.parametrize(
    ("term", "counts"),
    [
        ("Diarrhoea (DIARRHEA)", True),
        ("Diarrhoea (Solicited)", True),
        ("diarrhea [unsolicited AEs]", True),
        ("Diarrhoea (any grade)", True),
        ("Diarrhoea (all)", True),
        ("Diarrhoea (non-systematic)", True),
        ("Diarrhoea (Runs)", True),
        ("Diarrhoea (Grade 3)", False),
        ("Diarrhoea (post-medication visit)", False),
        ("Rash (Diarrhoea)", False),
        ("Diarrhoea (all) (women)", False),
        ("(Solicited)", False),
    ],
)
def test_bracket_that_repeats_the_term_or_says_how_it_was_collected(term, counts):
    definition = event('[synonyms]\n"Diarrhoea" = ["Runs"]', terms=["Diarrhoea"])
    assert bool(matched(definition, row("other", term, [1]))) is counts


def test_one_way_of_collecting_leaves_the_others_open():
    rows = [row("other", "Nausea (Solicited)", [7, 6]), row("other", "Nausea (Unsolicited)", [1, 0], place=1)]
    nausea = event('sections = ["other"]', terms=["Nausea"])
    alone = event_cells(record(rows[:1]), nausea, ["EG000", "EG001"])
    assert [(cell.low, cell.high) for cell in alone.cells] == [(7, 11), (6, 10)]
    assert any("the bracket 'Solicited' says how it was collected" in decision.rule for decision in alone.decisions)
    both = event_cells(record(rows), nausea, ["EG000", "EG001"])
    assert [(cell.low, cell.high) for cell in both.cells] == [(7, 8), (6, 6)]
