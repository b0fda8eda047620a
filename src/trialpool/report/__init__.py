"""The report: document as data, wording, HTML; results, tables and figures beside it."""

from trialpool.report.write import ReportFiles, check_place, report_contents, write_report

__all__ = ["ReportFiles", "check_place", "report_contents", "write_report"]
