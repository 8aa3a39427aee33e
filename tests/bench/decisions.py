#!/usr/bin/env python3
"""How good the decisions are: the tables of docs/DECISIONS.md, from data of your own.

usage: tests/bench/decisions.py --data F.jsonl [--test F.jsonl] [--oos F.jsonl] [--name NAME] [--resplits N] [--no-encoder]

Without --test a fifth of the rows is held out: stratified by label, equal texts together, always the same fifth. Trains
without and with the encoder, evaluates on the held-out rows, and then certifies again and again: half of the held-out rows
calibrate, the other half tells what was promised rightly. Prints Markdown. Needs build/triaged (or $TRIAGED_BUILD).
"""

import argparse
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRIAGED = pathlib.Path(os.environ.get("TRIAGED_BUILD", ROOT / "build")) / "triaged"
HELD_OUT = 5  # one row in so many
LEVELS = (0.05, 0.02)
CONFIDENCE = 0.9


def read(path):
    return [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]


def write(path, rows):
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return path


def text_of(row):
    return " ".join(f"{row.get('subject') or ''} {row.get('body') or ''}".lower().split())


def held_out(rows, share):
    """A stratified part of the rows; equal texts are on one side."""
    groups = defaultdict(list)
    for row in rows:
        groups[text_of(row)].append(row)
    by_label = defaultdict(list)
    for text, group in groups.items():
        by_label[group[0]["label"]].append(text)
    kept, taken = [], []
    for texts in by_label.values():
        texts.sort(key=lambda text: hashlib.sha256(text.encode()).digest())
        n = round(len(texts) * share)
        taken += [row for text in texts[:n] for row in groups[text]]
        kept += [row for text in texts[n:] for row in groups[text]]
    return kept, taken


def run(*args, **more):
    done = subprocess.run([str(TRIAGED), *map(str, args)], text=True, capture_output=True, check=False, **more)
    if done.returncode not in (0, 65):
        sys.exit(f"triaged {args[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def train(data, model, encoder):
    began = time.monotonic()
    run("train", "--data", data, "--out", model, *([] if encoder else ["--no-encoder"]))
    return time.monotonic() - began


def figures(model, test, oos, *more):
    options = ["--oos", oos] if oos else []
    return json.loads(run("evaluate", "--model", model, "--data", test, "--json", *options, *more))


def resplit(model, rows, level, number, folder):
    order = rows[:]
    random.Random(number).shuffle(order)
    half = len(order) // 2
    cal, rest = write(folder / "cal.jsonl", order[:half]), order[half:]
    run("calibrate", "--model", model, "--data", cal, "--max-error", level, "--confidence", CONFIDENCE, "--out", folder / "promise")
    with open(write(folder / "rest.jsonl", rest), encoding="utf-8") as lines:
        answers = [json.loads(line) for line in run("classify", "--model", model, "--promise", folder / "promise", stdin=lines).splitlines()]
    accepted = [(row, answer) for row, answer in zip(rest, answers) if answer["accepted"]]
    wrong = sum(row["label"] != answer["label"] for row, answer in accepted)
    return len(accepted) / len(rest), wrong / len(accepted) if accepted else 0, bool(accepted)


def accuracy_table(name, rows):
    print("| model | accuracy | macro F1 | calibration error (ideal) | CPU a text, us (99 %) | out-of-scope AUROC | train, s |")
    print("|---|---|---|---|---|---|---|")
    for title, got, seconds in rows:
        auroc = got.get("oos_auroc")
        print(f"| {name}, {title} | {got['accuracy']:.4f} | {got['macro_f1']:.4f} | {got['ece']:.4f} "
              f"({got['ece_if_perfect']:.4f}) | {got['cpu_us_per_text']:.0f} ({got['cpu_us_p99']:.0f}) | {'–' if auroc is None else f'{auroc:.4f}'} | "
              f"{'' if seconds is None else f'{seconds:.0f}'} |", flush=True)
    print()


def promise_table(name, models, rows, n, folder):
    print(f"| model | at most wrong | mean coverage of {n} resplits | mean share wrong | certified | missed |\n|---|---|---|---|---|---|")
    for title, model in models:
        for level in LEVELS:
            got = [resplit(model, rows, level, number, folder) for number in range(n)]
            coverage, wrong = (sum(column) / n for column in list(zip(*got))[:2])
            print(f"| {name}, {title} | {level:.0%} | {coverage:.3f} | {wrong:.4f} | {sum(g[2] for g in got)} of {n} | "
                  f"{sum(g[1] > level for g in got)} of {n} |", flush=True)
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--test", type=pathlib.Path)
    parser.add_argument("--oos", type=pathlib.Path)
    parser.add_argument("--name")
    parser.add_argument("--resplits", type=int, default=20)
    parser.add_argument("--no-encoder", action="store_true", help="the linear tier alone")
    options = parser.parse_args()
    name = options.name or options.data.parent.name
    rows = read(options.data)
    kept, test = (rows, read(options.test)) if options.test else held_out(rows, 1 / HELD_OUT)
    print(f"{name}: {len(kept)} rows to train, {len(test)} held out, {len(Counter(row['label'] for row in kept))} labels; "
          f"{TRIAGED.name} {run('version').split()[1] if run('version').split() else ''}\n")
    with tempfile.TemporaryDirectory() as name_of:
        folder = pathlib.Path(name_of)
        train_file, test_file = write(folder / "train.jsonl", kept), write(folder / "test.jsonl", test)
        table, models = [], []
        for title, encoder in [("linear alone", False), ("with encoder", True)][: 1 if options.no_encoder else 2]:
            model = folder / title.replace(" ", "-")
            seconds = train(train_file, model, encoder)
            table.append((title, figures(model, test_file, options.oos), seconds))
            models.append((title, model))
            if encoder:
                table.append(("encoder on every text", figures(model, test_file, options.oos, "--encoder-everywhere"), None))
        accuracy_table(name, table)
        if options.resplits:
            promise_table(name, models, test, options.resplits, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
