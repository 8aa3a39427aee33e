"""Fixtures of the integration tests: real Kafka, PostgreSQL and a small real model, started once, shared by all processes of
the run (pytest -n 2), ended at the end.

Each test gets a `world`: topics, consumer group, database and configuration of its own, so that tests share the
services and nothing else. Waiting is done with `until`, which asks again until the answer is there; its bound only
ends a run that hangs.
"""

import fcntl
import itertools
import json
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import confluent_kafka
import confluent_kafka.admin
import jsonschema
import psycopg
import pytest
import referencing

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lib"))
from ports import free_port  # noqa: E402

VAR = pathlib.Path(os.environ.get("TRIAGED_VAR", ROOT / "var"))
TEST_VAR = VAR / "test"
TRIAGED = pathlib.Path(os.environ.get("TRIAGED_BIN", ROOT / "build-dev" / "triaged"))
SAMPLE = ROOT / "deploy" / "sample"

KAFKA_PORT = 19192
POSTGRES_PORT = 15532
MODEL_PORT = 18180
HANG_SECONDS = 600
TOPICS = ("tickets", "results", "reviews", "audits", "deadletter", "positions", "control")


def until(question, what, seconds=HANG_SECONDS):
    """Asks until the answer is true and returns it. Not a measurement: the bound is for hangs only."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds} s in vain: {what}")
        time.sleep(0.05)
    return answer


# ---- the services ----


def service(script, *arguments):
    done = subprocess.run([ROOT / "deploy" / "lib" / script, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def folder_of(script):
    return str(TEST_VAR / script.removesuffix(".sh"))


def start_shared(script, port, *arguments):
    """Whoever of the run's processes comes first starts it; the others find it running."""
    TEST_VAR.mkdir(parents=True, exist_ok=True)
    with (TEST_VAR / "services.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        service(script, "start", "--port", str(port), "--dir", folder_of(script), *arguments)


def pytest_sessionfinish(session):
    """The process that hands out the tests ends after all others: nobody needs the services any more."""
    if hasattr(session.config, "workerinput"):
        return
    for script in ("model.sh", "kafka.sh", "postgres.sh"):
        service(script, "stop", "--dir", folder_of(script))


@pytest.fixture(scope="session")
def kafka():
    start_shared("kafka.sh", KAFKA_PORT)
    return f"127.0.0.1:{KAFKA_PORT}"


@pytest.fixture(scope="session")
def postgres():
    """The connection string without a database."""
    start_shared("postgres.sh", POSTGRES_PORT)
    return f"host=127.0.0.1 port={POSTGRES_PORT} user=postgres"


@pytest.fixture(scope="session")
def model():
    """A real llama.cpp server. Its model is too small to write well: a fixture of the protocol. Its deadlines only end a run
    that hangs, however busy the machine is."""
    start_shared("model.sh", MODEL_PORT, "--model", "small")
    return {
        "url": f"http://127.0.0.1:{MODEL_PORT}/v1",
        "name": "smollm2",
        "api_key_file": str(VAR / "secrets" / "model.key"),
        "deadline_ms": 1200000,
        "call_timeout_ms": 600000,
    }


@pytest.fixture(scope="session")
def classifier(tmp_path_factory):
    """The classifier of the sample company, trained once."""
    out = tmp_path_factory.mktemp("classifier") / "sample.model"
    subprocess.run([TRIAGED, "train", "--data", SAMPLE / "train", "--out", out], check=True, capture_output=True)
    return out


# ---- one test's world ----


class Worker:
    """A running `triaged run`. Its log is a file, so that it never waits for us to read."""

    def __init__(self, process, log, http):
        self.process, self.log, self.http = process, log, http

    def text(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def get(self, path):
        """Status and body of its HTTP endpoint; status 0 while nobody listens."""
        try:
            with urllib.request.urlopen(f"http://{self.http}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def wait_ready(self):
        def ready():
            assert self.process.poll() is None, "the worker ended while starting:\n" + self.text()[-4000:]
            return self.get("/readyz")[0] == 200

        until(ready, "the worker is ready")
        return self

    def stop(self, number=signal.SIGTERM):
        """Sends the signal, waits for the end, returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(HANG_SECONDS)

    def kill(self):
        return self.stop(signal.SIGKILL)


class World:
    """Topics, group, database, configuration and processes of one test."""

    def __init__(self, folder, bootstrap, server, settings):
        self.folder, self.bootstrap = folder, bootstrap
        self.prefix = "t" + secrets.token_hex(5)
        self.topics = {name: f"{self.prefix}.{name}" for name in TOPICS}
        self.conninfo = f"{server} dbname={self.prefix}"
        self.server = server
        self.config = folder / "triaged.yaml"
        self.workers = []
        self.numbers = itertools.count(1)
        self.settings = {
            "kafka": {
                "bootstrap_servers": bootstrap,
                "group": self.prefix,
                "start": "earliest",
                "partitions": 3,
                "topics": self.topics,
            },
            "postgres": {"conninfo": self.conninfo, "hold_seconds": 0},
            "triage": {
                "instance": self.prefix,
                "policy_file": str(SAMPLE / "policy.yaml"),
                "knowledge_dir": str(SAMPLE / "knowledge"),
                "knowledge_vectors_file": str(TEST_VAR / "knowledge.vectors"),
            },
        }
        self.set(settings)

    def set(self, settings):
        """Merges sections into the configuration file; a section of None goes away."""
        for section, values in settings.items():
            if values is None:
                self.settings.pop(section, None)
            else:
                self.settings.setdefault(section, {}).update(values)
        # JSON is YAML, so there is nothing to quote by hand.
        self.config.write_text(json.dumps(self.settings, indent=2), encoding="utf-8")

    # -- the program --

    def environment(self, more):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("TRIAGED_")}
        return clean | {"TRIAGED_CONFIG": str(self.config)} | (more or {})

    def run(self, *arguments, check=True, text_in=None, env=None):
        """Runs one command to its end. Its output is in .stdout and .stderr."""
        done = subprocess.run(
            [TRIAGED, *map(str, arguments)],
            input=text_in, capture_output=True, text=True, check=False, timeout=HANG_SECONDS * 2,
            env=self.environment(env), cwd=self.folder,
        )
        if check:
            assert done.returncode == 0, f"{arguments} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def prepare(self):
        self.run("topics", "create")
        self.run("db", "migrate")
        return self

    def start(self, *arguments, env=None):
        """Starts `triaged run` and does not wait; see Worker.wait_ready."""
        number = next(self.numbers)
        log = self.folder / f"worker-{number}.log"
        http = f"127.0.0.1:{free_port()}"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [TRIAGED, "run", "--set", f"http.listen={http}", *map(str, arguments)],
                stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=self.environment(env), cwd=self.folder,
            )
        worker = Worker(process, log, http)
        self.workers.append(worker)
        return worker

    # -- Kafka --

    def producer(self):
        """Partitions as triaged expects of its producers."""
        return confluent_kafka.Producer({"bootstrap.servers": self.bootstrap, "partitioner": "murmur2_random"})

    def produce(self, topic, records):
        """Records are (key, value) or (key, value, headers); delivered when this returns."""
        producer, failed = self.producer(), []
        for key, value, *headers in records:
            producer.produce(
                self.topics[topic], value=value, key=key, headers=headers[0] if headers else None,
                on_delivery=lambda error, _: failed.append(error) if error else None,
            )
            producer.poll(0)
        assert producer.flush(HANG_SECONDS) == 0 and not failed, failed

    def send(self, tickets):
        """Sends ticket documents as an integrator would, through `triaged send`."""
        file = self.folder / f"tickets-{next(self.numbers)}.jsonl"
        file.write_text("".join(json.dumps(ticket) + "\n" for ticket in tickets), encoding="utf-8")
        return self.run("send", "--file", file)

    def read(self, topic, isolation="read_committed"):
        """Every record of a topic up to its present end, as confluent_kafka messages, partition by partition."""
        reader = confluent_kafka.Consumer({
            "bootstrap.servers": self.bootstrap, "group.id": self.prefix + "-reader",
            "isolation.level": isolation, "enable.auto.commit": False, "enable.partition.eof": True,
        })
        try:
            partitions = reader.list_topics(self.topics[topic], timeout=HANG_SECONDS).topics[self.topics[topic]].partitions
            reader.assign([confluent_kafka.TopicPartition(self.topics[topic], p, 0) for p in partitions])
            records, open_partitions = [], set(partitions)
            deadline = time.monotonic() + HANG_SECONDS
            while open_partitions:
                assert time.monotonic() < deadline, f"{topic} could not be read to its end"
                message = reader.poll(1.0)
                if message is None:
                    continue
                if not message.error():
                    records.append(message)
                elif message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF:
                    open_partitions.discard(message.partition())
                else:
                    raise confluent_kafka.KafkaException(message.error())
            return sorted(records, key=lambda record: (record.partition(), record.offset()))
        finally:
            reader.close()

    def documents(self, topic):
        """The JSON bodies of a topic."""
        return [json.loads(record.value()) for record in self.read(topic) if record.value()]

    # -- PostgreSQL --

    def connect(self):
        return psycopg.connect(self.conninfo, autocommit=True)

    def query(self, sql, *parameters):
        with self.connect() as connection:
            return connection.execute(sql, parameters).fetchall()

    # -- the end --

    def close(self):
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.kill()
        admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": self.bootstrap})
        there = set(admin.list_topics(timeout=HANG_SECONDS).topics) & set(self.topics.values())
        if there:
            for future in admin.delete_topics(list(there)).values():
                future.result()
        with psycopg.connect(f"{self.server} dbname=postgres", autocommit=True) as connection:
            connection.execute(f'drop database if exists "{self.prefix}" with (force)')


@pytest.fixture
def bare_world(tmp_path, kafka, postgres, classifier):
    """A world without topics and schema, and without a model."""
    with psycopg.connect(f"{postgres} dbname=postgres", autocommit=True) as connection:
        world = World(tmp_path, kafka, postgres, {"triage": {"classifier_file": str(classifier)}})
        connection.execute(f'create database "{world.prefix}"')
    try:
        yield world
    finally:
        world.close()


@pytest.fixture
def world(bare_world):
    """A world with its topics and schema, ready for a worker that makes no drafts."""
    return bare_world.prepare()


@pytest.fixture
def drafting_world(world, model):
    """A world whose worker asks the small real model for drafts."""
    world.set({"model": model | {"slots": 2, "max_tokens": 64}})
    return world


# ---- contracts ----


@pytest.fixture(scope="session")
def validate():
    """validate('result.v1', document) fails with the first thing that is wrong."""
    schemas = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "schemas").glob("*.json")}
    registry = referencing.Registry().with_resources(
        (schema.get("$id", name), referencing.Resource.from_contents(schema)) for name, schema in schemas.items()
    )

    def check(name, document):
        jsonschema.Draft202012Validator(schemas[name], registry=registry).validate(document)

    return check
