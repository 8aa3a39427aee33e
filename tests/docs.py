#!/usr/bin/env python3
"""What the pages name exists: files, links, functions, commands, options, states. Usage: docs.py ROOT

Knows the tree and the pages, not what the words mean. CONFIGURATION.md, METRICS.md and COMMANDS.md are generated, and left to the unit
tests that compare them.
"""
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from layers import LAYERS  # noqa: E402

GENERATED = {"CONFIGURATION.md", "METRICS.md", "COMMANDS.md"}
SOURCES = ("src", "include", "schemas", "deploy", "tests")
TEXT = {".c", ".h", ".sql", ".json", ".yaml", ".py", ".sh", ".txt", ".cmake", ""}
PATH = re.compile(r"^(?:src|include|schemas|deploy|tests|docs)/[\w./-]*$")
NAME = re.compile(r"^(?:[a-z][a-z0-9]*(?:_[a-z0-9]+)+|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:\(.*\))?$")
COMMAND = re.compile(r"(?<![\w/.-])(?:build/)?triaged ([a-z-]+)(?: ([a-z]+))?")
SLUG = re.compile(r"[^\w\- ]")


def pages_of(root):
    found = [root / "README.md", root / "deploy" / "README.md", *sorted((root / "docs").rglob("*.md"))]
    return [page for page in found if page.name not in GENERATED]


def words_of(root):
    words = set()
    for folder in SOURCES:
        for path in (root / folder).rglob("*"):
            if path.is_file() and path.suffix in TEXT and path != pathlib.Path(__file__).resolve():
                words.update(re.findall(r"\w+", path.read_text(encoding="utf-8", errors="replace")))
    return words


def spans_of(text):
    """Code spans, without the fenced blocks."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    return [span.strip() for span in re.findall(r"`([^`\n]+)`", prose)]


def slug(title):
    return SLUG.sub("", title.strip().lower()).replace(" ", "-")


def link_faults(page, text):
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        if not path.exists():
            yield f"links to {target}, which does not exist"
        elif anchor and anchor not in map(slug, re.findall(r"^#+ (.+)$", path.read_text(), re.M)):
            yield f"links to {target}, and there is no such heading"


def name_faults(root, text, words):
    for span in spans_of(text):
        if PATH.match(span) and not (root / span).exists():
            yield f"names {span}, which does not exist"
        elif NAME.match(span) and span.split("(")[0] not in words:
            yield f"names {span}, which stands nowhere in {', '.join(SOURCES)}"


def command_faults(text, commands, options):
    first_words = {name.split()[0] for name in commands}
    for one, two in COMMAND.findall(text):
        if one in first_words and one not in commands and two and f"{one} {two}" not in commands:
            yield f"names the command 'triaged {one} {two}', which does not exist"
    blocks = "\n".join(re.findall(r"^```(?:sh)?$(.*?)^```", text, re.S | re.M))
    lines = re.findall(r"^ *(?:build/)?triaged (\S.*)", blocks, re.M)
    lines += [span.split("triaged ", 1)[1] for span in spans_of(text) if re.match(r"(?:build/)?triaged \S", span)]
    for line in lines:
        if line.split()[0] not in first_words and line.split()[0] != "--help":
            yield f"names the command 'triaged {line}', which does not exist"
        for option in re.findall(r"(?<!\S)\[?(--[a-z-]+)", line.split("#")[0]):
            if option not in options:
                yield f"names the option {option} of 'triaged {line.split()[0]}', which no command has"


def states_of(page, heading):
    """Names of the diagram below a heading."""
    block = re.search(rf"^## {re.escape(heading)}$.*?^```mermaid$(.*?)^```", page, re.S | re.M).group(1)
    arrows = re.findall(r"^ *(\S+) --> ([A-Za-z_]+)", block, re.M)
    return {name for arrow in arrows for name in arrow} - {"[*]"}


def enum_of(source, pattern, prefix):
    body = re.search(pattern, source, re.S).group(1)
    return {name[len(prefix):] for name in re.findall(rf"\b{prefix}\w+", body)}


def state_faults(root):
    page = (root / "docs" / "STATES.md").read_text()
    flow = (root / "src" / "flow" / "flow_state.h").read_text()
    items = (root / "schemas" / "postgres" / "002_items.sql").read_text()
    wanted = {
        "A partition in a lane": enum_of(flow, r"enum partition_state \{(.*?)\}", "PARTITION_"),
        "A transaction of a lane": enum_of(flow, r"enum txn_state \{(.*?)\}", "TXN_"),
        "A review item": enum_of(items, r"create type triage.item_state as enum \((.*?)\)", ""),
    }
    for heading, names in wanted.items():
        drawn = states_of(page, heading)
        if drawn != names:
            yield f"'{heading}' draws {sorted(drawn)}, the code has {sorted(names)}"


def reason_faults(root):
    """An audit is shown with reasons that SQL writes: they must be the program's, or a reviewer could tell."""
    table = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|$", (root / "docs" / "SCHEMAS.md").read_text(), re.M))
    migrations = [path.read_text() for path in sorted((root / "schemas" / "postgres").glob("*.sql"))]
    last = [text for text in migrations if "function triage.shown_request" in text][-1]
    written = re.findall(r"'code', '(\w+)', 'text', '([^']*)'", last)
    for code, text in written:
        if table.get(code) != text:
            yield f"shown_request says '{text}' of {code}, and the table of reasons '{table.get(code)}'"
    if not written:
        yield "shown_request names no reason: look where it went"


def code_map_faults(root):
    text = (root / "docs" / "ARCHITECTURE.md").read_text()
    rows = set(re.findall(r"^\| `src/(\w+)` \|", text, re.M))
    folders = {path.parent.name for path in (root / "src").glob("*/*.c")}
    for folder in sorted(rows ^ folders):
        yield f"{folder}: stands in {'the code map, but not in src' if folder in rows else 'src, but not in the code map'}"
    drawn = [set(part.split()) & folders for part in re.search(r"^cmd │.*$", text, re.M).group(0).split("│")]
    if drawn != [names & folders for names in LAYERS]:
        yield "the line of layers is not the list in tests/layers.py"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    words = words_of(root)
    commands = set(re.findall(r'^    \{"([a-z -]+)", "', (root / "src" / "cmd" / "table.c").read_text(), re.M))
    options = {option for path in (root / "src" / "cmd").glob("*.[ch]")
               for option in re.findall(r"--[a-z][a-z-]*", path.read_text())}
    faults = [f"docs/STATES.md: {fault}" for fault in state_faults(root)]
    faults += [f"docs/ARCHITECTURE.md: {fault}" for fault in code_map_faults(root)]
    faults += [f"schemas/postgres: {fault}" for fault in reason_faults(root)]
    pages = pages_of(root)
    for page in pages:
        text = page.read_text()
        found = [*link_faults(page, text), *name_faults(root, text, words), *command_faults(text, commands, options)]
        faults += [f"{page.relative_to(root)}: {fault}" for fault in dict.fromkeys(found)]
    print("\n".join(faults) if faults else f"{len(pages)} pages name only what exists")
    return 1 if faults or not commands else 0


if __name__ == "__main__":
    sys.exit(main())
