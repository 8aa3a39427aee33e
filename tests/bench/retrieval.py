#!/usr/bin/env python3
"""How often the right article is found first, and among the first three: with words alone and with the encoder, on both
halves of a set of questions (the weights were chosen on half A). Then what a bound on the best score would do: how many
questions it keeps whose article is there, and how many it refuses when that article is taken away.

usage: retrieval.py TRIAGED DATA [ENCODER]

DATA holds kb.jsonl, rows {id, question, answer}, and queries.jsonl, rows {id, query, relevant: [ids]}."""
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

BOUNDS = {"words": (3, 8, 12, 16), "words and meaning": (40, 60, 80, 100)}


def rows_of(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def half_of(row):
    return "AB"[hashlib.sha256(row["id"].encode()).digest()[0] & 1]


def search(triaged, folder, queries, encoder):
    path = folder / "queries.json"
    path.write_text("".join(json.dumps({"id": q["id"], "query": q["query"]}) + "\n" for q in queries))
    command = [triaged, "knowledge", "search", "--dir", str(folder), "--queries", str(path), "--json"]
    done = subprocess.run(command + (["--encoder", encoder] if encoder else []), capture_output=True, text=True, check=True)
    return {row["id"]: [(hit["id"], hit["score"]) for hit in row["hits"]] for row in map(json.loads, done.stdout.splitlines())}


def rank(queries, found, what, half):
    mine = [q for q in queries if half_of(q) == half]
    ids = {q["id"]: [hit for hit, _ in found[q["id"]]] for q in mine}
    first = sum(bool(set(ids[q["id"]][:1]) & set(q["relevant"])) for q in mine)
    three = sum(bool(set(ids[q["id"]][:3]) & set(q["relevant"])) for q in mine)
    print(f"| {what} | {half} | {len(mine)} | {first / len(mine):.3f} | {three / len(mine):.3f} |")


def best_scores(queries, found):
    """The best score of each question, with its right article there and with it taken away."""
    there = [max((score for _, score in found[q["id"]]), default=0) for q in queries]
    away = [max((score for hit, score in found[q["id"]] if hit not in q["relevant"]), default=0) for q in queries]
    return there, away


def area(there, away):
    """Under the ROC curve: how often a question with its article scores above one without."""
    pairs = sum((a > b) + (a == b) / 2 for a in there for b in away)
    return pairs / (len(there) * len(away))


def weigh(queries, found, what, half, bounds):
    there, away = best_scores([q for q in queries if half_of(q) == half], found)
    for bound in bounds:
        kept = sum(score >= bound for score in there) / len(there)
        refused = sum(score < bound for score in away) / len(away)
        print(f"| {what} | {half} | {area(there, away):.3f} | {bound:g} | {kept:.3f} | {refused:.3f} |")


def main():
    triaged, data = sys.argv[1], pathlib.Path(sys.argv[2])
    queries = rows_of(data / "queries.jsonl")
    ways = [("words", None)] + [("words and meaning", encoder) for encoder in sys.argv[3:4]]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        articles = ({"id": r["id"], "title": r["question"], "body": r["answer"]} for r in rows_of(data / "kb.jsonl"))
        (folder / "kb.jsonl").write_text("".join(json.dumps(row) + "\n" for row in articles))
        found = {what: search(triaged, folder, queries, encoder) for what, encoder in ways}
    print("| ranked by | half | questions | right one first | among three |\n|---|---|---|---|---|")
    for what, _ in ways:
        for half in "AB":
            rank(queries, found[what], what, half)
    print("\n| ranked by | half | area under ROC | bound | kept, right article there | refused, it was not |")
    print("|---|---|---|---|---|---|")
    for what, _ in ways:
        for half in "AB":
            weigh(queries, found[what], what, half, BOUNDS[what])


if __name__ == "__main__":
    sys.exit(main())
