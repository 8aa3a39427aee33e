"""Tickets by the hundred thousand, the same for the same seed: mixed keys, further revisions, repeats, withdrawals and
records that nobody can read. A fifth needs a person: half of it by a rule, half by the mode of its class.

Every decidable ticket carries [[id:NAME]] in its subject, so that the model stub can tell who was asked for, and how
often. NAME has letters only: nothing masks it.
"""

import dataclasses
import json
import pathlib
import random
import re

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "sample"

REVISIONS = 0.04  # of all records: a further revision of a key that was just seen
REPEATS = 0.02
WITHDRAWALS = 0.004
BAD = 0.004
LOOK_BACK = 60  # records: repeats stay well inside triage.dedup_memory
REVIEW_CLASSES = ("warranty_repair",)
AUTO_CLASSES = ("order_status",)
SUGGEST_CLASSES = ("refund_status", "delivery_problem", "app_connectivity", "account_login")
BAD_VALUES = (b"{not json", b"\xff\xfe\x00", b'{"schema_version": 1}', b"[]")


@dataclasses.dataclass
class Record:
    key: bytes
    value: bytes | None
    name: str = ""  # of the model call, "" when none is possible
    kind: str = "ticket"


def name_of(number):
    """zq and letters: aaa, aab, …"""
    letters = ""
    while True:
        letters = chr(ord("a") + number % 26) + letters
        number //= 26
        if not number:
            return "zq" + letters


def key_of(ticket_id):
    return f"kestrel/zendesk/crash/{ticket_id}".encode()


def texts_of(label):
    lines = (SAMPLE / "train" / f"{label}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return [row["body"] for row in rows if row["lang"] == "en" and 60 < len(row["body"]) < 600]


def people():
    """The customers of the sample company, who wrote the training mails, too."""
    rows = [json.loads(line) for line in (SAMPLE / "tickets.jsonl").read_text(encoding="utf-8").splitlines()]
    return sorted({row["requester"]["name"] for row in rows if " " in row.get("requester", {}).get("name", "")})


PEOPLE = people()


SIGNATURE = re.compile(r"^[A-Z][\w'’-]+(?: [A-Z][\w'’.-]*){1,2}$")


def writer_of(body):
    """As a helpdesk knows who writes, the ticket names whom its text is from: a customer in it, or who signed it."""
    last = [line for line in body.splitlines() if line.strip()][-3:]
    signed = (line for line in reversed(last) if SIGNATURE.match(line))
    return next((name for name in PEOPLE if name in body), None) or next(signed, "Jo Doe")


def ticket(ticket_id, revision, name, body, tags=(), event="created"):
    """One document of ticket.v1."""
    return {
        "schema_version": 1,
        "tenant": "kestrel",
        "source": {"system": "zendesk", "instance": "crash"},
        "ticket_id": ticket_id,
        "revision": revision,
        "event": event,
        "subject": f"My question [[id:{name}]]",
        "body_text": body,
        "language": "en",
        "channel": "email",
        "priority": "normal",
        "requester": {"id": f"c-{ticket_id}", "name": writer_of(body), "email": "jo@example.net", "tier": "standard"},
        "tags": list(tags),
        "custom_fields": {},
        "created_at": "2026-10-05T05:54:49Z",
        "updated_at": "2026-10-05T05:54:49Z",
    }


def record(document, name="", kind="ticket"):
    return Record(key_of(document["ticket_id"]), json.dumps(document, ensure_ascii=False).encode(), name, kind)


class Load:
    """Makes records one after another. plain: only new tickets, nothing else."""

    def __init__(self, seed, prefix="t", plain=False, review=0.2, auto=0.1):
        self.random = random.Random(seed)
        self.prefix, self.plain, self.review, self.auto = prefix, plain, review, auto
        self.texts = {label: texts_of(label) for label in (*REVIEW_CLASSES, *AUTO_CLASSES, *SUGGEST_CLASSES)}
        self.number = 0
        self.recent = []  # (ticket_id, revision, record)

    def text(self, labels):
        return self.random.choice(self.texts[self.random.choice(labels)])

    def new(self, ticket_id=None, revision=1, body=None, tags=(), event="created"):
        self.number += 1
        ticket_id = ticket_id or f"{self.prefix}{self.number}"
        name = name_of(self.number)
        dice = self.random.random()
        if body is None:
            if dice < self.review / 2:
                body, tags = self.text(SUGGEST_CLASSES), ["person"]
            elif dice < self.review:
                body = self.text(REVIEW_CLASSES)
            elif dice < self.review + self.auto:
                body = self.text(AUTO_CLASSES)
            else:
                body = self.text(SUGGEST_CLASSES)
        made = record(ticket(ticket_id, revision, f"{self.prefix}{name}", body, tags, event), f"{self.prefix}{name}",
                      "withdrawal" if event == "withdrawn" else "ticket")
        self.recent = [(ticket_id, revision, made), *self.recent[: LOOK_BACK - 1]]
        return made

    def again(self):
        """Something about a key of the last LOOK_BACK: the next revision, a withdrawal, or the very same again."""
        ticket_id, revision, made = self.random.choice(self.recent)
        newest = max(r for i, r, _ in self.recent if i == ticket_id)
        dice = self.random.random() * (REVISIONS + WITHDRAWALS + REPEATS)
        if dice < REVISIONS:
            return self.new(ticket_id, newest + 1)
        if dice < REVISIONS + WITHDRAWALS:
            return self.new(ticket_id, newest + 1, body="Never mind.", event="withdrawn")
        return dataclasses.replace(made, kind="repeat" if revision == newest else "stale")

    def bad(self):
        self.number += 1
        return Record(key_of(f"{self.prefix}bad{self.number}"), self.random.choice(BAD_VALUES), kind="bad")

    def take(self, n):
        """The next n records."""
        records = []
        for _ in range(n):
            dice = self.random.random()
            if self.plain or not self.recent or dice >= REVISIONS + REPEATS + WITHDRAWALS + BAD:
                records.append(self.new())
            elif dice < BAD:
                records.append(self.bad())
            else:
                records.append(self.again())
        return records


def policy():
    """The sample policy's classes with modes that bring every path into the load; YAML takes JSON."""
    labels = sorted(path.stem for path in (SAMPLE / "train").glob("*.jsonl"))
    modes = {label: "suggest" for label in labels}
    modes.update({label: "off" for label in REVIEW_CLASSES})
    modes.update({label: "auto" for label in AUTO_CLASSES})

    def one(label):
        row = {"label": label, "description": label, "risk": "low", "mode": modes[label], "sla_minutes": 240,
               "guideline": "as it comes", "threshold": 0.01}
        if label in AUTO_CLASSES:
            row["macro"] = {"en": "macro-order-status-en", "de": "macro-order-status-de"}
        return row

    return {
        "version": 1, "profile": "crash", "owner": "tests", "exception_owner": "tests", "review_group": "frontline",
        "review_cadence": "weekly", "success_measure": {"metric": "none lost", "target": "all"},
        "data_source": "made up", "languages": ["en", "de"], "promise": {"max_error": 0.05, "confidence": 0.9},
        "default_sla_minutes": 480,
        "rules": [{"id": "person", "when": {"tag": ["person"]}, "then": "review", "reason": "asked for"}],
        "classes": [one(label) for label in labels],
    }
