"""Terms of a record to an event: definitions, matching, and a cell for each group with its bounds."""

from trialpool.registry.events.cell import Cell, CellStatus, EventCells
from trialpool.registry.events.cells import event_cells
from trialpool.registry.events.decision import Decision
from trialpool.registry.events.definition import Concept, EventDefinition
from trialpool.registry.events.definition_file import definition_from_text, read_definition, ready_definitions
from trialpool.registry.events.follow_up import FollowUp, follow_up
from trialpool.registry.events.matching import TermMatch, match_terms
from trialpool.registry.events.spelling import normalised_term, term_keys

__all__ = [
    "Cell",
    "CellStatus",
    "Concept",
    "Decision",
    "EventCells",
    "EventDefinition",
    "FollowUp",
    "TermMatch",
    "definition_from_text",
    "event_cells",
    "follow_up",
    "match_terms",
    "normalised_term",
    "read_definition",
    "ready_definitions",
    "term_keys",
]
