"""Every fault of the model server, each on a ticket of its own in one run: a decision by the ticket's deadline, with the right
reason, and a label that is the classifier's."""

import json
import re
import socket
import subprocess

import pytest
from conftest import HANG_SECONDS, ROOT, SAMPLE, TRIAGED, until

DEADLINE_MS = 20000  # generous, so that a busy machine makes no fault a timeout that is none
STUB = TRIAGED.parent / "tests" / "model_stub"
UNAVAILABLE, TIMEOUT, INVALID, CLAIM = "model_unavailable", "model_timeout", "model_invalid", "unsupported_claim"

# What a person reads about the fault. None: the answer is used, or nothing is wrong with it.
REASONS = {
    "none": None, "reset": UNAVAILABLE, "hang": TIMEOUT, "hang_body": TIMEOUT, "slow": TIMEOUT, "400": INVALID,
    "401": UNAVAILABLE, "429": UNAVAILABLE, "500": UNAVAILABLE, "503": UNAVAILABLE, "loading": UNAVAILABLE,
    "redirect": UNAVAILABLE, "html": INVALID, "empty": INVALID, "truncated": INVALID, "cut": UNAVAILABLE,
    "wrong_types": INVALID, "extra_fields": None, "nan": INVALID, "bad_utf8": INVALID, "bad_citation": None,
    "empty_draft": INVALID, "loop": INVALID, "length": None, "fence": None, "schema_ignored": INVALID,
    "false_claim": CLAIM, "long_draft": INVALID, "gzip_bomb": INVALID, "huge": INVALID, "dead_on_reuse": None,
}


def faults_of_the_stub():
    header = (ROOT / "tests/stub/faults.h").read_text(encoding="utf-8")
    return re.findall(r'X\(\w+, "(\w+)"\)', header)


@pytest.fixture
def stub():
    process = subprocess.Popen([STUB, "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        yield int(process.stdout.readline().split()[-1])
    finally:
        process.terminate()
        process.wait()


def ticket_with(fault, number):
    text = (f"Where is my refund? [[stub:{fault}]] I returned my order three weeks ago, the courier confirms that it arrived, "
            "and the money is still not on my card. When will I be refunded?")
    return {"schema_version": 1, "tenant": "kestrel", "source": {"system": "zendesk", "instance": "kestrel-home"},
            "ticket_id": f"fault-{number}", "revision": 1, "event": "created", "subject": "Where is my refund?",
            "body_text": text, "language": "en", "channel": "web", "created_at": "2026-11-24T08:00:00Z"}


def test_every_fault_of_the_stub_is_in_the_table():
    assert sorted(REASONS) == sorted(faults_of_the_stub())


def test_each_fault_ends_in_a_decision_with_its_reason(world, stub):
    # Every fault comes once, so the breaker must not answer for the model; none waits for another's slot.
    world.set({"model": {"url": f"http://127.0.0.1:{stub}/v1", "name": "stub", "slots": len(REASONS),
                         "deadline_ms": DEADLINE_MS, "call_timeout_ms": 8000, "breaker_failures": 1000}})
    for number, fault in enumerate(REASONS):
        world.send([ticket_with(fault, number)])
    worker = world.start().wait_ready()
    world.run("verify", "--wait", HANG_SECONDS, "--expect", len(REASONS))
    documents = {list(REASONS)[int(document["key"].rsplit("-", 1)[1])]: document for document in world.documents("results")}
    assert worker.stop() == 0
    assert sorted(documents) == sorted(REASONS)
    articles = {path.stem for path in (SAMPLE / "knowledge").rglob("*.md")}
    for fault, document in documents.items():
        reason, draft = REASONS[fault], document.get("draft")
        left_ms = DEADLINE_MS - document["timings"]["draft_us"] // 1000
        print(f"{fault:16} {document['status']:10} {reason or '-':18} {left_ms} ms before the deadline")
        # The classifier's label, whatever the model said.
        assert document["label"] == "refund_status", fault
        assert set(document["reasons"]) & {UNAVAILABLE, TIMEOUT, INVALID, CLAIM} == ({reason} if reason else set()), fault
        assert document["status"] == ("in_review" if reason else "suggested"), fault
        assert bool(draft) == (reason in (None, CLAIM)), fault
        assert left_ms > -DEADLINE_MS, fault  # a bound for hangs; the time itself is printed
        assert not draft or set(draft["citations"]) <= articles, fault


def one_result(world, number):
    worker = world.start().wait_ready()
    world.run("verify", "--wait", HANG_SECONDS, "--expect", 1)
    document, = [found for found in world.documents("results") if found["key"].endswith(f"fault-{number}")]
    assert worker.stop() == 0
    return document


def test_a_server_that_refuses_connections_ends_in_a_decision(world):
    with socket.socket() as closed:  # bound and never listening: nobody else gets the port
        closed.bind(("127.0.0.1", 0))
        world.set({"model": {"url": f"http://127.0.0.1:{closed.getsockname()[1]}/v1", "name": "nobody", "deadline_ms": DEADLINE_MS}})
        world.send([ticket_with("none", 900)])
        document = one_result(world, 900)
    assert (document["status"], document["label"]) == ("in_review", "refund_status")
    assert UNAVAILABLE in document["reasons"]


def test_a_label_outside_the_set_is_no_label(world, stub):
    # bad_citation answers each closed set with a value that is not in it, the labels that it is asked for, too.
    world.set({"model": {"url": f"http://127.0.0.1:{stub}/v1", "name": "stub", "deadline_ms": DEADLINE_MS, "label_opinion": 1}})
    world.send([ticket_with("bad_citation", 901)])
    document = one_result(world, 901)
    assert document["label"] == "refund_status"
    assert "no-such-value" not in json.dumps({k: v for k, v in document.items() if k != "recorded"})
