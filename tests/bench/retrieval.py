#!/usr/bin/env python3
"""How often the right article is found first, and among the first three: with words alone and with the encoder, on both
halves of a set of questions (the weights were chosen on half A).

usage: retrieval.py TRIAGED DATA [ENCODER]

DATA holds kb.jsonl, rows {id, question, answer}, and queries.jsonl, rows {id, query, relevant: [ids]}."""
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile


def rows_of(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def half_of(row):
    return "AB"[hashlib.sha256(row["id"].encode()).digest()[0] & 1]


def search(triaged, folder, queries, encoder):
    path = folder / "queries.json"
    path.write_text("".join(json.dumps({"id": q["id"], "query": q["query"]}) + "\n" for q in queries))
    command = [triaged, "knowledge", "search", "--dir", str(folder), "--queries", str(path), "--json"]
    done = subprocess.run(command + (["--encoder", encoder] if encoder else []), capture_output=True, text=True, check=True)
    return {row["id"]: [hit["id"] for hit in row["hits"]] for row in map(json.loads, done.stdout.splitlines())}


def main():
    triaged, data = sys.argv[1], pathlib.Path(sys.argv[2])
    queries = rows_of(data / "queries.jsonl")
    print("| ranked by | half | questions | right one first | among three |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        articles = ({"id": r["id"], "title": r["question"], "body": r["answer"]} for r in rows_of(data / "kb.jsonl"))
        (folder / "kb.jsonl").write_text("".join(json.dumps(row) + "\n" for row in articles))
        for encoder in [None] + sys.argv[3:4]:
            found = search(triaged, folder, queries, encoder)
            for half in "AB":
                mine = [q for q in queries if half_of(q) == half]
                first = sum(bool(set(found[q["id"]][:1]) & set(q["relevant"])) for q in mine)
                three = sum(bool(set(found[q["id"]][:3]) & set(q["relevant"])) for q in mine)
                print(f"| words{' and meaning' if encoder else ''} | {half} | {len(mine)} "
                      f"| {first / len(mine):.3f} | {three / len(mine):.3f} |")


if __name__ == "__main__":
    sys.exit(main())
