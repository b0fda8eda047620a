"""What to search for, in the words of the user, and as the parameters of the API."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from trialpool.checks import choice
from trialpool.errors import OptionError

__all__ = ["PHASES", "STATUSES", "Query", "canonical_nct_id"]

PHASES: Mapping[str, str] = {
    "early-1": "EARLY_PHASE1",
    "1": "PHASE1",
    "2": "PHASE2",
    "3": "PHASE3",
    "4": "PHASE4",
    "none": "NA",
}
"""Our words for a phase, and the registry's; ``none`` is a trial to which phases do not apply."""

STATUSES: Mapping[str, str] = {
    "completed": "COMPLETED",
    "terminated": "TERMINATED",
    "active-not-recruiting": "ACTIVE_NOT_RECRUITING",
    "recruiting": "RECRUITING",
    "enrolling-by-invitation": "ENROLLING_BY_INVITATION",
    "not-yet-recruiting": "NOT_YET_RECRUITING",
    "suspended": "SUSPENDED",
    "withdrawn": "WITHDRAWN",
    "unknown": "UNKNOWN",
}
"""Our words for the status of a trial, and the registry's."""

_NCT_ID = re.compile(r"[Nn][Cc][Tt]0*([1-9][0-9]{0,7})")
_ONLY_IDS = re.compile(rf"[\s,]*{_NCT_ID.pattern}(?:[\s,]+{_NCT_ID.pattern})*[\s,]*")


@dataclass(frozen=True, slots=True)
class Query:
    """A search of ClinicalTrials.gov; what is given has to hold together.

    Attributes
    ----------
    condition, intervention, term, sponsor : str
        Texts in the registry's own search language (words, ``AND``, ``OR``, ``NOT``, quotes, ``AREA[...]``); empty for none.
        An intervention is found too where a trial only mentions it.
    phases : tuple of str
        Words of :data:`PHASES`; a trial of one of them is found.
    statuses : tuple of str
        Words of :data:`STATUSES`.
    with_results : bool
        Only trials with posted results.

    Raises
    ------
    OptionError
        Nothing is asked for; a word is not known; a text holds control characters or bytes that are not UTF-8; or a text
        holds only NCT identifiers, where the registry would ignore every filter.

    Examples
    --------
    >>> query = Query(condition="asthma", phases=("2", "3"), with_results=True)
    >>> query.parameters()["filter.advanced"]
    'AREA[Phase](PHASE2 OR PHASE3)'
    >>> print(query)
    condition 'asthma', phase 2 or 3, with results
    """

    condition: str = ""
    intervention: str = ""
    term: str = ""
    sponsor: str = ""
    phases: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    with_results: bool = False

    def __post_init__(self) -> None:
        for name, text in self._texts().items():
            if not text.isprintable():
                raise OptionError(f"{name} {text!r} holds characters that cannot be printed; leave them out")
            if _ONLY_IDS.fullmatch(text):
                ids = " ".join(canonical_nct_id(match[0]) for match in _NCT_ID.finditer(text))
                problem = "holds only NCT identifiers, and the registry then ignores every filter"
                raise OptionError(
                    f"{name} {text!r} {problem}; to take these trials, type: trialpool registry add {ids}"
                )
        for phase in self.phases:
            choice("phase", phase, tuple(PHASES))
        for status in self.statuses:
            choice("status", status, tuple(STATUSES))
        if not self.parameters():
            raise OptionError("nothing to search for; give a condition, an intervention, a term or another criterion")

    def _texts(self) -> dict[str, str]:
        names = ("condition", "intervention", "term", "sponsor")
        return {name: text for name in names if (text := getattr(self, name).strip())}

    def parameters(self) -> dict[str, str]:
        """The parameters of the API that say what is searched for."""
        areas = {"condition": "cond", "intervention": "intr", "term": "term", "sponsor": "spons"}
        given = {f"query.{areas[name]}": text for name, text in self._texts().items()}
        if self.statuses:
            given["filter.overallStatus"] = "|".join(STATUSES[status] for status in self.statuses)
        if self.phases:  # the API has no filter for the phase, and ignores one that it does not know
            phases = " OR ".join(PHASES[phase] for phase in self.phases)
            given["filter.advanced"] = f"AREA[Phase]({phases})" if len(self.phases) > 1 else f"AREA[Phase]{phases}"
        if self.with_results:
            given["aggFilters"] = "results:with"
        return given

    def key(self, api: str) -> str:
        """A short name of this search at this address, of letters and digits."""
        text = json.dumps([api, self.parameters()], sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def __str__(self) -> str:
        parts = [f"{name} {text!r}" for name, text in self._texts().items()]
        if self.phases:
            parts.append(f"phase {' or '.join(self.phases)}")
        if self.statuses:
            parts.append(f"status {' or '.join(self.statuses)}")
        if self.with_results:
            parts.append("with results")
        return ", ".join(parts)


def canonical_nct_id(given: str) -> str:
    """An identifier of ClinicalTrials.gov in its usual form.

    Raises
    ------
    OptionError

    Examples
    --------
    >>> canonical_nct_id("nct841061")
    'NCT00841061'
    """
    match = _NCT_ID.fullmatch(given.strip())
    if match is None:
        raise OptionError(
            f"{given!r} is not an identifier of ClinicalTrials.gov; write NCT and eight digits, as in NCT00841061"
        )
    return f"NCT{int(match[1]):08d}"
