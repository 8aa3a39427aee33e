"""Old tickets in the background: each once, whatever ends the program in between, and never more before the worker than may wait."""

import contextlib
import json
import signal
import subprocess

import confluent_kafka
import pytest
from conftest import HANG_SECONDS, TRIAGED, until
from test_replay import sample

COPIES = 5
MAY_WAIT = 8


def old_tickets():
    """Each revision once: a repeat has no result of its own."""
    once = {(ticket["ticket_id"], ticket["revision"]): ticket for ticket in sample()}.values()
    return [ticket | {"ticket_id": f"{ticket['ticket_id']}-{copy}"} for copy in range(COPIES) for ticket in once]


def write(path, tickets):
    path.write_text("".join(json.dumps(ticket) + "\n" for ticket in tickets), encoding="utf-8")
    return path


def begin(world, *arguments):
    said = (world.folder / "backfill.log").open("ab")
    return subprocess.Popen([TRIAGED, "backfill", *map(str, arguments)], env=world.environment(None), cwd=world.folder,
                            stdout=subprocess.DEVNULL, stderr=said)


def said(world):
    return (world.folder / "backfill.log").read_text(encoding="utf-8")


@contextlib.contextmanager
def backing_off(world, *arguments):
    """A backfill that has said that it waits; ended by force."""
    before = said(world).count("waits for the worker") if (world.folder / "backfill.log").exists() else 0
    process = begin(world, *arguments)
    try:
        until(lambda: said(world).count("waits for the worker") > before or process.poll() is not None, "it backs off")
        assert process.poll() is None, said(world)
        yield process
    finally:
        process.kill()
        process.wait()


def old_on(world, topic="tickets"):
    return [record for record in world.read(topic) if ("triage-class", b"backfill") in (record.headers() or [])]


def names(documents):
    """A ticket may come in several revisions."""
    return [(document["ticket_id"], document["revision"]) for document in documents]


def values(records):
    return [json.loads(record.value()) for record in records]


def test_killed_and_started_again_sends_none_twice(world, tmp_path):
    tickets = old_tickets()
    file = write(tmp_path / "old.jsonl", tickets)
    for wanted in (40, 120):
        process = begin(world, "--file", file, "--rate", 20, "--waiting", 0)
        until(lambda: len(world.read("tickets")) >= wanted or process.poll() is not None, f"{wanted} were sent")
        assert process.poll() is None, "it ended before it could be killed"
        process.kill()
        process.wait()
    done = world.run("backfill", "--file", file, "--rate", 5000, "--waiting", 0)
    assert f"{len(tickets)} in all" in done.stdout
    records = world.read("tickets")
    assert sorted(names(values(records))) == sorted(names(tickets))
    assert len(old_on(world)) == len(records)
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
    worker = world.start().wait_ready()
    assert world.run("backfill", "--topic", world.topics["audits"], "--rate", 5000).stdout.startswith(f"{sent} tickets")
    world.run("verify", "--wait", HANG_SECONDS, "--expect", sent, "--no-queue")
    assert worker.stop() == 0
    assert world.run("backfill", "--topic", world.topics["audits"], "--rate", 5000).stdout.startswith("0 tickets")


def test_another_name_or_another_topic_to_fill_is_another_job(world, tmp_path):
    file = write(tmp_path / "old.jsonl", old_tickets()[:20])
    one, other = "n" * 100 + "1", "n" * 100 + "2"
    job = ("backfill", "--file", file, "--rate", 5000, "--to", world.topics["audits"])
    for name in (one, other):
        assert world.run(*job, "--job", name).stdout.startswith("20 tickets sent in this run, 20 in all")
        assert world.run(*job, "--job", name).stdout.startswith("0 tickets sent in this run, 20 in all")
    elsewhere = world.run("backfill", "--file", file, "--rate", 5000, "--waiting", 0, "--job", one)
    assert elsewhere.stdout.startswith("20 tickets sent in this run, 20 in all")
    as_source = ("backfill", "--topic", world.topics["audits"], "--rate", 5000, "--waiting", 0, "--job", one)
    assert world.run(*as_source).stdout.startswith("40 tickets sent in this run, 40 in all")


# ---- the bound ----


def run_a_worker(world, tickets):
    """A worker that decides these and stops: the group has a position."""
    world.send(tickets)
    worker = world.start().wait_ready()
    world.run("verify", "--wait", HANG_SECONDS, "--expect", len(tickets), "--no-queue")
    assert worker.stop() == 0


def never_more_waited(world, bound):
    """Of the old tickets on the topic when each was sent, all but so many had their result."""
    old, first = old_on(world), {}
    sent, mine = sorted(record.timestamp()[1] for record in old), set(names(values(old)))
    for record in sorted(world.read("results"), key=lambda record: record.timestamp()[1]):
        [name] = names(values([record]))
        if name in mine:
            first.setdefault(name, record.timestamp()[1])
    done = first.values()
    for number, when in enumerate(sent, 1):
        assert number - sum(moment <= when for moment in done) <= bound
    return len(sent), len(done)


def test_at_most_as_many_as_may_wait_lie_before_a_worker_that_is_stopped(world, tmp_path):
    *tickets, one = old_tickets()[:121]
    run_a_worker(world, [one])
    job = ("--file", write(tmp_path / "old.jsonl", tickets), "--rate", 5000, "--waiting", MAY_WAIT)
    for _ in range(2):  # killed while it backs off, and started again
        with backing_off(world, *job):
            assert len(old_on(world)) == MAY_WAIT
    worker = world.start().wait_ready()
    process = begin(world, *job)
    until(lambda: len(old_on(world)) >= 60 or process.poll() is not None, "half were sent")
    process.kill()
    process.wait()
    assert f"{len(tickets)} in all" in world.run("backfill", *job).stdout
    world.run("verify", "--wait", HANG_SECONDS, "--expect", len(tickets) + 1, "--no-queue")
    assert worker.stop() == 0
    assert sorted(names(values(old_on(world)))) == sorted(names(tickets))
    assert never_more_waited(world, MAY_WAIT) == (len(tickets), len(tickets))


def test_while_as_many_live_tickets_wait_it_sends_none_and_an_interrupt_ends_the_wait(world, tmp_path):
    first, *tickets = old_tickets()[:60]
    run_a_worker(world, [first])
    world.send(tickets[:MAY_WAIT])
    job = ("--file", write(tmp_path / "old.jsonl", tickets[MAY_WAIT:]), "--rate", 5000, "--waiting", MAY_WAIT)
    with backing_off(world, *job) as process:
        assert old_on(world) == []
        process.send_signal(signal.SIGINT)
        assert process.wait() == 75


def test_a_topic_that_nobody_reads_gets_as_many_as_may_wait_and_it_says_so(world, tmp_path):
    job = ("--file", write(tmp_path / "old.jsonl", old_tickets()[:60]), "--rate", 5000, "--waiting", MAY_WAIT)
    with backing_off(world, *job):
        assert len(old_on(world)) == MAY_WAIT
    assert said(world).count(f"group {world.prefix} has no position in topic {world.topics['tickets']}") == 1


def test_another_topic_is_bounded_only_where_that_is_asked_for(world, tmp_path):
    file = write(tmp_path / "old.jsonl", old_tickets()[:60])
    to = ("--rate", 5000, "--to", world.topics["audits"])
    assert world.run("backfill", "--file", file, *to).stdout.startswith("60 tickets")
    with backing_off(world, "--file", file, *to, "--job", "again", "--waiting", 70):
        assert len(old_on(world, "audits")) == 70


def test_aborted_records_do_not_wait_and_an_open_transaction_does(world, tmp_path):
    first, *tickets = old_tickets()[:60]
    run_a_worker(world, [first])
    producer = confluent_kafka.Producer({"bootstrap.servers": world.bootstrap, "transactional.id": world.prefix + "-other"})
    producer.init_transactions()

    def begin_with(n):
        producer.begin_transaction()
        for i in range(n):
            producer.produce(world.topics["tickets"], b"{}", key=f"k{i}")
        assert producer.flush(60) == 0

    begin_with(3 * MAY_WAIT)
    producer.abort_transaction()
    bound = ("--rate", 5000, "--waiting", MAY_WAIT)
    few = write(tmp_path / "few.jsonl", tickets[:MAY_WAIT - 1])
    assert world.run("backfill", "--file", few, *bound).stdout.startswith(f"{MAY_WAIT - 1} tickets")
    begin_with(1)
    with backing_off(world, "--file", write(tmp_path / "one.jsonl", tickets[MAY_WAIT:MAY_WAIT + 1]), *bound) as process:
        producer.abort_transaction()
        assert process.wait() == 0
    assert len(old_on(world)) == MAY_WAIT


@pytest.mark.parametrize("wrong", [("--waiting", "-1"), ("--waiting", "many"), ("--waiting", "1001"), ("--waiting", "0.5"), ("--waiting", "8/s"), ("--rate", "0")])
def test_a_bound_out_of_range_is_refused(world, tmp_path, wrong):
    file = write(tmp_path / "old.jsonl", [])
    refused = world.run("backfill", "--file", file, "--rate", 1, *wrong, check=False)
    assert refused.returncode == 64 and wrong[1] in refused.stderr
