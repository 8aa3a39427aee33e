#!/usr/bin/env python3
"""What live tickets wait for with a backfill beside them: p50 and p99 of their time from sent to visible result, without and with.

usage: tests/bench/backfill.py [--blocks N] [--seconds S] [--rate R] [--backfill-rate B] [--waiting N,N...] [--slots N]
                               [--delay-ms D] [--classifier FILE]

Real Kafka and PostgreSQL, one worker, the scripted model server (tests/stub) that takes D milliseconds for an answer. Blocks of S
seconds without a backfill, and with one for each bound of --waiting (0: none), take turns in one run, so that what else the machine
does falls on all alike. Each block ends when all that was sent has its result. Live tickets come evenly, R a second, of the sample
company. Prints a table; the old tickets of a second are those that got their result while live ones came."""

import argparse
import contextlib
import json
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "integration"))

import confluent_kafka  # noqa: E402
import conftest  # noqa: E402
import psycopg  # noqa: E402

STUB = conftest.TRIAGED.parent / "tests" / "model_stub"
FINAL = {"answered", "suggested", "ignored", "in_review", "failed"}
END_SECONDS = 600


class Watcher(threading.Thread):
    """Notes when each ticket's result became visible."""

    def __init__(self, world):
        super().__init__(daemon=True)
        self.seen, self.ending = {}, False
        self.reader = confluent_kafka.Consumer({
            "bootstrap.servers": world.bootstrap, "group.id": world.prefix + "-bench", "isolation.level": "read_committed",
            "enable.auto.commit": False, "fetch.wait.max.ms": 5})
        topic = world.topics["results"]
        parts = self.reader.list_topics(topic, timeout=60).topics[topic].partitions
        self.reader.assign([confluent_kafka.TopicPartition(topic, part, 0) for part in parts])

    def run(self):
        while not self.ending:
            message = self.reader.poll(0.2)
            if message and not message.error():
                now, document = time.monotonic(), json.loads(message.value())
                if document["status"] in FINAL:
                    self.seen.setdefault(document["ticket_id"], now)
        self.reader.close()


class Bench:
    def __init__(self, options, world):
        self.options, self.world, self.sent, self.numbers = options, world, {}, 0
        lines = (conftest.SAMPLE / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
        self.tickets = [t for t in map(json.loads, lines) if t.get("event", "created") != "withdrawn" and t.get("body_text")]
        self.producer = confluent_kafka.Producer({"bootstrap.servers": world.bootstrap, "partitioner": "murmur2_random",
                                                  "linger.ms": 0})
        self.watcher = Watcher(world)

    def ticket(self, prefix):
        self.numbers += 1
        return self.tickets[self.numbers % len(self.tickets)] | {"ticket_id": f"{prefix}{self.numbers}", "revision": 1}

    def send(self, ticket):
        key = "/".join((ticket["tenant"], ticket["source"]["system"], ticket["source"]["instance"], ticket["ticket_id"]))
        self.sent[ticket["ticket_id"]] = time.monotonic()
        self.producer.produce(self.world.topics["tickets"], json.dumps(ticket), key=key)
        self.producer.poll(0)

    def live(self, seconds, name):
        """Sends evenly; a ticket that could not be sent in time counts from when it was sent."""
        begun, n = time.monotonic(), int(seconds * self.options.rate)
        for i in range(n):
            time.sleep(max(0, begun + i / self.options.rate - time.monotonic()))
            self.send(self.ticket(name))
        self.producer.flush(60)

    @contextlib.contextmanager
    def backfill(self, waiting, block):
        if waiting is None:
            yield
            return
        old = [self.ticket(f"old{block}-") for _ in range(int(3 * self.options.seconds * self.options.backfill_rate))]
        file = self.world.folder / f"old-{block}.jsonl"
        file.write_text("".join(json.dumps(t) + "\n" for t in old), encoding="utf-8")
        process = subprocess.Popen([conftest.TRIAGED, "backfill", "--file", file, "--rate", str(self.options.backfill_rate),
                                    "--waiting", str(waiting)],
                                   env=self.world.environment(None), stdout=subprocess.PIPE, text=True)
        conftest.until(lambda: any(name.startswith(f"old{block}-") for name in list(self.watcher.seen)), "the backfill is at work")
        yield
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        n = sum(f"old{block}-" in record.key().decode() for record in self.world.read("tickets"))
        conftest.until(lambda: sum(name.startswith(f"old{block}-") for name in list(self.watcher.seen)) >= n, "old ones end", END_SECONDS)

    def block(self, number, waiting):
        """The waits of the live tickets, and how many old ones a second had their result beside them."""
        name = f"live{number}-"
        with self.backfill(waiting, number):
            begun, before = time.monotonic(), self.old_ones()
            self.live(self.options.seconds, name)
            mine = [t for t in self.sent if t.startswith(name)]
            conftest.until(lambda: all(t in self.watcher.seen for t in mine), "live ones end", END_SECONDS)
            pace = (self.old_ones() - before) / (time.monotonic() - begun)
        return [1000 * (self.watcher.seen[t] - self.sent[t]) for t in mine], pace

    def old_ones(self):
        return sum(name.startswith("old") for name in list(self.watcher.seen))


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def title(waiting):
    if waiting is None:
        return "alone"
    return f"with a backfill, --waiting {waiting}" + ("" if waiting else " (no bound)")


def report(options, waits, paces):
    print(f"\n{options.rate} live tickets a second, {options.blocks} blocks of {options.seconds} s each way, model {options.delay_ms} ms "
          f"on {options.slots} slots; old tickets at most {options.backfill_rate} a second\n")
    print("| live tickets | n | p50 ms | p99 ms | mean ms | p50, p99, mean of those alone | old tickets a second |\n|---|---|---|---|---|---|---|")
    alone = figures(waits[None])
    for waiting, values in waits.items():
        own = figures(values)
        ratios = ", ".join(f"{mine / other:.2f}" for mine, other in zip(own, alone))
        print(f"| {title(waiting)} | {len(values)} | " + " | ".join(f"{value:.0f}" for value in own) +
              f" | {ratios} | {statistics.mean(paces[waiting]):.1f} |", flush=True)


def figures(values):
    return percentile(values, .5), percentile(values, .99), statistics.mean(values)


def run(options, world):
    stub = subprocess.Popen([STUB, "--port", "0", "--delay-ms", str(options.delay_ms), "--seed", "1", "--log", world.folder / "calls"],
                            stdout=subprocess.PIPE, text=True)
    try:
        port = int(stub.stdout.readline().split()[-1])
        world.set({"model": {"url": f"http://127.0.0.1:{port}/v1", "name": "stub", "slots": options.slots}})
        worker = world.prepare().start().wait_ready()
        bench, kinds = Bench(options, world), [None, *options.waiting]
        waits, paces = {kind: [] for kind in kinds}, {kind: [] for kind in kinds}
        bench.watcher.start()
        bench.live(5, "warm")
        for number in range(options.blocks):
            for turn, kind in enumerate(kinds if number % 2 == 0 else kinds[::-1]):
                values, pace = bench.block(number * len(kinds) + turn, kind)
                print(f"block {number + 1}: {title(kind)}: p50 {percentile(values, .5):.0f} ms", file=sys.stderr, flush=True)
                waits[kind] += values
                paces[kind].append(pace)
        report(options, waits, paces)
        bench.watcher.ending = True
        bench.watcher.join()
        worker.stop()
    finally:
        stub.terminate()
        stub.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=4)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--rate", type=float, default=5)
    parser.add_argument("--backfill-rate", type=int, default=20)
    parser.add_argument("--waiting", type=lambda text: [int(part) for part in text.split(",")], default=[12, 0])
    parser.add_argument("--slots", type=int, default=4)
    parser.add_argument("--delay-ms", type=int, default=200)
    parser.add_argument("--classifier", type=pathlib.Path, help="of the sample company; else it is trained first")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, conftest.running("kafka.sh", conftest.KAFKA_PORT), \
            conftest.running("postgres.sh", conftest.POSTGRES_PORT):
        folder, server = pathlib.Path(name), f"host=127.0.0.1 port={conftest.POSTGRES_PORT} user=postgres"
        model = options.classifier or folder / "sample.model"
        if not options.classifier:
            subprocess.run([conftest.TRIAGED, "train", "--data", conftest.SAMPLE / "train", "--out", model], check=True,
                           capture_output=True)
        world = conftest.World(folder, f"127.0.0.1:{conftest.KAFKA_PORT}", server, {"triage": {"classifier_file": str(model)}})
        with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as connection:
            connection.execute(f'create database "{world.prefix}"')
        try:
            run(options, world)
        finally:
            world.close()


if __name__ == "__main__":
    main()
