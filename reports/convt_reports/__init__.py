"""What was found: tables, a Markdown summary, a page and JUnit XML from records."""

from convt_reports.report import write_report

__all__ = ["write_report"]
