#!/usr/bin/env python3
"""What becomes of drafts: how many are macros, how many the model's, how many are withheld and why, with examples to read.

usage: tests/bench/drafts.py TRIAGED CONFIG TICKETS.jsonl [--limit N] [--show N] [--no-model] [--state FILE] [--minutes N]

Runs `triaged draft` on tickets, evenly spaced, with the configuration's model server; a call takes seconds to half a minute on two
cores. Prints a Markdown table and then --show drafts of each outcome (default 10). --state keeps what was answered, so that a run
goes on where it was; --minutes ends it with the table of what was done."""

import argparse
import json
import pathlib
import subprocess
import sys
import time
from collections import defaultdict


def read(path):
    rows = [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]
    return [row for row in rows if row.get("event", "created") != "withdrawn" and (row.get("body_text") or row.get("body"))]


def chain(options, ticket):
    more = ["--no-model"] if options.no_model else []
    done = subprocess.run([options.triaged, "draft", "--ticket", "-", "--config", options.config, "--json", *more],
                          input=json.dumps(ticket), text=True, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


class Known:
    """What the state file holds is not asked again."""

    def __init__(self, path):
        self.path, self.rows = path, {}
        if path and path.exists():
            self.rows = {row["number"]: row["steps"] for row in read(path)}

    def chain(self, options, number, ticket):
        if number not in self.rows:
            self.rows[number] = chain(options, ticket)
            if self.path:
                with self.path.open("a", encoding="utf-8") as out:
                    out.write(json.dumps({"number": number, "steps": self.rows[number]}) + "\n")
        return self.rows[number]


def outcome_of(steps):
    draft = steps.get("draft")
    if draft and draft["macro_id"]:
        return "macro, " + ("sent" if steps["decision"]["status"] == "answered" else "suggested")
    if draft:
        return "model, " + ("withheld: " + steps["outcome"].split(": ")[-1] if "not sent" in steps["outcome"] else "suggested")
    return "none: " + steps.get("outcome", "the model was not asked").split(": ")[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("triaged")
    parser.add_argument("config")
    parser.add_argument("tickets")
    parser.add_argument("--limit", type=int, default=40)
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--no-model", action="store_true")
    parser.add_argument("--state", type=pathlib.Path)
    parser.add_argument("--minutes", type=float)
    options = parser.parse_args()
    tickets = read(options.tickets)
    n = min(options.limit, len(tickets))
    found, known = defaultdict(list), Known(options.state)
    tokens = cached = 0
    ends = time.monotonic() + options.minutes * 60 if options.minutes else None
    for i in range(n):
        if ends and time.monotonic() > ends:
            break
        number = i * len(tickets) // n
        ticket = tickets[number]
        steps = known.chain(options, number, ticket)
        found[outcome_of(steps)].append((ticket, steps))
        tokens += steps.get("call", {}).get("tokens_in", 0)
        cached += steps.get("call", {}).get("tokens_cached", 0)
        print(f"{i + 1} of {n}", file=sys.stderr)
    print(f"{sum(map(len, found.values()))} of {len(tickets)} tickets\n\n| draft | tickets |\n|---|---|")
    for outcome, rows in sorted(found.items(), key=lambda item: -len(item[1])):
        print(f"| {outcome} | {len(rows)} |")
    if tokens:
        print(f"\n{cached / tokens:.0%} of {tokens:.0f} prompt tokens came from the server's cache.")
    for outcome, rows in found.items():
        print(f"\n== {outcome}")
        for ticket, steps in rows[:options.show]:
            print(f"\n-- {ticket.get('subject')} | {(ticket.get('body_text') or ticket.get('body'))[:300]}")
            print(steps.get("draft", {}).get("text", "(no draft)"))
            for sentence in steps.get("draft", {}).get("sentences", []):
                for claim in sentence["claims"]:
                    if not claim["supported"]:
                        print(f"   NO SOURCE: {claim['kind']} '{claim['text']}'")
    return 0


if __name__ == "__main__":
    sys.exit(main())
