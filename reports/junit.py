"""The JUnit report: one test case for each guideline and budget, for the dashboards of CI."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from shufflenet_audit.plugin import (
    Audit,
    Budget,
    BudgetStatus,
    Drift,
    Guideline,
    Verdict,
    evidence_texts,
    is_open,
    printable,
    report,
)

_SHOWN = 20


@report("junit", suffix=".xml")
def junit(audit: Audit) -> str:
    """JUnit XML: a test case for each guideline and budget, which fails if that is violated."""
    cases = [_case(audit, guideline) for guideline in audit.guidelines]
    cases += [_budget(audit, budget) for budget in audit.budgets]
    if audit.drift:
        cases.append(_drift(audit, audit.drift))
    tags = Counter(child.tag for case in cases for child in case)
    counts = {
        "tests": str(len(cases)),
        "failures": str(tags["failure"]),
        "errors": str(tags["error"]),
        "skipped": str(tags["skipped"]),
    }
    root = ET.Element("testsuites", {"name": audit.tool.name, **counts})
    suite = ET.SubElement(root, "testsuite", {"name": printable(audit.model.name), **counts})
    suite.extend(cases)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _case(audit: Audit, guideline: Guideline) -> ET.Element:
    case = _named(audit, f"{guideline.code} {guideline.name}")
    if guideline.verdict is Verdict.FAIL and not is_open(guideline, audit):
        _add(case, "skipped", guideline, "its findings are suppressed or in the baseline")
    elif guideline.verdict is Verdict.FAIL:
        _add(case, "failure", guideline, f"metric {guideline.metric}")
    elif guideline.verdict is Verdict.CRASHED:
        ET.SubElement(case, "error", message=printable(guideline.error))
    elif guideline.verdict is Verdict.NOT_APPLICABLE:
        ET.SubElement(case, "skipped", message="the network has no op that this rule is about")
    elif guideline.verdict is Verdict.WARN:
        ET.SubElement(case, "system-out").text = "\n".join(_lines(guideline))
    return case


def _budget(audit: Audit, budget: Budget) -> ET.Element:
    case = _named(audit, f"budget {budget.limit.name}")
    if budget.kept is not BudgetStatus.WITHIN:
        tag = "failure" if budget.kept is BudgetStatus.OVER else "skipped"
        ET.SubElement(case, tag, type="budget", message=printable(str(budget)))
    return case


def _drift(audit: Audit, drift: Drift) -> ET.Element:
    case = _named(audit, f"no worse than {drift.baseline}")
    if drift.regressions:
        worse = printable("; ".join(map(str, drift.regressions)))
        ET.SubElement(case, "failure", type="baseline", message=worse)
    return case


def _named(audit: Audit, name: str) -> ET.Element:
    given = {"classname": printable(audit.model.name), "name": printable(name)}
    return ET.Element("testcase", given)


def _add(case: ET.Element, tag: str, guideline: Guideline, message: str) -> None:
    element = ET.SubElement(case, tag, type=guideline.name, message=message)
    element.text = "\n".join(_lines(guideline))


def _lines(guideline: Guideline) -> Iterator[str]:
    """The findings, the most costly first, and how many are not shown."""
    for finding in guideline.findings[:_SHOWN]:
        place = f"{finding.source}: " if finding.source else ""
        run = f" (run at {finding.run_at})" if finding.run_at else ""
        module = finding.where()
        evidence = "".join(f"; {text.support}: {text.text}" for text in evidence_texts([finding]))
        why = f" (suppressed: {finding.suppressed})" if finding.suppressed else ""
        yield printable(f"{place}{module}: {finding.message}{run}{evidence}{why}")
    left = len(guideline.findings) - _SHOWN
    if left > 0:
        yield f"and {left} more"
