"""Kill switches and take-overs on the running system: what is in work comes out as what is then allowed, within a second."""

import json
import time

from conftest import HANG_SECONDS, SAMPLE, until
from test_faults import stub, ticket_with  # noqa: F401 (a fixture)
from test_promise import orders, results

KEY = "kestrel/zendesk/kestrel-home/{}"


def hanging(world, port):
    """Model calls that never end by themselves: what is in work stays in work."""
    world.set({"model": {"url": f"http://127.0.0.1:{port}/v1", "name": "stub", "slots": 2, "deadline_ms": 120000,
                         "call_timeout_ms": 110000, "breaker_failures": 1000, "stall_ms": 600000}})


def calling(worker):
    """Calls that run, and tickets that wait for one."""
    for line in worker.get("/metrics")[1].splitlines():
        if line.startswith("triaged_waiting_for_model "):
            return int(float(line.split()[-1]))
    return 0


def found(world):
    return {document["ticket_id"]: document for document in world.documents("results")}


def test_a_stop_reaches_what_waits_for_the_model_and_what_is_at_it_within_a_second(world, stub):  # noqa: F811
    hanging(world, stub)
    world.send([ticket_with("hang", n) for n in range(6)])
    worker = world.start().wait_ready()
    until(lambda: calling(worker) == 6, "two calls run and four tickets wait")
    world.run("control", "stop", "--all", "--reason", "an exercise")
    published = time.time()
    world.run("verify", "--wait", HANG_SECONDS, "--expect", 6)
    outcomes = found(world)
    for document in outcomes.values():
        assert document["status"] == "in_review" and "stopped" in document["reasons"] and not document["draft"]
    last = max(record.timestamp()[1] for record in world.read("results")) / 1000
    print(f"the last of six tickets in work came out {last - published:.3f} s after the stop was published")
    world.send(orders(0, 2))
    world.run("verify", "--wait", HANG_SECONDS, "--expect", 8)
    assert found(world)["o1"]["status"] == "in_review"
    world.run("control", "resume", "--all", "--reason", "it is over", "--by", "Ines")
    until(lambda: "lifted=1" in worker.text(), "the worker has read it")
    world.send(orders(10, 1))
    world.run("verify", "--wait", HANG_SECONDS, "--expect", 9)
    assert found(world)["o10"]["status"] == "answered"
    assert worker.stop() == 0


def test_a_person_who_took_over_has_the_ticket_without_a_draft(world, stub):  # noqa: F811
    hanging(world, stub)
    world.send([ticket_with("hang", 0), ticket_with("hang", 1)])
    worker = world.start().wait_ready()
    until(lambda: calling(worker) == 2, "both are at the model")
    world.run("control", "takeover", "--key", KEY.format("fault-0"), "--by", "ann")
    until(lambda: "fault-0" in found(world), "its call ended")
    taken = found(world)["fault-0"]
    assert taken["status"] == "suggested" and "taken_over" in taken["reasons"] and not taken["draft"]
    assert "fault-1" not in found(world) and calling(worker) == 1
    world.send([ticket_with("none", 0) | {"revision": 2}])
    until(lambda: [d for d in world.documents("results") if d["ticket_id"] == "fault-0" and d["revision"] == 2], "the next")
    world.run("control", "stop", "--key", KEY.format("fault-1"), "--reason", "an exercise")
    until(lambda: "fault-1" in found(world), "its call ended too")
    assert found(world)["fault-1"]["status"] == "in_review"
    assert "until" in world.run("control", "show").stdout
    shown = json.loads(world.run("control", "show", "--json").stdout)
    assert {entry["key"] for entry in shown} == {"takeover/" + KEY.format("fault-0"), "stop/key/" + KEY.format("fault-1")}
    world.run("control", "resume", "--key", KEY.format("fault-0"))
    world.run("control", "resume", "--key", KEY.format("fault-1"))
    assert json.loads(world.run("control", "show", "--json").stdout) == []
    assert worker.stop() == 0


def test_a_stopped_class_goes_to_people_from_the_first_ticket_of_a_new_worker(world):
    profile = "kestrel-support"
    world.run("control", "stop", "--class", "order_status", "--reason", "an exercise")
    world.run("control", "stop", "--profile", "another", "--reason", "nobody's")
    world.send(orders(0, 3))
    worker = world.start().wait_ready()
    for document in results(world, 3).values():
        assert document["status"] == "in_review" and "stopped" in document["reasons"]
    keys = {record.key().decode() for record in world.read("control")}
    assert keys == {f"stop/class/{profile}/order_status", "stop/profile/another"}
    assert worker.stop() == 0


def test_who_lifted_what_and_why_stays_on_record(world, validate):
    who = ("--reason", "it is over", "--by", "Ines")
    world.run("control", "stop", "--all", "--reason", "wrong prices", "--by", "Ann")
    world.run("control", "cap", "--class", "*", "--cap", "shadow", "--reason", "an incident", "--by", "Ann")
    world.run("control", "takeover", "--key", KEY.format(1), "--by", "Ben")
    for verb in (("resume", "--all"), ("lift", "--class", "*")):
        bare = world.run("control", *verb, check=False)
        assert bare.returncode == 64 and "--reason" in bare.stderr
        world.run("control", *verb, *who)
    world.run("control", "resume", "--key", KEY.format(1), "--by", "Ben")
    world.run("control", "resume", "--profile", "shop", *who)  # nothing stood there: nothing to keep
    assert json.loads(world.run("control", "show", "--json").stdout) == []
    kept = json.loads(world.run("control", "show", "--all", "--json").stdout)
    for entry in kept:
        validate("control.v1", entry["value"])
        assert entry["in_force"] is False and entry["key"] == f"lifted/{entry['value']['at']}/{entry['value']['lifts']}"
    assert [(entry["value"]["lifts"], entry["value"]["by"], entry["value"]["was"]["by"]) for entry in kept] == [
        ("stop/all", "Ines", "Ann"), ("cap/kestrel-support/*", "Ines", "Ann"), ("takeover/" + KEY.format(1), "Ben", "Ben")]
    shown = world.run("control", "show", "--all").stdout
    assert "by Ines: it is over" in shown and "by Ann: wrong prices" in shown
    assert "Ines" not in world.run("control", "show").stdout


def test_a_stricter_cap_is_lifted_before_a_looser_one_stands(world):
    def cap(mode, by, check=True):
        return world.run("control", "cap", "--class", "*", "--cap", mode, "--reason", "wrong prices", "--by", by, check=check)

    cap("suggest", "Ann")
    cap("off", "Ann")
    looser = cap("hold", "Ben", check=False)
    assert looser.returncode == 69 and "control lift" in looser.stderr and "by Ann: wrong prices" in looser.stderr
    (entry,) = json.loads(world.run("control", "show", "--json").stdout)
    assert (entry["value"]["cap"], entry["value"]["by"]) == ("off", "Ann")
    world.run("control", "lift", "--class", "*", "--reason", "it is over")
    cap("hold", "Ben")


def test_a_conversation_is_taken_over_among_many_records(world):
    for label in ("order_status", "app_connectivity", "*"):
        world.run("control", "cap", "--class", label, "--cap", "suggest", "--reason", "an exercise")
    said = world.run("control", "takeover", "--key", KEY.format(1), "--by", "ann").stdout
    assert said == f"takeover/{KEY.format(1)}: in force\n"
    assert len(json.loads(world.run("control", "show", "--json").stdout)) == 4


def test_a_wrong_call_says_what_to_give(world):
    for arguments, word in ((("stop", "--reason", "x"), "--all"), (("takeover",), "--key"),
                            (("stop", "--key", "nonsense", "--reason", "x"), "record key"),
                            (("stop", "--all", "--for", "8h", "--reason", "x"), "expires"),
                            (("takeover", "--key", KEY.format(1), "--for", "91d"), "90 days"),
                            (("cap", "--class", "*", "--cap", "auto", "--reason", "x"), "suggest")):
        done = world.run("control", *arguments, check=False)
        assert done.returncode != 0 and word in done.stderr, done.stderr
    assert SAMPLE.exists() and not world.documents("control")


def test_a_stopped_profile_goes_to_people_until_it_is_resumed(world):
    worker = world.start().wait_ready()
    world.run("control", "stop", "--profile", "kestrel-support", "--reason", "an exercise")
    until(lambda: "control.changed" in worker.text(), "the worker has read it")
    world.send(orders(0, 2))
    for document in results(world, 2).values():
        assert document["status"] == "in_review" and "stopped" in document["reasons"]
    world.run("control", "resume", "--profile", "kestrel-support", "--reason", "it is over")
    until(lambda: "lifted=1" in worker.text(), "the worker has read that too")
    world.send(orders(10, 1))
    assert results(world, 3)["o10"]["status"] == "answered"
    assert worker.stop() == 0
