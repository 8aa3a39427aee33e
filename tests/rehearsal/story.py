"""One HTML page that tells what happened in a rehearsal: chapters of words, figures and plots. No network, no script.

Plots are SVG with their axes named and lines labelled where they end; each has its figures in a table below it, folded, for
whoever does not see it.
"""

import html

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 50, 40

STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --soft: #60646c; --line: #d9d9e0; --page: #fcfcfd; --a: #0b68cb; --b: #c4320a; --c: #218358; }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --soft: #b0b4ba; --line: #363a3f; --page: #111113; --a: #70b8ff; --b: #ff977d; --c: #3dd68c; } }
body { font: 16px/1.6 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1.2rem; }
.lead { font-size: 1.15rem; } .soft, figcaption, summary { color: var(--soft); }
figure { margin: 1.5rem 0; } svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--soft); font: 12px system-ui, sans-serif; } svg .axis { stroke: var(--line); }
svg .a { stroke: var(--a); fill: var(--a); } svg .b { stroke: var(--b); fill: var(--b); } svg .c { stroke: var(--c); fill: var(--c); }
svg polyline { fill: none !important; stroke-width: 2; } svg text.a, svg text.b, svg text.c { stroke: none; }
svg .mark { stroke: var(--soft); stroke-dasharray: 3 3; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; } th { text-align: left; }
th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; } td.n, th.n { text-align: right; }
pre { white-space: pre-wrap; background: color-mix(in srgb, var(--ink) 6%, transparent); padding: .75rem 1rem; border-radius: 6px; font-size: .85rem; }
blockquote { margin: 1rem 0; padding-left: 1rem; border-left: 3px solid var(--a); }
"""


def esc(text):
    return html.escape(str(text))


class Story:
    def __init__(self, title, lead):
        self.parts = [f"<h1>{esc(title)}</h1>", f'<p class="lead">{esc(lead)}</p>']
        self.chapters = None  # set aside while what comes before them is written

    def chapter(self, title):
        self.parts.append(f"<h2>{esc(title)}</h2>")
        return self

    def before_chapters(self):
        """What follows stands between the title and the chapters."""
        self.parts, self.chapters = self.parts[:2], self.parts[2:]
        return self

    def say(self, text):
        self.parts.append(f"<p>{esc(text)}</p>")
        return self

    def quote(self, text):
        self.parts.append(f"<blockquote>{esc(text)}</blockquote>")
        return self

    def output(self, command, text):
        """What a person typed, and what the program said."""
        self.parts.append(f"<pre>$ {esc(command)}\n{esc(text.strip())}</pre>")
        return self

    def table(self, names, rows):
        self.parts.append(table(names, rows))
        return self

    def plot(self, caption, days, lines, marks=(), words=None):
        """lines: (name, class, values, as steps); marks: (day, text); words: names of the values of an ordinal axis."""
        self.parts.append(f"<figure>{svg(caption, days, lines, marks, words)}<figcaption>{esc(caption)}</figcaption>"
                          f"<details><summary>The figures</summary>"
                          f"{table(['day', *(name for name, *_ in lines)], figures(days, lines, words))}</details></figure>")
        return self

    def write(self, path):
        head = (f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
                f"<title>A rehearsal of triaged</title><style>{STYLE}</style>")
        path.write_text(head + "<body><main>" + "\n".join(self.parts + (self.chapters or [])) + "</main></body></html>\n", encoding="utf-8")


def table(names, rows):
    is_number = lambda cell: isinstance(cell, (int, float))  # noqa: E731
    numeric = [bool(rows) and all(is_number(row[i]) for row in rows) for i in range(len(names))]
    mark = lambda i: ' class="n"' if numeric[i] else ""  # noqa: E731
    head = "".join(f'<th scope="col"{mark(i)}>{esc(name)}</th>' for i, name in enumerate(names))
    body = "".join("<tr>" + "".join(f"<td{mark(i)}>{esc(cell)}</td>" for i, cell in enumerate(row)) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def figures(days, lines, words):
    return [[day, *(words[values[i]] if words else values[i] for _, _, values, _ in lines)] for i, day in enumerate(days)]


def nice(most):
    """The least of 1, 2, 5 times a power of ten, times four, that holds it."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if most <= 4 * step * factor:
                return step * factor
        step *= 10


def spread(places, least=14):
    """Places of labels, moved down until none covers another."""
    order, last, found = sorted(range(len(places)), key=lambda i: places[i]), -least, {}
    for i in order:
        last = max(places[i], last + least)
        found[i] = last
    return [found[i] for i in range(len(places))]


def svg(caption, days, lines, marks, words):
    most = len(words) - 1 if words else max(1, max(max(values) for _, _, values, _ in lines))
    step = 1 if words else nice(most)
    top = most if words else step * -(-most // step)
    x = lambda day: LEFT + (day - days[0]) * (WIDTH - LEFT - RIGHT) / max(1, days[-1] - days[0])  # noqa: E731
    y = lambda value: TOP + (top - value) * (HEIGHT - TOP - BOTTOM) / top  # noqa: E731
    out = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{esc(caption)}">']
    for tick in range(0, top + 1, step):
        out.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>'
                   f'<text x="{LEFT - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{esc(words[tick] if words else tick)}</text>')
    for day in days[:: max(1, len(days) // 10)]:
        out.append(f'<text x="{x(day):.1f}" y="{HEIGHT - 22}" text-anchor="middle">{day}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.1f}" y="{HEIGHT - 5}" text-anchor="middle">day</text>')
    for i, (day, text) in enumerate(marks):
        out.append(f'<line class="mark" x1="{x(day):.1f}" x2="{x(day):.1f}" y1="{TOP - 36 + 13 * (i % 3)}" y2="{HEIGHT - BOTTOM}"/>'
                   f'<text x="{x(day) + 4:.1f}" y="{TOP - 28 + 13 * (i % 3)}">{esc(text)}</text>')
    labels = spread([y(values[-1]) for _, _, values, _ in lines])
    for (name, colour, values, steps), at in zip(lines, labels):
        points = []
        for i, day in enumerate(days):
            if steps and i:
                points.append(f"{x(day):.1f},{y(values[i - 1]):.1f}")
            points.append(f"{x(day):.1f},{y(values[i]):.1f}")
        out.append(f'<polyline class="{colour}" points="{" ".join(points)}"/>'
                   f'<text class="{colour}" x="{WIDTH - RIGHT + 8}" y="{at + 4:.1f}">{esc(name)}</text>')
    return "".join(out) + "</svg>"
