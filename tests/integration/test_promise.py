"""The promise in production: what is not promised is not answered, audits are looked at blind, an alarm takes autonomy."""

import json
import secrets

from conftest import HANG_SECONDS, SAMPLE, until

ORDER = "Where is my order? The tracking has not moved for days. My order number is K-{:05d}, when will it arrive?"
SHARE_PERCENT = 100  # every decision that no person sees is drawn, so that a few tickets are enough


def promise(world, threshold, max_error=0.1):
    """A promise for the world's model, as `triaged calibrate` writes it."""
    row = '{"subject": "", "body": "Where is my order?", "label": "order_status"}\n'
    (world.folder / "rows.jsonl").write_text(row * 40, encoding="utf-8")
    path = world.folder / "promise.json"
    world.run("calibrate", "--model", world.settings["triage"]["classifier_file"], "--data", world.folder / "rows.jsonl",
              "--max-error", max_error, "--confidence", "0.9", "--out", path)
    document = json.loads(path.read_text(encoding="utf-8"))
    document["certified"] = True
    document["thresholds"] = {"confidence": threshold}
    path.write_text(json.dumps(document), encoding="utf-8")
    (world.folder / "audit.key").write_text(secrets.token_hex(16), encoding="utf-8")
    (world.folder / "audit.key").chmod(0o600)
    world.set({"triage": {"promise_file": str(path), "audit_percent": SHARE_PERCENT, "audit_false_alarm": 10,
                          "audit_key_file": str(world.folder / "audit.key")}})


def orders(first, n):
    template = json.loads((SAMPLE / "tickets.jsonl").read_text(encoding="utf-8").splitlines()[0])
    return [template | {"ticket_id": f"o{i}", "subject": "Where is my order?", "body_text": ORDER.format(i),
                        "language": "en"} for i in range(first, first + n)]


def results(world, n):
    world.run("verify", "--wait", HANG_SECONDS, "--expect", n)
    return {document["ticket_id"]: document for document in world.documents("results")}


def answer(world, reviewer, label):
    """Takes every item that the reviewer is offered and gives it this label."""
    with world.connect() as connection:
        rows = connection.execute("select item_id, claim_no, label from triage.claim(%s, 50)", (reviewer,)).fetchall()
        for item, claim, shown in rows:
            outcome, final = ("accepted", None) if shown == label else ("relabelled", label)
            connection.execute("select triage.resolve(%s, %s, %s, %s::triage.outcome, %s)",
                               (item, claim, f"{reviewer}-{item}", outcome, final))
    return len(rows)


def verdicts(world):
    return world.query("select count(*) from triage.audit where verdict = 'wrong'")[0][0]


def test_what_is_not_promised_is_suggested(world):
    promise(world, 1.0)
    world.send(orders(0, 3))
    worker = world.start().wait_ready()
    for document in results(world, 3).values():
        assert document["status"] == "suggested" and "not_promised" in document["reasons"]
        assert document["promise"]["max_error"] == 0.1 and document["provenance"]["promise"] == document["promise"]["id"]
    assert worker.stop() == 0


def test_an_alarm_of_the_audits_takes_autonomy_and_an_operator_gives_it_back(world, validate):
    promise(world, 0.0)
    world.send(orders(0, 20))
    worker = world.start().wait_ready()
    found = results(world, 20)
    assert {document["status"] for document in found.values()} == {"answered"}
    until(lambda: world.query("select count(*) from triage.audit")[0][0] == 20, "every answer is drawn")
    for document in world.documents("reviews"):
        validate("review.v1", document)
        assert document["origin"] == "audit"
    assert answer(world, "ann", "refund_status") == 20
    until(lambda: answer(world, "bob", "refund_status") >= 0 and verdicts(world) == 20, "a second reviewer decides")
    until(lambda: world.documents("control"), "the alarm is published")
    (control,) = world.documents("control")
    validate("control.v1", control)
    assert (control["label"], control["level"], control["reason"]) == ("order_status", "suggest", "promise_broken")
    (alarm,) = world.query("select what_to_do from triage.alarms where name = 'demoted'")
    assert "class order_status of" in alarm[0] and "(promise_broken)" in alarm[0] and "Owner: Ines Vermeer" in alarm[0]
    until(lambda: "control.changed" in worker.text(), "the worker has read it")
    assert "order_status" in world.run("control", "show").stdout
    world.send(orders(100, 2))
    capped = results(world, 22)["o100"]
    assert capped["status"] == "suggested" and "not_earned" in capped["reasons"]
    world.run("autonomy", "reviewed", "order_status", "--by", "Ines Vermeer", "--note", "an exercise")
    for _ in range(2):
        world.run("autonomy", "promote", "order_status", "--by", "Daniel Achterberg", "--reason", "an exercise", "--exception")
    until(lambda: worker.text().count("control.changed") == 3, "the worker has read that too")
    world.send(orders(200, 1))
    assert results(world, 23)["o200"]["status"] == "answered"
    assert not [document for document in world.documents("results") if document["status"] == "reviewed"]
    until(lambda: len(world.documents("audits")) >= 40, "every look has its outcome on the audits topic")
    assert worker.stop() == 0


def test_a_cap_holds_from_the_first_ticket_of_a_new_worker(world):
    world.run("control", "cap", "--class", "*", "--cap", "shadow", "--reason", "an exercise")
    why = world.run("control", "lift", "--class", "*", check=False)
    assert why.returncode == 64 and "--reason" in why.stderr
    world.send(orders(0, 3))
    worker = world.start().wait_ready()
    for document in results(world, 3).values():
        assert document["status"] == "in_review" and "autonomy_capped" in document["reasons"]
    assert worker.stop() == 0
