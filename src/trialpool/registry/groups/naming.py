"""The active treatments of a record, each with all the names it goes by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from trialpool.registry.groups.substances import Alias, Substance, Substances, control_of
from trialpool.registry.groups.words import MARKS, plain, tokens, words
from trialpool.registry.model import Intervention, Record

__all__ = ["is_called_placebo", "is_control_name", "substances_of"]

_FORMS = frozenset(
    re.findall(
        r"\S+",
        """
        tablet capsule injection infusion solution suspension powder cream gel ointment spray inhaler inhalation patch pill
        syringe pen film-coated coated iv intravenous sc subcutaneous im intramuscular po topical ophthalmic nasal inhaled
        immediate-release extended-release modified release formulation hydrochloride hcl sodium potassium citrate besylate
        maleate mesylate tartrate acetate phosphate sulfate succinate fumarate calcium matching matched match low high medium
        middle dose level core extension active treatment therapy standard combination vaccine intervention procedure device
        product fixed single triple dual oral bid qd od tid qid qw q2w q4w eod daily weekly monthly twice day week month year
        hour minute group arm cohort part phase period first second third blind double-blind open-label control comparator
        experimental investigational using human recombinant system program implant surgery choice factor repair
        """,
    )
)
_PLACEBO_BY_TEXT = re.compile(
    r"^(?:a |the )?(?:matching |oral |inactive )?placebo\b|\b(?:serves?|served|used|given|acts?|acting) as (?:a |the )?placebo\b"
)
_PLACEBO_FIRST = re.compile(r"\bthen\b|\bfollowed by\b|\blead-?in\b")
_CONTROL = r"(?:placebo|sham|control|usual|standard|no treatment|no intervention)"
_OR_CONTROL = re.compile(rf"{_CONTROL}(?: \w+)? (?:or|versus|vs\.?)\b|\b(?:or|versus|vs\.?) (?:\w+ )?{_CONTROL}\b")
_JOINED = re.compile(r"\+|\bplus\b")
_AMOUNT = re.compile(r"[\d.e-]+(?:mg|ml|mcg|%|unit|iu)?(?:/\w+)*")
_NOT_A_NAME = re.compile(
    r"^(?:[\d.%].*|.{1,2}|mg|mcg|bid|tid|qid|fda|usa|range|n|see|per|max|min|total|approximately)$"
)


def substances_of(record: Record) -> Substances:
    """The active treatments of a record, with other names, names in brackets, and names that its texts give them."""
    named = [(item, _aliases(item, record.interventions)) for item in record.interventions]
    merged = _merged([(item.name, aliases) for item, aliases in named if aliases])
    merged = _with_short_names(merged)
    for _ in range(2):
        merged = _with_names_in_texts(merged, record)
    found = _indexed(merged)
    placebos = {alias for item in record.interventions for alias in _placebo_names(item)}
    real = {word for alias in found.lookup for word in alias}
    return replace(
        found,
        placebos=frozenset(alias for alias in placebos if not real & set(alias)),
        placebo_to=any(re.search(r"\bplacebo to\b", plain(item.name)) for item in record.interventions),
    )


def _placebo_names(item: Intervention) -> Iterable[Alias]:
    """Names of a placebo that do not say so themselves: ``Saline``, or ``Room air`` of ``Room air (placebo)``."""
    if control_of(item.name) == "placebo" or is_called_placebo(item):
        for name in (item.name, *item.other_names):
            yield from _parts(name)


def is_called_placebo(item: Intervention) -> bool:
    """Whether an intervention is a placebo by its other names or its description, though not by its name.

    >>> is_called_placebo(Intervention("Normal saline", other_names=("Placebo",)))
    True
    """
    if control_of(item.name):
        return False
    own = set(words(item.name))
    called = [control_of(name) == "placebo" and not own & set(words(name)) for name in item.other_names]
    described = plain(item.description)
    by_text = _PLACEBO_BY_TEXT.search(described) and not _PLACEBO_FIRST.search(described)
    return (bool(called) and all(called)) or bool(by_text)


def _indexed(merged: list[Substance]) -> Substances:
    owners: Counter[Alias] = Counter(alias for substance in merged for alias in substance.aliases)
    lookup = {
        alias: index for index, substance in enumerate(merged) for alias in substance.aliases if owners[alias] == 1
    }
    return Substances(tuple(merged), lookup, max((len(alias) for alias in lookup), default=0))


def _aliases(item: Intervention, others: tuple[Intervention, ...]) -> frozenset[Alias]:
    """All names of an active intervention; none for a control."""
    if is_control_name(item.name) or is_called_placebo(item):
        return frozenset()
    rivals = {words(other.name) for other in others if other.name != item.name}
    borrowed = [name for name in item.other_names if words(name) in rivals or control_of(name)]
    other_names = item.other_names if len(borrowed) < 2 else ()
    found = {alias for text in (item.name, *other_names) for alias in _parts(text)}
    return frozenset(found)


def is_control_name(name: str) -> bool:
    """Whether an intervention is a control by its name; ``Drug X or placebo`` and ``Drug X + usual care`` are not.

    >>> is_control_name("Placebo + Drug Y"), is_control_name("Drug X + standard care"), is_control_name("Drug X or placebo")
    (True, False, False)
    """
    name = plain(name)
    if not control_of(name) or _OR_CONTROL.search(name):
        return False
    if control_of(name) != "no treatment":
        return True
    return all(control_of(part) for part in _JOINED.split(name) if part.strip())


def _parts(text: str) -> Iterable[Alias]:
    """A name whole, without what is in brackets, and what is in brackets."""
    text = plain(text)
    inside = re.findall(r"[(\[]([^()\[\]]+)[)\]]", text)
    outside = re.sub(r"[(\[][^()\[\]]*[)\]]", " ", text)
    joined = [part for part in _JOINED.split(outside) if not control_of(part)][:1] if control_of(outside) else []
    for part in (text, outside, *inside, *re.split(r"[;|]|[,:]\s", outside), *joined):
        for alias in (_name_words(part, keep_forms=True), _name_words(part, keep_forms=False)):
            if alias and len(alias) <= 8 and not control_of(" ".join(alias)) and not _hollow(alias):
                yield alias


def _name_words(text: str, *, keep_forms: bool) -> Alias:
    found = [t for t in tokens(text) if t not in MARKS and t not in {"and", "plus"} and not _AMOUNT.fullmatch(t)]
    return tuple(t for t in found if keep_forms or t not in _FORMS)


def _hollow(alias: Alias) -> bool:
    """Names nothing: forms and short pieces alone."""
    return all(t in _FORMS or _NOT_A_NAME.match(t) for t in alias)


def _merged(named: list[tuple[str, frozenset[Alias]]]) -> list[Substance]:
    """Interventions that share a name are one substance."""
    merged: list[Substance] = []
    for name, aliases in named:
        same = [s for s in merged if s.aliases & aliases]
        joined = Substance(
            tuple(dict.fromkeys([n for s in same for n in s.names] + [name])),
            aliases.union(*(s.aliases for s in same)),
        )
        position = merged.index(same[0]) if same else len(merged)
        merged = [s for s in merged if s not in same]
        merged.insert(position, joined)
    return merged


def _with_short_names(merged: list[Substance]) -> list[Substance]:
    """A word that only one substance has in its names is a name of it: ``doxorubicin`` for its hydrochloride."""
    owners: Counter[str] = Counter(word for s in merged for word in {w for alias in s.aliases for w in alias})
    return [
        Substance(
            s.names,
            s.aliases
            | {(w,) for alias in s.aliases for w in alias if owners[w] == 1 and len(w) > 4 and _may_be_name(w)},
        )
        for s in merged
    ]


def _texts(record: Record) -> Iterable[str]:
    yield from (record.title, record.official_title)
    for arm in record.arms:
        yield from (arm.label, arm.description)
    for item in record.interventions:
        yield item.description
    for event_group in record.adverse_events.groups if record.adverse_events else ():
        yield from (event_group.title, event_group.description)
    for flow_group in record.flow.groups if record.flow else ():
        yield from (flow_group.title, flow_group.description)


def _with_names_in_texts(merged: list[Substance], record: Record) -> list[Substance]:
    """``known (new)`` and ``new (known)`` in the record's texts give a substance another name.

    A word that stands in brackets behind anything else too, such as ``Placebo (maternal)``, is no name.
    """
    index = _indexed(merged)
    meant: dict[str, set[int]] = {}
    for text in _texts(record):
        stream = tokens(text)
        ends = {end: found for _, end, found in index.mentions(stream)}
        starts = {start: found for start, _, found in index.mentions(stream)}
        closes = _next_brackets(stream)
        for place in range(1, len(stream) - 2):
            if stream[place] == "(" and stream[place + 2] == ")":
                meant.setdefault(stream[place + 1], set()).add(ends.get(place, -1))
            end = closes[place] if stream[place] == "(" else -1
            if place + 1 in starts and ends.get(end, -1) >= 0 and len(stream[place - 1]) > 4:
                meant.setdefault(stream[place - 1], set()).add(starts[place + 1])
    new = {(word,): next(iter(found)) for word, found in meant.items() if len(found) == 1 and _may_be_name(word)}
    return [
        Substance(
            s.names,
            s.aliases | {alias for alias, found in new.items() if found == position and alias not in index.lookup},
        )
        for position, s in enumerate(merged)
    ]


def _next_brackets(stream: tuple[str, ...]) -> list[int]:
    """For each place that of the next closing bracket, or -1."""
    closes, following = [-1] * len(stream), -1
    for place in range(len(stream) - 1, -1, -1):
        following = place if stream[place] == ")" else following
        closes[place] = following
    return closes


def _may_be_name(word: str) -> bool:
    return (
        word not in MARKS
        and word not in _FORMS
        and bool(words(word))
        and not _NOT_A_NAME.match(word)
        and not control_of(word)
    )
