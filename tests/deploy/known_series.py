"""KnownSeries: deploy/metrics.txt, and what expressions may say by it.

    problems_of('rate(weir_batch_rows_sum{modle="m"}[5m])')
        -> ['weir_batch_rows has no label modle']
"""

import dataclasses
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = ROOT / "deploy" / "metrics.txt"

# What Prometheus itself makes, and the labels that it puts onto everything.
MADE_BY_PROMETHEUS = {"up", "ALERTS"}
ADDED_LABELS = {"job", "instance"}
OF_HISTOGRAMS = ("_bucket", "_sum", "_count")


@dataclasses.dataclass(frozen=True)
class Series:
    name: str
    type: str
    # A label's values; none where they come from the configuration.
    labels: dict[str, tuple[str, ...]]


def parse(text: str) -> dict[str, Series]:
    """By the name that a scrape shows: a histogram has three."""
    found = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        name, kind, *words = line.split()
        labels = {}
        for word in words:
            label, _, values = word.partition("=")
            labels[label] = tuple(values.split("|")) if values else ()
        if kind != "histogram":
            found[name] = Series(name, kind, labels)
            continue
        for suffix in OF_HISTOGRAMS:
            more = {"le": ()} if suffix == "_bucket" else {}
            found[name + suffix] = Series(name, kind, {**labels, **more})
    return found


KNOWN = parse(LIST.read_text(encoding="utf-8"))


def problems_of(expression: str) -> list[str]:
    """What an expression names that no scrape will ever have."""
    problems = []
    for name, selector in re.findall(r"\b((?:weir|process)_\w+)(?:\{([^}]*)\})?", expression):
        series = KNOWN.get(name)
        if series is None:
            problems.append(f"there is no {name}")
            continue
        for label, operator, value in re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"', selector):
            problems += problems_of_label(series, label, value if "~" not in operator else "")
    grouped = re.findall(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)", expression)
    labels = {label for series in KNOWN.values() for label in series.labels} | ADDED_LABELS
    for label in re.findall(r"\w+", " ".join(grouped)):
        if label not in labels | {"alertname"}:
            problems.append(f"nothing has a label {label}")
    return problems


def problems_of_label(series: Series, label: str, value: str) -> list[str]:
    if label in ADDED_LABELS:
        return []
    if label not in series.labels:
        return [f"{series.name} has no label {label}"]
    values = series.labels[label]
    if value and values and not value.startswith("$") and value not in values:
        return [f"{series.name} has no {label} {value}"]
    return []
