"""The scenarios: each injects one kind of fault into running processes and says what must hold besides the checker's
verdict. A scenario is a function of a Run; its first line is what the table says was injected."""

import itertools
import json
import random
import signal
import socket
import struct
import threading
import time

import psycopg

from load import Load, ticket, record
from world import DOUBLED, HOME, KAFKA_PORT, LOST, SESSION_MS, World, check, service, until

SCENARIOS = {}


def scenario(name, injected):
    def register(function):
        SCENARIOS[name] = (injected, function)
        return function

    return register


class Run:
    """One scenario under way: its options, its world, and the row it makes."""

    def __init__(self, name, injected, services, options):
        self.name, self.services, self.options = name, services, options
        self.random = random.Random(f"{options.seed}/{name}")
        self.row = {"scenario": name, "injected": injected, "seed": options.seed, "tickets": 0, "lost": None,
                    "doubled": None, "other_faults": None, "recovery_s": None, "repeated_calls": None,
                    "repeated_bound": None, "notes": ""}
        self.here = None
        self.began = time.monotonic()

    def world(self, settings=None, delay="50"):
        self.here = World(self.services, self.name, self.options, settings, delay)
        return self.here

    def size(self, quick, full):
        if self.options.tickets:
            return self.options.tickets
        return full if self.options.full else quick

    def say(self, text):
        print(f"# {self.name} {time.monotonic() - self.began:6.1f} s  {text}", flush=True)

    def note(self, text):
        self.say(text)
        self.row["notes"] = "; ".join(filter(None, [self.row["notes"], text]))

    def recovered(self, seconds):
        if seconds is not None:
            self.row["recovery_s"] = round(max(seconds, self.row["recovery_s"] or 0), 2)

    def settle(self, **slowest):
        """Waits for the end and takes the checker's verdict into the row."""
        self.say(f"settling, {self.here.decided()} results of {self.here.sent} records so far")
        verdict = self.here.settle(**slowest)
        faults = verdict["faults"]
        self.row["tickets"] = verdict["inputs"]
        self.row["lost"] = sum(faults[name] for name in LOST)
        self.row["doubled"] = sum(faults[name] for name in DOUBLED)
        self.row["other_faults"] = sum(faults.values()) - self.row["lost"] - self.row["doubled"]
        self.row["repeated_calls"] = self.here.repeated_calls()
        self.row["status"] = {name: n for name, n in verdict["status"].items() if n} | {
            "deadletters": verdict["deadletters"]}
        check(verdict["good"] and not sum(faults.values()),
              "the checker found " + json.dumps({name: n for name, n in faults.items() if n}))
        return verdict

    def bound(self, bound):
        self.row["repeated_bound"] = bound
        repeated = self.here.repeated_calls()
        check(repeated <= bound, f"{repeated} model calls were repeated, at most {bound} may be")


def watch(run, world, done, total):
    """Progress every few seconds while something waits."""
    def tell():
        while not done.wait(10):
            run.say(f"{world.decided()} of {total}")

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    return thread


# ---- 1: kill -9 ----

OPEN_POINTS = ("lane.produce", "lane.offsets.before", "lane.offsets.after", "lane.commit.before")
FIRST_POINTS = ("lane.assigned:1", "lane.begin:1", "lane.commit.before:1")


def kill_plan(run):
    """3 before the first commit of a life, 12 (quick: 4) inside a transaction, 5 (quick: 2) at any moment."""
    rounds, anyhow = (3, 5) if run.options.full else (1, 2)
    most = 60 if run.options.full else 16
    plan = [("first", point) for point in FIRST_POINTS]
    for _ in range(rounds):
        for point in OPEN_POINTS:
            passes = run.random.randint(8, most) * (20 if point == "lane.produce" else 1)
            plan.append(("open", f"{point}:{passes}"))
    plan += [("random", None)] * anyhow
    run.random.shuffle(plan)
    return plan


def one_kill(run, world, kind, point, total):
    """Starts a worker and sees it die; what it held, and how long after its start a result became visible."""
    world.catch_up()
    worker = world.start(point=point)
    if kind == "random":
        until(lambda: world.watcher.first_after(worker.begun), "a new result")
        time.sleep(run.random.uniform(0.05, 1.0))
        check(world.decided() < total, "the load ended before the last kill: give more tickets")
        worker.kill()
    else:
        check(worker.wait(120) == -signal.SIGKILL, f"point {point} was not reached: {worker.log}")
    held = worker.figures()[0]
    hidden = world.open_records()
    if kind == "open":
        check(hidden > 0, f"killed at {point}, and no record stands in an open transaction")
    first = world.watcher.first_after(worker.begun)
    run.say(f"killed at {point or 'random'}: {held} in flight, {hidden} records not visible, "
            + (f"first result after {first - worker.begun:.2f} s" if first else "no result"))
    return held, hidden, first and first - worker.begun


@scenario("kill-9", "kill -9: 3 before a first commit, 12 between produce and commit, 5 at random (quick: 3, 4, 2)")
def kill_9(run):
    world = run.world()
    records = Load(run.options.seed).take(run.size(5000, 100000))
    world.produce(records)
    plan = kill_plan(run)
    bound = hidden = 0
    firsts = []
    for kind, point in plan:
        held, unseen, first = one_kill(run, world, kind, point, len(records))
        bound, hidden = bound + held, hidden + unseen
        firsts += [first] if first else []
    world.catch_up()
    last = world.start()
    first = until(lambda: world.watcher.first_after(last.begun), "a new result") - last.begun
    done = threading.Event()
    watch(run, world, done, len(records))
    run.settle()
    done.set()
    run.bound(bound)
    run.recovered(max([*firsts, first]))
    run.note(f"{len(plan)} kills, {hidden} records stood in open transactions, first new result after a start: "
             f"{min([*firsts, first]):.2f} to {max([*firsts, first]):.2f} s, most in flight {last.figures()[1]}")
    share = run.row["status"]["in_review"] / len(records)
    check(0.1 < share < 0.4, f"{share:.0%} of the load went to review, a fifth was meant")
    check(last.stop() == 0, "the last worker did not end well")


# ---- 2: two workers ----


def partitions_of(worker):
    """The input partitions that its log names."""
    return {int(word[10:]) for line in worker.text().splitlines() if "ticket.outcome" in line
            for word in line.split() if word.startswith("partition=")}


def two_workers(run, tickets):
    world = run.world()
    first, second = world.start("a").wait_ready(), world.start("b").wait_ready()
    until(lambda: all(w.metric("triaged_partitions") == 3 for w in (first, second)), "both have partitions", pause=0.1)
    world.produce(Load(run.options.seed).take(tickets))
    world.wait_decided(tickets * 3 // 10, "the load is under way")
    return world, first, second


@scenario("one-of-two-killed", "two workers, one killed -9 under load and not started again")
def one_of_two_killed(run):
    world, first, second = two_workers(run, run.size(4000, 100000))
    first.kill()
    killed = time.monotonic()
    held = first.figures()[0]
    lost = partitions_of(first)
    run.settle()
    back = world.watcher.first_after(killed + 1, lambda row: row[2] in lost)
    check(back, "nothing of the dead worker's partitions was ever decided")
    run.recovered(back - killed)
    run.bound(held + second.figures()[1])
    check(second.stop() == 0, "the other worker did not end well")


@scenario("one-of-two-stopped", "two workers, one stopped (SIGSTOP) beyond its session under load and continued")
def one_of_two_stopped(run):
    world, first, second = two_workers(run, run.size(4000, 100000))
    first.signal(signal.SIGSTOP)
    stopped = time.monotonic()
    lost = partitions_of(first)
    time.sleep(SESSION_MS / 1000 + 4)  # the fault itself
    first.signal(signal.SIGCONT)
    until(lambda: "partitions.lost" in first.text() or "fenced" in first.text(), "it notices that it was away")
    later = Load(run.options.seed + 1, prefix="u").take(500)
    until(lambda: first.metric("triaged_partitions"), "it has partitions again", pause=0.1)
    world.produce(later)
    run.settle()
    back = world.watcher.first_after(stopped + 1, lambda row: row[2] in lost)
    run.recovered(back and back - stopped)
    check(first.alive() and second.alive(), "a worker ended")
    check(first.stop() == 0 and second.stop() == 0, "a worker did not end well")


# ---- 3: feeder and relay ----


class Reviewers(threading.Thread):
    """Accepts what is open, again and again; conflicts with newer revisions are part of the game."""

    def __init__(self, world):
        super().__init__(daemon=True)
        self.world, self.ending, self.answers = world, False, 0
        self.start()

    def run(self):
        while not self.ending:
            try:
                self.answers += self.world.answer(200)
            except psycopg.Error:
                pass
            time.sleep(0.05)

    def close(self):
        self.ending = True
        self.join()


def killed_role(run, role, points, tickets):
    """A process of this role alone is killed at each point and at random, while triage and reviewers go on."""
    world = run.world()
    others = ",".join(r for r in ("triage", "feeder", "relay") if r != role)
    main = world.start("a", roles=others).wait_ready()
    reviewers = Reviewers(world)
    batch = tickets // (len(points) + 2)
    load = Load(run.options.seed)
    slowest = 0
    for point in [*points, None]:
        world.produce(load.take(batch))
        worker = world.start("r", roles=role, point=point)
        if point:
            check(worker.wait(120) == -signal.SIGKILL, f"point {point} was not reached: {worker.log}")
        else:
            mark = "feeder.fed" if role == "feeder" else "relay.published"
            until(lambda: mark in worker.text(), f"the {role} works")
            time.sleep(run.random.uniform(0.01, 0.5))
            worker.kill()
        run.say(f"{role} killed at {point or 'random'}, {reviewers.answers} answers so far")
    world.produce(load.take(batch))
    last = world.start("r", roles=role)
    mark = "feeder.fed" if role == "feeder" else "relay.published"
    until(lambda: mark in last.text(), f"the {role} works again")
    slowest = time.monotonic() - last.begun
    run.settle()
    until(lambda: not world.query("select 1 from triage.item where state in ('open', 'claimed') limit 1"),
          "the reviewers have answered everything", pause=0.2)
    reviewers.close()
    run.settle()
    reviewed = world.watcher.count("reviewed")
    check(reviewed > 0, "no review was published")
    run.recovered(slowest)
    run.note(f"{len(points) + 1} kills, {reviewed} reviewed and {world.watcher.count('superseded')} superseded published")
    run.bound(0)
    check(last.stop() == 0 and main.stop() == 0, "a process did not end well")


@scenario("feeder-killed", "feeder killed -9 before and after its commit to Postgres, and at random")
def feeder_killed(run):
    killed_role(run, "feeder", ["feeder.feed.before:1", "feeder.feed.after:1", "feeder.feed.before:5",
                                "feeder.feed.after:4", "feeder.commit.after:2"], run.size(2100, 35000))


@scenario("relay-killed", "relay killed -9 at each step of its transaction and after it, and at random")
def relay_killed(run):
    killed_role(run, "relay", ["relay.begin:1", "relay.produce:5", "relay.commit.before:2", "relay.commit.after:2",
                               "relay.noted:1"], run.size(2100, 35000))


# ---- 4: members come and go ----


def remove_member(group, instance):
    """What an operator's tool does to a static member: LeaveGroup (version 3) with its instance name."""
    def text(value):
        raw = value.encode()
        return struct.pack(">h", len(raw)) + raw

    body = text(group) + struct.pack(">i", 1) + text("") + text(instance)
    request = struct.pack(">hhi", 13, 3, 1) + text("crash") + body
    with socket.create_connection(("127.0.0.1", KAFKA_PORT), timeout=10) as link:
        link.sendall(struct.pack(">i", len(request)) + request)
        size = struct.unpack(">i", link.recv(4, socket.MSG_WAITALL))[0]
        answer = link.recv(size, socket.MSG_WAITALL)
    error = struct.unpack(">h", answer[8:10])[0]
    check(error in (0, 25), f"removing member {instance} failed with code {error}")


@scenario("members-come-and-go",
          "every 2 s a new member; they leave by session timeout or removal; 10 s model calls (quick: 4 s)")
def members_come_and_go(run):
    full = run.options.full
    world = run.world(delay="10000" if full else "4000")
    churn_s = 60 if full else 14
    tickets = run.size(150, 300)
    world.produce(Load(run.options.seed, plain=True, auto=0.0).take(tickets))
    stays = world.start("m0").wait_ready()
    began = time.monotonic()
    guests = []
    for number in itertools.count(1):
        if time.monotonic() - began > churn_s:
            break
        guests.append(world.start(f"g{number}", roles="triage"))
        if len(guests) > 2:
            leaves = guests[-3]
            leaves.kill()
            if number % 2:
                remove_member(world.prefix, f"{world.prefix}-{leaves.instance}-0")
        time.sleep(2)  # the pace of the fault
    during = world.decided()
    with_model = world.watcher.count("suggested")
    ended = time.monotonic()
    for guest in guests[-2:]:
        guest.kill()
    check(during > 0, "no result while members came and went: a livelock")
    run.settle(slowest_per_s=0.2)  # the model makes the pace
    run.recovered(time.monotonic() - ended)
    run.note(f"{len(guests)} members in {churn_s} s, {during} of {tickets} decided meanwhile, {with_model} of them "
             "with a draft")
    check(stays.stop() == 0, "the member that stayed did not end well")


# ---- 5: the broker ----


@scenario("broker-restarted", "the broker is killed -9 and started under load")
def broker_restarted(run):
    world = run.world()
    worker = world.start().wait_ready()
    tickets = run.size(4000, 100000)
    world.produce(Load(run.options.seed).take(tickets))
    world.wait_decided(tickets * 3 // 10, "the load is under way")
    run.services.kill_kafka()
    until(lambda: worker.get("/readyz")[0] == 503, "readiness is red while it can't work", pause=0.2)
    held = worker.figures()[0]  # a session that ends meanwhile takes them
    run.services.kafka("start")
    ready = time.monotonic()
    back = until(lambda: world.watcher.first_after(ready), "a new result")
    run.settle()
    run.recovered(back - ready)
    run.bound(held)
    check(worker.alive(), "the worker ended:\n" + worker.text()[-800:])
    check(worker.stop() == 0, "the worker did not end well")


# ---- 6: the model ----


@scenario("call-never-returns", "a model call that never returns, in the one partition of the topic")
def call_never_returns(run):
    deadline_s = run.size(30, 120)  # many times what the others take, on a busy machine too
    world = run.world({"kafka": {"partitions": 1}, "model": {"deadline_ms": deadline_s * 1000}})
    worker = world.start().wait_ready()
    load = Load(run.options.seed, plain=True)
    hung = record(ticket("hung", 1, "hung", "Where is my refund? [[stub:hang]] " + load.text(("refund_status",))))
    before, after = load.take(100), load.take(run.size(400, 4000))
    world.produce([*before, hung, *after])
    run.settle()
    rows = list(world.watcher.seen)
    late = next(row for row in rows if row[4] == "hung")
    others = [row for row in rows if row[4] != "hung"]
    check(late[1] == "in_review" and late[5][-1:] == ["model_timeout"] or "model_timeout" in late[5],
          f"the ticket ended as {late[1]} {late[5]}")
    check(all(row[0] < late[0] for row in others), "somebody waited for the call that never returns")
    check(sum(1 for row in others if row[3] > late[3]) == len(after), "tickets behind it are missing")
    run.recovered(late[0] - min(row[0] for row in rows))
    run.note(f"its ticket reached review {late[0] - others[0][0]:.1f} s after the first result, with a deadline of {deadline_s} s; "
             f"all {len(others)} others were through before")
    run.bound(0)
    check(worker.stop() == 0, "the worker did not end well")


@scenario("model-stopped", "the model server is ended under load and started again")
def model_stopped(run):
    world = run.world({"model": {"breaker_open_ms": 1000}})
    worker = world.start().wait_ready()
    load = Load(run.options.seed, plain=True)
    tickets = run.size(1500, 20000)
    world.produce(load.take(tickets))
    world.wait_decided(tickets // 2, "the load is under way")
    world.stub.stop()
    stopped = time.monotonic()
    world.produce(load.take(tickets))
    world.wait_decided(2 * tickets, "everything goes on without the model")
    away = [row for row in list(world.watcher.seen) if row[0] > stopped]
    answered = sum(1 for row in away if row[1] == "answered")
    without = sum(1 for row in away if "model_unavailable" in row[5])
    check(answered > 0, "the linear tier did not go on alone")
    check(without > 0 and all(row[1] == "in_review" for row in away if "model_unavailable" in row[5]),
          "tickets without a model did not reach review")
    world.stub.start()
    back = time.monotonic()

    def drafted_again():
        world.produce(load.take(20))
        time.sleep(0.2)
        return world.watcher.first_after(back, lambda row: row[1] == "suggested")

    run.recovered(until(drafted_again, "the model is used again") - back)
    run.settle()
    run.note(f"{answered} answered and {without} sent to review as model_unavailable meanwhile")
    check(worker.stop() == 0, "the worker did not end well")


# ---- 7: one bad output, one bad ticket ----


@scenario("result-too-large", "outputs that their topic does not take (max.message.bytes), among good ones")
def result_too_large(run):
    world = run.world()
    world.set_topic("reviews", "max.message.bytes", 150000)
    worker = world.start().wait_ready()
    load = Load(run.options.seed, plain=True)
    large = [record(ticket(f"large{n}", 1, f"large{'abc'[n]}", load.text(("refund_status",)) + "\u20ac" * 65000,
                           ["person"])) for n in range(3)]
    records = load.take(run.size(600, 6000))
    for n, one in enumerate(large):
        records.insert(100 * (n + 1), one)
    world.produce(records)
    verdict = run.settle()
    reasons = [dict(message.headers()).get("triaged_reason", b"").decode()
               for message in world.records("deadletter", "read_committed")]
    check(reasons == ["too_large"] * 3, f"dead letters for {reasons}")
    failed = {row[4] for row in list(world.watcher.seen) if row[1] == "failed"}
    check(failed == {"large0", "large1", "large2"}, f"failed results for {failed}")
    aborts = sum(1 for line in worker.text().splitlines() if "transaction.ended" in line)
    run.note(f"3 dead letters, {verdict['status']['failed']} failed results, {aborts} aborted transactions, "
             "nobody else harmed")
    run.bound(0)
    check(worker.stop() == 0, "the worker did not end well")


@scenario("poison-ticket", "a ticket that crashes the process each time it is decoded")
def poison_ticket(run):
    world = run.world()
    load = Load(run.options.seed, plain=True)
    poison = record(ticket("poison", 1, "poison", "[[crash]] please"))
    records = load.take(run.size(300, 3000))
    records.insert(150, poison)
    world.produce(records)
    deaths, bound = 0, 0
    began = time.monotonic()
    worker = world.start(text="[[crash]]")
    while world.decided() < len(records) - 1:
        check(time.monotonic() - began < 240, f"no end after {deaths} crashes")
        if not worker.alive():
            check(worker.wait() == -signal.SIGKILL, "the worker ended otherwise:\n" + worker.text()[-800:])
            deaths += 1
            bound += worker.figures()[0]
            check(deaths <= 12, "it crashes again and again")
            worker = world.start(text="[[crash]]")
        time.sleep(0.05)
    run.recovered(time.monotonic() - began)
    run.settle()
    letters = world.records("deadletter", "read_committed")
    reasons = [dict(message.headers()).get("triaged_reason", b"").decode() for message in letters]
    check(reasons == ["crash_suspect"] and letters[0].key() == poison.key, f"dead letters for {reasons}")
    run.note(f"{deaths} crashes, one dead letter crash_suspect, no innocent one")
    run.bound(bound)
    check(worker.stop() == 0, "the worker did not end well")


# ---- 8: Postgres ----


@scenario("postgres-stopped", "Postgres stopped for 60 s under load (quick: 8 s)")
def postgres_stopped(run):
    world = run.world()
    worker = world.start().wait_ready()
    load = Load(run.options.seed)
    world.produce(load.take(500))
    world.wait_decided(300, "the load is under way")
    run.services.postgres("stop")
    stopped = time.monotonic()
    away_s = 60 if run.options.full else 8
    tickets = run.size(2000, 20000)
    for _ in range(4):
        world.produce(load.take(tickets // 4))
        time.sleep(away_s / 4)  # the length of the fault
    meanwhile = [row for row in list(world.watcher.seen) if row[0] > stopped + 1]
    check(sum(1 for row in meanwhile if row[1] in ("suggested", "answered")) > 0, "answered tickets did not flow on")
    asked = sum(1 for row in meanwhile if row[1] == "in_review")
    run.services.postgres("start")
    ready = time.monotonic()
    until(lambda: world.query("select 1 from triage.item where created_at > now() - make_interval(secs => %s) limit 1",
                              time.monotonic() - ready), "reviews arrive again", pause=0.1)
    run.recovered(time.monotonic() - ready)
    run.settle()
    run.note(f"{len(meanwhile)} results meanwhile, {asked} of them in_review; their items arrived after")
    run.bound(0)
    check(worker.alive() and worker.stop() == 0, "the worker did not end well")


def copy_cluster(run, target, back=False):
    """A cold copy of the cluster's folder, or back again."""
    import subprocess

    source, other = (target, HOME / "postgres") if back else (HOME / "postgres", target)
    run.services.postgres("stop")
    subprocess.run(["rm", "-rf", str(other)], check=True)
    subprocess.run(["cp", "-a", str(source.resolve()), str(other)], check=True)
    run.services.postgres("start")


@scenario("postgres-older-backup", "Postgres restored from a backup that is older than what the relay published")
def postgres_older_backup(run):
    world = run.world()
    worker = world.start().wait_ready()
    load = Load(run.options.seed, plain=True)
    tickets = run.size(300, 3000)
    world.produce(load.take(tickets))
    world.wait_decided(tickets, "the first half")
    until(world.bridge_is_quiet, "feeder and relay have caught up", pause=0.1)
    world.answer(10)
    until(lambda: world.watcher.count("reviewed") >= 10, "answers are published")
    check(worker.stop() == 0, "the worker did not end well")
    copy_cluster(run, HOME / "postgres-backup")
    worker = world.start().wait_ready()
    world.produce(load.take(tickets))
    world.wait_decided(2 * tickets + 10, "the second half")
    answered = world.answer(10)
    until(lambda: world.watcher.count("reviewed") >= 10 + answered, "later answers are published")
    check(worker.stop() == 0, "the worker did not end well")
    copy_cluster(run, HOME / "postgres-backup", back=True)
    before = world.decided()
    refused = world.start(more=["--set", "log.level=info"])
    code = refused.wait(60)
    check(code == 78, f"the relay did not refuse: exit {code}\n{refused.text()[-800:]}")
    check("triaged positions relay --accept" in refused.text().splitlines()[-1] and "older copy" in refused.text(),
          "the last line does not say how to recover:\n" + refused.text()[-800:])
    check(world.decided() == before, "something was published all the same")
    began = time.monotonic()
    world.run("positions", "relay", "--accept", "--reason", "restored from backup in a test")
    worker = world.start().wait_ready()
    run.recovered(time.monotonic() - began)
    world.produce(load.take(50))
    verdict = run.settle()
    run.note(f"refused with exit 78 and the command; accepted; {answered} answers given after the backup stand on the "
             f"topic and their items are open again ({verdict['in_review_open']} open)")
    check(worker.stop() == 0, "the worker did not end well")


# ---- 9: names and signals ----


@scenario("same-instance-name", "a second process with the same instance name")
def same_instance_name(run):
    world = run.world()
    first = world.start("twin").wait_ready()
    tickets = run.size(2000, 20000)
    world.produce(Load(run.options.seed).take(tickets))
    world.wait_decided(tickets // 10, "the load is under way")
    second = world.start("twin")
    began = time.monotonic()
    loser = until(lambda: next((w for w in (first, second) if not w.alive()), None), "one of them gives up", pause=0.1)
    winner = second if loser is first else first
    gave_up = time.monotonic() - began
    code = loser.wait()
    check(code == 78 and "another process uses instance twin" in loser.text().splitlines()[-1],
          f"exit {code}, last lines:\n{loser.text()[-600:]}")
    world.wait_decided(tickets // 2, "the other one goes on")
    check(winner.alive(), "both gave up")
    run.settle()
    run.recovered(gave_up)
    run.note(f"the {'second' if loser is second else 'first'} ended with exit 78 after {gave_up:.1f} s; the other went on")
    check(winner.stop() == 0, "the other worker did not end well")


def terminated(run, signals):
    world = run.world(delay="500:1500")
    worker = world.start().wait_ready()
    tickets = run.size(1500, 20000)
    world.produce(Load(run.options.seed).take(tickets))
    world.wait_decided(tickets // 5, "the load is under way")
    until(lambda: worker.figures()[0] > 100, "it is under load", pause=0.02)
    began = time.monotonic()
    held = worker.figures()[0]
    for _ in range(signals):
        worker.signal(signal.SIGTERM)
        time.sleep(0.05)
    check(worker.wait(30) == 0, f"exit {worker.process.returncode}:\n{worker.text()[-600:]}")
    took = time.monotonic() - began
    check("worker.ended" in worker.text().splitlines()[-1], "the last line does not say that it ended")
    world.stub.control("delay 50")
    world.catch_up()
    again = world.start()
    back = until(lambda: world.watcher.first_after(again.begun), "a new result")
    run.settle()
    run.recovered(back - again.begun)
    run.note(f"{held} in flight at the signal, ended after {took:.2f} s with exit 0")
    run.bound(0 if signals == 1 else worker.figures()[1])
    check(again.stop() == 0, "the next worker did not end well")


@scenario("sigterm", "SIGTERM under full load: drained")
def sigterm(run):
    terminated(run, 1)


@scenario("sigterm-twice", "SIGTERM twice under full load: at once, what is finished is committed")
def sigterm_twice(run):
    terminated(run, 2)


@scenario("sigterm-broker-away", "SIGTERM under load while the broker is away")
def sigterm_broker_away(run):
    world = run.world({"triage": {"drain_timeout_ms": 2000}})
    worker = world.start().wait_ready()
    tickets = run.size(1500, 20000)
    world.produce(Load(run.options.seed).take(tickets))
    world.wait_decided(tickets // 5, "the load is under way")
    run.services.kill_kafka()
    held = worker.figures()[0]
    began = time.monotonic()
    worker.signal(signal.SIGTERM)
    code = worker.wait(60)
    took = time.monotonic() - began
    check(code in (0, 75), f"exit {code}:\n{worker.text()[-600:]}")
    run.services.kafka("start")
    world.catch_up()
    again = world.start()
    back = until(lambda: world.watcher.first_after(again.begun), "a new result")
    run.settle()
    run.recovered(back - again.begun)
    run.note(f"ended {took:.1f} s after the signal with exit {code}, with a drain_timeout_ms of 2000")
    run.bound(held)
    check(again.stop() == 0, "the next worker did not end well")
