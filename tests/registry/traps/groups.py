"""What a person reads of event groups in real records that have a trap: record and group, arms, kind and role.

Where the record does not settle it, the last column is ``"asked"``: the group must not be accepted as anything else. ``"known"``
must be accepted as it is here; ``"either"`` may be accepted or asked.
"""

from __future__ import annotations

__all__ = ["GROUPS"]

# trap -> record, group, arms, kind, role, and whether it is known or asked
GROUPS = {
    "some AE group title is not a protocol arm label": [
        ("NCT00067236", "EG000", ("Placebo tablet",), "arm", "placebo", "known"),
        ("NCT00123955", "EG000", ("1",), "arm", "active", "known"),
        ("NCT00123955", "EG001", ("2",), "arm", "placebo", "known"),
    ],
    "AE groups != protocol arms": [
        # two groups, three arms: abatacept is the title of two of them
        ("NCT00119678", "EG000", ("Abatacept + Prednisone",), "arm", "active", "asked"),
        ("NCT00119678", "EG001", ("Placebo + Prednisone",), "arm", "placebo", "known"),
        ("NCT00267098", "EG002", (), "unclear", "unclear", "either"),
        ("NCT00267098", "EG003", (), "unclear", "unclear", "either"),
    ],
    "AE group titles differ from baseline groups": [
        ("NCT00267098", "EG000", ("Biventricular pacing",), "arm", "active", "known"),
        ("NCT00267098", "EG001", ("Right ventricular pacing",), "arm", "active", "known"),
        ("NCT00354159", "EG002", (), "unclear", "unclear", "either"),
        # the baseline has one placebo group, the events have two: rescued ones apart
        ("NCT00406848", "EG000", ("Duloxetine",), "arm", "active", "either"),
        ("NCT00406848", "EG002", ("Placebo",), "period", "active", "asked"),
    ],
    "AE group titles equal to no outcome group list": [
        ("NCT00237692", "EG000", ("Arm 1",), "arm", "no treatment", "known"),
        ("NCT00237692", "EG001", ("Arm 2",), "arm", "active", "known"),
        ("NCT00281099", "EG000", ("VVI 40 pacing",), "arm", "active", "either"),
    ],
    "group title looks like a total": [
        ("NCT03066804", "EG002", ("sacubitril/valsartan (LCZ696)", "Comparator"), "total", "unclear", "either"),
        ("NCT03066804", "EG000", ("sacubitril/valsartan (LCZ696)",), "arm", "active", "known"),
        ("NCT00360568", "EG002", ("Levodopa-Carbidopa Intestinal Gel (LCIG)",), "total", "active", "either"),
        # "Overall Cardiovascular Study" is the trial's main part, not everybody
        ("NCT01986881", "EG002", ("Placebo",), "arm", "placebo", "known"),
        ("NCT01986881", "EG005", ("Placebo",), "sub-study", "placebo", "either"),
    ],
    "period/extension/run-in in group title": [
        ("NCT00414609", "EG000", ("placebo",), "arm", "placebo", "known"),
        ("NCT00414609", "EG001", ("Aliskiren",), "arm", "active", "known"),
        ("NCT00414609", "EG002", ("Aliskiren", "placebo"), "extension", "active", "either"),
        ("NCT00497146", "EG003", ("Placebo",), "period", "placebo", "either"),
        ("NCT02754518", "EG000", ("Open label Entresto",), "arm", "active", "either"),
    ],
    "placebo-to-x / switch group title": [
        ("NCT01064687", "EG003", ("Placebo",), "arm", "placebo", "known"),
        ("NCT01064687", "EG007", ("Placebo",), "period", "active", "asked"),
        (
            "NCT02975336",
            "EG000",
            ("Double-Blind Placebo-Controlled (DBPC) Period: Placebo",),
            "arm",
            "placebo",
            "known",
        ),
        (
            "NCT02975336",
            "EG004",
            ("Long-Term Extension (LTE) Period: Placebo/ M2951 50 mg BID",),
            "extension",
            "active",
            "either",
        ),
        # "Placebo Injection 4 Mcg/mL" is no switch
        ("NCT00616902", "EG001", ("Placebo Injection 4 mcg/mL",), "arm", "placebo", "known"),
    ],
    "participant flow with >1 period": [
        ("NCT02468232", "EG000", ("LCZ696",), "arm", "active", "known"),
        ("NCT02468232", "EG003", ("Enalapril",), "extension", "active", "either"),
        ("NCT00602030", "EG002", ("Double-blind Phase: Erlotinib + Placebo",), "arm", "placebo", "known"),
        ("NCT00602030", "EG004", ("Crossover Phase: Erlotinib + Entinostat 10 mg",), "extension", "active", "either"),
    ],
    "one arm": [
        ("NCT00209339", "EG000", ("MitraClip",), "arm", "active", "known"),
        ("NCT00360568", "EG000", ("Levodopa-Carbidopa Intestinal Gel (LCIG)",), "arm", "active", "either"),
    ],
    "model CROSSOVER": [
        (
            "NCT00387621",
            "EG000",
            ("Placebo First, then Nesiritide (Arm A)", "Nesiritide First, then Placebo (Arm B)"),
            "crossover",
            "placebo",
            "known",
        ),
    ],
}
