"""The SARIF report: findings at their lines, for GitHub code scanning and editors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from shufflenet_audit.plugin import (
    Audit,
    Finding,
    Guideline,
    Source,
    Verdict,
    evidence_texts,
    fingerprint,
    report,
)

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_MOST: Final = 25_000
"""Results in a run: GitHub refuses a file with more."""

_LEVELS: Final = {Verdict.FAIL: "error", Verdict.WARN: "warning"}


@report("sarif", suffix=".sarif")
def sarif(audit: Audit) -> str:
    """SARIF 2.1.0: every finding at its file and line, for code scanning and editors."""
    run = {
        "tool": {"driver": _driver(audit)},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(audit)],
        "results": list(islice(_results(audit), _MOST)),
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _driver(audit: Audit) -> dict[str, Any]:
    return {
        "name": audit.tool.name,
        "semanticVersion": audit.tool.version,
        "rules": [_rule(guideline) for guideline in audit.guidelines],
    }


def _rule(guideline: Guideline) -> dict[str, Any]:
    """A rule with its documentation, if it has one."""
    described = {
        "id": guideline.code,
        "name": guideline.name,
        "shortDescription": {"text": guideline.summary or guideline.name},
        "defaultConfiguration": {"level": str(guideline.severity)},
    }
    documentation = guideline.documentation
    if documentation:
        described["help"] = {"text": documentation, "markdown": documentation}
    return described


def _invocation(audit: Audit) -> dict[str, Any]:
    """Whether every rule ran; one that crashed is an error of the run, not a finding."""
    crashed = [each for each in audit.guidelines if each.verdict is Verdict.CRASHED]
    return {
        "executionSuccessful": not crashed,
        "toolExecutionNotifications": [
            {
                "level": "error",
                "message": {"text": f"{each.code} crashed: {each.error}"},
                "associatedRule": {"id": each.code},
            }
            for each in crashed
        ]
        + list(_left_out(audit)),
    }


def _left_out(audit: Audit) -> Iterator[dict[str, Any]]:
    count = sum(len(each.findings) for each in audit.guidelines) - _MOST
    if count > 0:
        text = f"{count} results are left out: more than {_MOST} in a file would be refused"
        yield {"level": "note", "message": {"text": text}}


def _results(audit: Audit) -> Iterator[dict[str, Any]]:
    for index, guideline in enumerate(audit.guidelines):
        for finding in guideline.findings:
            yield {
                "ruleId": guideline.code,
                "ruleIndex": index,
                "level": _LEVELS.get(guideline.verdict, "note"),
                "message": {"text": _message(finding)},
                "locations": [_location(finding, audit)],
                **_related(finding),
                **_marks(finding, audit),
                "partialFingerprints": {
                    "finding/v1": fingerprint(guideline.code, finding, audit.model.class_name)
                },
                "properties": {
                    "ops": [op.name for op in finding.ops],
                    "avoidableBytes": finding.avoidable.bytes,
                    "avoidableBytesFused": finding.avoidable.bytes_fused,
                    **_evidence(finding),
                },
            }


def _message(finding: Finding) -> str:
    instead = f" Instead: {finding.instead}." if finding.instead else ""
    texts = evidence_texts([finding])
    evidence = "".join(f" {each.support.capitalize()}: {each.text}." for each in texts)
    return f"{finding.where()}: {finding.message}.{instead}{evidence}"


def _evidence(finding: Finding) -> dict[str, Any]:
    """The savings that were measured or predicted, in seconds."""
    evidence = [
        {
            "device": each.device,
            "support": each.support,
            "saves": asdict(each.saves),
            "total": asdict(each.total),
        }
        for each in finding.evidence
    ]
    return {"evidence": evidence} if evidence else {}


def _location(finding: Finding, audit: Audit) -> dict[str, Any]:
    """The module of the finding and its line, or else the file that the model came from."""
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": finding.module, "kind": "module"}]
    }
    if finding.source:
        location["physicalLocation"] = _place(finding.source)
    elif _is_file(audit.model.name):
        location["physicalLocation"] = {"artifactLocation": _artifact(audit.model.name)}
    return location


def _is_file(name: str) -> bool:
    """Whether the name of a model is that of a file, not of a network or an import path."""
    return ":" not in name and PurePath(name).suffix in (".onnx", ".pt", ".pt2", ".pth", ".py")


def _related(finding: Finding) -> dict[str, Any]:
    """The line that runs it, if the location is the line that builds it."""
    if not finding.run_at:
        return {}
    run = {"physicalLocation": _place(finding.run_at), "message": {"text": "run here"}}
    return {"relatedLocations": [run]}


def _marks(finding: Finding, audit: Audit) -> dict[str, Any]:
    """The reason why it is suppressed, if it is; and whether it is in the baseline."""
    marks: dict[str, Any] = {}
    if finding.suppressed:
        reason = {"kind": "external", "justification": finding.suppressed}
        marks["suppressions"] = [reason]
    if audit.drift:
        marks["baselineState"] = "unchanged" if finding.known else "new"
    return marks


def _place(source: Source) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": source.line}
    if source.text:
        region["snippet"] = {"text": source.text}
    return {"artifactLocation": _artifact(source.file), "region": region}


def _artifact(file: str) -> dict[str, str]:
    """A file; one below the working folder is in the repository, which GitHub wants to know."""
    inside = not PurePath(file).is_absolute() and ".." not in PurePath(file).parts
    return {"uri": _uri(file)} | ({"uriBaseId": "%SRCROOT%"} if inside else {})


def _uri(file: str) -> str:
    """A file in the working folder as a relative reference, any other as it is named."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
