"""Several use cases in one worker: whose ticket it is, slots by weight and due time whatever another profile sends, and a
reload that takes all of them or none. Counts decide; times are printed."""

import contextlib
import csv
import http.server
import json
import random
import re
import signal
import subprocess
import threading
import time

import pytest
from conftest import HANG_SECONDS, SAMPLE, TRIAGED, until

STUB = TRIAGED.parent / "tests" / "model_stub"
FLOOD, CALM = 200, 10  # 20 to 1
IN_FLIGHT, MAX_TOKENS = 64, 64
SLOTS = 1  # so that the server sees the calls in the order in which they were made
PLACES = IN_FLIGHT // 2  # so many may wait for the model or call it
WEIGHT = 2  # of the calm profile
TEXT = ("Where is my refund? [[id:{}]] I returned my order three weeks ago, the courier confirms that it arrived, and the "
        "money is still not on my card. When will I be refunded?")


@pytest.fixture(scope="session")
def classifier(tmp_path_factory):
    """Without an encoder, so that deciding takes no time beside the model's calls."""
    out = tmp_path_factory.mktemp("quick") / "quick.model"
    subprocess.run([TRIAGED, "train", "--data", SAMPLE / "train", "--out", out, "--no-encoder"], check=True, capture_output=True)
    return out


def profile_policy(world, name):
    path = world.folder / f"{name}.yaml"
    text = (SAMPLE / "policy.yaml").read_text(encoding="utf-8")
    path.write_text(re.sub(r"(?m)^profile: .*$", f"profile: {name}", text), encoding="utf-8")
    return path


def two_profiles(world, default=False):
    """shop takes the tenant shop, bank the tenant bank; with default, bank takes what is left."""
    rows = [{"name": "shop", "when": {"tenant": "shop"}, "policy_file": str(profile_policy(world, "shop"))},
            {"name": "bank", "policy_file": str(profile_policy(world, "bank")), "weight": WEIGHT}]
    if not default:
        rows[1]["when"] = {"tenant": ["bank"], "source_system": "zendesk"}
    table = world.folder / "profiles.yaml"
    table.write_text(json.dumps({"version": 1, "profiles": rows}), encoding="utf-8")
    world.set({"triage": {"profiles_file": str(table), "policy_floor_file": str(SAMPLE / "floor.yaml"),
                          "in_flight": IN_FLIGHT, "commit_interval_ms": 200}})


def ticket(tenant, number, sender=None):
    name = f"{tenant}-{number}"
    return {"schema_version": 1, "tenant": tenant, "source": {"system": "zendesk", "instance": "eu"}, "ticket_id": name,
            "revision": 1, "event": "created", "subject": "Where is my refund?", "body_text": TEXT.format(name),
            "language": "en", "channel": "web", "requester": {"email": f"{sender or name}@example.com"}}


def produce(world, tickets, stamps):
    """stamps: milliseconds of the records; a ticket is due so long after as its class says."""
    producer = world.producer()
    for one, stamp in zip(tickets, stamps):
        producer.produce(world.topics["tickets"], json.dumps(one), f"{one['tenant']}/zendesk/eu/{one['ticket_id']}",
                         timestamp=stamp)
        producer.poll(0)
    assert producer.flush(120) == 0


def flood_and_calm(flooded):
    """Interleaved as they would come, one calm ticket in each twenty of the flood, which comes of five senders. The calm ones
    are of one sender, whose order is by due time alone, and are not due in the order in which they come."""
    due = list(range(CALM))
    random.Random(8).shuffle(due)
    began = time.time_ns() // 1_000_000 - 600_000  # lately: what is older than the topic's retention goes away
    tickets, stamps = [], []
    for i in range(FLOOD):
        if flooded:
            tickets.append(ticket("shop", i, f"sender{i % 5}"))
            stamps.append(began + i)
        if i % 20 == 10:
            tickets.append(ticket("bank", i // 20, "one"))
            stamps.append(began + 1000 * due[i // 20])
    return tickets, stamps, {f"bank-{i}": due[i] for i in range(CALM)}


# ---- a model server with a gate: nothing is answered until it is opened ----


@contextlib.contextmanager
def gated_model():
    gate, calls = threading.Event(), []
    answer = {"choices": [{"index": 0, "finish_reason": "stop",
                           "message": {"role": "assistant", "content": json.dumps({"answer": "Thank you.", "citations": []})}}],
              "usage": {"prompt_tokens": 10, "completion_tokens": 5}}

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            calls.append((re.search(rb"\[\[id:([\w-]+)\]\]", body).group(1).decode(), len(body) // 4 + MAX_TOKENS))
            gate.wait()
            data = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", gate, calls
    finally:
        gate.set()
        server.shutdown()
        server.server_close()


def figure(worker, name):
    """The sum of a metric over its labels."""
    return sum(float(line.rsplit(" ", 1)[1]) for line in worker.get("/metrics")[1].splitlines()
               if re.match(name + r"[ {]", line))


def calls_of(world, flooded):
    """Sends everything while the model answers nothing, opens the gate when all is decided that does not wait for it, and
    gives the calls in their order and the results by ticket."""
    tickets, stamps, _ = flood_and_calm(flooded)
    waiting = min(PLACES, len(tickets))
    with gated_model() as (url, gate, calls):
        world.set({"model": {"url": url, "name": "gated", "slots": SLOTS, "max_tokens": MAX_TOKENS, "deadline_ms": 600000,
                             "call_timeout_ms": 600000, "stall_ms": 600000}})
        worker = world.start().wait_ready()
        produce(world, tickets, stamps)
        until(lambda: figure(worker, "triaged_profile_tickets_total") == len(tickets) - waiting
              and figure(worker, "triaged_waiting_for_model") == waiting, "all is decided that does not wait")
        gate.set()
        world.run("verify", "--wait", HANG_SECONDS, "--expect", len(tickets))
        page = worker.get("/metrics")[1]
        assert worker.stop() == 0
    return calls, {document["ticket_id"]: document for document in world.documents("results")}, page


def check_calm(calls, results):
    """Nothing of the calm profile gives way, and it is called in the order in which it is due."""
    due = flood_and_calm(True)[2]
    mine = [name for name, _ in calls[SLOTS:] if name.startswith("bank")]
    assert mine == sorted(mine, key=due.get)
    for name in due:
        assert results[name]["profile"] == "bank"
        assert "draft_budget" not in results[name]["reasons"]
    return len([name for name, _ in calls if name.startswith("bank")])


def check_shares(calls):
    """From the first free slot to the last calm call both have somebody waiting: what their calls cost by weight never
    differs by more than the largest cost of each by its weight (src/flow/fair.h)."""
    weights = {"shop": 1, "bank": WEIGHT}
    last = max(i for i, (name, _) in enumerate(calls) if name.startswith("bank"))
    paid, least, most = 0.0, 0.0, 0.0
    largest = {"shop": 0, "bank": 0}
    for name, cost in calls[SLOTS:last + 1]:
        profile = name.split("-")[0]
        paid += (1 if profile == "bank" else -1) * cost / weights[profile]
        least, most = min(least, paid), max(most, paid)
        largest[profile] = max(largest[profile], cost)
    bound = sum(largest[profile] / weights[profile] for profile in weights)
    share = len([1 for name, _ in calls[SLOTS:last + 1] if name.startswith("bank")]) / (last + 1 - SLOTS)
    print(f"while both wait, bank (weight {WEIGHT}) has {share:.0%} of the calls; span {most - least:.0f} of {bound:.0f} allowed")
    assert most - least <= bound + 1
    assert share >= WEIGHT / (1 + WEIGHT) - 0.05


def test_a_flood_leaves_the_other_profile_its_share_of_the_slots_and_its_order(world):
    two_profiles(world)
    calls, results, page = calls_of(world, flooded=True)
    assert check_calm(calls, results) == CALM
    check_shares(calls)
    given = [name for name, document in results.items() if "draft_budget" in document["reasons"]]
    assert len(given) == FLOOD + CALM - PLACES and all(name.startswith("shop") for name in given)
    assert f'triaged_profile_tickets_total{{profile="bank",outcome="{results["bank-0"]["status"]}"}} {CALM}' in page


def test_the_calm_profile_alone_is_called_in_the_same_order(world):
    two_profiles(world)
    calls, results, _ = calls_of(world, flooded=False)
    assert check_calm(calls, results) == CALM


# ---- times, printed ----


def p99(values):
    return sorted(values)[max(0, -(-len(values) * 99 // 100) - 1)]


@pytest.fixture
def stub():
    process = subprocess.Popen([STUB, "--port", "0", "--delay-ms", "20"], stdout=subprocess.PIPE, text=True)
    try:
        yield int(process.stdout.readline().split()[-1])
    finally:
        process.terminate()
        process.wait()


def test_the_p99_of_both_profiles_is_printed(world, stub):
    two_profiles(world, default=True)
    world.set({"model": {"url": f"http://127.0.0.1:{stub}/v1", "name": "stub", "slots": 2, "max_tokens": MAX_TOKENS}})
    tickets, stamps, _ = flood_and_calm(True)
    worker = world.start().wait_ready()
    produce(world, tickets, stamps)
    world.run("verify", "--wait", HANG_SECONDS, "--expect", len(tickets))
    assert worker.stop() == 0
    results = world.documents("results")
    print("| profile | tickets | with a draft | p50 ms | p99 ms |\n|---|---|---|---|---|")
    for profile in ("shop", "bank"):
        mine = [document for document in results if document["profile"] == profile]
        times = [document["timings"]["total_us"] / 1000 for document in mine if document["draft"]]
        print(f"| {profile} | {len(mine)} | {len(times)} | {sorted(times)[len(times) // 2]:.0f} | {p99(times):.0f} |")
        assert len(mine) == (FLOOD if profile == "shop" else CALM)
    assert not [document for document in results if document["profile"] == "bank" and not document["draft"]]


# ---- whose ticket, and a reload ----


def test_each_ticket_finds_its_profile_and_one_that_nobody_takes_fails(world, validate):
    two_profiles(world)
    other = ticket("bank", 3) | {"source": {"system": "zammad", "instance": "eu"}}
    worker = world.start().wait_ready()
    world.send([ticket("shop", 1), ticket("bank", 2), other])
    world.produce("tickets", [("bank/zammad/eu/gone", None), ("bank/zendesk/eu/gone", None)])
    world.run("verify", "--wait", HANG_SECONDS, "--expect", 5)
    results = {document["key"]: document for document in world.documents("results")}
    for document in results.values():
        validate("result.v1", document)
    assert results["shop/zendesk/eu/shop-1"]["profile"] == results["shop/zendesk/eu/shop-1"]["provenance"]["profile"] == "shop"
    assert results["bank/zendesk/eu/bank-2"]["profile"] == "bank"
    failed = results["bank/zammad/eu/bank-3"]
    assert (failed["status"], failed["error"]["reason"], failed["profile"]) == ("failed", "no_profile", "")
    assert "without conditions" in failed["error"]["text"]
    assert results["bank/zammad/eu/gone"]["status"] == results["bank/zendesk/eu/gone"]["status"] == "withdrawn"
    assert len(world.read("deadletter")) == 1
    for document in world.documents("reviews"):
        validate("review.v1", document)
        if document["type"] == "request":
            assert document["profile"] == document["decision"]["profile"] == document["key"].split("/")[0]
    assert worker.stop() == 0


def hashes(world, n, *tickets):
    world.run("verify", "--wait", HANG_SECONDS, "--expect", n)
    found = {document["ticket_id"]: document["provenance"]["policy"] for document in world.documents("results")}
    return [found[name] for name in tickets]


def test_a_reload_takes_all_profiles_or_none(world):
    two_profiles(world)
    worker = world.start().wait_ready()
    world.send([ticket("shop", 1), ticket("bank", 1)])
    before = hashes(world, 2, "shop-1", "bank-1")

    bank, shop = world.folder / "bank.yaml", world.folder / "shop.yaml"
    good = bank.read_text(encoding="utf-8")
    shop.write_text(shop.read_text(encoding="utf-8") + "# looked at\n", encoding="utf-8")
    bank.write_text(good.replace("max_error: 0.05", "max_error: 0.4"), encoding="utf-8")
    worker.process.send_signal(signal.SIGHUP)
    until(lambda: "reload.refused" in worker.text(), "bank is too loose")
    assert "profile bank" in worker.text() and "promise.max_error" in worker.text()
    world.send([ticket("shop", 2), ticket("bank", 2)])
    assert hashes(world, 4, "shop-2", "bank-2") == before

    bank.write_text(good + "# looked at\n", encoding="utf-8")
    worker.process.send_signal(signal.SIGHUP)
    until(lambda: worker.text().count("reload.done") == 2, "both are taken")
    world.send([ticket("shop", 3), ticket("bank", 3)])
    after = hashes(world, 6, "shop-3", "bank-3")
    assert after[0] != before[0] and after[1] != before[1]
    assert worker.stop() == 0


# ---- what is told about several profiles ----


def owners(world):
    """shop and bank with an owner each, and copies kept of what was loaded."""
    two_profiles(world, default=True)
    for name in ("shop", "bank"):
        path = world.folder / f"{name}.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"(?m)^owner: .*$", f"owner: Owner of {name}", text), encoding="utf-8")
    world.set({"triage": {"versions_dir": str(world.folder / "versions")}})


def policy_of(world, name):
    (result,) = [document for document in world.documents("results") if document["ticket_id"] == name]
    return result["provenance"]["policy"]


def drift_is_shown_of_each_profile(world):
    until(lambda: len(world.query("select distinct profile from triage.drift_signals")) == 2, "the watch has saved both")
    heads = re.compile(r"^profile (\w+)$", re.M)
    assert heads.findall(world.run("drift", "show").stdout) == ["bank", "shop"]
    assert heads.findall(world.run("drift", "show", "--profile", "shop").stdout) == ["shop"]
    assert {row["profile"] for row in json.loads(world.run("drift", "show", "--json", "--profile", "bank").stdout)["signals"]} == {"bank"}
    assert world.run("drift", "show", "--profile", "other", check=False).returncode == 64


def an_expired_budget_is_shown_as_expired(world):
    record = {"schema_version": 1, "type": "budget", "profile": "shop", "label": "*", "state": "over", "defer_minutes": 60,
              "until": "2026-01-05T09:00:00Z", "reason": "review_overload", "text": "", "by": "watch", "owner": "Owner of shop",
              "at": "2026-01-05T08:00:00Z"}
    world.produce("control", [("budget/shop", json.dumps(record)), ("budget/bank", json.dumps(record | {"until": "2999-01-05T09:00:00Z"}))])
    lines = {line.split()[0]: line for line in world.run("control", "show").stdout.splitlines()}
    assert lines["budget/shop"].endswith("(expired 2026-01-05T09:00:00Z)") and lines["budget/bank"].endswith("(until 2999-01-05T09:00:00Z)")
    shown = {entry["key"]: entry["in_force"] for entry in json.loads(world.run("control", "show", "--json").stdout)}
    assert shown == {"cap/shop/*": True, "budget/shop": False, "budget/bank": True}


def test_the_report_speaks_of_each_profile_under_its_owner_and_an_incident_touches_one_alone(world):
    owners(world)
    worker = world.start("--roles", "triage,watch").wait_ready()
    world.send([ticket("shop", n) for n in range(3)] + [ticket("bank", n) for n in range(2)])
    world.run("verify", "--wait", HANG_SECONDS, "--expect", 5, "--no-queue")
    drift_is_shown_of_each_profile(world)
    good = policy_of(world, "shop-0")
    shop, bank = world.folder / "shop.yaml", world.folder / "bank.yaml"
    before, untouched = shop.read_bytes(), bank.read_bytes()
    shop.write_bytes(before + b"\n# changed on a Friday\n")
    worker.process.send_signal(signal.SIGHUP)
    until(lambda: "reload.done" in worker.text(), "the worker has the new policy")
    world.send([ticket("shop", n) for n in range(3, 5)])
    world.run("verify", "--wait", HANG_SECONDS, "--expect", 7, "--no-queue")
    assert worker.stop() == 0

    rows = world.run("report", "--since", "2020-01-01", "--no-queue", "--format", "csv").stdout.splitlines()
    told = {(row["profile"], row["owner"]) for row in csv.DictReader(rows)}
    assert told == {("shop", "Owner of shop"), ("bank", "Owner of bank")}
    page = world.run("report", "--since", "2020-01-01", "--format", "html").stdout
    assert page.count("<html") == page.count("</html>") == 1 and page.count("<h1>") == 2 and "Owner of bank" in page
    one = world.run("report", "--since", "2020-01-01", "--no-queue", "--profile", "bank").stdout
    assert one.startswith("# bank,") and "shop" not in one
    file = world.folder / "results.jsonl"
    file.write_text("".join(json.dumps(document) + "\n" for document in world.documents("results")), encoding="utf-8")
    of_file = world.run("report", "--since", "2020-01-01", "--no-queue", "--profile", "bank", "--results", file).stdout
    assert of_file.split("## In short")[1] == one.split("## In short")[1]
    done = world.run("report", "--since", "2020-01-01", "--profile", "other", check=False)
    assert done.returncode == 64 and "shop, bank" in done.stderr

    bad = policy_of(world, "shop-4")
    assert bad != good and "2 tickets" in world.run("incident", "--since", bad).stdout
    rolled = world.run("incident", "--since", bad, "--roll-back").stderr
    assert good[:12] in rolled and "--profile shop" in rolled
    assert (shop.read_bytes(), bank.read_bytes()) == (before, untouched)
    assert [entry["key"] for entry in json.loads(world.run("control", "show", "--json").stdout)] == ["cap/shop/*"]
    first = world.run("incident", "--since", good, "--roll-back", check=False)  # what came after it is not what was before
    assert first.returncode == 75 and "no earlier version of shop is known" in first.stderr
    assert (shop.read_bytes(), bank.read_bytes()) == (before, untouched)
    an_expired_budget_is_shown_as_expired(world)
    assert world.run("control", "stop", "--all", "--reason", "an exercise").stdout == "stop/all: in force\n"
    refused = world.run("control", "cap", "--class", "*", "--cap", "hold", "--reason", "an exercise", check=False)
    assert refused.returncode == 64 and "--profile" in refused.stderr


def test_check_proves_the_promise_and_the_canary_of_each_profile(world):
    owners(world)
    said = world.run("check", "--offline").stdout
    assert said.count("ok    promise") == 2 and "canary" not in said
    broken = world.folder / "promise.json"
    broken.write_text("{}", encoding="utf-8")
    table = json.loads((world.folder / "profiles.yaml").read_text(encoding="utf-8"))
    table["profiles"][1]["promise_file"] = str(broken)
    (world.folder / "profiles.yaml").write_text(json.dumps(table), encoding="utf-8")
    done = world.run("check", "--offline", check=False)
    assert done.returncode != 0 and done.stdout.count("FAIL  promise") == 1 and done.stdout.count("ok    promise") == 1
    table["profiles"][1]["promise_file"] = ""
    (world.folder / "profiles.yaml").write_text(json.dumps(table), encoding="utf-8")
    world.set({"triage": {"canary_percent": 10, "canary_policy_file": str(SAMPLE / "policy.yaml")}})
    done = world.run("check", "--offline", check=False)  # a profile that this worker does not have
    assert done.returncode == 78 and "FAIL  canary" in done.stdout and "kestrel-support" in done.stdout
    secret = world.folder / "audit.key"
    secret.write_text("0123456789abcdef0123456789abcdef", encoding="utf-8")
    secret.chmod(0o600)
    world.set({"triage": {"canary_policy_file": str(world.folder / "shop.yaml"), "audit_key_file": str(secret)}})
    assert "ok    canary         10 % of shop, shadow" in world.run("check", "--offline").stdout
