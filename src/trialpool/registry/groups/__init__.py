"""Event groups to arms, roles and treatments, with a confidence for every match."""

from trialpool.registry.groups.arms_file import STATUSES, ArmEntry, ArmsFile, Status
from trialpool.registry.groups.arms_toml import arms_from_text, read_arms_file, write_arms_file
from trialpool.registry.groups.match import ACCEPT, match_groups
from trialpool.registry.groups.matches import KINDS, ROLES, GroupMatch, Kind, RecordGroups, Role

__all__ = [
    "ACCEPT",
    "KINDS",
    "ROLES",
    "STATUSES",
    "ArmEntry",
    "ArmsFile",
    "GroupMatch",
    "Kind",
    "RecordGroups",
    "Role",
    "Status",
    "arms_from_text",
    "match_groups",
    "read_arms_file",
    "write_arms_file",
]
