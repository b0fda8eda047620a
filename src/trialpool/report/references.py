"""The works behind the methods, and their numbers in order of citation."""

from __future__ import annotations

from urllib.parse import quote

from trialpool.report.document import Inline, Inlines, inlines
from trialpool.report.works import REFERENCES

__all__ = ["Citations", "short_name"]


def short_name(key: str) -> str:
    """A work by its first author and year.

    >>> short_name("stijnen2010"), short_name("cochrane"), short_name("rover2021")
    ('Stijnen 2010', 'Cochrane Handbook', 'Röver 2021')
    """
    work = REFERENCES[key]
    if key == "cochrane":
        return "Cochrane Handbook"
    return f"{work.split(' ')[0].rstrip(',')} {key[-4:]}"


class Citations:
    """Numbers works as they are cited.

    >>> cite = Citations()
    >>> cite("mantel1959").text, cite("yusuf1985").text, cite("mantel1959").text
    ('1', '2', '1')
    """

    def __init__(self) -> None:
        self._cited: list[str] = []

    def __call__(self, key: str) -> Inline:
        """The raised number of a work."""
        if key not in REFERENCES:
            raise KeyError(key)
        if key not in self._cited:
            self._cited.append(key)
        number = self._cited.index(key) + 1
        return Inline(str(number), "cite", f"#reference-{number}")

    def sentence(self, text: str, *keys: str) -> Inlines:
        """A sentence with the numbers of its works after it."""
        return inlines(text, *(self(key) for key in keys), " ")

    def listed(self) -> tuple[Inlines, ...]:
        """The works cited so far, in that order."""
        return tuple(_with_link(REFERENCES[key]) for key in self._cited)


def _with_link(text: str) -> Inlines:
    """A work with its digital object identifier, or its address, as a link."""
    words, found, doi = text.partition("doi:")
    if found:
        return inlines(words, Inline(f"doi:{doi}", "link", f"https://doi.org/{quote(doi, safe='/:;()._-')}"))
    words, found, address = text.partition("https://")
    return inlines(words, Inline(address, "link", f"https://{address}")) if found else inlines(text)
