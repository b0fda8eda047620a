"""The report: document as data, wording, HTML; results, tables and figures beside it."""

from trialpool.report.places import check_writable
from trialpool.report.write import ReportFiles, report_contents, write_report

__all__ = ["ReportFiles", "check_writable", "report_contents", "write_report"]
