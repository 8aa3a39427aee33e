"""Drift in production: it is noticed on the results, named with its owner, and takes autonomy; and it survives a restart."""

import signal

from conftest import until
from test_promise import ORDER, orders, results

REFERENCE = 60


def watch(world, caps=1):
    world.set({"triage": {"drift_reference": REFERENCE, "drift_false_alarm": 1000, "drift_caps": caps}})


def unknown(first, n):
    """Orders in words that nobody was trained on."""
    return [ticket | {"body_text": ORDER.format(i) + " Zworbel " + " ".join(f"qux{i}x{w} blorp{w}zyx" for w in range(12))}
            for i, ticket in enumerate(orders(first, n), first)]


def signals(world):
    return {(name, scope): (learning, alarm, n) for name, scope, learning, alarm, n in
            world.query("select signal, scope, learning, alarm, n from triage.drift_signals")}


def learnt(world):
    found = signals(world)
    return ("unknown_words", "") in found and not found["unknown_words", ""][0]


def test_a_shift_is_named_with_its_owner_and_takes_autonomy(world, validate):
    watch(world)
    world.send(orders(0, REFERENCE + 10))
    worker = world.start().wait_ready()
    results(world, REFERENCE + 10)
    until(lambda: learnt(world), "the reference is full")
    world.send(unknown(1000, 60))
    results(world, REFERENCE + 70)
    until(lambda: world.query("select 1 from triage.drift_alarms where signal = 'unknown_words'"), "drift is noticed")
    (owner, done, detail), = world.query(
        "select owner, done, detail from triage.drift_alarms where signal = 'unknown_words'")
    assert owner == "Ines Vermeer, head of customer service"
    assert done == "every class may do no more than suggest" and "training did not see" in detail
    until(lambda: any(c["reason"] == "drift" and c["label"] == "*" for c in world.documents("control")), "the cap is published")
    for document in world.documents("control"):
        validate("control.v1", document)
        assert document["reason"] == "drift" and document[document["type"]] == "suggest"
        assert document["type"] == "level" or document["owner"] == owner
    assert ("cap", "*") in {(document["type"], document["label"]) for document in world.documents("control")}
    fell = {document["label"] for document in world.documents("control") if document["type"] == "level"}
    assert set(world.query("select label, owner from triage.autonomy_history")) == {(label, owner) for label in fell}
    until(lambda: "control.changed" in worker.text(), "the worker has read them")
    assert 'triaged_drift_alarm{signal="unknown_words",scope=""} 1' in worker.get("/metrics")[1]
    assert 'drift.alarm signal=unknown_words scope="" owner="Ines Vermeer' in worker.text()
    world.send(orders(5000, 1))
    capped = results(world, REFERENCE + 71)["o5000"]
    reason = "not_earned" if capped["label"] in fell else "autonomy_capped"  # its own level says as much as the cap
    assert reason in capped["reasons"] and capped["status"] == "suggested"
    shown = world.run("drift", "show").stdout
    assert "ALARM" in shown and "Ines Vermeer" in shown
    world.run("drift", "accept", "--signal", "unknown_words")
    assert world.query("select over_by from triage.drift_alarms where signal = 'unknown_words'")[0][0]
    assert world.run("drift", "accept", "--signal", "nothing", check=False).returncode == 65
    assert worker.stop() == 0


def test_what_was_read_counts_once_wherever_the_worker_ends(world):
    watch(world)
    total = 0
    for round_ in range(4):
        world.send(orders(1000 * round_, 40))
        total += 40
        worker = world.start().wait_ready()
        results(world, total)
        until(lambda n=total: world.query("select (state ->> 'samples')::bigint from triage.drift") == [(n,)],
              "every result is counted")
        assert worker.stop(signal.SIGKILL if round_ % 2 else signal.SIGTERM) is not None
    found = signals(world)
    assert found["length", ""] == (False, False, total - REFERENCE)


def test_with_drift_caps_off_it_is_told_only(world):
    watch(world, caps=0)
    world.send(orders(0, REFERENCE + 10))
    worker = world.start().wait_ready()
    results(world, REFERENCE + 10)
    until(lambda: learnt(world), "the reference is full")
    world.send(unknown(1000, 60))
    until(lambda: world.query("select 1 from triage.drift_alarms where done = 'told only'"), "drift is noticed")
    assert not world.documents("control")
    assert worker.stop() == 0
