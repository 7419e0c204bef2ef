"""JUnit XML, for machines that collect test results: a suite per implementation, a test per law."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from typing import Any

from convt_conformance.records import Record
from convt_reports import frames
from convt_reports.findings import Finding, rows, warnings
from convt_reports.load import labels
from convt_reports.tables.runs import runs
from convt_reports.tables.verdicts import deviation_rows


def junit(records: Sequence[Record]) -> str:
    """The document; a run that was interrupted or checked nothing is an error of its own, so that no silence passes."""
    root = ElementTree.Element("testsuites", name="convt")
    results, described = frames.results(records), runs(records)
    for label, record in labels(records).items():
        own = rows(results[results["implementation"] == label])
        warned = [each for each in warnings(described[described["implementation"] == label]) if each.fatal]
        root.append(suite(label, record, own, warned))
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def suite(label: str, record: Record, results: Sequence[dict[Any, Any]], warned: Sequence[Finding]) -> ElementTree.Element:
    """One implementation's laws, with the facts of its run as properties."""
    listed = sum(result["failed"] and result["listed"] for result in results)
    facts: dict[str, object] = {
        "name": label,
        "tests": len(results) + len(warned),
        "failures": sum(result["failed"] for result in results) - listed,
        "errors": len(warned),
        "skipped": sum(result["verdict"] == "unsupported" for result in results) + listed,
        "time": record.footer["seconds"],
        "timestamp": record.header["started"],
    }
    element = ElementTree.Element("testsuite", {name: str(value) for name, value in facts.items()})
    properties = ElementTree.SubElement(element, "properties")
    for name, value in (("version", record.version), ("seed", record.header["seed"]), ("level", record.header["level"])):
        ElementTree.SubElement(properties, "property", name=name, value=str(value))
    element.extend([run_error(label, each) for each in warned])
    element.extend([testcase(label, result) for result in results])
    return element


def run_error(label: str, warning: Finding) -> ElementTree.Element:
    element = ElementTree.Element("testcase", classname="convt.run", name=f"run[{label}]")
    ElementTree.SubElement(element, "error", message=warning.head).text = "".join(warning.parts)
    return element


def testcase(label: str, result: dict[Any, Any]) -> ElementTree.Element:
    """A law: nothing more when it holds, else a failure, or a skip for what is known or has no call."""
    element = ElementTree.Element("testcase", classname=f"convt.{result['clause']}", name=f"{result['law']}[{label}]")
    if result["verdict"] == "unsupported":
        ElementTree.SubElement(element, "skipped", message=f"unsupported: {result['note']}")
    elif result["failed"] and result["listed"]:
        skipped = ElementTree.SubElement(element, "skipped", message=f"known deviation: {result['listed_reason']}")
        skipped.text = details(result)
    elif result["failed"]:
        what = result["kind"] or result["verdict"]
        message = f"[{result['clause']}] {result['title']}: {', '.join(filter(None, (result['verdict'], result['kind'])))}"
        ElementTree.SubElement(element, "failure", type=what, message=message).text = details(result)
    return element


def details(result: dict[Any, Any]) -> str:
    """Observed, required and the command; for each refuted reading where none fits."""
    lines = [result["note"]] if result["note"] else []
    for row in deviation_rows(result):
        lines += [f"not {row['reading']}:"] if row["reading"] else []
        lines += [f"observed {row['observed']}", f"required {row['required']}", row["command"]] if row["case"] else []
    return "\n".join(lines)
