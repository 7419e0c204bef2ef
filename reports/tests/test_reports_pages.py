"""Markdown, the page and JUnit XML: whole, well-formed, and safe whatever an implementation says."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from convt_conformance.records import Record
from convt_reports import tables
from convt_reports.findings import findings
from convt_reports.junit import junit
from convt_reports.load import printable
from convt_reports.markdown import cell, report_page, table_page
from convt_reports.pages import index_page

MakeRecord = Callable[..., Record]
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=y> | `b` *c* _d_ [e](javascript:f) &amp; {{ 7*7 }}\n\x00</td>]]>"
VOID = {"meta", "input", "br", "link", "img", "hr"}


class Page(HTMLParser):
    """A page as tags, ids, addresses and text; complains when tags do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.addresses: list[str] = []
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes |= {name for name, _ in attrs}
        for name, value in attrs:
            if name == "id":
                self.ids[str(value)] += 1
            elif name in ("href", "src"):
                self.addresses.append(str(value))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)


def page(records: list[Record]) -> tuple[str, Page]:
    records = [printable(record) for record in records]
    frames = tables.build(records)
    text = index_page(records, frames, findings(frames))
    return text, Page(text)


def summary(records: list[Record]) -> str:
    frames = tables.build(records)
    return report_page(frames, findings(frames))


@pytest.fixture
def hostile(record: MakeRecord) -> list[Record]:
    """Two records in which every free text wants out of its cell."""
    seen = (HOSTILE, HOSTILE, HOSTILE)
    listed = {"reason": HOSTILE, "link": "javascript:alert(1)"}
    results = [
        {"clause": "V1", "verdict": "deviates", "kind": "value", "evidence": seen, "listed": listed, "reason": HOSTILE},
        {"clause": "O3", "verdict": "deviates", "kind": "reading", "refuted": {"closed": seen, "new <b>": seen}, "evidence": seen},
        {"clause": "S3", "follows": ["inverse-end"], "refuted": {"as-printed": seen}, "evidence": seen},
        {"clause": "A1", "verdict": "unsupported", "reason": HOSTILE},
    ]
    answer = {"case": HOSTILE, "outcome": "computed", "shape": [1]}
    facts = {"results": results, "coverage": {HOSTILE: {HOSTILE: 1}}, "stale": [HOSTILE], "complete": False}
    platform = {HOSTILE: HOSTILE}
    one = record(HOSTILE, HOSTILE, answers=[{**answer, "digest": "<i>"}], file="1.jsonl", level=HOSTILE, platform=platform, **facts)
    return [one, record("beta", answers=[{**answer, "digest": "<u>"}], file="2.jsonl", **facts)]


def test_the_page_is_self_contained_and_its_links_lead_somewhere(three: list[Record]) -> None:
    _, found = page(three)
    assert not {"script", "link", "img", "iframe", "object"} & set(found.tags)
    assert max(found.ids.values()) == 1
    inside = {address[1:] for address in found.addresses if address.startswith("#")}
    assert inside and inside <= set(found.ids)
    names = {f"tables/{table.name}.{ending}" for table in tables.TABLES for ending in ("csv", "json", "md")}
    outside = {address for address in found.addresses if not address.startswith(("#", "https://example.org/"))}
    assert outside == names | {"report.md", "junit.xml"}


def test_the_page_says_what_the_tables_say(three: list[Record]) -> None:
    text, found = page(three)
    assert found.tags["tr"] >= len(tables.build(three)["verdicts"])
    expected = ("forward-on-input", "pads by numbers only", "SIGSEGV", "convt repro beta", "25.0 %", "adds a batch axis")
    assert not [words for words in expected if words not in found.text]
    assert 'href="https://example.org/7"' in text


def test_every_verdict_is_text_beside_its_colour(three: list[Record]) -> None:
    text, _ = page(three)
    chips = re.findall(r'class="chip ([a-z-]+)"[^>]*>([^<]*)<', text)
    verdicts = [(look, words) for look, words in chips if look in ("conforms", "failed", "listed", "unsupported", "not-judged")]
    assert len(verdicts) > 3 * 70
    assert {words for look, words in verdicts if look == "listed"} == {"deviates (listed)"}
    assert all(words.strip() for _, words in chips)


def test_hostile_text_stays_text_on_the_page(hostile: list[Record]) -> None:
    text, found = page(hostile)
    assert not {"script", "img", "i", "u"} & set(found.tags)
    assert "onerror" not in found.attributes
    assert not [address for address in found.addresses if address.startswith("javascript")]
    assert "<script>alert(1)</script>" in found.text and "{{ 7*7 }}" in found.text
    assert "\x00" not in text


def test_hostile_text_stays_in_its_cell_in_markdown(hostile: list[Record]) -> None:
    records = [printable(each) for each in hostile]
    frames = tables.build(records)
    pages = [table_page(table, frames[table.name]) for table in tables.TABLES] + [report_page(frames, findings(frames))]
    for text in pages:
        assert "<script" not in re.sub(r"`[^`\n]*`", "", text)
        for block in re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE):
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1, block


@pytest.mark.parametrize(
    ("value", "column", "expected"),
    [
        ("a|b", "observed", "a\\|b"),
        ("x_y_z __w__ _v", "observed", "x_y_z \\_\\_w\\_\\_ \\_v"),
        ("a_b=1,c", "case", "`a_b=1,c`"),
        ("a|b", "case", "a\\|b"),
        ("a`b", "case", "a\\`b"),
        ("<b> & *c* [d]", "note", "&lt;b&gt; &amp; \\*c\\* \\[d\\]"),
        ("", "case", ""),
        (None, "share", ""),
        (float("nan"), "share", ""),
        (0.25, "share", "0.25"),
    ],
)
def test_markdown_cells_show_the_text_as_it_is(value: object, column: str, expected: str) -> None:
    assert cell(value, column) == expected


def test_the_summary_starts_with_the_findings(three: list[Record]) -> None:
    text = summary(three)
    assert text.startswith("# Conformance report\n\n## Findings\n\n### Who was judged\n\n* **alpha 1.0:** 3 of 7 laws hold")
    assert "* **SAME: length and crop (S3):** alpha follows `inverse-end`; beta follows `forward-on-input`; gamma cannot be asked" in text
    assert "| I7 | The input has rank 3 | implied | deviates (listed), accepts-invalid | not judged | not judged |" in text
    assert "\n\n\n" not in text


@pytest.mark.parametrize(
    ("facts", "words"),
    [({"complete": False}, "the run was interrupted."), ({"results": [{"clause": "V1", "verdict": "deviates"}]}, "nothing was checked.")],
    ids=["interrupted", "nothing-checked"],
)
def test_a_warning_stands_above_everything(record: MakeRecord, facts: dict[str, object], words: str) -> None:
    records = [record(**facts)]
    assert summary(records).startswith(f"# Conformance report\n\n> **Warning.** **alpha 1.0: {words}**")
    _, found = page(records)
    assert 0 < found.text.index(words) < found.text.index("Who was judged")
    assert found.text.index("Read this first") < found.text.index(words)


def test_a_whole_record_has_no_warning(three: list[Record]) -> None:
    assert "Read this first" not in page(three)[1].text
    assert "Warning" not in summary(three)


def suites(records: list[Record]) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(junit(records).encode())
    assert root.tag == "testsuites"
    return {str(each.get("name")): each for each in root}


def counted(suite: ElementTree.Element) -> tuple[int, ...]:
    return tuple(int(str(suite.get(name))) for name in ("tests", "failures", "errors", "skipped"))


def test_junit_has_a_suite_per_implementation_that_counts_right(three: list[Record]) -> None:
    found = suites(three)
    assert {name: counted(suite) for name, suite in found.items()} == {"alpha": (7, 2, 0, 2), "beta": (4, 2, 0, 0), "gamma": (2, 0, 0, 1)}
    for suite in found.values():
        held = tuple(len(suite.findall(path)) for path in ("testcase", "testcase/failure", "testcase/error", "testcase/skipped"))
        assert held == counted(suite)


def test_junit_names_laws_and_says_what_happened(three: list[Record]) -> None:
    cases = {each.get("name"): each for suite in suites(three).values() for each in suite.findall("testcase")}
    assert list(cases["test_V1_values[alpha]"]) == []
    failure = cases["test_O3_claim[alpha]"].find("failure")
    assert failure is not None and failure.get("type") == "reading"
    assert str(failure.text).count("convt repro alpha ") == 2 and "not unbounded:\nobserved ValueError: no" in str(failure.text)
    crash = cases["test_I13_inputs[beta]"].find("failure")
    assert crash is not None and crash.get("type") == "crashes" and "SIGSEGV" in str(crash.text)
    messages = {name: each[0].get("message") for name, each in cases.items() if each.find("skipped") is not None}
    assert messages == {
        "test_I7_claim[alpha]": "known deviation: adds a batch axis",
        "test_A1_claim[alpha]": "unsupported: has no layer",
        "test_S3_claim[gamma]": "unsupported: pads by numbers only",
    }


def test_junit_does_not_pass_over_a_run_that_was_cut_short(record: MakeRecord) -> None:
    suite = suites([record(complete=False, results=[])])["alpha"]
    assert counted(suite) == (2, 0, 2, 0)
    messages = [str(each.get("message")) for each in suite.iter("error")]
    assert messages == ["alpha 1.0: the run was interrupted.", "alpha 1.0: nothing was checked."]


def test_junit_passes_a_run_with_rulings(record: MakeRecord) -> None:
    assert counted(suites([record(rulings={"S3": "inverse-end"})])["alpha"]) == (1, 0, 0, 0)


def test_junit_of_hostile_text_parses(hostile: list[Record]) -> None:
    records = [printable(each) for each in hostile]
    assert [counted(suite) for suite in suites(records).values()] == [(6, 1, 2, 2)] * 2


def test_many_implementations_have_marks_that_say_what_they_mean(record: MakeRecord) -> None:
    failing = {"clause": "V1", "verdict": "deviates", "kind": "value", "evidence": ("N1,C1,M1,L1,K1,float32,int:1", "value", "1", "2")}
    many = [record(f"i{number}", results=[failing if number == 3 else {"clause": "V1", "verdict": "conforms"}]) for number in range(9)]
    text, found = page(many)
    assert '<table class="matrix dense">' in text
    assert 'aria-label="i3: deviates, value">\u2717</a>' in text
    assert text.count(': conforms">\u2713</span>') == 8
    assert "\u2713 conforms" in found.text
    few, _ = page(many[:8])
    assert "dense" not in few.partition("</style>")[2] and '<span class="kind">value</span>' in few


def test_the_page_holds_the_values_that_most_cases_had(record: MakeRecord) -> None:
    counts = {str(number): 2 if number % 3 else 1 for number in range(1, 31)}
    text, found = page([record("a", coverage={"length": counts})])
    assert "30 values, here the 24 that most cases had" in found.text
    assert '<th scope="row" class="stick">29</th>' in text and '<th scope="row" class="stick">30</th>' not in text
