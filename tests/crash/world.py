"""What a crash run stands on: services, one scenario's world, its workers, the model stub, and who watches the results.

Everything that is started here is ended here, by its process id, also when the run is interrupted.
"""

import atexit
import contextlib
import itertools
import json
import os
import pathlib
import secrets
import signal
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import confluent_kafka
import confluent_kafka.admin
import psycopg

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lib"))
from ports import free_port  # noqa: E402

VAR = pathlib.Path(os.environ.get("TRIAGED_VAR", ROOT / "var"))
HOME = VAR / "crash"
KNOWLEDGE = HOME / "knowledge"
BUILD = pathlib.Path(os.environ.get("TRIAGED_BUILD", ROOT / "build"))
TRIAGED = BUILD / "triaged"
KILLPOINTS = BUILD / "tests" / "triaged_killpoints"
STUB = BUILD / "tests" / "model_stub"
SAMPLE = ROOT / "deploy" / "sample"

KAFKA_PORT = 19292  # the controller has the next one
POSTGRES_PORT = 15632
HANG_SECONDS = 600
SLOWEST_PER_S = 5  # tickets: slower than this is taken for a hang
SESSION_MS = 6000  # the least that a broker takes without being told otherwise
TOPICS = ("tickets", "results", "reviews", "audits", "deadletter", "positions", "control")
LOST = ("lost", "request_missing", "item_missing", "answer_missing")
DOUBLED = ("doubled_outcome", "doubled_id", "doubled_decision", "doubled_ending", "item_doubled")


class Failed(Exception):
    """An invariant or an expectation of a scenario does not hold."""


def check(true, what):
    if not true:
        raise Failed(what)


def until(question, what, seconds=HANG_SECONDS, pause=0.02):
    """Asks until the answer is true and returns it. Not a measurement: the bound is for hangs only."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        if time.monotonic() > deadline:
            raise Failed(f"waited {seconds} s in vain: {what}")
        time.sleep(pause)
    return answer


# ---- processes ----

children = []


def start_process(command, log, env=None, **more):
    with log.open("ab") as out:
        process = subprocess.Popen(list(map(str, command)), stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=env,
                                   **more)
    children.append(process)
    return process


def end_children():
    for process in children:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()


atexit.register(end_children)


# ---- services ----


def service(script, *arguments):
    done = subprocess.run([ROOT / "deploy" / "lib" / script, *map(str, arguments)], capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise Failed(f"{script} {arguments}: {done.stdout}{done.stderr}")


class Services:
    """A broker and a database server, fresh at the start and gone at the end."""

    bootstrap = f"127.0.0.1:{KAFKA_PORT}"
    server = f"host=127.0.0.1 port={POSTGRES_PORT} user=postgres"

    def start(self):
        HOME.mkdir(parents=True, exist_ok=True)
        for script, folder in (("kafka.sh", "kafka"), ("postgres.sh", "postgres")):
            service(script, "wipe", "--dir", HOME / folder)
        atexit.register(self.stop)
        self.kafka("start")
        self.postgres("start")
        return self

    def kafka(self, verb):
        service("kafka.sh", verb, "--port", KAFKA_PORT, "--dir", HOME / "kafka")

    def kill_kafka(self):
        """As a machine that goes away: at once, and with its files as they are."""
        pid = int((HOME / "kafka" / "kafka.pid").read_text(encoding="utf-8").split()[0])
        os.kill(pid, signal.SIGKILL)
        until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), "the broker is gone", pause=0.05)

    def postgres(self, verb):
        service("postgres.sh", verb, "--port", POSTGRES_PORT, "--dir", HOME / "postgres")

    def restore(self):
        """Whatever a scenario left standing still runs again: the next one is judged by itself."""
        self.kafka("start")
        self.postgres("start")

    def stop(self):
        end_children()
        with contextlib.suppress(Failed):
            self.postgres("stop")
        with contextlib.suppress(Failed):
            self.kafka("stop")


class Stub:
    """The scripted model server. Its log tells who was asked for."""

    def __init__(self, folder, delay="50", seed=1):
        self.folder, self.delay, self.seed, self.port = folder, delay, seed, 0
        self.calls = folder / "calls.log"
        self.calls.touch()

    def start(self):
        log = self.folder / f"stub-{time.monotonic_ns()}.log"
        self.process = start_process([STUB, "--port", self.port, "--delay-ms", self.delay, "--seed", self.seed,
                                      "--log", self.calls], log)
        line = until(lambda: self.process.poll() is None and log.read_text() or self.ended(log), "the model stub listens")
        self.port = int(line.split()[-1])
        return self

    def ended(self, log):
        if self.process.poll() is not None:
            raise Failed(f"the model stub ended with {self.process.returncode}: {log.read_text()}")

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def control(self, text):
        urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{self.port}/control", text.encode()), timeout=10)

    def names(self):
        """Each request's name, in order of arrival."""
        return [line.split()[1] for line in self.calls.read_text().splitlines() if len(line.split()) == 2]


# ---- who watches ----


class Watcher(threading.Thread):
    """Reads the results topic under read_committed from its first record and notes when each one became visible."""

    def __init__(self, bootstrap, topic):
        super().__init__(daemon=True)
        self.seen = []  # (monotonic, status, input partition, input offset, ticket id)
        self.ending = False
        self.reader = confluent_kafka.Consumer({
            "bootstrap.servers": bootstrap, "group.id": topic + "-watcher", "isolation.level": "read_committed",
            "enable.auto.commit": False, "fetch.wait.max.ms": 20, "log_level": 2,
            "reconnect.backoff.max.ms": 500,
        })
        partitions = self.reader.list_topics(topic, timeout=30).topics[topic].partitions
        self.reader.assign([confluent_kafka.TopicPartition(topic, number, 0) for number in partitions])
        self.start()

    def run(self):
        while not self.ending:
            for message in self.reader.consume(500, 0.05):
                if message.error():
                    continue
                now = time.monotonic()
                document = json.loads(message.value())
                place = document.get("input") or {}
                self.seen.append((now, document["status"], place.get("partition"), place.get("offset"),
                                  document["ticket_id"], document["reasons"]))
        self.reader.close()

    def count(self, status=None):
        return len(self.seen) if status is None else sum(1 for row in list(self.seen) if row[1] == status)

    def first_after(self, when, which=lambda row: True):
        """When the first result became visible after this moment, or None."""
        for row in reversed(self.seen[:]):
            if row[0] <= when:
                break
        else:
            when = -1.0
        return next((row[0] for row in self.seen[:] if row[0] > when and which(row)), None)

    def close(self):
        self.ending = True
        self.join()


# ---- workers ----


class Worker:
    """A running `triaged run`."""

    def __init__(self, process, log, http, witness, instance):
        self.process, self.log, self.http, self.witness, self.instance = process, log, http, witness, instance
        self.begun = time.monotonic()
        self.pid = process.pid

    def text(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def alive(self):
        return self.process.poll() is None

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://{self.http}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metric(self, name):
        for line in self.get("/metrics")[1].splitlines():
            if line.startswith(name + " "):
                return float(line.split()[-1])
        return None

    def wait_ready(self):
        def ready():
            check(self.alive(), "the worker ended while starting:\n" + self.text()[-2000:])
            return self.get("/readyz")[0] == 200

        until(ready, "the worker is ready", pause=0.1)
        return self

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        """kill -9; returns when it is gone."""
        self.process.kill()
        self.process.wait()

    def wait(self, seconds=HANG_SECONDS):
        """Waits for its end; the exit code, negative for a signal."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"the process did not end within {seconds} s; log {self.log}") from None

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait()

    def figures(self):
        """in_flight now (or when it died), the most there ever was, and how often each point was passed."""
        data = self.witness.read_bytes() if self.witness.exists() else b""
        if len(data) < 16:
            return 0, 0, []
        numbers = struct.unpack(f"={len(data) // 8}q", data)
        return numbers[0], numbers[1], numbers[2:]


# ---- the world of a scenario ----


class World:
    """Topics, group, database, stub and processes of one scenario."""

    def __init__(self, services, name, options, settings=None, delay="50"):
        self.services, self.options = services, options
        self.prefix = f"{name.replace('_', '-')}-{secrets.token_hex(3)}"
        self.folder = HOME / "runs" / self.prefix
        self.folder.mkdir(parents=True)
        self.topics = {topic: f"{self.prefix}.{topic}" for topic in TOPICS}
        self.database = self.prefix.replace("-", "_")
        self.conninfo = f"{services.server} dbname={self.database}"
        self.config = self.folder / "triaged.yaml"
        self.numbers = itertools.count(1)
        self.workers, self.sent, self.watcher = [], 0, None
        self.stub = Stub(self.folder, delay, options.seed).start()
        self.settings = self.defaults()
        for section, values in (settings or {}).items():
            self.settings[section].update(values)
        self.config.write_text(json.dumps(self.settings, indent=2), encoding="utf-8")
        self.prepare()

    def defaults(self):
        return {
            "kafka": {
                "bootstrap_servers": self.services.bootstrap, "group": self.prefix, "start": "earliest", "partitions": 6,
                "session_timeout_ms": SESSION_MS, "topics": self.topics,
            },
            "postgres": {"conninfo": self.conninfo, "hold_seconds": 0},
            "model": {"url": f"http://127.0.0.1:{self.stub.port}/v1", "name": "stub", "slots": 256, "retries": 0},
            "triage": {
                "instance": "a", "in_flight": 256, "policy_file": str(HOME / "policy.yaml"),
                "classifier_file": str(HOME / "crash.model"), "knowledge_dir": str(KNOWLEDGE),
                "knowledge_vectors_file": str(HOME / "knowledge.vectors"),
            },
            "log": {"level": "info"},
        }

    def prepare(self):
        with psycopg.connect(f"{self.services.server} dbname=postgres", autocommit=True) as connection:
            connection.execute(f'create database "{self.database}"')
        self.run("topics", "create")
        self.run("db", "migrate")
        self.watcher = Watcher(self.services.bootstrap, self.topics["results"])

    # -- the program --

    def environment(self, more=None):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("TRIAGED_")}
        return clean | {"TRIAGED_CONFIG": str(self.config)} | (more or {})

    def run(self, *arguments, good=True, seconds=HANG_SECONDS):
        done = subprocess.run([TRIAGED, *map(str, arguments)], capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL, env=self.environment(), timeout=seconds)
        if good:
            check(done.returncode == 0, f"triaged {arguments} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def start(self, instance="a", roles="triage,feeder,relay", point=None, text=None, more=()):
        """A worker; point is NAME:PASS, text the mark of a ticket that crashes it."""
        number = next(self.numbers)
        http = f"127.0.0.1:{free_port()}"
        witness = self.folder / f"witness-{number}"
        env = {"TRIAGED_KILL_WITNESS": str(witness)}
        env |= {"TRIAGED_KILL_POINT": point} if point else {}
        env |= {"TRIAGED_KILL_TEXT": text} if text else {}
        log = self.folder / f"worker-{number}.log"
        process = start_process([KILLPOINTS, "run", "--roles", roles, "--instance", instance, "--set",
                                 f"http.listen={http}", *more], log, self.environment(env))
        worker = Worker(process, log, http, witness, instance)
        self.workers.append(worker)
        return worker

    # -- Kafka --

    def produce(self, records, topic="tickets"):
        producer = confluent_kafka.Producer({"bootstrap.servers": self.services.bootstrap, "linger.ms": 5,
                                             "partitioner": "murmur2_random", "log_level": 2})
        failed = []
        for record in records:
            while True:
                try:
                    producer.produce(self.topics[topic], record.value, record.key,
                                     on_delivery=lambda error, _: failed.append(error) if error else None)
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        check(producer.flush(HANG_SECONDS) == 0 and not failed, f"the load could not be sent: {failed[:1]}")
        if topic == "tickets":
            self.sent += len(records)

    def admin(self):
        return confluent_kafka.admin.AdminClient({"bootstrap.servers": self.services.bootstrap, "log_level": 2})

    def set_topic(self, topic, name, value):
        resource = confluent_kafka.admin.ConfigResource("topic", self.topics[topic])
        resource.add_incremental_config(confluent_kafka.admin.ConfigEntry(
            name, str(value), incremental_operation=confluent_kafka.admin.AlterConfigOpType.SET))
        admin = self.admin()
        for future in admin.incremental_alter_configs([resource]).values():
            future.result()

    def records(self, topic, isolation):
        """Every record of a topic up to its present end, as messages."""
        reader = confluent_kafka.Consumer({
            "bootstrap.servers": self.services.bootstrap, "group.id": self.prefix + "-reader", "log_level": 2,
            "isolation.level": isolation, "enable.auto.commit": False, "enable.partition.eof": True,
        })
        name = self.topics[topic]
        open_partitions = set(reader.list_topics(name, timeout=30).topics[name].partitions)
        reader.assign([confluent_kafka.TopicPartition(name, number, 0) for number in open_partitions])
        found = []
        while open_partitions:
            for message in reader.consume(1000, 1.0):
                if not message.error():
                    found.append(message)
                elif message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF:
                    open_partitions.discard(message.partition())
        reader.close()
        return found

    def documents(self, topic):
        return [json.loads(message.value()) for message in self.records(topic, "read_committed") if message.value()]

    def end_offsets(self, topics, isolation):
        """(topic, partition) → where a reader of this isolation would stop."""
        reader = confluent_kafka.Consumer({
            "bootstrap.servers": self.services.bootstrap, "group.id": self.prefix + "-ends",
            "isolation.level": isolation, "log_level": 2,
        })
        there = reader.list_topics(timeout=30).topics
        ends = {}
        for name in (self.topics[topic] for topic in topics):
            for number in there[name].partitions:
                where = confluent_kafka.TopicPartition(name, number)
                ends[name, number] = reader.get_watermark_offsets(where, timeout=30)[1]
        reader.close()
        return ends

    def open_records(self):
        """Records of ours that stand in the broker and are not visible: what a read_uncommitted reader sees beyond the
        point at which an open transaction stops a read_committed one."""
        ours = ("results", "reviews", "deadletter", "positions")
        stable, last = (self.end_offsets(ours, isolation) for isolation in ("read_committed", "read_uncommitted"))
        return sum(last[where] - stable[where] for where in last)

    # -- Postgres --

    def query(self, sql, *parameters):
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            cursor = connection.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def answer(self, n, reviewer="crash"):
        """A reviewer accepts up to n open items; how many there were."""
        done = 0
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            while done < n:
                rows = connection.execute("select item_id, claim_no from triage.claim(%s, %s)",
                                          (reviewer, min(50, n - done))).fetchall()
                if not rows:
                    break
                for item, claim in rows:
                    # a newer revision may have closed it meanwhile: the others are still to be answered
                    with contextlib.suppress(psycopg.DatabaseError):
                        connection.execute(
                            "select triage.resolve(%s, %s, %s, 'accepted'::triage.outcome, null, null, 5)",
                            (item, claim, secrets.token_hex(8)))
                done += len(rows)
        return done

    def bridge_is_quiet(self):
        """Feeder and relay have nothing left to do."""
        name = self.topics["reviews"]
        ends = {number: end for (_, number), end in self.end_offsets(["reviews"], "read_committed").items()}
        positions = dict(self.query("select partition, next_offset from triage.feeder_position where topic = %s", name))
        if any(end and positions.get(number, 0) < end for number, end in ends.items()):
            return False
        return self.query("select outbox_unsequenced + outbox_unpublished + held from triage.metrics") == [(0,)]

    # -- the judge --

    def decided(self):
        return self.watcher.count()

    def catch_up(self):
        """The watcher has seen what was committed before: what it sees from now on is new."""
        count = -1
        while count != self.decided():
            count = self.decided()
            time.sleep(0.2)

    def wait_decided(self, n, what):
        until(lambda: self.decided() >= n, what, pause=0.05)

    def settle(self, slowest_per_s=SLOWEST_PER_S):
        """Waits until everything has its outcome, everywhere, and returns the checker's verdict."""
        seconds = HANG_SECONDS + int(self.sent / slowest_per_s)
        waited = self.run("verify", "--wait", seconds, "--expect", self.sent, "--json", good=False, seconds=seconds * 2)
        check(waited.returncode in (0, 65), f"not settled after {seconds} s: {waited.stdout}{waited.stderr[-600:]}")
        until(self.bridge_is_quiet, "feeder and relay have caught up", seconds, pause=0.1)
        done = self.run("verify", "--wait", 60, "--expect", self.sent, "--json", good=False)
        check(done.returncode in (0, 65), f"the checker ended with {done.returncode}: {done.stderr[-600:]}")
        verdict = json.loads(done.stdout)
        (self.folder / "verdict.json").write_text(done.stdout)
        check(verdict["inputs"] == self.sent, f"{self.sent} records sent and {verdict['inputs']} found")
        return verdict

    def repeated_calls(self):
        names = self.stub.names()
        return len(names) - len(set(names))

    # -- the end --

    def close(self):
        for worker in self.workers:
            if worker.alive():
                worker.signal(signal.SIGCONT)
                worker.kill()
        if self.watcher:
            self.watcher.close()
        if self.stub.process.poll() is None:
            self.stub.stop()
        with contextlib.suppress(Exception):
            admin = self.admin()
            for future in admin.delete_topics(list(self.topics.values())).values():
                future.result()
        with contextlib.suppress(Exception), psycopg.connect(f"{self.services.server} dbname=postgres",
                                                             autocommit=True) as connection:
            connection.execute(f'drop database if exists "{self.database}" with (force)')
