"""What each alarm is about, done to the running system: a fault is begun, may be fed while it lasts, and is ended.

`act` is a generator: what stands before its first yield begins the fault, what stands behind it ends it.
"""

import collections
import contextlib
import dataclasses
import json
import re
import signal
import threading
import time

import psycopg

import world

Record = collections.namedtuple("Record", "key value")
MARK = "refund_status"  # the class that people are made to review
OVERTAKEN, ANSWERED = 25, 60


@dataclasses.dataclass
class Fault:
    rules: tuple
    name: str
    act: object
    over: str  # why the alarm ends
    labels: dict = dataclasses.field(default_factory=dict)
    feed: object = None
    end_takes_long: bool = False

    @property
    def feeds(self):
        return self.feed is not None


FAULTS = []


def fault(*rules, name, over, **more):
    def take(function):
        FAULTS.append(Fault(rules, name, function, over, **more))
        return function
    return take


@contextlib.contextmanager
def alone(desk):
    """Traffic and reviewers rest, so that what is counted is what the fault made."""
    desk.quiet.set()
    try:
        time.sleep(1.5)  # both look at it once a second
        yield
    finally:
        desk.quiet.clear()


# ---- what is wrong with tickets, files and queue ----


def unknown_words(desk):
    words = " ".join(f"qux{w} blorp{w}zyx" for w in range(12))
    desk.send(desk.orders(f"u{time.monotonic_ns()}-", 3, f" Zworbel {words}"))


@fault("TriagedDrift", name="tickets in words that no one was trained on", over="`triaged drift accept`", labels={"signal": "unknown_words"},
       feed=unknown_words)
def drift(desk):
    world.until(lambda: desk.query("select 1 from triage.drift_signals where signal = 'unknown_words' and not learning"),
                "drift has its reference", pause=0.5)
    unknown_words(desk)
    yield
    desk.run("drift", "accept", "--signal", "unknown_words")


@fault("TriagedDeadLetters", name="a record that is no JSON", over="half an hour passes")
def dead_letter(desk):
    desk.produce([Record(b"kestrel/zendesk/kestrel-home/bad", b"{not json")])
    yield


@fault("TriagedReloadRefused", name="SIGHUP with a policy that names no owner", over="half an hour passes")
def reload_refused(desk):
    policy = desk.folder / "policy.yaml"
    good = policy.read_text(encoding="utf-8")
    policy.write_text(good.replace("\nowner:", "\nno_owner:"), encoding="utf-8")
    desk.a.signal(signal.SIGHUP)
    world.until(lambda: "reload.refused" in desk.a.text(), "the reload is refused")
    yield
    policy.write_text(good, encoding="utf-8")
    desk.a.signal(signal.SIGHUP)


@fault("TriagedFeedRefused", "TriagedQueueAlarm", name="a record on triage.reviews that is no request", over="its row is deleted")
def feed_refused(desk):
    desk.produce([Record(b"kestrel/zendesk/kestrel-home/odd", b'{"schema_version": 1, "odd": true}')], "reviews")
    yield
    desk.query("delete from triage.feed_refused")


@fault("TriagedOldTransaction", name="a transaction left open in the database", over="its session ends")
def old_transaction(desk):
    with psycopg.connect(desk.conninfo) as connection:
        connection.execute("select count(*) from triage.item")
        connection.execute("select txid_current()")
        yield


@fault("TriagedQueueOverdue", name="nobody reviews until items are past their due time", over="people answer them", end_takes_long=True)
def overdue(desk):
    with alone(desk):
        desk.send([desk.ticket(f"d{time.monotonic_ns()}", "Gas", "There is a smell of gas near the boiler. What should I do?")])
        world.until(lambda: desk.query("select 1 from triage.item where state = 'open'"), "an item waits", pause=0.2)
        desk.query("update triage.item set due_at = clock_timestamp() - interval '1 minute' where state = 'open'")
        yield
        while desk.review("eve", 50, lambda item: None):
            pass


# ---- the model server ----


def refund(desk):
    desk.send(desk.refunds(f"m{time.monotonic_ns()}-", 2))


@fault("TriagedModelFails", name="every second call of the model server ends with 500", over="the server answers again", feed=refund)
def model_fails(desk):
    desk.stub.control("every 2 500")
    yield
    desk.stub.control("clear")
    end = time.monotonic() + 15
    while time.monotonic() < end:
        refund(desk)
        time.sleep(1)


@fault("TriagedModelDown", name="the model server is stopped", over="it is started again", feed=refund)
def model_down(desk):
    desk.stub.stop()
    refund(desk)
    yield
    desk.stub.start()
    refund(desk)


def hang(desk):
    desk.send(desk.refunds(f"h{time.monotonic_ns()}-", 1, "[[stub:hang]]"))
    desk.send(desk.refunds(f"n{time.monotonic_ns()}-", 1))


@fault("TriagedSlow", name="one call in a few hangs for 65 s (this bound is not shortened)", over="none hangs", feed=hang)
def slow(desk):
    hang(desk)
    yield


# ---- people ----


@fault("TriagedAutonomyLowered", name=f"triaged control cap --class {MARK} --cap shadow", over="a quarter of an hour passes", labels={"class": MARK})
def lowered(desk):
    desk.run("control", "cap", "--class", MARK, "--cap", "shadow", "--reason", "an exercise")
    yield


def make_older(desk):
    """Thirty days pass for what people did."""
    desk.query("update triage.resolution set created_at = created_at - interval '31 days'")
    desk.query("update triage.item set closed_at = closed_at - interval '31 days' where closed_at is not null")


@fault("TriagedOverridden", "TriagedReviewSlow", "TriagedBypassed", over="thirty days pass (rows made older)", labels={"class": MARK},
       name="people give another label, take longer than by hand, and answer outside the queue")
def people(desk):
    with alone(desk):
        while desk.review("eve", 50, lambda item: None):
            pass
        make_older(desk)  # so that only what follows is counted
        desk.send(desk.refunds("p", ANSWERED))
        world.until(lambda: desk.waiting(MARK) >= ANSWERED, "people are asked", pause=0.2)
        while desk.review("ann", 50, lambda item: "delivery_problem", seconds=400):
            pass
        desk.send(desk.refunds("o", OVERTAKEN))
        world.until(lambda: desk.waiting(MARK) >= OVERTAKEN, "items wait", pause=0.2)
        message = {"revision": 2, "event": "updated", "messages": [{"author": "customer", "body_text": "Where is it?"},
                                                                   {"author": "agent", "body_text": "On its way."}]}
        desk.send(desk.refunds("o", OVERTAKEN, more=message))
        yield
        make_older(desk)
        desk.run("control", "lift", "--class", MARK, "--reason", "it is over")


def verdict(desk, right):
    """One audit gets its verdict: of one reviewer if it is right, of two if it is wrong."""
    label = (lambda item: None) if right else (lambda item: "refund_status")
    before = desk.query("select count(*) from triage.audit where verdict is not null")[0][0]
    names = ("ann", "bob", "cleo", "dora")
    deadline = time.monotonic() + 20
    while desk.query("select count(*) from triage.audit where verdict is not null")[0][0] == before and time.monotonic() < deadline:
        for name in names:
            desk.review(name, 1, label)
        time.sleep(0.1)


def evidence(desk):
    found = [float(v) for v in re.findall(r"^triaged_promise_evidence_ratio\{[^}]*\} ([0-9.e+-]+)$", desk.a.get("/metrics")[1], re.M)]
    return max(found, default=0.0)


def fresh_evidence(desk, before):
    """The figure once the watch has read the last verdict, or after its interval."""
    deadline = time.monotonic() + 8
    while evidence(desk) == before and time.monotonic() < deadline:
        time.sleep(0.2)
    return evidence(desk)


def prepare_audits(desk):
    while desk.review("eve", 50, lambda item: None) + desk.review("fred", 50, lambda item: None):
        pass
    name = f"q{time.monotonic_ns()}-"
    desk.send(desk.orders(name, 80))
    world.until(lambda: desk.waiting("order_status", "audit") >= 80, "answers are drawn for audits", pause=0.2)


@fault("TriagedPromiseDoubtful", name="some audits find errors", over="the evidence falls, or becomes an alarm")
def doubtful(desk):
    with alone(desk):
        prepare_audits(desk)
        growth, now = 2.0, evidence(desk)
        for _ in range(60):
            if now > 0.35:
                break
            before = now
            verdict(desk, right=now * growth >= 1)
            now = fresh_evidence(desk, before)
            growth = max(now / before, 1.01) if before > 0 and now > before else growth
        yield
        for _ in range(40):
            if evidence(desk) <= 0.3:
                break
            verdict(desk, right=True)
            time.sleep(1)


@fault("TriagedPromiseBroken", "TriagedMiscalibrated", name="audits find sixty answers wrong",
       over="a new promise is loaded, and thirty days pass (rows made older)")
def broken(desk):
    with alone(desk):
        prepare_audits(desk)
        for name in ("ann", "bob", "cleo", "dora") * 4:
            while desk.review(name, 50, lambda item: "refund_status"):
                pass
            time.sleep(0.5)
        yield
        desk.query("update triage.audit set decided_at = decided_at - interval '31 days' where verdict is not null")
        desk.new_promise()
        desk.a.signal(signal.SIGHUP)


# ---- Kafka, Postgres, processes ----


def one_refund(desk):
    desk.send(desk.refunds(f"k{time.monotonic_ns()}-", 2))


@fault("TriagedTransactionsFail", name="triage.results takes no message of more than 300 bytes", over="a quarter of an hour passes",
       feed=one_refund)
def transactions_fail(desk):
    with alone(desk):
        desk.set_topic("results", "max.message.bytes", 300)
        one_refund(desk)
        yield
        desk.set_topic("results", "max.message.bytes", 1048588)


@fault("TriagedFenced", name="a second worker with the same triage.instance", over="a quarter of an hour passes, and one of the two is ended",
       feed=one_refund)
def fenced(desk):
    twin = desk.launch("a", "triage", port=19893)
    yield
    if twin.alive():
        twin.stop()
    if not desk.a.alive():
        desk.start_a()
    desk.a.wait_ready()


@fault("TriagedLagGrows", name="the worker gets a tenth of a processor, and tickets go on coming", over="it gets all of it", end_takes_long=True)
def lag_grows(desk):
    ended = threading.Event()

    def starve():
        while not ended.is_set():
            desk.a.signal(signal.SIGSTOP)
            time.sleep(0.9)
            desk.a.signal(signal.SIGCONT)
            time.sleep(0.1)

    def flood():
        number = 0
        while not ended.is_set():
            number += 1
            desk.send(desk.orders(f"f{number}-", 80))  # so few that the worker's reader never is full: else its lag is seldom told
            time.sleep(0.7)

    with alone(desk):
        threads = [threading.Thread(target=work, daemon=True) for work in (starve, flood)]
        for thread in threads:
            thread.start()
        yield
        ended.set()
        for thread in threads:
            thread.join()


@fault("TriagedFeederBehind", name="Postgres is stopped while 1,500 tickets need people", over="it is started", end_takes_long=True)
def feeder_behind(desk):
    with alone(desk):
        desk.services.postgres("stop")
        desk.send([desk.ticket(f"g{i}", "Gas", "There is a smell of gas near the boiler. What should I do?") for i in range(1500)])
        yield
        desk.services.postgres("start")


@fault("TriagedNoRelay", "TriagedDown", name="the relay is killed with answers waiting", over="it is started again", end_takes_long=True)
def relay_killed(desk):
    desk.b.kill()
    yield
    desk.start_b()
    desk.b.wait_ready()


@fault("TriagedOutboxWaits", "TriagedStandsStill", name="Kafka is stopped while answers and tickets wait, and the worker has lost its partitions", over="it is started",
       end_takes_long=True)
def kafka_away(desk):
    with alone(desk):
        desk.send(desk.refunds(f"w{time.monotonic_ns()}-", 20, "[[stub:hang]]"))
        world.until(lambda: (desk.metric(desk.a, "triaged_lag_records") or 0) > 0, "tickets wait")
        world.until(lambda: desk.query("select 1 from triage.item where state = 'open'"), "an item waits", pause=0.2)
        desk.services.kafka("stop")
        desk.review("ann", 5, lambda item: None)
        # With the shipped times the session has ended long before the alarm: then nobody knows of a lag.
        world.until(lambda: "event=partitions.lost" in desk.a.text(), "the worker loses its partitions", pause=0.2)
        world.until(lambda: desk.metric(desk.a, "triaged_lag_records") == 0, "and its lag", pause=0.2)
        time.sleep(3)  # until Prometheus has seen it
        yield
        desk.services.kafka("start")
