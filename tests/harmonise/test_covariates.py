"""What the active arms of a contrast agree on."""

from __future__ import annotations

from harmonise.builders import make_outcome
from hypothesis import given
from hypothesis import strategies as st

from trialpool.harmonise.covariates import agreed_covariates


def arms(*covariates):
    return [make_outcome(1, covariates=held) for held in covariates]


def test_one_arm_agrees_with_itself():
    assert agreed_covariates(arms({"weeks": 16.0, "schedule": "qw"})) == ({"weeks": 16.0, "schedule": "qw"}, [])


def test_what_differs_or_is_absent_somewhere_is_named_once_in_order_of_appearance():
    agreed, differing = agreed_covariates(arms({"a": 1.0, "b": "x"}, {"b": "y", "c": 2.0, "a": 1.0}, {"a": 1.0}))
    assert agreed == {"a": 1.0}
    assert differing == ["b", "c"]


def test_zero_is_a_value():
    assert agreed_covariates(arms({"dose": 0.0}, {"dose": 0.0})) == ({"dose": 0.0}, [])


VALUES = st.dictionaries(st.sampled_from("abcd"), st.sampled_from([0.0, 1.0, "x", "y"]))


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_each_covariate_is_agreed_or_differing_and_order_of_the_arms_does_not_matter(held):
    agreed, differing = agreed_covariates(arms(*held))
    assert {*agreed, *differing} == {name for one in held for name in one}
    assert not set(agreed) & set(differing)
    assert all(one.get(name) == value for name, value in agreed.items() for one in held)
    reversed_agreed, reversed_differing = agreed_covariates(arms(*reversed(held)))
    assert (agreed, set(differing)) == (reversed_agreed, set(reversed_differing))
