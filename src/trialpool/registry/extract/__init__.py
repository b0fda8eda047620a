"""A question, event definitions and records to a table of trial arms, and the review that pools it."""

from trialpool.registry.extract.extraction import Excluded, Extraction, extract
from trialpool.registry.extract.list_source import ListSource, source_from_paths
from trialpool.registry.extract.question import CONTROL_ROLES, INCLUDE, Question, make_question
from trialpool.registry.extract.treatments import Drug, Treatment, read_treatment, ready_treatments
from trialpool.registry.extract.write import ExtractionFiles, check_place, write_extraction

__all__ = [
    "CONTROL_ROLES",
    "INCLUDE",
    "Drug",
    "Excluded",
    "Extraction",
    "ExtractionFiles",
    "ListSource",
    "Question",
    "Treatment",
    "check_place",
    "extract",
    "make_question",
    "read_treatment",
    "ready_treatments",
    "source_from_paths",
    "write_extraction",
]
