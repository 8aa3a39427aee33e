"""An incident from the list to the roll-back, and the report of a period, on what a worker really did."""

import csv
import io
import json
import shutil
import signal

from conftest import SAMPLE, until
from test_promise import answer, orders, promise, results
from test_reload import rewrite


def versioned(world):
    """A policy of the world's own, and a folder that keeps what was loaded."""
    policy = world.folder / "own-policy.yaml"
    shutil.copy(SAMPLE / "policy.yaml", policy)
    world.set({"triage": {"policy_file": str(policy), "versions_dir": str(world.folder / "versions")}})
    return policy


def policy_of(world, n, ticket):
    return results(world, n)[ticket]["provenance"]["policy"]


def take_new_policy(world, worker):
    rewrite(world, "  - label: order_status", "  # changed on a Friday\n  - label: order_status")
    worker.process.send_signal(signal.SIGHUP)
    until(lambda: "reload.done" in worker.text(), "the worker has the new policy")


def test_an_incident_lists_what_a_version_touched_and_puts_the_earlier_one_back(world):
    policy = versioned(world)
    before = policy.read_bytes()
    worker = world.start().wait_ready()
    world.send(orders(0, 5))
    good = policy_of(world, 5, "o4")
    take_new_policy(world, worker)
    world.send(orders(100, 4))
    bad = policy_of(world, 9, "o103")
    assert bad != good

    listed = world.run("incident", "--since", bad[:12], "--csv")
    rows = list(csv.DictReader(io.StringIO(listed.stdout)))
    assert sorted(row["key"].split("/")[-1] for row in rows) == [f"o{i}" for i in range(100, 104)]
    alone = [row for row in rows if row["status"] in ("answered", "ignored")]
    assert {row["no_person"] for row in alone} <= {"yes"} and f"ended without a person: {len(alone)}" in listed.stderr
    as_json = [json.loads(line) for line in world.run("incident", "--since", bad[:12], "--json").stdout.splitlines()]
    assert len(as_json) == 4
    assert "9 tickets" in world.run("incident", "--since", "2020-01-01").stdout
    assert world.run("incident", "--since", "0123456789abcdef", check=False).returncode == 65

    rolled = world.run("incident", "--since", bad[:12], "--roll-back")
    assert "capped" in rolled.stderr and good[:12] in rolled.stderr
    assert policy.read_bytes() == before
    until(lambda: "control.changed" in worker.text(), "the cap acts")
    world.send(orders(200, 1))
    capped = results(world, 10)["o200"]
    assert capped["status"] == "in_review" and "autonomy_capped" in capped["reasons"]
    worker.process.send_signal(signal.SIGHUP)
    until(lambda: worker.text().count("reload.done") == 2, "the worker has the old policy again")
    world.run("control", "lift", "--class", "*", "--reason", "it is over")
    until(lambda: worker.text().count("control.changed") == 2, "the cap is lifted")
    world.send(orders(300, 1))
    after = results(world, 11)["o300"]
    assert after["provenance"]["policy"] == good and "autonomy_capped" not in after["reasons"]
    assert worker.stop() == 0


def test_the_beginning_of_two_versions_names_neither(world, tmp_path):
    results_file = tmp_path / "results.jsonl"
    rows = [{"schema": "results.v1", "key": f"a/b/c/{digit}", "revision": 1, "status": "answered", "decided_at": "2026-11-01T00:00:00Z",
             "provenance": {"policy": "abcdef" + digit * 58}} for digit in "12"]
    results_file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    either = world.run("incident", "--since", "abcdef", "--results", results_file, check=False)
    assert either.returncode == 64 and "give more digits" in either.stderr
    assert "1 tickets" in world.run("incident", "--since", "abcdef1", "--results", results_file).stdout


def test_without_copies_it_caps_and_names_what_to_restore(world):
    versioned(world)
    world.set({"triage": {"versions_dir": ""}})
    worker = world.start().wait_ready()
    world.send(orders(0, 2))
    good = policy_of(world, 2, "o1")
    take_new_policy(world, worker)
    world.send(orders(100, 1))
    bad = policy_of(world, 3, "o100")
    rolled = world.run("incident", "--since", bad, "--roll-back", check=False)
    assert rolled.returncode == 75 and good in rolled.stderr and "own-policy.yaml" in rolled.stderr
    assert "*" in world.run("control", "show").stdout
    assert worker.stop() == 0


def test_a_version_that_came_back_is_rolled_back_to_what_was_right_before_its_last_stay(world):
    versioned(world)
    hashes = {name: name * 64 for name in "abc"}
    rows = [{"key": f"t/s/i/{hour}", "revision": 1, "status": "in_review", "profile": "kestrel-support", "label": "x",
             "decided_at": f"2026-11-23T{hour:02}:00:00.000Z", "provenance": {"policy": hashes[name]}}
            for hour, name in enumerate("abacb")]
    # A person's word on the first ticket, while c was in force, says nothing of the version then in force.
    rows.append(rows[0] | {"status": "reviewed", "decided_at": "2026-11-23T03:30:00.000Z"})
    file = world.folder / "results.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for damage, before in (("b", "c"), ("a", "b"), ("c", "a")):
        said = world.run("incident", "--since", hashes[damage], "--results", file, "--roll-back", check=False)
        assert said.returncode == 75 and f"was policy {hashes[before]}" in said.stderr


def test_the_report_of_a_period_says_what_happened(world):
    promise(world, 0.0)
    world.send(orders(0, 8))
    worker = world.start().wait_ready()
    results(world, 8)
    until(lambda: world.query("select count(*) from triage.audit")[0][0] == 8, "every answer is drawn")
    assert answer(world, "ann", "order_status") == 8
    until(lambda: world.query("select count(*) from triage.audit where verdict = 'right'")[0][0] == 8, "they are audited")
    world.query("insert into triage.drift_alarm (profile, classifier, signal, scope, upwards, owner, done, detail, reading) "
                "values ('kestrel-support', 'c', 'label_mix', 'order_status', true, 'Ines <owner>', 'told only', 'more', '{}') "
                "returning 1")

    table = list(csv.DictReader(io.StringIO(world.run("report", "--since", "2020-01-01", "--format", "csv").stdout)))
    (row,) = [row for row in table if row["class"] == "order_status"]
    assert (row["answered"], row["audits"], row["wrong"]) == ("8", "8", "0")
    assert float(row["wrong_high"]) > 0.2 and row["quality_review_overdue"] == "yes"
    assert row["owner"] == "Ines Vermeer, head of customer service"

    text = world.run("report", "--since", "2020-01-01").stdout
    assert "answered: 8" in text and "drift, order_status. more Done: told only. Owner: Ines <owner>." in text
    page = world.folder / "report.html"
    world.run("report", "--since", "2020-01-01", "--format", "html", "--out", page)
    html = page.read_text()
    assert "<svg" in html and "Ines &lt;owner&gt;" in html and "<owner>" not in html
    assert world.run("report", "--since", "2001-01-01", "--until", "2001-02-01", check=False).returncode == 65
    file = world.folder / "results.jsonl"
    file.write_text("".join(json.dumps(document) + "\n" for document in world.documents("results")))
    same = world.run("report", "--since", "2020-01-01", "--results", file, "--no-queue", "--format", "csv").stdout
    assert "order_status" in same
    held_answers_count_once(world)
    assert worker.stop() == 0


def held_answers_count_once(world):
    """Of four answers on hold one went out, a person took one, one was overtaken, and one still waits."""
    past = next(document for document in world.documents("results") if document["status"] == "answered")
    rows = [past | {"id": f"{key}:{status}", "key": key, "reasons": ["mode_hold"], "status": status}
            for key, *statuses in (("a", "in_review", "answered"), ("b", "in_review", "reviewed"), ("c", "in_review"),
                                  ("d", "in_review", "superseded")) for status in statuses]
    file = world.folder / "held.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    said = world.run("report", "--since", "2020-01-01", "--results", file, "--no-queue", "--format", "csv").stdout
    (row,) = csv.DictReader(io.StringIO(said))
    assert (row["answered"], row["to_people"], row["overtaken"]) == ("1", "1", "1")
