"""From an Analysis to the document of its report."""

from __future__ import annotations

from collections.abc import Sequence

from trialpool.analysis import Analysis
from trialpool.report.analysis_section import analysis_section
from trialpool.report.back_matter import decisions_section, excluded_section, harms_section, reproduction_section
from trialpool.report.document import Bullets, Document, Section
from trialpool.report.figures import NamedFigure
from trialpool.report.key_results import key_results_section, lead, question_section
from trialpool.report.material import Material
from trialpool.report.methods_paragraph import methods_paragraphs
from trialpool.report.provenance import Provenance
from trialpool.report.references import Citations
from trialpool.report.slugs import unique_slugs
from trialpool.report.trials_section import trials_section
from trialpool.report.wording import joined

__all__ = ["build_document"]


def build_document(analysis: Analysis, figures: Sequence[NamedFigure]) -> Document:
    """The report as data, in reading order: summary first, sources and methods last."""
    provenance, cite = Provenance.of(analysis), Citations()
    anchors = unique_slugs(f"analysis-{result.spec.id}" for result in analysis.results)
    materials = tuple(
        Material(analysis, result, provenance, figures, anchor)
        for result, anchor in zip(analysis.results, anchors, strict=True)
    )
    sections = (
        question_section(analysis),
        key_results_section(materials),
        trials_section(analysis),
        Section("analyses", "Analyses", (), tuple(analysis_section(material) for material in materials)),
        excluded_section(analysis),
        decisions_section(analysis),
        provenance.section(analysis),
        Section("methods", "Methods", methods_paragraphs(analysis, figures, cite)),
        harms_section(analysis, cite),
        reproduction_section(analysis),
    )
    references = Section("references", "References", (Bullets(cite.listed(), numbered=True, prefix="reference"),))
    versions = analysis.versions
    return Document(
        title=analysis.review.title,
        authors=analysis.review.authors,
        lead=lead(analysis),
        sections=(*sections, references),
        colophon=f"Made by trialpool {versions['trialpool']} from {joined(file.name for file in analysis.inputs)}.",
    )
