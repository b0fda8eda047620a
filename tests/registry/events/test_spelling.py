"""Spellings of one event are one key; other events stay others."""

from __future__ import annotations

import pytest

from trialpool.registry.events import normalised_term, term_keys

SAME = [
    ("Diarrhoea", "diarrhea"),
    ("DIARRHOEA", "Diarrhea NOS"),
    ("Anaemia", "Anemia"),
    ("Oedema peripheral", "Peripheral edema"),
    ("Haemorrhage", "hemorrhage"),
    ("Hyperkalaemia", "HYPERKALEMIA"),
    ("Hypoglycaemia", "Hypoglycemia"),
    ("Tumour lysis syndrome", "Tumor lysis syndrome"),
    ("Oesophagitis", "Esophagitis"),
    ("Gastro-oesophageal reflux disease", "Gastroesophageal reflux disease"),
    ("Gastrooesophageal reflux disease", "gastroesophageal reflux disease"),
    ("Oesophageal ulcer", "Esophageal ulcer"),
    ("Angio-oedema", "Angioedema"),
    ("Leucopenia", "Leukopenia"),
    ("Paediatric", "Pediatric"),
    ("Foetal growth restriction", "Fetal growth restriction"),
    ("Hospitalisation", "Hospitalization"),
    ("Dyspnoea", "Dyspnea"),
    ("Dyspnoea exertional", "Exertional dyspnea"),
    ("Paraesthesia", "Paresthesia"),
    ("Faeces discoloured", "Feces discolored"),
    ("Infection, urinary tract", "Urinary tract infections"),
    ("Urinary-tract infection", "Urinary tract infection"),
    ("Crohn\u2019s disease", "Crohns disease"),
    ("Vulvo-vaginal candidiasis", "Vulvovaginal candidiasis"),
    ("Renal failure acute", "Acute kidney injury"),
    ("Convulsion", "Seizure"),
    ("Fever", "Pyrexia"),
    ("Vaginal mycosis", "Vulvovaginal mycotic infection"),
    ("Hot flashes", "Hot flush"),
    ("Diarrh\u0153a", "Diarrhoea"),
]
OTHERS = [
    ("Hyperkalaemia", "Hypokalaemia"),
    ("Diarrhoea", "Diarrhoea haemorrhagic"),
    ("Nausea", "Procedural nausea"),
    ("Hypotension", "Orthostatic hypotension"),
    ("Blood potassium increased", "Blood potassium decreased"),
    ("Cardiac arrest", "Cardiac failure"),
    ("Hypertension", "Hypotension"),
    ("Headache", "Head injury"),
    ("Rash", "Rash maculo-papular"),
    ("Grade 2 pain", "Grade 3 pain"),
]
RENAMED = {
    "fever",
    "muscle cramp",
    "muscle cramps",
    "convulsion",
    "rigors",
    "anorexia",
    "acute renal failure",
    "loose stools",
}
RENAMED |= {"renal failure acute", "renal failure chronic", "hot flashes", "vaginal mycosis", "grand mal convulsion"}


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_event_share_a_key(one, other):
    assert term_keys(one) & term_keys(other)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_other_events_share_no_key(one, other):
    assert not term_keys(one) & term_keys(other)


@pytest.mark.parametrize(
    "term", ["Disease", "Increased appetite", "Exercise test abnormal", "Bruise", "Crisis", "Dialysis"]
)
def test_words_that_only_look_british_stay(term):
    assert normalised_term(term) == term.lower()


@pytest.mark.parametrize("term", ["", "   ", "---", "NOS"])
def test_a_name_without_words_is_like_no_other(term):
    assert not term_keys(term)


def test_terms_of_real_records_do_not_fall_together_by_accident(records_folder, raw_record):
    """Terms with one key have the same letters but for a few, in any order, or are a known renaming."""
    found: dict[str, set[str]] = {}
    for path in sorted(records_folder.glob("*.json.gz"))[::20]:
        module = raw_record(path.name.removesuffix(".json.gz")).get("resultsSection", {}).get("adverseEventsModule", {})
        for entry in (*module.get("seriousEvents", []), *module.get("otherEvents", [])):
            for key in term_keys(entry["term"]):
                found.setdefault(key, set()).add(entry["term"].casefold())
    assert len(found) > 1000
    for names in found.values():
        plain = {
            "".join(sorted(c for c in normalised_term(name) if c.isalnum())) for name in names if name not in RENAMED
        }
        assert len(plain) <= 1, names
