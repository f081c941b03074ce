"""The JUnit report: one test case for each guideline, for the dashboards of CI."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from shufflenet_audit.plugin import Audit, Guideline, Verdict, claims, printable, report

_SHOWN = 20


@report("junit", suffix=".xml")
def junit(audit: Audit) -> str:
    """JUnit XML: each guideline a test case, which fails where the guideline is violated."""
    verdicts = [guideline.verdict for guideline in audit.guidelines]
    counts = {
        "tests": str(len(verdicts)),
        "failures": str(verdicts.count(Verdict.FAIL)),
        "errors": str(verdicts.count(Verdict.CRASHED)),
        "skipped": str(verdicts.count(Verdict.NOT_APPLICABLE)),
    }
    root = ET.Element("testsuites", {"name": audit.tool.name, **counts})
    suite = ET.SubElement(root, "testsuite", {"name": printable(audit.model.name), **counts})
    for guideline in audit.guidelines:
        _case(suite, audit, guideline)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _case(suite: ET.Element, audit: Audit, guideline: Guideline) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=printable(audit.model.name),
        name=printable(f"{guideline.code} {guideline.name}"),
    )
    if guideline.verdict is Verdict.FAIL:
        _said(case, "failure", guideline, f"metric {guideline.metric}")
    elif guideline.verdict is Verdict.CRASHED:
        ET.SubElement(case, "error", message=printable(guideline.error))
    elif guideline.verdict is Verdict.NOT_APPLICABLE:
        ET.SubElement(case, "skipped", message="the network has nothing that it speaks of")
    elif guideline.verdict is Verdict.WARN:
        ET.SubElement(case, "system-out").text = "\n".join(_lines(guideline))


def _said(case: ET.Element, tag: str, guideline: Guideline, message: str) -> None:
    element = ET.SubElement(case, tag, type=guideline.name, message=message)
    element.text = "\n".join(_lines(guideline))


def _lines(guideline: Guideline) -> Iterator[str]:
    """The findings, the most costly first, and how many are left out."""
    for finding in guideline.findings[:_SHOWN]:
        place = f"{finding.source}: " if finding.source else ""
        run = f" (run at {finding.run_at})" if finding.run_at else ""
        module = finding.module or "the model itself"
        said = "".join(f"; {claim.support}: {claim.text}" for claim in claims([finding]))
        yield printable(f"{place}{module}: {finding.message}{run}{said}")
    left = len(guideline.findings) - _SHOWN
    if left > 0:
        yield f"and {left} more"
