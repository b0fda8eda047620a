"""Which treatments a text speaks of, under whichever of their names, and which it names only to deny."""

from __future__ import annotations

import pytest
from registry.groups.planned import arm, group, record

from trialpool.registry.groups.naming import is_called_placebo, substances_of
from trialpool.registry.groups.substances import control_of
from trialpool.registry.model import Intervention


def said(text, arms, **more):
    known = substances_of(record(arms, [group("x")], **more))
    received = known.received(text)
    names = sorted(known.known[number].names[0] for number in received.actives)
    return names, received.placebo, received.sham, received.untreated


PAIR = (arm("A", "", "Doxorubicin hydrochloride", "Sacubitril/valsartan"), arm("B", "", "Valsartan", "Placebo to X"))


@pytest.mark.parametrize(
    ("text", "names", "placebo"),
    [
        ("Doxorubicin 5 mg", ["Doxorubicin hydrochloride"], False),
        ("Sacubitril + Valsartan", ["Sacubitril/valsartan"], False),
        ("sacubitril and valsartan", ["Sacubitril/valsartan"], False),
        ("Valsartan", ["Valsartan"], False),
        ("Placebo to match valsartan", [], True),
        ("Valsartan-matched placebo", [], True),
        ("Placebo (valsartan)", [], True),
        ("Valsartan placebo", [], True),
        ("Valsartan + placebo", ["Valsartan"], True),
        ("Valsartan, Placebo of doxorubicin", ["Valsartan"], True),
        ("Doxorubicim", ["Doxorubicin hydrochloride"], False),
        ("Former valsartan", [], False),
        ("Doxorubicin (previously: placebo)", ["Doxorubicin hydrochloride"], False),
        ("No valsartan", [], False),
        ("Zebra", [], False),
    ],
)
def test_names_in_a_text(text, names, placebo):
    assert said(text, PAIR)[:2] == (names, placebo)


def test_brand_and_code_names_are_the_same_treatment():
    arms = [arm("A", "", "LY0000001", "Placebo")]
    for text in ("Brandex 5 mg", "generinib", "LY0000001"):
        assert said(text, arms, other_names={"LY0000001": ["Brandex®", "generinib"]})[0] == ["LY0000001"]


def test_a_name_in_brackets_behind_a_known_one_is_learnt():
    arms = [arm("Generinib (GX-123)", "", "Generinib"), arm("Placebo", "", "Placebo")]
    assert said("GX-123 10 mg", arms)[0] == ["Generinib"]


def test_a_word_in_brackets_behind_several_treatments_is_no_name():
    arms = [arm("Onezumab (infants)", "", "Onezumab"), arm("Twozumab (infants)", "", "Twozumab")]
    assert said("infants", arms)[0] == []


def test_two_interventions_that_share_a_name_are_one_treatment():
    made = record([arm("A", "", "Generinib", "Brandex")], [group("x")], other_names={"Brandex": ["generinib"]})
    assert [known.names for known in substances_of(made).known] == [("Generinib", "Brandex")]


def test_other_names_that_list_rivals_are_not_believed():
    made = record(
        [arm("A", "", "Onezumab", "Twozumab", "Placebo")],
        [group("x")],
        other_names={"Twozumab": ["Onezumab", "Placebo"]},
    )
    assert [known.names for known in substances_of(made).known] == [("Onezumab",), ("Twozumab",)]


@pytest.mark.parametrize(
    ("name", "control"),
    [
        ("Placebo comparator", "placebo"),
        ("Sham procedure", "sham"),
        ("Usual care", "no treatment"),
        ("Standard of care", "no treatment"),
        ("Not treated with X", "no treatment"),
        ("Waiting list", "no treatment"),
        ("Metformin", ""),
    ],
)
def test_controls_by_name(name, control):
    assert control_of(name) == control


def test_saline_that_the_record_calls_placebo_is_one():
    assert is_called_placebo(Intervention("Normal saline", description="Saline given as a placebo"))
    assert is_called_placebo(Intervention("Room air", other_names=("placebo",)))
    assert not is_called_placebo(Intervention("Drug X", description="Drug X or placebo, as randomised"))
    assert not is_called_placebo(Intervention("Drug X", other_names=("Drug X/placebo",)))
