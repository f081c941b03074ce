"""By what a finding is known again."""

from __future__ import annotations

from dataclasses import replace

from handmade import AUDIT

from shufflenet_audit.plugin import Avoidable, Finding, Guideline, fingerprint, fingerprints

CONV = AUDIT.graph.ops[0]


def guideline(*findings: Finding) -> Guideline:
    return replace(AUDIT.guideline("G2"), findings=findings)


def test_the_names_and_lines_of_ops_do_not_matter() -> None:
    renamed = replace(CONV, name="conv_7", source=None)
    assert fingerprint("G2", Finding((CONV,), "3 groups")) == fingerprint(
        "G2", Finding((renamed,), "4 groups")
    )


def test_rule_model_module_and_words_matter() -> None:
    found = Finding((CONV,), "3 groups")
    elsewhere = Finding((replace(CONV, module="other"),), "3 groups")
    marks = {
        fingerprint("G2", found),
        fingerprint("G1", found),
        fingerprint("G2", found, "Net"),
        fingerprint("G2", elsewhere),
        fingerprint("G2", Finding((CONV,), "3 adds")),
    }
    assert len(marks) == 5


def test_findings_alike_have_a_fingerprint_each() -> None:
    twins = guideline(*(Finding((CONV,), f"{groups} groups") for groups in (3, 4, 3)))
    assert tuple(fingerprints(twins).values()) == twins.findings
    first, second, third = fingerprints(twins)
    assert (second, third) == (f"{first}:2", f"{first}:3")


def test_what_was_timed_does_not_matter() -> None:
    light, heavy = (
        Finding((CONV,), f"{groups} groups", Avoidable(bytes_fused=groups)) for groups in (3, 4)
    )
    assert fingerprints(guideline(light, heavy)) == fingerprints(guideline(heavy, light))
