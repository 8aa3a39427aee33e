"""The review budget on the running system: as the queue fills a real worker goes normal, tight, over, and comes back as people
empty it; what it decides in each state says so, is promised, and comes out the same when decided again."""

import json
import re

from conftest import SAMPLE, until
from test_promise import orders, promise

PROFILE = "kestrel-support"
STAFFING = """
staffing:
  zone: UTC
  relief: defer
  shifts:
    - {group: support-venlo, days: [mon, tue, wed, thu, fri, sat, sun], from: '00:00', to: '24:00', people: 0.2}
"""
HEAP = 30  # at two minutes each more than a fifth of a person can do in the hours until they are due
TIGHT_AFTER, OVER_AFTER, CLEAR_AFTER = 2, 8, 6  # plans in a row: docs/CAPACITY.md
ENOUGH = 0.3  # what the promise certifies; what the classes ask for is more than any ticket has


def policy(world):
    """The sample's policy with one person at work, order_status with a margin and product_question always for people."""
    text = (SAMPLE / "policy.yaml").read_text(encoding="utf-8")
    text = re.sub(r"\nstaffing:\n(?:  .*\n)+", STAFFING, text)
    assert "relief: defer" in text
    for label, mode, threshold in (("order_status", "auto", "1.0"), ("product_question", "shadow", "0.0")):
        start = text.index(f"  - label: {label}\n")
        one = text[start:text.index("\n\n", start)]
        changed = re.sub(r"mode: \w+", f"mode: {mode}", re.sub(r"threshold: [\d.]+", f"threshold: {threshold}", one))
        text = text.replace(one, re.sub(r"sla_minutes: \d+", "sla_minutes: 60", changed))
    path = world.folder / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    world.set({"triage": {"policy_file": str(path)}})


def questions(first, n):
    rows = (SAMPLE / "train" / "product_question.jsonl").read_text(encoding="utf-8").splitlines()
    row = json.loads(rows[0])
    template = json.loads((SAMPLE / "tickets.jsonl").read_text(encoding="utf-8").splitlines()[0])
    return [template | {"ticket_id": f"q{i}", "subject": row["subject"], "body_text": row["body"], "language": "en",
                        "priority": "normal"} for i in range(first, first + n)]


def found(world):
    return {d["ticket_id"]: d for d in world.documents("results") if d["status"] in ("answered", "suggested", "in_review")}


def decide(world, tickets):
    world.send(tickets)
    until(lambda: {t["ticket_id"] for t in tickets} <= set(found(world)), "they are decided")
    return [found(world)[t["ticket_id"]] for t in tickets]


def plan(world, n):
    """Plans that come every five minutes, at once; of what waits alone, whatever hour it is."""
    with world.connect() as connection:
        for _ in range(n):
            connection.execute("delete from triage.workload")
            connection.execute("select triage.plan_reviews('0')")


def reaches(world, worker, state, before):
    """The budget thread moves, its record is in the topic, and the lanes have it."""
    def log(text):
        return text in worker.text()

    until(lambda: log(f"from={before} to={state}"), f"the budget is {state}")
    until(lambda: [d for d in world.documents("control") if d["type"] == "budget"][-1]["state"] == state, "it is published")
    states = [d["state"] for d in world.documents("control") if d["type"] == "budget"]
    until(lambda: len(re.findall(rf'control\.changed.*key="budget/{PROFILE}"', worker.text())) >= len(states),
          "the worker has read it")


def metric(worker):
    shown = re.search(rf'^triaged_review_state\{{profile="{PROFILE}"\}} (\d)', worker.get("/metrics")[1], re.M)
    return int(shown.group(1)) if shown else None


def answer_all(world):
    with world.connect() as connection:
        while rows := connection.execute("select item_id, claim_no from triage.claim('ann', 50)").fetchall():
            for item, claim in rows:
                connection.execute("select triage.resolve(%s, %s, %s, 'accepted'::triage.outcome, null, null, 30)",
                                   (item, claim, f"a{item}"))


def waiting(world):
    return world.query("select count(*) from triage.item where state = 'open'")[0][0]


def test_a_worker_gives_way_as_the_queue_fills_and_comes_back_as_it_empties(world, validate):
    promise(world, ENOUGH)
    world.set({"triage": {"audit_percent": 0}})
    policy(world)
    worker = world.start().wait_ready()

    # Normal: below the class's threshold a person decides, though the promise would bear it.
    normal = decide(world, orders(0, HEAP))
    assert all(d["status"] == "in_review" and "low_confidence" in d["reasons"] and "review_state" not in d for d in normal)
    until(lambda: waiting(world) == HEAP, "the queue is full")
    plan(world, TIGHT_AFTER)
    reaches(world, worker, "tight", "normal")
    assert metric(worker) == 1

    # Tight: what the promise certifies is answered; nothing is deferred.
    (order,), (question,) = decide(world, orders(HEAP, 1)), decide(world, questions(0, 1))
    validate("result.v1", order)
    assert order["status"] == "answered" and "threshold_moved" in order["reasons"] and order["review_state"] == "tight"
    assert order["confidence"] >= ENOUGH
    assert question["status"] == "in_review" and question["label"] == "product_question" and "deferred" not in question
    plan(world, OVER_AFTER - TIGHT_AFTER)
    reaches(world, worker, "over", "tight")
    assert metric(worker) == 2

    # Over: what can wait is told to, and is due later by as much as its result says.
    (late,) = decide(world, questions(1, 1))
    validate("result.v1", late)
    assert late["status"] == "in_review" and "deferred" in late["reasons"] and late["review_state"] == "over"
    assert late["deferred"]["sla_minutes"] == 60 + late["deferred"]["minutes"] >= 120
    until(lambda: waiting(world) == HEAP + 2, "it is in the queue")
    for document in world.documents("reviews"):
        validate("review.v1", document)
    for document in world.documents("control"):
        validate("control.v1", document)
    ((minutes, last),) = world.query(
        "select round(extract(epoch from due_at - created_at) / 60)::int, turn = (select max(turn) from triage.item) "
        "from triage.item where key like %s", "%/q1")
    assert minutes == late["deferred"]["sla_minutes"] and last
    ((name, told),) = world.query("select name, what_to_do from triage.alarms where name in ('review_tight', 'review_over')")
    assert name == "review_over" and "Ines Vermeer" in told
    assert f"{PROFILE} is over" in world.run("queue", "budget").stdout

    # People empty the queue: step by step it is normal again.
    answer_all(world)
    plan(world, CLEAR_AFTER)
    reaches(world, worker, "tight", "over")
    plan(world, CLEAR_AFTER)
    reaches(world, worker, "normal", "tight")
    assert metric(worker) == 0
    (order,) = decide(world, orders(HEAP + 1, 1))
    assert order["status"] == "in_review" and "review_state" not in order
    assert worker.stop() == 0
    print("\n".join(line for line in worker.text().splitlines() if "budget" in line))

    # Decided again, the state of then counts.
    told = json.loads(world.run("replay", "--json").stdout)["these_files"]
    assert told["identical"] == told["results"] == HEAP + 4
