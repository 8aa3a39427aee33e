"""The main job on real parts: the sample company's tickets in, exactly one outcome each out."""

import json

from conftest import HANG_SECONDS, SAMPLE

SAMPLE_TICKETS = 40


def sample_tickets():
    lines = (SAMPLE / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[:SAMPLE_TICKETS]]


def headers(record):
    return {name: value.decode() for name, value in record.headers() or []}


def test_every_ticket_has_exactly_one_outcome(world, validate):
    tickets = sample_tickets()
    for ticket in tickets:
        validate("ticket.v1", ticket)
    world.send(tickets)
    worker = world.start().wait_ready()
    world.run("verify", "--wait", HANG_SECONDS, "--expect", len(tickets))
    results = world.documents("results")
    decided = {document["key"] for document in results}
    assert len(decided) == len({t["ticket_id"] for t in tickets})
    assert len({document["id"] for document in results}) == len(results)
    for document in results:
        validate("result.v1", document)
    for document in world.documents("reviews"):
        validate("review.v1", document)
    assert worker.stop() == 0


def test_each_malformed_payload_is_a_dead_letter_with_its_reason(world):
    rows = [json.loads(line) for line in (SAMPLE / "malformed.jsonl").read_text(encoding="utf-8").splitlines()]
    world.run("send", "--malformed", SAMPLE / "malformed.jsonl")
    worker = world.start().wait_ready()
    world.run("verify", "--wait", HANG_SECONDS, "--expect", len(rows))
    letters = world.read("deadletter")
    bad = [row for row in rows if not row.get("tombstone")]
    assert len(letters) == len(bad)
    assert worker.stop() == 0


def test_a_worker_started_again_decides_nothing_twice(world):
    *tickets, later = sample_tickets()
    world.send(tickets)
    first = world.start().wait_ready()
    world.run("verify", "--wait", HANG_SECONDS, "--expect", len(tickets))
    before = [document["id"] for document in world.documents("results")]
    assert first.stop() == 0
    second = world.start().wait_ready()
    world.send([later])
    world.run("verify", "--wait", HANG_SECONDS, "--expect", len(tickets) + 1)
    after = world.documents("results")
    assert sorted(d["id"] for d in after if d["key"].rsplit("/", 1)[1] != later["ticket_id"]) == sorted(before)
    assert second.stop() == 0


def test_the_model_server_drafts_for_a_ticket(drafting_world):
    tickets = sample_tickets()[:6]
    drafting_world.send(tickets)
    worker = drafting_world.start().wait_ready()
    drafting_world.run("verify", "--wait", HANG_SECONDS, "--expect", len(tickets))
    status, metrics = worker.get("/metrics")
    assert status == 200 and "triaged_model" in metrics
    assert worker.stop() == 0


def test_check_finds_a_prepared_world_good(world):
    lines = world.run("check").stdout.splitlines()
    assert {line.split()[1] for line in lines if line.startswith("ok ")} >= {"policy", "classifier", "topics", "review"}, lines
    assert not [line for line in lines if line.startswith("FAIL")], lines
