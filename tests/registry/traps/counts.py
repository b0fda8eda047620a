"""What a person reads of an event in real records that have a trap: record, event, and a count for each group.

A count is ``(lowest, highest, at risk)``, typed from the record's JSON, or ``"not assessed"`` or ``"unknown"``.
"""

from __future__ import annotations

__all__ = ["COUNTS"]

NOT_ASSESSED, UNKNOWN = "not assessed", "unknown"
SERIOUS, OTHER = 'sections = ["serious"]', 'sections = ["other"]'
NAUSEA = 'terms = ["Nausea"]'
ANY_SERIOUS, DEATHS = 'total = "serious"', 'total = "deaths"'

# trap -> record, lines of the definition, group -> count, words of the reason in the first of the groups
COUNTS = {
    "row with numAtRisk 0": [
        (
            "NCT01030874",
            f'terms = ["Other (Not Including Serious) Adverse Events"]\n{OTHER}',
            {"EG000": NOT_ASSESSED, "EG001": NOT_ASSESSED},
            "nobody is at risk",
        ),
        # the row was not assessed in the insulin sub-study of 348, and was in the others
        (
            "NCT01986881",
            f'terms = ["Blood loss anaemia"]\n{SERIOUS}',
            {"EG003": NOT_ASSESSED, "EG000": (1, 1, 2746), "EG002": (0, 0, 2745), "EG006": (0, 0, 55)},
            "nobody at risk in this group",
        ),
        (
            "NCT04441996",
            f'terms = ["Mild tachycardia"]\n{OTHER}',
            {"EG001": NOT_ASSESSED, "EG000": (1, 1, 10)},
            "nobody is at risk",
        ),
    ],
    "row without numAffected": [
        (
            "NCT02784535",
            f'terms = ["Trouble swallowing"]\n{SERIOUS}',
            {"EG000": UNKNOWN, "EG001": (0, 0, 40), "EG002": (1, 1, 40)},
            "the number affected is missing",
        ),
        # both sections asked for: the number that is missing stays unknown
        ("NCT02784535", 'terms = ["Bowel obstruction"]', {"EG000": UNKNOWN, "EG001": (1, 1, 40)}, "is missing"),
        # without a number because nobody was at risk
        (
            "NCT01275339",
            f'terms = ["orthopnea"]\n{OTHER}',
            {"EG001": NOT_ASSESSED, "EG000": (1, 1, 2), "EG002": (0, 0, 4)},
            "nobody is at risk",
        ),
        (
            "NCT05012943",
            f'terms = ["Lymphadenitis"]\n{SERIOUS}',
            {"EG008": NOT_ASSESSED, "EG000": (1, 1, 8807), "EG004": (0, 0, 1186)},
            "nobody is at risk",
        ),
    ],
    "group with at-risk 0": [
        ("NCT00585611", NAUSEA, {"EG000": NOT_ASSESSED, "EG001": NOT_ASSESSED}, "nobody is at risk of serious events"),
        ("NCT01954160", f'terms = ["Hyperglycemia"]\n{SERIOUS}', {"EG001": NOT_ASSESSED, "EG000": (1, 1, 4)}, "nobody"),
        ("NCT01954160", ANY_SERIOUS, {"EG001": NOT_ASSESSED, "EG000": (1, 1, 4)}, "nobody is at risk"),
    ],
    "no otherEvents": [
        # threshold 5 %: 0.05 x 42 = 2.1 and 0.05 x 38 = 1.9, so up to 2 and 1 may be there unlisted
        ("NCT00123955", 'terms = ["Hyperkalaemia"]', {"EG000": (0, 2, 42), "EG001": (0, 1, 38)}, "below the reporting"),
        # 0.05 x 147 = 7.35 and 0.05 x 149 = 7.45
        ("NCT00237692", NAUSEA, {"EG000": (0, 7, 147), "EG002": (0, 7, 149)}, "may not have been collected"),
        ("NCT01800968", 'terms = ["Diarrhoea"]', {"EG000": NOT_ASSESSED}, "nobody is at risk of other events"),
        ("NCT01800968", f'terms = ["Diarrhoea"]\n{SERIOUS}', {"EG000": (0, 0, 154), "EG001": (0, 0, 146)}, ""),
    ],
    "AE module without any event row": [
        # 0.05 x 53 = 2.65; 5 % of 14 is not one participant
        ("NCT03360110", NAUSEA, {"EG000": (0, 2, 53)}, "may not have been collected"),
        ("NCT00233480", NAUSEA, {"EG000": (0, 0, 14), "EG001": (0, 0, 13)}, "may not have been collected"),
        ("NCT04757584", NAUSEA, {"EG000": NOT_ASSESSED}, "nobody is at risk"),
    ],
    "no seriousEvents": [
        ("NCT00281684", f"{NAUSEA}\n{SERIOUS}", {"EG000": (0, 0, 37), "EG003": (0, 0, 38)}, "every one is listed"),
        ("NCT00281684", NAUSEA, {"EG000": (1, 1, 37), "EG002": (0, 0, 34), "EG003": (3, 3, 38)}, "read"),
    ],
    "group with zero serious": [
        ("NCT00358449", ANY_SERIOUS, {"EG000": (0, 0, 19), "EG001": (1, 1, 20), "EG002": (2, 2, 20)}, "total"),
        ("NCT00358449", f'terms = ["Myocardial infarction"]\n{SERIOUS}', {"EG000": (0, 0, 19)}, "not listed"),
    ],
    "group without deathsNumAffected": [
        ("NCT00123955", DEATHS, {"EG000": UNKNOWN, "EG001": UNKNOWN}, "does not total deaths"),
        ("NCT00094302", DEATHS, {"EG000": UNKNOWN, "EG001": UNKNOWN}, "does not total deaths"),
    ],
    "same term in serious and other": [
        # 12 and 1592; 8 and 337
        ("NCT03574597", NAUSEA, {"EG000": (1592, 1604, 8803), "EG001": (337, 345, 8801)}, "several rows"),
        # 1 and 12; 0 and 4
        ("NCT00077649", 'terms = ["Anaemia"]', {"EG003": (12, 13, 47), "EG002": (4, 4, 47)}, "several rows"),
    ],
    "duplicate term inside otherEvents": [
        # 2 and 2: equal counts need not be the same participants; 0 and 1
        ("NCT00430716", f'terms = ["Anaemia"]\n{OTHER}', {"EG002": (2, 4, 45), "EG001": (1, 1, 43)}, "several rows"),
        # 1 and 8; 0 and 1
        ("NCT00763867", f'terms = ["Hypotension"]\n{OTHER}', {"EG001": (8, 9, 113), "EG000": (1, 1, 103)}, "several"),
    ],
    "duplicate term inside seriousEvents": [
        # 15 and 4; 27 and 0
        (
            "NCT00382863",
            f'terms = ["Worsening heart failure"]\n{SERIOUS}',
            {"EG000": (15, 19, 96), "EG001": (27, 27, 114)},
            "several rows",
        ),
        # under two organ systems: 1 and 2; 0 and 2
        (
            "NCT00094302",
            f'terms = ["Abdominal aortic aneurysm"]\n{SERIOUS}',
            {"EG000": (2, 3, 1723), "EG001": (2, 2, 1722)},
            "several rows",
        ),
    ],
    "denominator varies per event in a group: seriousEvents": [
        ("NCT01064687", f'terms = ["Endometrial hyperplasia"]\n{SERIOUS}', {"EG001": (1, 1, 116)}, "read"),
        ("NCT01064687", f'terms = ["Prostate cancer"]\n{SERIOUS}', {"EG003": (1, 1, 83), "EG001": (0, 0, 163)}, "read"),
        ("NCT01064687", f'terms = ["Anaemia"]\n{SERIOUS}', {"EG001": (0, 0, 279)}, "read"),
    ],
    "denominator varies per event in a group: otherEvents": [
        ("NCT01648582", f'terms = ["Vaginal infection"]\n{OTHER}', {"EG000": (2, 2, 119), "EG001": (0, 0, 113)}, ""),
        ("NCT01648582", f'terms = ["Benign prostatic hyperplasia"]\n{OTHER}', {"EG000": (1, 1, 139)}, "read"),
        # 119 women and 139 men are the 258 of the group
        (
            "NCT01648582",
            f'terms = ["Vaginal infection", "Benign prostatic hyperplasia"]\n{OTHER}',
            {"EG000": (2, 3, 258), "EG001": (0, 0, 257)},
            "several rows",
        ),
        # 11 men and 18 women of 29, one of each
        (
            "NCT05051579",
            f'terms = ["Balanoposthitis", "Vulvovaginal pruritus"]\n{OTHER}',
            {"EG002": (1, 2, 29), "EG000": (0, 0, 50)},
            "several rows",
        ),
    ],
    "row denominators differ from group denominator: seriousEvents": [
        ("NCT04847557", f'terms = ["Ovarian adenoma"]\n{SERIOUS}', {"EG000": (1, 1, 200), "EG001": (0, 0, 193)}, ""),
        ("NCT04847557", f'terms = ["Prostate cancer"]\n{SERIOUS}', {"EG001": (1, 1, 174), "EG000": (0, 0, 164)}, ""),
    ],
    "row denominators differ from group denominator: otherEvents": [
        ("NCT02918552", f'terms = ["Hematoma"]\n{OTHER}', {"EG000": (1, 1, 2), "EG001": (0, 0, 3)}, "read"),
        ("NCT04881760", f'terms = ["Vaginal infection"]\n{OTHER}', {"EG003": (1, 1, 15), "EG000": (0, 0, 34)}, "read"),
    ],
    "serious at-risk != other at-risk (group)": [
        # 0 of 3740 serious, 2 of 558 other and 182 solicited; 1 of 11243, 4 of 1323 and 276: about those assessed for both
        (
            "NCT05168813",
            'terms = ["Headache"]',
            {"EG000": (182, 184, 558), "EG004": (276, 281, 1323)},
            "a participant may be in several rows",
        ),
        ("NCT05168813", f'terms = ["Headache"]\n{SERIOUS}', {"EG004": (1, 1, 11243)}, "read"),
        # 878 at risk of serious events, of a group of 87
        ("NCT00604825", NAUSEA, {"EG001": (6, 6, 87), "EG000": (5, 5, 90)}, "read"),
        # 0.05 x 87 = 4.35
        ("NCT00604825", 'terms = ["Hyperkalaemia"]', {"EG001": (0, 4, 87)}, "below the reporting threshold"),
        ("NCT05126836", NAUSEA, {"EG000": NOT_ASSESSED}, "nobody is at risk of other events"),
        ("NCT05126836", f"{NAUSEA}\n{SERIOUS}", {"EG000": (3, 3, 23), "EG001": (1, 1, 23)}, "read"),
    ],
    "AE description text present": [
        # "Data collection limited to cardiovascular, pulmonary or renal system ..."
        ("NCT00281099", NAUSEA, {"EG000": UNKNOWN, "EG001": UNKNOWN}, "Data collection limited to cardiovascular"),
        ("NCT00281099", f"{NAUSEA}\n{SERIOUS}", {"EG000": (0, 0, 513)}, "not listed"),
    ],
    "AE group titles equal to no outcome group list": [
        # the outcome's VVI 40 is the event group VVI 40 Pacing by its description
        (
            "NCT00281099",
            'terms = ["Bradycardia"]\noutcome_titles = ["^development of a pacing indication"]',
            {"EG000": (38, 38, 512), "EG001": (19, 19, 518)},
            "reported as the outcome",
        ),
        # percentages of participants, in groups of other titles, are no counts: the terms are used
        (
            "NCT00237692",
            f'terms = ["Nausea"]\noutcome_titles = ["blood pressure contr"]\n{SERIOUS}',
            {"EG000": (0, 0, 147)},
            "not listed",
        ),
    ],
}
