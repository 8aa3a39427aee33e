#!/usr/bin/env python3
"""Many reviewers on one queue while the relay is killed: every answer reaches the results topic once, in its time.

usage: tests/queue/storm.py [--clients N] [--seconds S] [--seed N]

Clients claim, answer, answer late, undo and are killed; a feeder supersedes and withdraws; `triaged run --roles relay`
publishes to a real Kafka and is killed -9 again and again. Afterwards the topic is read in full under read_committed and
held against the database: each ending once, nothing else, each answer the one that stands, none before its hold window
was over, none that was undone. Needs the build ($TRIAGED_BUILD) and the Python packages of the integration tests.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VENV = pathlib.Path(os.environ.get("TRIAGED_VAR", ROOT / "var")) / "venv-tests" / "bin" / "python"

try:
    import confluent_kafka
    import psycopg
except ImportError:
    if not VENV.exists() or os.environ.get("TRIAGED_STORM_VENV"):
        sys.exit(f"storm.py needs the packages of tests/integration/requirements.txt; tests/run installs them in {VENV}")
    os.environ["TRIAGED_STORM_VENV"] = "1"
    os.execv(VENV, [str(VENV), __file__, *sys.argv[1:]])

sys.path.insert(0, str(ROOT / "tests" / "crash"))
import world  # noqa: E402

world.HOME = world.VAR / "storm"
world.KAFKA_PORT, world.POSTGRES_PORT = 19392, 15733
world.Services.bootstrap = f"127.0.0.1:{world.KAFKA_PORT}"
world.Services.server = f"host=127.0.0.1 port={world.POSTGRES_PORT} user=postgres"

ITEMS = 3000
HOLD_SECONDS = 1
KILL_EVERY_S = 0.3
RELAY_LIVES_S = (3.0, 9.0)


class Storm(world.World):
    """The world of the relay: no tickets come in, so there is neither classifier nor policy."""

    def defaults(self):
        return {
            "kafka": {"bootstrap_servers": self.services.bootstrap, "group": self.prefix, "start": "earliest", "partitions": 6,
                      "topics": self.topics},
            "postgres": {"conninfo": self.conninfo, "hold_seconds": HOLD_SECONDS},
            "triage": {"instance": "a"},
            "log": {"level": "info"},
        }

    def psql(self, *arguments):
        subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo, *arguments], check=True,
                       capture_output=True)

    def client(self, call):
        """Its backend looks for it every 50 ms, so that it dies with it, in whatever it is doing."""
        return world.start_process(["psql", "-X", "-q", "-d", self.conninfo, "-c", call], self.folder / "clients.log",
                                   os.environ | {"PGOPTIONS": "-c client_connection_check_interval=50"})


def rage(storm, options, dice):
    """The storm itself; how many clients and relays were killed."""
    end = time.monotonic() + options.seconds
    left = lambda: max(1, int(end - time.monotonic()))  # noqa: E731
    begin = lambda n: storm.client(f"call t.reviewer('r{n}', {left()})")  # noqa: E731
    clients = [begin(n) for n in range(options.clients)]
    feeder = storm.client(f"call t.feeder({options.seconds})")
    relay = storm.start("relay", roles="relay")
    relay_ends = time.monotonic() + dice.uniform(*RELAY_LIVES_S)
    kills = relays = 0
    while time.monotonic() < end - 2:
        time.sleep(KILL_EVERY_S)
        victim = dice.randrange(options.clients)
        clients[victim].kill()
        clients[victim].wait()
        clients[victim] = begin(victim)
        kills += 1
        if time.monotonic() > relay_ends:
            relay.kill()
            relay = storm.start("relay", roles="relay")
            relay_ends = time.monotonic() + dice.uniform(*RELAY_LIVES_S)
            relays += 1
    for process in [*clients, feeder]:
        process.wait()
    if not relay.alive():
        raise world.Failed(f"the relay ended by itself:\n{relay.text()[-600:]}")
    return kills, relays


def published(storm):
    """Every message of the results topic that a reader of committed records sees: (milliseconds, document)."""
    reader = confluent_kafka.Consumer({"bootstrap.servers": storm.services.bootstrap, "group.id": storm.prefix + "-all",
                                       "isolation.level": "read_committed", "enable.auto.commit": False,
                                       "enable.partition.eof": True, "auto.offset.reset": "earliest"})
    topic = storm.topics["results"]
    partitions = reader.list_topics(topic, timeout=30).topics[topic].partitions
    reader.assign([confluent_kafka.TopicPartition(topic, number, 0) for number in partitions])
    found, ended = [], set()
    while len(ended) < len(partitions):
        for message in reader.consume(1000, 0.5):
            if message.error():
                ended.add(message.partition())
            else:
                found.append((message.timestamp()[1], json.loads(message.value())))
    reader.close()
    return found


def judge(storm, results, say):
    times = collections.Counter(document["id"] for _, document in results)
    expected = {row[0] for row in storm.query("select key || '@' || revision || ':' || case state when 'released' then 'reviewed' "
                                              "else 'superseded' end from triage.item where closed_at is not null")}
    say("every ending is on the topic", not expected - times.keys(), f"{len(expected - times.keys())} of {len(expected)} missing")
    say("nothing else is", not times.keys() - expected, sorted(times.keys() - expected)[:3])
    say("each of them once", max(times.values(), default=0) == 1, times.most_common(2))
    stands = {row[0]: row[1:] for row in storm.query(
        "select i.key || '@' || i.revision || ':reviewed', r.final_text, (extract(epoch from r.held_until) * 1000)::bigint, r.reviewer "
        "from triage.resolution r join triage.item i using (item_id) where r.state = 'released'")}
    undone = {row[0] for row in storm.query("select final_text from triage.resolution where state = 'undone' and outcome = 'edited'")}
    reviewed = [(at, document) for at, document in results if document["status"] == "reviewed"]
    wrong = [d["id"] for _, d in reviewed if d["id"] not in stands or d["review"]["final_text"] != stands[d["id"]][0]
             or d["review"]["reviewer_ref"] != stands[d["id"]][2]]
    say("each answer is the one that stands", not wrong, wrong[:3])
    early = [d["id"] for at, d in reviewed if d["id"] in stands and at < stands[d["id"]][1]]
    say("none before its hold window was over", not early, early[:3])
    taken_back = [d["id"] for _, d in reviewed if d["review"]["final_text"] in undone]
    say("none that was undone", not taken_back, taken_back[:3])
    say("answers were undone at all", len(undone) > 0, undone)
    for ok, n, what in storm.query("select * from t.verdict()"):
        say(f"{what}: {n}", ok == "ok", "")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    if options.seed is None:
        options.seed = secrets.randbelow(1 << 31)
    return options


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    options = parse()
    lines = []

    def say(name, good, detail):
        lines.append(good)
        print(f"{'ok' if good else 'not ok'} {len(lines)} - storm: {name}", flush=True)
        if not good:
            print(f"# {detail}", flush=True)

    shutil.rmtree(world.HOME / "runs", ignore_errors=True)
    storm = Storm(world.Services().start(), "storm", options)
    try:
        storm.psql("-f", str(HERE / "helpers.sql"), "-f", str(HERE / "stress.sql"))
        storm.psql("-c", f"call t.fill({ITEMS})")
        kills, relays = rage(storm, options, random.Random(options.seed))
        storm.psql("-c", "call t.latecomer()")
        storm.psql("-c", "call t.answer_rest()")
        world.until(lambda: storm.query("select outbox_unsequenced + outbox_unpublished + held from triage.metrics") == [(0,)],
                    "the relay has published everything", pause=0.2)
        results = published(storm)
        print(f"# seed {options.seed}, {options.clients} clients for {options.seconds} s: {kills} clients and {relays} relays killed, "
              f"{len(results)} results", flush=True)
        judge(storm, results, say)
    except (world.Failed, psycopg.Error, subprocess.CalledProcessError) as error:
        say("the storm was weathered", False, f"{error} {getattr(error, 'stderr', '')}")
    finally:
        storm.close()
    print(f"1..{len(lines)}")
    return 0 if all(lines) else 1


if __name__ == "__main__":
    sys.exit(main())
