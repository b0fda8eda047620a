"""What is known of each event group: the arms it stands for, its role, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["KINDS", "ROLES", "GroupMatch", "Kind", "RecordGroups", "Role"]

Kind = Literal[
    "arm",
    "combined",
    "total",
    "crossover",
    "sequence",
    "period",
    "extension",
    "run-in",
    "sub-study",
    "unclear",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

Role = Literal["placebo", "sham", "no treatment", "active", "unclear"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class GroupMatch:
    """One event group.

    Attributes
    ----------
    nct_id, group, title : str
        ``group`` is the record's own key (``EG000``).
    arms : tuple of str
        Labels of the protocol arms whose participants it holds; empty where none fits.
    kind : Kind
        ``arm``: the participants of one randomised arm (or of one treatment policy) in the main, parallel period;
        ``combined``: several arms that other groups give one by one too, or that differ in treatment; ``total``:
        everybody; ``crossover``: whoever was on a treatment, in a crossover trial; ``sequence``: an order of treatments
        in a crossover or switch; ``period``: an arm in one of several successive periods that are not the main
        comparison; ``extension``: follow-on treatment, mostly open label, after the main period; ``run-in``: before
        randomisation; ``sub-study``: a part of the trial.
    role : Role
        Of what the group received beside background treatment: ``placebo``, ``sham``, ``no treatment`` (usual care,
        standard of care alone, observation), ``active``.
    treatments : tuple of str
        Active treatments received as randomised, without placebos and without background treatment; by the names of the
        record's interventions.
    background : tuple of str
        Treatments that every randomised arm received.
    dose : str
        In the record's words, where arms differ in dose.
    confidence : float
        From 0 to 1, of arms, kind and role together.
    accepted : bool
        Sure enough to be used without asking, or confirmed by the user.
    decided_by : {"rule", "user"}
    reasons : tuple of str
        What the decision rests on, in plain words.
    """

    nct_id: str
    group: str
    title: str
    arms: tuple[str, ...]
    kind: Kind
    role: Role
    treatments: tuple[str, ...]
    confidence: float
    accepted: bool
    background: tuple[str, ...] = ()
    dose: str = ""
    decided_by: Literal["rule", "user"] = "rule"
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordGroups:
    """The event groups of a record, in its order, and pairs of groups that hold the same participants."""

    nct_id: str
    matches: tuple[GroupMatch, ...]
    overlaps: tuple[tuple[str, str], ...] = ()

    def of(self, group: str) -> GroupMatch:
        """The match of a group by its key."""
        return next(match for match in self.matches if match.group == group)
