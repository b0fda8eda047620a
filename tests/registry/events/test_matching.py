"""Which rows are the event, and by which rule."""

from __future__ import annotations

from registry.events.small import event, row

from trialpool.registry.events import definition_from_text, match_terms, read_definition
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
