#!/usr/bin/env python3
"""Draws the shipped dashboard with the data of a Prometheus, where there is no Grafana: one HTML page, no script.

usage: tests/watching/dashboard_picture.py URL FILE.html SECONDS [END]

Each panel's own expressions are asked for the last SECONDS (before END, a Unix time), in the dashboard's own grid; its variables have their defaults and
the windows of its rates are shortened to fit a short run. A panel without data is named on the error output, and the exit
code is then 1.
"""

import html
import json
import pathlib
import re
import sys
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BOARD = ROOT / "deploy" / "grafana" / "triaged.json"
WIDTH, ROW, GAP = 1680, 34, 8
COLOURS = ("#3274d9", "#e0752d", "#56a64b", "#e02f44", "#a352cc", "#0e9aa7", "#b5a000", "#8f5e2e", "#d44a8c", "#5f6b7a")
POINTS, LEGEND_MOST = 240, 10
SHORTEST = 30  # seconds: a rate needs a few scrapes

STYLE = """
body { margin: 0; background: #f4f5f5; font: 12px/1.35 system-ui, "DejaVu Sans", sans-serif; color: #24292e; }
h1 { font-size: 18px; margin: 0 0 2px; } .top { padding: 12px 16px 6px; } .soft { color: #5c6570; }
.board { position: relative; margin: 0 16px; } .panel { position: absolute; background: #fff; border: 1px solid #e0e2e6; border-radius: 3px;
  padding: 6px 8px; box-sizing: border-box; overflow: hidden; } .panel b { display: block; font-weight: 600; white-space: nowrap; }
.row { position: absolute; font-weight: 600; font-size: 14px; padding-top: 8px; } .stat { font-size: 40px; text-align: center; line-height: 80px; }
.none { color: #c4162a; text-align: center; padding-top: 60px; } svg { display: block; } svg text { font-size: 10px; fill: #5c6570; }
.legend { columns: 2; column-gap: 10px; font-size: 10.5px; } .legend div { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.legend i { display: inline-block; width: 10px; height: 3px; vertical-align: middle; margin-right: 4px; }
table { border-collapse: collapse; width: 100%; } td { border-bottom: 1px solid #eceef0; padding: 2px 0; } td + td { text-align: right; }
"""


class Source:
    def __init__(self, url, seconds, end):
        self.url, self.seconds, self.end = url, seconds, end

    def ask(self, path, **arguments):
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(arguments)}", timeout=30) as answer:
            return json.load(answer)["data"]["result"]

    def range(self, expr):
        step = max(1, self.seconds // POINTS)
        return [(series["metric"], [(float(t), float(v)) for t, v in series["values"] if v not in ("NaN", "+Inf", "-Inf")])
                for series in self.ask("query_range", query=expr, start=self.end - self.seconds, end=self.end, step=step)]

    def now(self, expr):
        return [(series["metric"], float(series["value"][1])) for series in self.ask("query", query=expr, time=self.end)]


def expression(text, board, seconds):
    """Variables by their defaults; windows of hours and minutes as far as the run goes."""
    text = text.replace("$__range", f"{seconds}s").replace("$__rate_interval", f"{SHORTEST}s")
    for variable in board["templating"]["list"]:
        if variable["type"] == "textbox":
            text = text.replace("$" + variable["name"], variable["query"])
    return re.sub(r"\[(\d+)([mh])(:1m)?\]", lambda m: f"[{SHORTEST if m[2] == 'm' else 2 * SHORTEST}s{':5s' if m[3] else ''}]", text)


def named(pattern, metric):
    name = re.sub(r"\{\{(\w+)\}\}", lambda m: metric.get(m[1], "") or "all", pattern or "")
    return re.sub(r"https?://[\w.]+:", ":", name) or "value"


def shown(value, unit):
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "s":
        return f"{value:.3g} s" if value < 120 else f"{value / 60:.3g} min"
    return f"{value / 1000:.3g} k" if abs(value) >= 1000 else f"{value:.3g}"


def clock(x, height, source):
    """Five times along the lower edge."""
    return "".join(f'<text x="{x(t):.1f}" y="{height - 3}" text-anchor="{anchor}">{time.strftime("%H:%M", time.gmtime(t))}</text>'
                   for t, anchor in ((source.end - source.seconds * (4 - i) / 4, ("start", "middle", "middle", "middle", "end")[i])
                                     for i in range(5)))


def states(panel, found, width, height, source):
    """A row a series, coloured by the words of the panel's mappings."""
    words = {float(v): (to["text"], to["color"]) for m in panel["fieldConfig"]["defaults"]["mappings"] for v, to in m["options"].items()}
    left, high, step = 120, (height - 34) / len(found), max(1, source.seconds // POINTS)
    x = lambda t: left + (t - source.end + source.seconds) / source.seconds * (width - left - 4)  # noqa: E731
    out = [f'<svg width="{width}" height="{height}">']
    for i, (name, points) in enumerate(sorted(found)):
        out.append(f'<text x="{left - 6}" y="{(i + 0.75) * high:.1f}" text-anchor="end">{html.escape(name)}</text>')
        for t, v in points:
            out.append(f'<rect x="{x(t - step):.1f}" y="{i * high + 1:.1f}" width="{x(t) - x(t - step) + 0.6:.1f}" height="{high - 2:.1f}" '
                       f'fill="{words.get(v, ("", "#000"))[1]}"/>')
    key = "".join(f'<rect x="{left + 80 * i}" y="{height - 28}" width="10" height="8" fill="{colour}"/>'
                  f'<text x="{left + 80 * i + 14}" y="{height - 20}">{word}</text>' for i, (word, colour) in enumerate(words.values()))
    return "".join(out) + key + clock(x, height, source) + "</svg>"


def lines(found, width, height, panel, source):
    """The plot of some series, and their names with the newest value."""
    defaults = panel["fieldConfig"]["defaults"]
    unit = defaults.get("unit", "short")
    values = [v for _, points in found for _, v in points]
    low, high = min(0.0, min(values)), max(values) or 1.0
    bounds = [step["value"] for step in defaults.get("thresholds", {}).get("steps", []) if step["value"] is not None]
    high = max([high, *(1.05 * bound for bound in bounds)])
    left, bottom = 46, 16
    x = lambda t: left + (t - source.end + source.seconds) / source.seconds * (width - left - 4)  # noqa: E731
    y = lambda v: 4 + (high - v) / (high - low) * (height - bottom - 6)  # noqa: E731
    out = [f'<svg width="{width}" height="{height}">']
    for i in range(4):
        v = low + (high - low) * i / 3
        out.append(f'<line x1="{left}" x2="{width - 4}" y1="{y(v):.1f}" y2="{y(v):.1f}" stroke="#e4e7eb"/>'
                   f'<text x="{left - 5}" y="{y(v) + 3:.1f}" text-anchor="end">{shown(v, unit)}</text>')
    out.append(clock(x, height, source))
    out += [f'<line x1="{left}" x2="{width - 4}" y1="{y(bound):.1f}" y2="{y(bound):.1f}" stroke="#e02f44" stroke-dasharray="4 3"/>' for bound in bounds]
    for i, (_, points) in enumerate(found):
        path, last = [], None
        for t, v in points:
            path.append(f"{'M' if last is None or t - last > 3 * max(1, source.seconds // POINTS) else 'L'}{x(t):.1f},{y(v):.1f}")
            last = t
        out.append(f'<path d="{" ".join(path)}" fill="none" stroke="{COLOURS[i % len(COLOURS)]}" stroke-width="1.3"/>')
    legend = "".join(f'<div><i style="background:{COLOURS[i % len(COLOURS)]}"></i>{html.escape(name)} {shown(points[-1][1], unit)}</div>'
                     for i, (name, points) in enumerate(found[:LEGEND_MOST]))
    return "".join(out) + f'</svg><div class="legend">{legend}</div>'


def body(panel, board, source, width, height):
    """What a panel shows, or None when Prometheus has nothing for it."""
    unit = panel.get("fieldConfig", {}).get("defaults", {}).get("unit", "short")
    asked = [(expression(t["expr"], board, source.seconds), t.get("legendFormat")) for t in panel["targets"]]
    if panel["type"] in ("timeseries", "state-timeline"):
        found = [(named(name, metric), points) for expr, name in asked for metric, points in source.range(expr) if points]
        if found and panel["type"] == "state-timeline":
            return states(panel, found, width, height, source)
        found.sort(key=lambda series: -max(v for _, v in series[1]))
        rows = -(-min(len(found), LEGEND_MOST) // 2)
        return lines(found, width, height - 15 * rows, panel, source) if found else None
    found = [(named(name, metric), value) for expr, name in asked for metric, value in source.now(expr)]
    if panel["type"] == "stat":
        return f'<div class="stat">{shown(found[0][1], unit)}</div>' if found else None
    rows = "".join(f"<tr><td>{html.escape(name)}</td><td>{shown(round(value), unit)}</td></tr>" for name, value in sorted(found, key=lambda r: -r[1]))
    return f"<table>{rows}</table>" if found else None


def page(board, source):
    out, empty, cell = [], [], (WIDTH - 32) / 24
    bottom = max(p["gridPos"]["y"] + p["gridPos"]["h"] for p in board["panels"])
    for panel in board["panels"]:
        place = panel["gridPos"]
        box = (f'left:{place["x"] * cell:.0f}px;top:{place["y"] * ROW}px;width:{place["w"] * cell - GAP:.0f}px;'
               f'height:{place["h"] * ROW - GAP}px')
        title = html.escape(panel["title"])
        if panel["type"] == "row":
            out.append(f'<div class="row" style="{box}">{title}</div>')
            continue
        inside = body(panel, board, source, int(place["w"] * cell) - GAP - 18, place["h"] * ROW - GAP - 32)
        if inside is None:
            empty.append(panel["title"])
        out.append(f'<div class="panel" style="{box}"><b>{title}</b>{inside or "<div class=none>no data</div>"}</div>')
    head = (f'<div class="top"><h1>{html.escape(board["title"])}</h1><span class="soft">The panels of deploy/grafana/triaged.json with what '
            f'Prometheus had of {source.seconds // 60} minutes of tests/watching/live.py; drawn by tests/watching/dashboard_picture.py, not by '
            'Grafana.</span></div>')
    return (f'<!doctype html><html lang="en"><meta charset="utf-8"><title>triaged</title><style>{STYLE}</style><body style="width:{WIDTH}px">'
            f'{head}<div class="board" style="height:{bottom * ROW + 12}px">{"".join(out)}</div></body></html>\n'), empty


def main():
    url, file, seconds = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    end = float(sys.argv[4]) if len(sys.argv) > 4 else time.time()
    text, empty = page(json.loads(BOARD.read_text(encoding="utf-8")), Source(url, seconds, end))
    file.write_text(text, encoding="utf-8")
    for title in empty:
        print(f"no data in panel {title}", file=sys.stderr)
    return 1 if empty else 0


if __name__ == "__main__":
    sys.exit(main())
