#!/usr/bin/env python3
"""How well the claim check tells drafts with a false claim from good ones.

usage: tests/claims/check.py TRIAGED SET.jsonl [SET.jsonl…] [--show]

A set's row has a ticket, articles, good drafts and bad ones, each with one planted falsehood and its kind. All are checked by
`triaged check-draft`; the exit code is 1 when, over all sets
together, less than 98 % of the planted ones are caught or more than 8 % of the good ones are marked. --show prints those that went wrong.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter

CAUGHT_LEAST, MARKED_MOST = 0.98, 0.08


def read(path):
    return [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]


def drafts_of(scenarios):
    for scenario in scenarios:
        cited = [f"{scenario['id']}.{article['id']}" for article in scenario["articles"]]
        for kind, draft in [(None, text) for text in scenario["good"]] + [(one["kind"], one["draft"]) for one in scenario["bad"]]:
            yield {"id": scenario["id"], "ticket": scenario["ticket"], "draft": draft, "citations": cited}, kind


def verdicts(triaged, scenarios, drafts):
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/articles.jsonl", "w", encoding="utf-8") as out:
            for scenario in scenarios:
                for article in scenario["articles"]:
                    out.write(json.dumps(article | {"id": f"{scenario['id']}.{article['id']}"}, ensure_ascii=False) + "\n")
        done = subprocess.run([triaged, "check-draft", "--knowledge", folder], text=True, check=True, stdout=subprocess.PIPE,
                              input="".join(json.dumps(row) + "\n" for row, _ in drafts))
    return [json.loads(line) for line in done.stdout.splitlines()]


def spans_fit(row, verdict):
    """Offsets are code points, half-open, and the text stands there."""
    for sentence in verdict["sentences"]:
        assert sentence["text"] in row["draft"], sentence
        for claim in sentence["claims"]:
            assert row["draft"][claim["span"][0]:claim["span"][1]] == claim["text"], claim


def tell(row, verdict, planted):
    found = [(claim["kind"], claim["text"]) for sentence in verdict["sentences"] for claim in sentence["claims"]
             if claim["verdict"] == "unsupported"]
    print(f"  {row['id']} {planted or 'good'}: {row['draft']}\n      {found}")


def measure(triaged, path, show):
    scenarios = read(path)
    drafts = list(drafts_of(scenarios))
    caught, missed, marked, good = Counter(), Counter(), 0, 0
    for (row, planted), verdict in zip(drafts, verdicts(triaged, scenarios, drafts), strict=True):
        spans_fit(row, verdict)
        wrong = (verdict["verdict"] == "unsupported") != bool(planted)
        if planted:
            (missed if wrong else caught)[planted] += 1
        else:
            good += 1
            marked += wrong
        if wrong and show:
            tell(row, verdict, planted)
    tell_sum(path, sum(caught.values()), sum(missed.values()), marked, good)
    for kind in sorted(caught.keys() | missed.keys()):
        print(f"    {kind:10} {caught[kind]:3} of {caught[kind] + missed[kind]}")
    return sum(caught.values()), sum(missed.values()), marked, good


def tell_sum(name, caught, missed, marked, good):
    print(f"{name}: of {caught + missed} planted falsehoods {caught} caught ({caught / (caught + missed):.1%}), "
          f"of {good} good drafts {marked} marked ({marked / good:.1%})")


def main():
    show = "--show" in sys.argv
    triaged, *sets = [argument for argument in sys.argv[1:] if argument != "--show"]
    caught, missed, marked, good = map(sum, zip(*[measure(triaged, path, show) for path in sets]))
    tell_sum("all sets", caught, missed, marked, good)
    fine = caught >= CAUGHT_LEAST * (caught + missed) and marked <= MARKED_MOST * good
    print("ok" if fine else "not ok")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
