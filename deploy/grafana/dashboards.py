"""Prints one of weir's dashboards for Grafana, or writes both beside itself.

    python3 deploy/grafana/dashboards.py             writes both
    python3 deploy/grafana/dashboards.py overview    prints that one

They are made by a script because a panel is one line here and sixty in JSON. Where
the figures come from is a variable, so that they work with any data source.
"""

import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24
HERE = 'instance=~"$instance"'
MODEL = f'{HERE}, model=~"$model"'
SLOT = f'{HERE}, device=~"$device", slot=~"$slot"'
DEVICE = f'{HERE}, device=~"$device"'


def rate(name: str, selector: str) -> str:
    return f"rate({name}{{{selector}}}[$__rate_interval])"


def quantile(share: float, name: str, selector: str, by: str) -> str:
    return f"histogram_quantile({share}, sum by ({by}, le) ({rate(name + '_bucket', selector)}))"


def panel(title: str, unit: str, *targets: tuple[str, str], kind: str = "timeseries", **custom):
    """targets: expression and legend of each line."""
    return {
        "type": kind,
        "title": title,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": {"unit": unit, "min": 0, "custom": custom}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + i), "datasource": SOURCE, "expr": expr, "legendFormat": legend}
            for i, (expr, legend) in enumerate(targets)
        ],
    }


def lanes(title: str, expression: str, legend: str, words: dict[str, tuple[str, str]]):
    """One lane a series; words: what a value means, and its colour."""
    lane = panel(title, "none", (expression, legend), kind="state-timeline", lineWidth=0)
    lane["options"] = {"showValue": "never", "mergeValues": True}
    lane["fieldConfig"]["defaults"]["mappings"] = [
        {
            "type": "value",
            "options": {
                value: {"text": text, "color": color} for value, (text, color) in words.items()
            },
        }
    ]
    return lane


def variable(name: str, query: str) -> dict:
    return {
        "type": "query",
        "name": name,
        "label": name.capitalize(),
        "datasource": SOURCE,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "sort": 3,
        "multi": True,
        "includeAll": True,
        "current": {"text": "All", "value": "$__all"},
    }


def dashboard(uid: str, title: str, variables: list[dict], rows: list[tuple[int, list[dict]]]):
    """rows: the height of each and its panels, which share its width."""
    panels, top = [], 0
    for height, members in rows:
        width = WIDTH // len(members)
        for i, member in enumerate(members):
            place = {"x": i * width, "y": top, "w": width, "h": height}
            panels.append({"id": len(panels) + 1, "gridPos": place, **member})
        top += height
    source = {"type": "datasource", "name": "datasource", "label": "Source", "query": "prometheus"}
    return {
        "uid": uid,
        "title": title,
        "tags": ["weir"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [source, *variables]},
        "panels": panels,
    }


YES_NO = {"0": ("no", "red"), "1": ("yes", "green")}
BUSY_IDLE = {"0": ("idle", "transparent"), "1": ("leased", "blue")}
INSTANCE = variable("instance", "label_values(weir_ready, instance)")


def overview() -> dict:
    requests = ("weir_requests_total", MODEL)
    latency = [
        (quantile(share, "weir_request_duration_seconds", MODEL, "model"), f"{{{{model}}}} {name}")
        for share, name in ((0.5, "p50"), (0.9, "p90"), (0.99, "p99"))
    ]
    stages = (
        f"sum by (stage) ({rate('weir_stage_duration_seconds_sum', MODEL)})"
        f" / sum by (stage) ({rate('weir_stage_duration_seconds_count', MODEL)})"
    )
    rows_per_batch = (
        f"sum by (model) ({rate('weir_batch_rows_sum', MODEL)})"
        f" / sum by (model) ({rate('weir_batch_rows_count', MODEL)})"
    )
    filled = f"weir_queue_requests{{{MODEL}}} / weir_queue_limit_requests{{{MODEL}}}"
    slots = f"weir_slots{{{HERE}}}"
    refused = f"sum by (model, reason) ({rate('weir_requests_refused_total', MODEL)})"
    cancelled = f"sum by (where) ({rate('weir_requests_cancelled_total', HERE)})"
    return dashboard(
        "weir-overview",
        "weir: overview",
        [INSTANCE, variable("model", "label_values(weir_queue_requests, model)")],
        [
            (5, [
                lanes("Ready", f"weir_ready{{{HERE}}}", "{{instance}}", YES_NO),
                panel("Slots", "none", (slots, "{{device}} {{state}}")),
                panel("Internal faults in an hour", "none",
                      (f"increase(weir_internal_faults_total{{{HERE}}}[1h])", "{{instance}}")),
            ]),
            (8, [
                panel("Requests by answer", "reqps",
                      (f"sum by (model, code) ({rate(*requests)})", "{{model}} {{code}}")),
                panel("Latency", "s", *latency),
            ]),
            (8, [
                panel("Refused", "reqps", (refused, "{{model}} {{reason}}")),
                panel("Mean time by stage", "s", (stages, "{{stage}}")),
            ]),
            (8, [
                panel("Queue, of what may wait", "percentunit", (filled, "{{model}}")),
                panel("How long a new request would wait", "s",
                      (f"weir_estimated_wait_seconds{{{MODEL}}}", "{{model}}")),
                panel("Rows that ran together", "none", (rows_per_batch, "{{model}}")),
            ]),
            (8, [
                panel("Clients that went away", "reqps", (cancelled, "{{where}}")),
                panel("Memory", "bytes",
                      (f"process_resident_memory_bytes{{{HERE}}}", "{{instance}} resident"),
                      (f"weir_inflight_bytes{{{HERE}}}", "{{instance}} accepted requests")),
                panel("Cores in use", "none",
                      (rate("process_cpu_seconds_total", HERE), "{{instance}}")),
            ]),
        ],
    )


def slots() -> dict:
    name = "{{device}} {{slot}}"
    states = {
        state: f'sum by (device) (weir_slots{{{DEVICE}, state="{state}"}})'
        for state in ("in_service", "retired")
    }
    rows = f"{rate('weir_slot_rows_total', SLOT)} / {rate('weir_slot_leases_total', SLOT)}"
    serialized = rate("weir_device_serialized_seconds_total", DEVICE)
    return dashboard(
        "weir-slots",
        "weir: slots",
        [
            INSTANCE,
            variable("device", "label_values(weir_slots, device)"),
            variable("slot", 'label_values(weir_slot_leased{device=~"$device"}, slot)'),
        ],
        [
            (9, [lanes("Leased", f"weir_slot_leased{{{SLOT}}}", name, BUSY_IDLE)]),
            (8, [
                panel("Busy, of the time", "percentunit",
                      (rate("weir_slot_busy_seconds_total", SLOT), name)),
                panel("Leases that ran something", "ops",
                      (rate("weir_slot_leases_total", SLOT), name)),
            ]),
            (8, [
                panel("Rows a lease", "none", (rows, name)),
                panel("Failures", "ops", (rate("weir_slot_failures_total", SLOT), name)),
            ]),
            (8, [
                panel("Slots", "none", *((expr, f"{{{{device}}}} {state}")
                                         for state, expr in states.items())),
                panel("Threads that wait for a slot", "none",
                      (f"weir_slot_waiters{{{DEVICE}}}", "{{device}}")),
                panel("Memory of the device", "bytes",
                      (f"weir_device_memory_bytes{{{DEVICE}}}", "{{device}} {{kind}}")),
                panel("Time that models took alone", "percentunit",
                      (serialized, "{{device}} {{model}}")),
            ]),
            (6, [
                panel("Streams", "none", (f"weir_slot_info{{{SLOT}}}", name + ": {{stream}}")),
            ]),
        ],
    )


DASHBOARDS = {"overview": overview, "slots": slots}


def text_of(name: str) -> str:
    return json.dumps(DASHBOARDS[name](), indent=2) + "\n"


def main(arguments: list[str]) -> int:
    if arguments:
        sys.stdout.write(text_of(arguments[0]))
        return 0
    for name in DASHBOARDS:
        (FOLDER / f"{name}.json").write_text(text_of(name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
