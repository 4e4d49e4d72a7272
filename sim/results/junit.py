"""JUnit XML, as test reporters of continuous integration read it: a suite per scenario, a test case per seed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree

from . import exit_codes
from .gate import NOT_BROKEN, Case, Finding, findings

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(cases: Sequence[Case]) -> str:
    """The whole document."""
    root = ElementTree.Element("testsuites", name="doubletick")
    totals = {"tests": 0, "failures": 0, "errors": 0}
    spent = 0.0
    for case in cases:
        suite = _suite(case)
        for key in totals:
            totals[key] += int(suite.get(key, "0"))
        spent += float(suite.get("time", "0"))
        root.append(suite)
    for key, number in totals.items():
        root.set(key, str(number))
    root.set("time", f"{spent:.3f}")
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(case: Case) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=_clean(case.title), file=_clean(case.file))
    if case.problems or case.summary is None:
        one = _case(suite, case, "the file loads" if case.problems else "it is played", 0.0)
        told = "\n".join(map(str, case.problems)) or case.sentence
        _add(one, "error", "bad scenario" if case.problems else "interrupted", case.sentence, told)
    else:
        by_seed: dict[str, list[Finding]] = {}
        for each in findings(case):
            by_seed.setdefault(each.seed, []).append(each)
        for record in case.records:
            one = _case(suite, case, f"seed {record.seed_text}", record.wall_s)
            for each in by_seed.get(record.seed_text, ())[:1]:
                _tell(one, case, each)
        if case.summary["interrupted"]:
            one = _case(suite, case, "it is played to its end", 0.0)
            _add(one, "error", "interrupted", case.sentence, case.sentence)
    tests = suite.findall("testcase")
    suite.set("tests", str(len(tests)))
    suite.set("failures", str(sum(one.find("failure") is not None for one in tests)))
    suite.set("errors", str(sum(one.find("error") is not None for one in tests)))
    suite.set("time", f"{sum(float(one.get('time', '0')) for one in tests):.3f}")
    return suite


def _case(suite: ElementTree.Element, case: Case, name: str, wall_s: float) -> ElementTree.Element:
    return ElementTree.SubElement(
        suite, "testcase", classname=_clean(case.title), name=_clean(name), file=_clean(case.file), time=f"{wall_s:.3f}"
    )


def _tell(one: ElementTree.Element, case: Case, finding: Finding) -> None:
    one.set("line", str(finding.line))
    failed = finding.exit_code in (exit_codes.CHECK_FAILED, *NOT_BROKEN)
    lines = [*finding.story, f"replay: {finding.replay}"]
    if finding.seed in case.saved:
        lines.append(f"written out: {case.saved[finding.seed]}")
    kind = exit_codes.WORDS.get(finding.exit_code, "BROKEN").lower()
    _add(one, "failure" if failed else "error", kind, finding.headline, "\n".join(lines))


def _add(one: ElementTree.Element, tag: str, kind: str, message: str, text: str) -> None:
    ElementTree.SubElement(one, tag, type=kind, message=_clean(message)).text = _clean(text)


def _clean(text: str) -> str:
    """Without the characters that no XML may hold."""
    return _NOT_XML.sub("\ufffd", text)
