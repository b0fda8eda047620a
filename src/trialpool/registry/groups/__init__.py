"""Event groups to arms, roles and treatments, with a confidence for every match."""

from trialpool.registry.groups.matches import KINDS, ROLES, GroupMatch, Kind, RecordGroups, Role

__all__ = ["KINDS", "ROLES", "GroupMatch", "Kind", "RecordGroups", "Role"]
