"""Reads and writes what a test suite reports: GoogleTest's XML format."""

import dataclasses
import pathlib
import xml.etree.ElementTree as ElementTree


@dataclasses.dataclass(frozen=True)
class Case:
    """One test case; outcome is passed, failed, skipped or disabled."""

    suite: str
    name: str
    outcome: str


def read(path: pathlib.Path) -> list[Case]:
    cases = []
    for element in ElementTree.parse(path).getroot().iter("testcase"):
        if element.get("status") != "run":
            outcome = "disabled"
        elif element.get("result") == "skipped":
            outcome = "skipped"
        elif element.find("failure") is not None:
            outcome = "failed"
        else:
            outcome = "passed"
        cases.append(Case(element.get("classname", ""), element.get("name", ""), outcome))
    return cases


def write(path: pathlib.Path, cases: list[Case]) -> None:
    root = ElementTree.Element("testsuites", tests=str(len(cases)))
    for case in cases:
        element = ElementTree.SubElement(
            root,
            "testcase",
            classname=case.suite,
            name=case.name,
            status="notrun" if case.outcome == "disabled" else "run",
            result="skipped" if case.outcome == "skipped" else "completed",
        )
        if case.outcome == "failed":
            ElementTree.SubElement(element, "failure")
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
