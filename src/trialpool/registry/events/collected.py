"""What a record says in words of events that were not collected: then a term that is not listed is no evidence."""

from __future__ import annotations

import re

from trialpool.registry.model import AdverseEvents, Section

__all__ = ["not_collected"]

_LONGEST_TEXT = 20_000
_LONGEST_SHOWN = 160
_DONE = r"(?:collected|measured|assessed|recorded|captured|solicited|monitored|gathered)\b"
# "not collected per dose", "not recorded after month 6": collected otherwise
_WHOLLY = (
    r"(?!\s+(?:per (?!protocol)|by|for (?!th[ei]s? (?:study|trial))|in (?!th[ei]s? (?:study|trial))|during|after|before|until"
    r"|beyond|from|at|on|with|separately|if|unless|twice))"
)
_NOT_DONE = rf"\b(?:not|never)\b[^.;]{{0,20}}\b{_DONE}{_WHOLLY}"
_OTHERS = r"(?:non-?\s?serious|other \(not including serious\)|other adverse|not serious)"
_CHOSEN = (
    r"(?:serious(?: adverse)?(?: events?)?|saes?|aesis?|(?:adverse events?|aes?) (?:of (?:special |specific |particular )?interest"
    r"|leading to (?:\w+ ){0,4}?(?:discontinuation|withdrawal)))"
)
# what was collected is a list of chosen events, such as "serious events and those of special interest"
_SELECTION = re.compile(
    rf"(?:\bserious adverse events?|\bsaes?)\b[^.;]{{0,120}}(?:\bof (?:special |specific |particular )?interest\b|\baesis?\b"
    rf"|\bleading to [^.;]{{0,60}}?(?:discontinuation|withdrawal)\b)[^.;]{{0,120}}\bwere\s+(?:only\s+)?{_DONE}{_WHOLLY}"
    rf"|\bspecific (?:signs|symptoms|adverse events?)\b[^.;]{{0,120}}\bwere\s+(?:only\s+)?{_DONE}(?!\s+separately)"
)
_ALL_KINDS = re.compile(
    r"\b(?:all|any) (?:\w+[- ]){0,3}?(?:adverse events?|aes?)\b|\bnon-?\s?serious\b|\bother adverse events?\b|\balso\b|\bin addition\b"
)
_BOTH = re.compile(rf"\bserious (?:and|or|and/or|as well as) non-?\s?serious[^.;]{{0,60}}{_NOT_DONE}")
_ALL = re.compile(rf"(?<!serious )(?<!other )\b(?:adverse events?|aes?)\s+(?:data\s+)?(?:was|were)\s+{_NOT_DONE}")
_OTHER = re.compile(
    rf"{_OTHERS}[^.;]{{0,90}}(?:{_NOT_DONE}|\b(?:not|never) (?:\w+ )?reported (?:to|by)\b)"
    rf"|\bonly\s+(?:the\s+)?{_CHOSEN}\b[^.;]{{0,120}}\b(?:was|were|are|is)\s+(?:{_DONE}|reported\b){_WHOLLY}"
    rf"|{_DONE}\s+only\s+(?:the\s+)?{_CHOSEN}\b"
    rf"|\b(?:collection|collecting|reporting|adverse events?)\b[^.;]{{0,30}}\b(?:limited|restricted) to\b"
    rf"|\b(?:not|never)\b[^.;]{{0,20}}\b{_DONE}\s+(?:any |data on )?{_OTHERS}"
)


def not_collected(events: AdverseEvents, section: Section) -> str:
    """The sentence by which a record says that events of a section were not collected, or not all; empty if there is none.

    >>> not_collected(AdverseEvents(description="Data on non-serious adverse events was not collected"), "other")
    'Data on non-serious adverse events was not collected'
    >>> not_collected(AdverseEvents(description="Adverse events were not collected separately for each dose."), "other")
    ''
    """
    text = " ".join(f"{events.description}\n{events.time_frame}"[:_LONGEST_TEXT].split())
    patterns = (_ALL, _BOTH) if section == "serious" else (_ALL, _BOTH, _OTHER)
    folded = text.casefold()
    found = next((match for pattern in patterns if (match := pattern.search(folded)) is not None), None)
    if found is None and section == "other" and _ALL_KINDS.search(folded) is None:
        found = _SELECTION.search(folded)
    if found is None or len(folded) != len(text):
        return "" if found is None else found.group()[:_LONGEST_SHOWN]
    return _sentence(text, found)


def _sentence(text: str, found: re.Match[str]) -> str:
    start = max(text.rfind(". ", 0, found.start()) + 1, 0)
    end = text.find(". ", found.end())
    return text[start : end if end >= 0 else None].strip()[:_LONGEST_SHOWN]
