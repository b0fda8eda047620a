"""What a person makes of a question in real records that have a trap: the arms with their counts, or why the trial is left out.

A count is ``(events, at risk)``, or ``(lowest, highest, at risk)`` where the record leaves it open; typed from the record's JSON.
"""

from __future__ import annotations

__all__ = ["TRIALS"]

SERIOUS = 'total = "serious"'
DEATHS = 'total = "deaths"'
NAUSEA = 'terms = ["Nausea"]'
DIARRHOEA = 'terms = ["Diarrhoea"]'

# trap -> record, (treatment, control, *what is included), lines of the definition, arm -> count or the reason
TRIALS = {
    "alloc RANDOMIZED": [
        (
            "NCT00616902",
            ("paricalcitol", "placebo"),
            'terms = ["Hypertension"]',
            {"Paricalcitol Injection 4 Mcg/mL": (0, 6), "Placebo Injection 4 Mcg/mL": (1, 6)},
        ),
    ],
    "alloc NON_RANDOMIZED": [
        ("NCT01859923", ("delamanid", "placebo"), NAUSEA, "not randomised (allocation NON_RANDOMIZED)"),
        ("NCT01859923", ("delamanid", "placebo", "non-randomised"), NAUSEA, "no group got placebo"),
    ],
    "alloc NA": [
        ("NCT00474955", ("peginterferon", "placebo"), NAUSEA, "not randomised (allocation NA)"),
    ],
    "one arm": [
        ("NCT00209339", ("MitraClip", "placebo"), SERIOUS, "not randomised (allocation NA)"),
        ("NCT00209339", ("MitraClip", "placebo", "non-randomised"), SERIOUS, "no group got placebo"),
    ],
    "model SINGLE_GROUP": [
        # randomised all the same; which arms the group Abatacept is, the user is asked
        ("NCT00119678", ("abatacept", "placebo"), SERIOUS, "in doubt: group EG000 'Abatacept'"),
        ("NCT00474955", ("peginterferon", "placebo", "non-randomised"), NAUSEA, "no group got placebo"),
    ],
    "model PARALLEL": [
        # without the groups of its three sub-studies, whose participants these are
        (
            "NCT01986881",
            ("ertugliflozin", "placebo"),
            'terms = ["Blood loss anaemia"]\nsections = ["serious"]',
            {
                "Ertugliflozin 5 mg (Overall Cardiovascular Study)": (1, 2746),
                "Ertugliflozin 15 mg (Overall Cardiovascular Study)": (0, 2747),
                "Placebo (Overall Cardiovascular Study)": (0, 2745),
            },
        ),
    ],
    "model CROSSOVER": [
        ("NCT00387621", ("nesiritide", "placebo"), SERIOUS, "a treatment of a crossover trial"),
        (
            "NCT00387621",
            ("nesiritide", "placebo", "crossover"),
            SERIOUS,
            {"Placebo": (0, 58), "Nesiritide": (1, 58)},
        ),
        (
            "NCT04111536",
            ("liothyronine", "placebo", "crossover"),
            SERIOUS,
            {"Liothyronine (LT3)": (0, 28), "Placebo": (2, 28)},
        ),
        ("NCT04111536", ("liothyronine", "placebo"), SERIOUS, "a treatment of a crossover trial"),
    ],
    "model FACTORIAL": [
        # with bimagrumab there is no placebo: those arms are compared with bimagrumab alone, if that is asked
        (
            "NCT05616013",
            ("semaglutide", "placebo"),
            NAUSEA,
            {"Placebo": (6, 55), "Placebo + Semaglutide 1.0 mg": (25, 55), "Placebo + Semaglutide 2.4 mg": (26, 56)},
        ),
        (
            "NCT05616013",
            ("semaglutide", "no treatment"),
            NAUSEA,
            {
                "Bimagrumab 10 mg/kg": (14, 56),
                "Bimagrumab 30 mg/kg": (7, 8, 57),  # 7, and 1 in "Procedural nausea"
                "Bimagrumab 10 mg/kg + Semaglutide 1.0 mg": (23, 56),
                "Bimagrumab 10 mg/kg + Semaglutide 2.4 mg": (34, 55),
                "Bimagrumab 30 mg/kg + Semaglutide 1.0 mg": (21, 56),
                "Bimagrumab 30 mg/kg + Semaglutide 2.4 mg": (27, 55),
            },
        ),
    ],
    "model SEQUENTIAL": [
        ("NCT03370887", ("AZD8601", "placebo"), SERIOUS, {"AZD8601 3mg": (3, 7), "Placebo": (1, 4)}),
        ("NCT03523390", ("avelumab", "placebo"), SERIOUS, "not randomised (allocation NON_RANDOMIZED)"),
    ],
    "no AE module": [
        ("NCT00323037", ("carvedilol", "placebo"), SERIOUS, "results are posted, but no adverse events"),
    ],
    "AE module without any event row": [
        ("NCT00585611", ("atorvastatin", "placebo"), NAUSEA, ""),
        (
            "NCT00233480",
            ("atorvastatin", "placebo"),
            NAUSEA,
            {"Active Treatment": (0, 14), "Placebo": (0, 13)},
        ),
    ],
    "no otherEvents": [
        ("NCT01800968", ("liraglutide", "placebo"), DIARRHOEA, "no count: other events: nobody is at risk"),
        (
            "NCT00123955",
            ("spironolactone", "placebo"),
            'terms = ["Hyperkalaemia"]',
            {"Spironolactone": (0, 2, 42), "Placebo": (0, 1, 38)},
        ),
    ],
    "group without deathsNumAffected": [
        ("NCT00123955", ("spironolactone", "placebo"), DEATHS, "no count: the record does not total deaths"),
    ],
    "serious at-risk != other at-risk (group)": [
        ("NCT05126836", ("cilostazol", "placebo", "crossover"), NAUSEA, "nobody is at risk of other events"),
    ],
    "row with numAtRisk 0": [
        # the placebo group of the diabetic cohort has nobody: no arm of 0 participants
        (
            "NCT01275339",
            ("tadalafil", "placebo"),
            'terms = ["Orthopnea"]',
            {
                "Tadalafil in Diabetic Cohort": (1, 2),
                "Tadalafil in Non-Diabetic Cohort": (0, 4),
                "Placebo in Non-Diabetic Cohort": (0, 4),
            },
        ),
    ],
    "group title looks like a total": [
        (
            "NCT03066804",
            ("sacubitril", "enalapril"),
            SERIOUS,
            {"Sacubitril/Valsartan (LCZ696)": (186, 1280), "Individualized Medical Therapy (IMT)": (191, 1284)},
        ),
    ],
    "period/extension/run-in in group title": [
        ("NCT00414609", ("aliskiren", "placebo"), SERIOUS, {"Aliskiren_core": (107, 422), "Placebo_core": (92, 397)}),
        # the long-term follow-up of 65 and 72 of them is not added
        (
            "NCT00497146",
            ("paricalcitol", "placebo", "extension"),
            SERIOUS,
            {"Paricalcitol: Treatment Period": (20, 115), "Placebo: Treatment Period": (20, 112)},
        ),
    ],
    "participant flow with >1 period": [
        ("NCT02468232", ("LCZ696", "enalapril"), DIARRHOEA, {"LCZ696": (19, 111), "Enalapril": (17, 112)}),
        ("NCT02468232", ("LCZ696", "enalapril", "extension"), DIARRHOEA, "hold the same participants"),
    ],
    "placebo-to-x / switch group title": [
        # 26 weeks, not the 56 weeks of the same participants, nor placebo switched to dulaglutide
        (
            "NCT01064687",
            ("LY2189265", "placebo"),
            DIARRHOEA,
            {
                "0.75 mg LY2189265 (Baseline Through 26 Weeks)": (22, 280),
                "1.5 mg LY2189265 (Baseline Through 26 Weeks)": (31, 279),
                "Placebo (Baseline Through 26 Weeks)": (8, 141),
            },
        ),
        (
            "NCT02975336",
            ("M2951", "placebo"),
            SERIOUS,
            {
                "DBPC Period: Placebo": (10, 117),
                "DBPC Period: M2951 25 mg QD": (13, 118),
                "DBPC Period: M2951 75 mg QD": (11, 117),
                "DBPC Period: M2951 50 mg BID": (9, 117),
            },
        ),
    ],
}
