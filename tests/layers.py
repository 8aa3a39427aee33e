#!/usr/bin/env python3
"""Includes go downwards only, and vendor headers stay at the edges. Usage: layers.py ROOT"""
import pathlib
import re
import sys

# A folder may include itself and everything on a lower line.
LAYERS = [
    {"cmd"},
    {"worker", "evaluation"},
    {"lane", "bridge", "backfill", "console", "check"},
    {"snapshot"},
    {"kafka", "model", "encoder", "queue", "metrics"},
    {"draft", "flow"},
    {"claims", "knowledge"},
    {"decide"},
    {"contract"},
    {"policy", "pii"},
    {"base"},
]
# Which folders may include a vendor's header.
VENDOR = {
    "librdkafka/rdkafka.h": {"kafka"},
    "rdkafka.h": {"kafka"},
    "curl/curl.h": {"model"},
    "libpq-fe.h": {"queue"},
    "onnxruntime_c_api.h": {"encoder"},
    "microhttpd.h": {"console", "metrics"},
    "sqlite3.h": {"knowledge"},
    "linear.h": {"decide"},
    "yaml.h": {"policy"},
    "pcre2.h": {"base"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.M)


def rank(folder):
    for depth, names in enumerate(LAYERS):
        if folder in names:
            return depth
    return None


def faults_of(path, folder):
    for name in INCLUDE.findall(path.read_text()):
        if name in VENDOR and folder not in VENDOR[name]:
            yield f"{path}: {name} belongs to {sorted(VENDOR[name])} only"
        head = name.split("/")[0]
        if "/" not in name or rank(head) is None or folder is None:
            continue
        if head != folder and rank(head) <= rank(folder):
            yield f"{path}: {folder} must not include {head} (includes go downwards only)"


def main():
    root = pathlib.Path(sys.argv[1])
    faults, seen = [], 0
    for path in sorted((root / "src").rglob("*.[ch]")):
        parts = path.relative_to(root / "src").parts
        folder = parts[0] if len(parts) > 1 else None
        if folder is not None and rank(folder) is None:
            faults.append(f"{path}: folder {folder} has no layer; add it to tests/layers.py")
            continue
        seen += 1
        faults.extend(faults_of(path, folder))
    for path in sorted((root / "include").rglob("*.h")):
        seen += 1
        for name in INCLUDE.findall(path.read_text()):
            if name in VENDOR or (("/" in name) and not name.startswith("triage/")):
                faults.append(f"{path}: a public header must not include {name}")
    print("\n".join(faults) if faults else f"{seen} files keep to their layers")
    return 1 if faults or seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
