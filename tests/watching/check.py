#!/usr/bin/env python3
"""Alerts and dashboard against what there is: every metric they ask for is one of docs/METRICS.md, every query is PromQL,
every alert has its heading in docs/OPERATIONS.md, and the rules do what tests/watching/alerts_test.yml says.
Usage: check.py ROOT. Needs promtool."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(sys.argv[1])
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
BOARD = ROOT / "deploy/grafana/triaged.json"
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("",), "gauge": ("",)}
RATES = {"$__range": "1h", "$cpu_rate": "0.05", "$model_rate": "0.5", "$reviewer_rate": "30"}


def known_metrics():
    page = (ROOT / "docs/METRICS.md").read_text()
    rows = re.findall(r"^\| `(triaged_\w+)` \| (\w+) \|", page, re.M)
    return {name + suffix for name, kind in rows for suffix in SUFFIXES[kind]}


def board_queries():
    board = json.loads(BOARD.read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def faults():
    known, operations = known_metrics(), (ROOT / "docs/OPERATIONS.md").read_text()
    text = ALERTS.read_text()
    for name in sorted(set(re.findall(r"\btriaged_\w+", text)) - known):
        yield f"alerts.yml asks for {name}, which is no metric"
    for name in re.findall(r"- alert: (\w+)", text):
        if f"### {name}\n" not in operations:
            yield f"alert {name} has no heading in docs/OPERATIONS.md"
    for title in re.findall(r"^### (Triaged\w+)$", operations, re.M):
        if f"- alert: {title}\n" not in text:
            yield f"docs/OPERATIONS.md explains {title}, which is no alert"
    for title, query in board_queries():
        for name in sorted(set(re.findall(r"\btriaged_\w+", query)) - known):
            yield f"panel {title} asks for {name}, which is no metric"


def promtool(*arguments):
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [f"promtool {arguments[0]} {arguments[1]}:\n{done.stdout}{done.stderr}"]


def board_is_promql():
    """The queries as recording rules: promtool reads no others."""
    rules = []
    for number, (_, query) in enumerate(board_queries()):
        for name, value in RATES.items():
            query = query.replace(name, value)
        rules.append({"record": f"board:{number}", "expr": query})
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"groups": [{"name": "board", "rules": rules}]}, file)
        file.flush()
        return promtool("check", "rules", file.name)


found = [*faults(), *promtool("check", "rules", ALERTS), *promtool("test", "rules", ROOT / "tests/watching/alerts_test.yml"),
         *board_is_promql()]
for fault in found:
    print(fault)
sys.exit(bool(found))
