"""A desk with the sample company's tickets, for pictures and measurements: a month of answers behind it, a queue before it."""

import contextlib
import json
import os
import pathlib
import random
import subprocess
import tempfile

from browsing import copies
from conftest import SAMPLE, TEST_VAR, TRIAGED, open_desk, postgres_script, request_of

POSTGRES_PORT = int(os.environ.get("TRIAGED_TEST_POSTGRES_PORT", "15532"))
SEED = 20261128
DOUBTFUL = "Hello {name},\n\nthank you for your message. Your parcel left our warehouse on 3 November and arrives within 2 working days. We have refunded € 24.90 to your card.\n\nKind regards\nKestrel Home"
PLAIN = "Hello {name},\n\nthank you for your message. You can follow your order with the tracking link in the mail that we sent when the carrier took the parcel.\n\nKind regards\nKestrel Home"
RISKS = {"safety_issue": "high", "complaint": "high", "data_privacy": "high", "order_status": "low", "return_request": "low", "app_connectivity": "low"}


def classifier():
    """The sample's classifier, trained once: it tells which words decided."""
    model = TEST_VAR / "console" / "sample.model"
    if not model.exists():
        model.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([TRIAGED, "train", "--data", SAMPLE / "train", "--out", model], check=True, capture_output=True)
    return str(model)


def expected():
    rows = map(json.loads, (SAMPLE / "expected.jsonl").read_text(encoding="utf-8").splitlines())
    return {row["ticket_id"]: row["label"] for row in rows}


def sample_requests(n):
    """Review requests of the sample's tickets, some with a doubtful draft, some with a thread, one very long."""
    tickets = [json.loads(line) for line in (SAMPLE / "tickets.jsonl").read_text(encoding="utf-8").splitlines()]
    labels, rng = expected(), random.Random(SEED)
    every = sorted(set(filter(None, labels.values())) - {"spam"})
    usable = [ticket for ticket in tickets if labels.get(ticket["ticket_id"]) in every and ticket.get("subject")][:n]
    for at, ticket in enumerate(usable):
        label = labels[ticket["ticket_id"]]
        sure = rng.uniform(0.42, 0.84)
        others = rng.sample([one for one in every if one != label], 2)
        name = ticket.get("requester", {}).get("name", "there").split()[0]
        text = (DOUBTFUL if at % 3 == 1 else PLAIN).format(name=name)
        unsupported = [
            {"text": piece, "kind": kind, "start": text.index(piece), "end": text.index(piece) + len(piece)}
            for piece, kind in (("3 November", "date"), ("within 2 working days", "duration"), ("We have refunded", "action")) if piece in text
        ]
        if at % 4 == 2:
            ticket = ticket | {
                "body_text": ticket["body_text"] + "\n\nOn 26 Nov 2026, Kestrel Home wrote:\n> Could you tell us the order number?\n> Kind regards, Mila",
                "messages": [
                    {"author": "customer", "body_text": "I wrote last week already and nobody has answered.", "created_at": "2026-11-24T09:11:12Z"},
                    {"author": "agent", "body_text": "Could you tell us the order number?\n\nKind regards, Mila", "created_at": "2026-11-26T08:00:00Z"},
                ],
            }
        yield request_of(
            ticket["ticket_id"], key=f"kestrel/zendesk/kestrel-home/{ticket['ticket_id']}", tenant="kestrel", profile="kestrel-support",
            review_group="privacy-desk" if label == "data_privacy" else "support-venlo", risk=RISKS.get(label, "medium"),
            sla_minutes=2 + at * 17, ticket=ticket | {"updated_at": None, "created_at": None},
            decision={
                "label": label, "confidence": round(sure, 3),
                "alternatives": [{"label": label, "confidence": round(sure, 3)}] + [{"label": one, "confidence": round((1 - sure) * share, 3)} for one, share in zip(others, (0.7, 0.2), strict=True)],
                "reasons": ["low_confidence"] + (["unsupported_claim"] if unsupported else []) + ["mode_suggest"],
                "rule_id": None, "rule_ids": [], "language": ticket.get("language", "en"),
                "draft": {"text": text, "citations": ["delivery-times", "order-tracking"] if at % 2 else ["refund-timing"], "macro_id": None, "unsupported": unsupported},
                "promise": {"id": "p1", "max_error": 0.05, "confidence": 0.9},
                "provenance": {"policy": "9f" * 32, "classifier": "3c" * 32, "model": "qwen2.5-1.5b", "knowledge": "77" * 32, "build": "0.4"},
            },
        )


def month_of_answers(desk, item, n, slow=False):
    """Answers of thirty days, copied from one item: what the figures are drawn from."""
    copies(desk, item, n)
    rng = random.Random(SEED)
    labels = ["order_status", "delivery_problem", "return_request", "refund_status", "warranty_repair", "app_connectivity"]
    ids = [row[0] for row in desk.query("select item_id from triage.item where review_id like %s order by item_id", "%@%:%")][-n:]
    outcomes, rows = ["accepted"] * 70 + ["edited"] * 16 + ["rewritten"] * 4 + ["relabelled"] * 8 + ["wrong_input"] * 2, []
    for at, one in enumerate(ids):
        outcome, label = rng.choice(outcomes), labels[int(rng.triangular(0, 6, 1))]
        distance = {"accepted": 0, "edited": rng.uniform(0.02, 0.4), "rewritten": rng.uniform(0.5, 0.95)}.get(outcome)
        rows.append((one, label, outcome, rng.choice(labels) if outcome == "relabelled" else label, rng.lognormvariate(5.6 if slow else 3.6, 0.5), distance, 30 * (1 - at / n), rng.choice(["ann", "ben", "carla"]), rng.uniform(0.1, 9)))
    with desk.connect() as connection, connection.cursor() as cursor:
        cursor.executemany(
            "with a as (select clock_timestamp() - %(days)s * interval '1 day' as at),"
            " i as (update triage.item set label = %(label)s, state = 'released', claim_no = 1, closed_at = (select at from a), created_at = (select at from a) - %(hours)s * interval '1 hour',"
            "   due_at = (select at from a) - %(hours)s * interval '1 hour' + interval '8 hours' where item_id = %(id)s)"
            " insert into triage.resolution (item_id, claim_no, idempotency_key, reviewer, outcome, final_label, seconds, edit_distance, asked, held_until, state, created_at, ended_at)"
            " select %(id)s, 1, 'k', %(who)s, %(outcome)s::triage.outcome, %(final)s, %(seconds)s, %(distance)s, '{}', a.at, 'released', a.at, a.at from a",
            [dict(zip(("id", "label", "outcome", "final", "seconds", "distance", "days", "who", "hours"), row, strict=True)) for row in rows],
        )
        cursor.executemany(
            "insert into triage.second_look (second_item, first_item, profile, label, first_reviewer, first_label, second_reviewer, second_label, answered_at)"
            " values (%s, %s, 'kestrel-support', %s, 'ann', %s, 'ben', %s, clock_timestamp())",
            [(10**9 + at, 2 * 10**9 + at, label, label, label if rng.random() < 0.9 else rng.choice(labels)) for at, label in enumerate(rng.choices(labels, k=180))],
        )
    desk.query("update triage.setting set manual_seconds = 180")


# What the role watch has written after a while: audits, decisions by day, two workers, drift with an alarm, levels.
WATCHED = """
insert into triage.audit (item_id, key, revision, profile, promise, label, first_label, confidence, verdict, verdict_no, decided_at)
select 3000000000 + g, 'a' || g, 1, 'kestrel-support', md5('p') || md5('q'), (array['order_status','delivery_problem','return_request'])[1 + g % 3], 'order_status',
  0.52 + (g * 37 % 48) / 100.0, (case when g % 29 = 0 then 'wrong' when g % 41 = 0 then 'skipped' else 'right' end)::triage.audit_verdict, 900000 + g, clock_timestamp()
from generate_series(1, 400) g;
insert into triage.decided select 'kestrel-support', current_date - d, l, s, (40 * w / (1 + k))::bigint, 40 * w * 9000, case when s = 'in_review' then 40 * w * 2100000::bigint else 0 end, case when s='reviewed' then 40 * w * 33.0 else 0 end
from generate_series(0, 6) d, (values ('order_status', 5), ('delivery_problem', 4), ('return_request', 3), ('refund_status', 2), ('warranty_repair', 1), ('spam', 1)) v(l, w),
 (values ('answered', 0), ('suggested', 2), ('in_review', 1), ('reviewed', 1), ('ignored', 9)) s(s, k) where (l = 'spam') = (s = 'ignored') ;
select triage.worker_seen('triaged-0', '0.4', true, 'kafka ok, postgres ok, model ok, policy ok, knowledge ok');
select triage.worker_seen('triaged-1', '0.4', false, 'kafka ok, postgres ok, model: the breaker is open since 41 s');
insert into triage.drift (profile, classifier, version, state, positions, readings) values ('kestrel-support', repeat('3c', 32), 1, '{}', '[]',
 '[{"signal":"label_mix","scope":"order_status","learning":false,"reference_n":2000,"n":5100,"reference":0.31,"low":0.28,"high":0.34,"recent":0.43,"evidence":1.7,"alarm":true},
   {"signal":"unknown_words","scope":"","learning":false,"reference_n":2000,"n":5100,"reference":0.04,"low":0.03,"high":0.05,"recent":0.049,"evidence":0.62,"alarm":false},
   {"signal":"confidence","scope":"","learning":false,"reference_n":2000,"n":5100,"reference":0.81,"low":0.79,"high":0.83,"recent":0.80,"evidence":0.08,"alarm":false},
   {"signal":"override_rate","scope":"delivery_problem","learning":true,"reference_n":2000,"n":310,"reference":0,"low":0,"high":0,"recent":0,"evidence":0,"alarm":false}]');
insert into triage.drift_alarm (profile, classifier, signal, scope, upwards, owner, done, detail, reading) values ('kestrel-support', repeat('3c', 32), 'label_mix', 'order_status', true, 'Ines Vermeer, head of customer service', 'capped to suggest', '43.0 % of late, 28.0 to 34.0 % expected', '{}');
insert into triage.autonomy (profile, label, level, since) values ('kestrel-support','order_status','suggest', now()), ('kestrel-support','delivery_problem','hold', now() - interval '9 days'), ('kestrel-support','return_request','auto', now() - interval '12 days');
insert into triage.autonomy_history (at, profile, label, from_level, to_level, reason, text, actor, owner) values
 (now() - interval '20 days','kestrel-support','order_status','shadow','suggest','evidence','labels 120 of 40','ines','Ines Vermeer'),
 (now(),'kestrel-support','order_status','auto','suggest','drift','label_mix','watch','Ines Vermeer');
"""


@contextlib.contextmanager
def sample_desk(tickets=40, answers=0):
    """A running console on a database of its own, with accounts ann and ben."""
    os.environ.setdefault("TRIAGED_TEST_CLASSIFIER", classifier())
    postgres_script("start", "--port", str(POSTGRES_PORT))
    try:
        with tempfile.TemporaryDirectory() as folder, open_desk(pathlib.Path(folder), f"host=127.0.0.1 port={POSTGRES_PORT} user=postgres") as desk:
            desk.people = {name: desk.account(name, *(["--auditor"] if name == "ann" else []), exact=True) for name in ("ann", "ben")}
            requests = list(sample_requests(tickets))
            desk.items = desk.feed(*requests) if requests else []
            if answers:
                month_of_answers(desk, desk.items[-1], answers)
                with desk.connect() as connection:
                    connection.execute(WATCHED)
            yield desk
    finally:
        postgres_script("stop")
