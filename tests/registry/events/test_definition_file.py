"""event.toml: what is valid is read, and every mistake is told with its line."""

from __future__ import annotations

import pytest

from trialpool.errors import ReviewError
from trialpool.registry.events import definition_from_text, read_definition, ready_definitions

FULL = """\
name = "genital infection"
label = "Genital infections"
description = "Any of them"
terms = ["Vulvovaginal candidiasis", "Balanitis"]
patterns = ["genital.*infection"]
organ_systems = ["Infections and infestations"]
exclude_terms = ["Genital herpes"]
exclude_patterns = ["viral"]
sections = ["other", "serious"]
outcome_titles = ["with genital infection"]
unlisted = "together"
better = "fewer"

[synonyms]
"Balanitis" = ["Balanoposthitis"]
"""


def test_every_key_is_read():
    found = definition_from_text(FULL)
    assert (found.name, found.label, found.description) == ("genital infection", "Genital infections", "Any of them")
    assert [(concept.term, concept.synonyms) for concept in found.concepts] == [
        ("Vulvovaginal candidiasis", ()),
        ("Balanitis", ("Balanoposthitis",)),
    ]
    assert found.sections == ("serious", "other")
    assert (found.unlisted, found.better, found.text) == ("together", "fewer", FULL)
    assert [pattern.text for pattern in found.patterns] == ["genital.*infection"]
    assert found.to_dict()["exclude_patterns"] == ["viral"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('name = "x"\ntermz = ["a"]', "line 2: key 'termz' is not known (did you mean 'terms'?)"),
        ('terms = ["a"]', "key 'name' is missing"),
        ('name = "=x"\nterms = ["a"]', "starts with a letter or a digit"),
        ('name = "x"', "nothing says what counts"),
        ('name = "x"\nterms = []', "line 2: key 'terms' is an empty list"),
        ('name = "x"\nterms = "a"', "line 2: key 'terms' is 'a'; give a list"),
        ('name = "x"\nterms = ["a", 3]', "is 3; give text in quotes"),
        (
            'name = "x"\nterms = ["a"]\nsections = ["serius"]',
            "line 3: key 'sections' is 'serius' (did you mean 'serious'?)",
        ),
        ('name = "x"\nterms = ["a"]\nunlisted = "none"', "allowed: 'each', 'together'"),
        ('name = "x"\npatterns = ["("]', "line 2: key 'patterns' '(' is not a regular expression"),
        ('name = "x"\npatterns = ["(a+)+"]', "repeats a group"),
        ('name = "x"\ntotal = "deaths"\nterms = ["Death"]', "line 2: key 'total' has no meaning beside 'terms'"),
        ('name = "x"\ntotal = "all"', "allowed: 'serious', 'deaths'"),
        (
            'name = "x"\nterms = ["Rash"]\n[synonyms]\n"Rosh" = ["r"]',
            "names 'Rosh' (did you mean 'Rash'?), which is none of the terms",
        ),
        ('name = "x"\nterms = ["Diarrhoea", "Diarrhea"]', "is 'Diarrhoea' in another spelling"),
        ('name = "x"\nterms = ["Rash"]\nexclude_terms = ["rash"]', "is one of the terms"),
        ('name = "x"\nterms = ["Rash"]\norgan_systems = ["Skin"]', "has no meaning beside terms alone"),
        ('name = "x"\nterms = ["a\\u0007"]', "control character"),
        ("name = ", "is not valid TOML"),
    ],
)
def test_each_mistake_is_told_with_its_line(text, says):
    with pytest.raises(ReviewError) as caught:
        definition_from_text(text)
    assert says in str(caught.value)


def test_all_mistakes_come_in_one_listing():
    with pytest.raises(ReviewError) as caught:
        definition_from_text('nam = "x"\nterms = []\nbetter = "less"')
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize("name", ready_definitions())
def test_ready_definitions_are_valid_and_named_as_their_files(name):
    found = read_definition(name)
    assert found.name == name
    assert found.description
    assert found.text


def test_ready_definitions_are_found_in_either_spelling():
    assert read_definition("Diarrhea").name == "diarrhoea"
    assert read_definition("HYPOGLYCEMIA").name == "hypoglycaemia"


def test_unknown_names_and_unreadable_files(tmp_path):
    with pytest.raises(ReviewError, match="is no ready definition .did you mean 'nausea'."):
        read_definition("nausee")
    with pytest.raises(ReviewError, match="does not exist"):
        read_definition(tmp_path / "event.toml")
    with pytest.raises(ReviewError, match="is not a file"):
        read_definition(tmp_path)
    (tmp_path / "event.toml").write_bytes(b"name = \xff")
    with pytest.raises(ReviewError, match="is not UTF-8"):
        read_definition(tmp_path / "event.toml")


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('terms = ["Nausea"]\nmaybe = "Upset stomach"', "maybe"),
        ('terms = ["Nausea"]\nmaybe = ["(a+)+$"]', "repeats a group"),
        ('terms = ["Diarrhoea"]\nmaybe = ["diarrhea"]', "which is one of the terms"),
        ('total = "deaths"\nmaybe = ["Upset stomach"]', "has no meaning beside"),
        ('maybe = ["Upset stomach"]', "nothing says what counts"),
    ],
)
def test_what_maybe_cannot_be(text, mistake):
    with pytest.raises(ReviewError, match=mistake.replace("(", r"\(")):
        definition_from_text(f'name = "x"\n{text}')


def test_maybe_is_kept():
    definition = definition_from_text('name = "x"\nterms = ["Nausea"]\nmaybe = ["Upset stomach"]')
    assert definition.to_dict()["maybe"] == ["Upset stomach"]
