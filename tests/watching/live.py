#!/usr/bin/env python3
"""Every alarm of deploy/prometheus/alerts.yml is raised on the running system by the fault it is for, and ends with it.

usage: tests/watching/live.py [--seed N] [--only RULE,…] [--markdown FILE] [--picture FILE] [--keep]

Real Kafka, PostgreSQL, Prometheus and workers, the scripted model server, and steady traffic with reviewers. The rules are the
shipped ones with their times divided by FACTOR, which is printed line by line; their other numbers stay. Each fault is
then induced, one group after the other, and a line says how long after it the alarm fired, and how long after its end it was
over. --picture FILE draws the shipped dashboard with what Prometheus has at the end. Needs the build (build-dev or
$TRIAGED_BUILD), the packages of the integration tests, and Debian's prometheus.
"""

import argparse
import contextlib
import json
import os
import pathlib
import random
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
os.environ.setdefault("TRIAGED_BUILD", str(ROOT / "build-dev"))
VENV = pathlib.Path(os.environ.get("TRIAGED_VAR", ROOT / "var")) / "venv-tests" / "bin" / "python"
try:
    import psycopg
except ImportError:
    os.execv(VENV, [str(VENV), __file__, *sys.argv[1:]])
sys.path[:0] = [str(ROOT / "tests" / "crash"), str(HERE)]
import faults  # noqa: E402
import world  # noqa: E402

world.HOME = world.VAR / "watching"
world.KAFKA_PORT, world.POSTGRES_PORT = 19592, 15934
world.Services.bootstrap = f"127.0.0.1:{world.KAFKA_PORT}"
world.Services.server = f"host=127.0.0.1 port={world.POSTGRES_PORT} user=postgres"

FACTOR = 60
PROMETHEUS_PORT, PORTS = 19890, {"a": 19891, "b": 19892}
RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
SECONDS = {"s": 1, "m": 60, "h": 3600}
AGES = r"((?:outbox|transaction)\w*_seconds\)) > (\d+)"  # thresholds that are themselves a time which passes
FIRES_WITHIN, ENDS_WITHIN = 240, 150  # for hangs only
ORDER = "Where is my order? The tracking has not moved for days. My order number is K-{:05d}, when will it arrive?"
REFUND = ("Where is my refund? {} I returned my order three weeks ago, the courier confirms that it arrived, and the money is still "
          "not on my card. When will I be refunded?")


# ---- the rules, with less patience ----


def shorter(text):
    """The shipped rules with every time divided by FACTOR, and what was changed."""
    changed = []

    def divide(match):
        seconds = int(match[2]) * SECONDS[match[3]] // FACTOR
        changed.append(f"{match[1].strip()}{match[2]}{match[3]} → {seconds}s")
        return f"{match[1]}{seconds}s"

    def divide_age(match):
        changed.append(f"{match[1]} > {match[2]} → > {int(match[2]) // FACTOR}")
        return f"{match[1]} > {int(match[2]) // FACTOR}"

    text = re.sub(r"(for: |\[|offset )(\d+)([smh])", divide, text)
    return re.sub(AGES, divide_age, text), changed


class Prometheus:
    def __init__(self, folder):
        self.url = f"http://127.0.0.1:{PROMETHEUS_PORT}"
        folder.mkdir(parents=True, exist_ok=True)
        rules, changed = shorter(RULES.read_text(encoding="utf-8"))
        (folder / "alerts.yml").write_text(rules, encoding="utf-8")
        for name, n in sorted({line: changed.count(line) for line in changed}.items()):
            print(f"# rules: {name} ({n} times)")
        targets = json.dumps([f"127.0.0.1:{port}" for port in PORTS.values()])
        (folder / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\nrule_files: [alerts.yml]\n"
            f"scrape_configs: [{{job_name: triaged, static_configs: [{{targets: {targets}}}]}}]\n", encoding="utf-8")
        self.process = world.start_process(
            ["prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
             f"--web.listen-address=127.0.0.1:{PROMETHEUS_PORT}"], folder / "prometheus.log")
        self.firing, self.ever = {}, {}
        world.until(lambda: self.ask("query?query=1"), "Prometheus answers", pause=0.2)
        threading.Thread(target=self.watch, daemon=True).start()

    def ask(self, path):
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}", timeout=10) as answer:
                return json.load(answer)["data"]
        return None

    def watch(self):
        """Notes each alarm's labels while it fires."""
        while True:
            data = self.ask("alerts")
            if data is not None:
                now = {}
                for alert in data["alerts"]:
                    if alert["state"] == "firing":
                        now.setdefault(alert["labels"]["alertname"], []).append(alert)
                self.firing = now
                for name, alerts in now.items():
                    self.ever.setdefault(name, alerts[0])
            time.sleep(0.5)

    def fires(self, rule, labels):
        return [alert for alert in self.firing.get(rule, []) if labels.items() <= alert["labels"].items()]


# ---- the company ----


class Desk(world.World):
    """Worker a decides, feeds and watches; worker b is the relay. Tickets come all the time, and reviewers answer."""

    def __init__(self, services, options):
        self.dice = random.Random(options.seed)
        self.numbers_sent, self.quiet, self.ended = 0, threading.Event(), False
        self.samples = [json.loads(line) for line in (world.SAMPLE / "tickets.jsonl").read_text(encoding="utf-8").splitlines()]
        self.samples = [ticket for ticket in self.samples if ticket.get("event") != "withdrawn" and ticket.get("body_text")]
        super().__init__(services, "watching", options)

    def defaults(self):
        policy = self.folder / "policy.yaml"
        policy.write_text((world.SAMPLE / "policy.yaml").read_text(encoding="utf-8"), encoding="utf-8")
        key = self.folder / "audit.key"
        key.write_text(secrets.token_hex(16), encoding="utf-8")
        key.chmod(0o600)
        return {
            "kafka": {"bootstrap_servers": self.services.bootstrap, "group": self.prefix, "start": "earliest", "partitions": 3,
                      "topics": self.topics},
            "postgres": {"conninfo": self.conninfo, "hold_seconds": 0},
            "model": {"url": f"http://127.0.0.1:{self.stub.port}/v1", "name": "stub", "slots": 64, "retries": 0,
                      "call_timeout_ms": 65000, "breaker_open_ms": 2000},
            "triage": {"instance": "a", "policy_file": str(policy), "classifier_file": str(self.folder / "sample.model"),
                       "promise_file": str(self.folder / "promise.json"), "knowledge_dir": str(world.SAMPLE / "knowledge"),
                       "knowledge_vectors_file": str(self.folder / "knowledge.vectors"), "audit_percent": 100,
                       "audit_false_alarm": 1000, "audit_key_file": str(key), "drift_reference": 150, "drift_false_alarm": 1000,
                       "drift_caps": 0},
            "log": {"level": "info"},
        }

    def prepare(self):
        subprocess.run([world.TRIAGED, "train", "--no-encoder", "--data", world.SAMPLE / "train", "--out",
                        self.folder / "sample.model"], check=True, capture_output=True, stdin=subprocess.DEVNULL)
        self.new_promise()
        super().prepare()
        self.query("update triage.setting set manual_seconds = 180")

    def new_promise(self):
        """As `triaged calibrate` writes it, and taken for certified: what is tried here is what happens when it is broken."""
        row = json.dumps({"subject": "", "body": f"Where is my order? {secrets.token_hex(4)}", "label": "order_status"})
        (self.folder / "rows.jsonl").write_text((row + "\n") * 40, encoding="utf-8")
        path = self.folder / "promise.json"
        self.run("calibrate", "--model", self.folder / "sample.model", "--data", self.folder / "rows.jsonl", "--max-error", "0.1",
                 "--confidence", "0.9", "--out", path)
        document = json.loads(path.read_text(encoding="utf-8"))
        document |= {"certified": True, "thresholds": {"confidence": 0.0}}
        path.write_text(json.dumps(document), encoding="utf-8")

    def launch(self, name, roles, *more, port=None):
        log = self.folder / f"worker-{name}-{next(self.numbers)}.log"
        http = f"127.0.0.1:{port or PORTS[name]}"
        process = world.start_process([world.TRIAGED, "run", "--roles", roles, "--instance", name, "--set", f"http.listen={http}", *more],
                                      log, self.environment())
        worker = world.Worker(process, log, http, self.folder / "none", name)
        self.workers.append(worker)
        return worker

    def start_a(self):
        self.a = self.launch("a", "triage,feeder,watch")

    def start_b(self):
        self.b = self.launch("b", "relay")

    # -- tickets --

    def ticket(self, number, subject, body, more=None):
        return {"schema_version": 1, "tenant": "kestrel", "source": {"system": "zendesk", "instance": "kestrel-home"},
                "ticket_id": str(number), "revision": 1, "event": "created", "subject": subject, "body_text": body, "language": "en",
                "channel": "web", "created_at": "2026-11-24T08:00:00Z"} | (more or {})

    def orders(self, prefix, n, more=""):
        return [self.ticket(f"{prefix}{i}", "Where is my order?", ORDER.format(i) + more) for i in range(n)]

    def refunds(self, prefix, n, marker="", more=None):
        return [self.ticket(f"{prefix}{i}", "Where is my refund?", REFUND.format(marker), more) for i in range(n)]

    def send(self, tickets):
        self.produce([world_record(ticket) for ticket in tickets])

    def traffic(self):
        """Four tickets a second of the sample, under new numbers."""
        while not self.ended:
            if not self.quiet.is_set():
                some = []
                for _ in range(4):
                    self.numbers_sent += 1
                    some.append(self.dice.choice(self.samples) | {"ticket_id": f"s{self.numbers_sent}", "revision": 1, "event": "created"})
                with contextlib.suppress(world.Failed):
                    self.send(some)
            time.sleep(1)

    # -- people --

    def reviewing(self):
        """Reviewers who mostly agree, in half a minute each."""
        while not self.ended:
            if not self.quiet.is_set():
                with contextlib.suppress(psycopg.Error, world.Failed):
                    for name in ("cleo", "dora"):
                        self.review(name, 10, lambda item: "refund_status" if self.dice.random() < 0.08 else None)
            time.sleep(1)

    def review(self, name, n, other, seconds=None, only=""):
        """Answers up to n items; other says another label for one, or None."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            rows = connection.execute("select item_id, claim_no, label from triage.claim(%s, %s)", (name, n)).fetchall()
            for item, claim, shown in rows:
                label = other(item)
                outcome, label = ("relabelled", label) if label and label != shown else ("accepted", None)
                taken = seconds or round(self.dice.lognormvariate(3.3, 0.5), 1)
                with contextlib.suppress(psycopg.DatabaseError):
                    connection.execute("select triage.resolve(%s, %s, %s, %s::triage.outcome, %s, null, %s)",
                                       (item, claim, secrets.token_hex(8), outcome, label, taken))
        return len(rows)

    def waiting(self, label, origin="ticket"):
        return self.query("select count(*) from triage.item where state = 'open' and label = %s and origin::text = %s", label, origin)[0][0]

    def metric(self, worker, pattern):
        found = re.findall(rf"^{pattern} ([0-9.e+-]+)$", worker.get("/metrics")[1], re.M)
        return float(found[-1]) if found else None


def world_record(ticket):
    source = ticket["source"]
    key = f"{ticket['tenant']}/{source['system']}/{source['instance']}/{ticket['ticket_id']}".encode()
    return faults.Record(key, json.dumps(ticket).encode())


# ---- the run ----


class Run:
    def __init__(self, desk, prometheus, only):
        self.desk, self.prometheus, self.only = desk, prometheus, only
        self.rows, self.failed = [], 0

    def case(self, fault):
        """One fault: begins it, waits for its alarms, ends it, waits until they are over."""
        wanted = [rule for rule in fault.rules if not self.only or rule in self.only]
        if not wanted:
            return
        state, error = {rule: {"before": bool(self.prometheus.fires(rule, fault.labels))} for rule in wanted}, ""
        fault_run = fault.act(self.desk)
        began = time.monotonic()
        try:
            next(fault_run)
            self.wait(state, wanted, fault, fault_run, began, "fired", FIRES_WITHIN)
            ended = time.monotonic()
            with contextlib.suppress(StopIteration):
                next(fault_run)
            ended = time.monotonic() if fault.end_takes_long else ended
            self.wait(state, wanted, fault, None, ended, "over", ENDS_WITHIN)
        except Exception as problem:  # a fault that can't be made is a rule that was not seen
            error = f"{type(problem).__name__}: {problem}".splitlines()[0][:300]
            with contextlib.suppress(Exception):
                list(fault_run)
        for rule in wanted:
            self.tell(rule, fault, state[rule], error)

    def wait(self, state, wanted, fault, going, since, key, seconds):
        """Until all have fired, or are over. A fault that goes on is fed meanwhile: it yields while it can."""
        while time.monotonic() - since < seconds and any(key not in state[rule] for rule in wanted):
            for rule in wanted:
                alerts = self.prometheus.fires(rule, fault.labels)
                if key not in state[rule] and bool(alerts) == (key == "fired"):
                    state[rule][key] = time.monotonic() - since
                    if alerts:
                        state[rule]["said"] = alerts[0]["annotations"]["summary"]
            if going and fault.feeds:
                fault.feed(self.desk)
            time.sleep(0.5)

    def tell(self, rule, fault, state, error):
        good = "fired" in state and "over" in state and not error
        self.failed += not good
        fired = f"fired {state['fired']:.0f} s after" if "fired" in state else "did not fire after"
        over = f"resolved {state['over']:.0f} s after its end" if "over" in state else "not resolved"
        print(f"{'ok' if good else 'not ok'} {rule}: {fired} {fault.name}, {over}", flush=True)
        if state.get("said"):
            print(f"#   {state['said']}")
        if state.get("before"):
            print("#   it was firing already")
        if error:
            print(f"#   {error}")
        self.rows.append((rule, fault.name, state.get("fired"), state.get("over"), fault.over))


def markdown(rows):
    lines = ["| alarm | fault | fired after | over because | resolved after |", "|---|---|---|---|---|"]
    show = lambda s: "not seen" if s is None else f"{s:.0f} s"  # noqa: E731
    return "\n".join(lines + [f"| {rule} | {name} | {show(fired)} | {why} | {show(over)} |" for rule, name, fired, over, why in rows]) + "\n"


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", type=lambda text: set(text.split(",")), default=set())
    parser.add_argument("--markdown", type=pathlib.Path)
    parser.add_argument("--picture", type=pathlib.Path, help="the dashboard, as HTML")
    parser.add_argument("--keep", action="store_true", help="leaves everything up at the end, until SIGTERM")
    return parser.parse_args()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options, began = parse(), time.time()
    subprocess.run(["rm", "-rf", world.HOME / "prometheus", world.HOME / "runs"], check=True)
    desk = Desk(world.Services().start(), options)
    prometheus = Prometheus(world.HOME / "prometheus")
    print(f"# seed {options.seed}, times divided by {FACTOR}, scraped each second; files in {desk.folder.relative_to(ROOT)}", flush=True)
    desk.start_a()
    desk.start_b()
    desk.a.wait_ready()
    desk.b.wait_ready()
    for work in (desk.traffic, desk.reviewing):
        threading.Thread(target=work, daemon=True).start()
    run = Run(desk, prometheus, options.only)
    for fault in faults.FAULTS:
        run.case(fault)
    if not options.only:
        rules = set(re.findall(r"- alert: (\w+)", RULES.read_text(encoding="utf-8")))
        for rule in sorted(rules - {row[0] for row in run.rows}):
            run.failed += 1
            print(f"not ok {rule}: no fault is written for it")
    if options.markdown:
        options.markdown.write_text(markdown(run.rows), encoding="utf-8")
    if options.picture:
        subprocess.run([sys.executable, HERE / "dashboard_picture.py", prometheus.url, options.picture, str(int(time.time() - began))], check=False)
    print(f"{len(run.rows) - run.failed} passed, {run.failed} failed in {time.time() - began:.0f} s", flush=True)
    while options.keep:
        time.sleep(1)
    desk.ended = True
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
