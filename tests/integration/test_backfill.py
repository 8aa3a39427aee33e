"""Old tickets in the background: each once, whatever ends the program in between."""

import json
import signal
import subprocess

from conftest import TRIAGED, until
from test_replay import sample

COPIES = 5


def old_tickets():
    return [ticket | {"ticket_id": f"{ticket['ticket_id']}-{copy}"} for copy in range(COPIES) for ticket in sample()]


def write(path, tickets):
    path.write_text("".join(json.dumps(ticket) + "\n" for ticket in tickets), encoding="utf-8")
    return path


def begin(world, *arguments):
    return subprocess.Popen([TRIAGED, "backfill", *map(str, arguments)], env=world.environment(None), cwd=world.folder,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_killed_and_started_again_sends_none_twice(world, tmp_path):
    tickets = old_tickets()
    file = write(tmp_path / "old.jsonl", tickets)
    for wanted in (40, 120):
        process = begin(world, "--file", file, "--rate", 20)
        until(lambda: len(world.read("tickets")) >= wanted or process.poll() is not None, f"{wanted} were sent")
        assert process.poll() is None, "it ended before it could be killed"
        process.kill()
        process.wait()
    done = world.run("backfill", "--file", file, "--rate", 5000)
    assert f"{len(tickets)} in all" in done.stdout
    records = world.read("tickets")
    sent = [(record.key(), json.loads(record.value())["revision"]) for record in records]
    wanted = [(one["ticket_id"], one["revision"]) for one in tickets]
    assert sorted((key.decode().rsplit("/", 1)[1], revision) for key, revision in sent) == sorted(wanted)
    assert all(("triage-class", b"backfill") in record.headers() for record in records)
    assert world.run("backfill", "--file", file, "--rate", 5000).stdout.startswith("0 tickets sent in this run")


def test_an_interrupt_ends_it_cleanly_and_a_topic_can_be_its_source(world, tmp_path):
    tickets = old_tickets()[:300]
    file = write(tmp_path / "old.jsonl", tickets)
    process = begin(world, "--file", file, "--rate", 20, "--to", world.topics["audits"])
    until(lambda: len(world.read("audits")) >= 10, "some were sent")
    process.send_signal(signal.SIGINT)
    assert process.wait() == 75
    sent = len(world.read("audits"))
    assert 10 <= sent < 300
    # An archive: what was sent there goes on to the tickets, and the worker decides it.
    assert world.run("backfill", "--topic", world.topics["audits"], "--rate", 5000).stdout.startswith(f"{sent} tickets")
    worker = world.start().wait_ready()
    world.run("verify", "--wait", 120, "--expect", sent, "--no-queue")
    assert worker.stop() == 0
    assert world.run("backfill", "--topic", world.topics["audits"], "--rate", 5000).stdout.startswith("0 tickets")
