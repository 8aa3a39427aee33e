"""Looks through every log line and every prompt that the suites left for personal data of tickets. Prints TAP.

usage: scan_logs.py TRIAGED FOLDER...

Reads *.log below the folders (those of builds apart, and Kafka's data: topics hold tickets), and prompts.jsonl, where the model stub keeps what it was asked (STUB_PROMPTS).
Looked for: the mail addresses, phone numbers, IBANs, cards, addresses and names of the sample company's tickets, as 'triaged mask'
finds them and as the tickets' fields name them; and whatever has the form of a mail address, an IBAN or a card number that no article
has. Fails when there was nothing to look through.
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "deploy/sample"
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.IGNORECASE)
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
CARD = re.compile(r"\b[3-6]\d{3}([ -])\d{4}\1\d{4}\1\d{4}\b")
SECRET_LEAST = 7  # characters: shorter ones stand by chance in numbers and names of files
OURS = re.compile(r"@(?:[\w-]+\.)*kestrel-home\.example$|^[\w.-]+@(?:localhost|127\.0\.0\.1)", re.IGNORECASE)


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def secrets_of_sample(triaged):
    rows = rows_of(SAMPLE / "tickets.jsonl")
    asked = "".join(json.dumps({"id": i, "text": row.get("body_text", ""), "fields": {}}) + "\n" for i, row in enumerate(rows))
    done = subprocess.run([triaged, "mask"], input=asked, capture_output=True, text=True, check=True)
    secrets = {value for row in rows for value in (row.get("requester") or {}).values() if " " in value or "@" in value}
    for row, answer in zip(rows, map(json.loads, done.stdout.splitlines()), strict=True):
        secrets |= {row.get("body_text", "")[found["start"]:found["end"]] for found in answer["found"]}
    return {secret for secret in secrets if len(secret) >= SECRET_LEAST and not OURS.search(secret)}


def iban_is_right(text):
    chars = re.sub(r"\s", "", text)
    return int("".join(str(int(char, 36)) for char in chars[4:] + chars[:4])) % 97 == 1


def card_is_right(text):
    digits = [int(char) for char in re.sub(r"\D", "", text)]
    return sum(sum(divmod(digit * 2, 10)) if i % 2 else digit for i, digit in enumerate(reversed(digits))) % 10 == 0


def found_in(line, secrets, known):
    hits = [match for match in MAIL.findall(line) if match.lower() not in known and not OURS.search(match)]
    hits += [match.group() for match in IBAN.finditer(line) if iban_is_right(match.group())]
    hits += [match.group() for match in CARD.finditer(line) if card_is_right(match.group())]
    return hits or [secret for secret in secrets if secret in line]


def files_below(folders):
    found = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    return sorted(path for path in found if path.name == "prompts.jsonl" or
                  (path.suffix == ".log" and not path.name.startswith("build-") and "data" not in path.parts))


def main():
    triaged, *folders = sys.argv[1:]
    secrets = secrets_of_sample(triaged)
    articles = "\n".join(path.read_text(encoding="utf-8") for path in (SAMPLE / "knowledge").rglob("*.md"))
    known = {match.lower() for match in MAIL.findall(articles)}
    secrets = {secret for secret in secrets if secret not in articles}
    lines = {"log lines": 0, "prompts": 0}
    for path in files_below(map(pathlib.Path, folders)):
        bad = []
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            prompt = path.name == "prompts.jsonl"
            lines["prompts" if prompt else "log lines"] += 1
            bad += found_in(json.dumps(json.loads(line), ensure_ascii=False) if prompt else line, secrets, known)
        if bad:
            print(f"not ok - {path} holds personal data {len(bad)} times")
    print(f"# {len(secrets)} values of tickets looked for")
    for name, count in lines.items():
        print(f"{'ok' if count else 'not ok'} - {count} {name} looked through")


if __name__ == "__main__":
    main()
