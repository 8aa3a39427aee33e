"""Decided again from what a run left behind: every member of every result the same, personal data and caps included."""

import json

from conftest import HANG_SECONDS, SAMPLE, until
from test_controls import KEY, calling, hanging
from test_faults import stub, ticket_with  # noqa: F401 (a fixture)
from test_privacy import listening, planted

POLICY = SAMPLE / "policy.yaml"
DECIDED = ("answered", "suggested", "ignored", "in_review")
WITH_MODEL = 16  # tickets of the run with the small real model: it takes a second or two for each draft


def sample():
    return [json.loads(line) for line in (SAMPLE / "tickets.jsonl").read_text(encoding="utf-8").splitlines()]


def run_of(world, tickets):
    world.send(tickets)
    worker = world.start("--roles", "triage").wait_ready()
    world.run("verify", "--wait", HANG_SECONDS, "--expect", len(tickets), "--no-queue")
    assert worker.stop() == 0
    return [document for document in world.documents("results") if document["status"] in DECIDED]


def replay(world, *arguments, code=0):
    done = world.run("replay", "--json", *arguments, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_the_whole_sample_comes_out_the_same(world, tmp_path):
    tickets = sample()
    decided = run_of(world, tickets)
    told = replay(world)
    assert told["these_files"] == {"results": len(decided), "identical": len(decided), "differ": 0, "undrafted": 0,
                                   "undrafted_differ": 0}
    assert told["members"] == [] and told["without_ticket"] == 0

    # From files it is the same; a member that somebody changed is named.
    results, file = tmp_path / "results.jsonl", tmp_path / "tickets.jsonl"
    decided[3]["label"] = "no_such_label"
    results.write_text("".join(json.dumps(document) + "\n" for document in decided), encoding="utf-8")
    file.write_text("".join(json.dumps(ticket) + "\n" for ticket in tickets), encoding="utf-8")
    told = replay(world, "--results", results, "--tickets", file, code=1)
    assert (told["these_files"]["differ"], [one["member"] for one in told["members"]]) == (1, ["label"])

    # Another policy did not decide this: nothing is proved, and that is said.
    other = tmp_path / "policy.yaml"
    other.write_text(POLICY.read_text(encoding="utf-8") + "\n# another\n", encoding="utf-8")
    told = replay(world, "--policy", other, code=65)
    assert told["other_files"]["results"] == told["other_files"]["identical"] == len(decided)


def test_personal_data_and_drafts_come_out_the_same(world):
    tickets = [planted(ticket, number)[0] if number % 3 == 0 else ticket for number, ticket in enumerate(sample())]
    with listening() as server:
        world.set({"model": {"url": f"http://127.0.0.1:{server.server_address[1]}/v1", "name": "listener", "slots": 4}})
        decided = run_of(world, tickets)
        told = replay(world)
        assert told["these_files"]["identical"] == len(decided) and told["these_files"]["undrafted"] == 0
        drafts = [one for one in decided if "recorded" in one and "model_answer" in one["recorded"]]
        assert len(drafts) >= 20 and any("[EMAIL_1]" in one["recorded"]["model_answer"] for one in drafts)
        # Asked anew, the same server gives the same answers but for the marker lines' nonce, which is the recorded one.
        assert replay(world, "--live")["these_files"]["identical"] == len(decided)


def test_answers_of_a_real_model_come_out_the_same(drafting_world):
    decided = run_of(drafting_world, sample()[:WITH_MODEL])
    told = replay(drafting_world)
    assert told["these_files"]["identical"] == len(decided)
    assert any("recorded" in one for one in decided)


def test_a_cap_of_then_counts_again(world):
    world.run("control", "cap", "--class", "*", "--cap", "shadow", "--reason", "an exercise")
    tickets = sample()
    decided = run_of(world, tickets[:60])
    world.run("control", "lift", "--class", "*", "--reason", "it is over")
    assert any(one.get("capped_to") == "shadow" for one in decided)
    worker = world.start().wait_ready()
    world.send(tickets[60:120])
    world.run("verify", "--wait", HANG_SECONDS, "--expect", 120, "--no-queue")
    assert worker.stop() == 0
    told = replay(world)["these_files"]
    assert told["identical"] == told["results"] > 100


def test_a_run_with_a_kill_switch_and_a_takeover_in_its_middle_comes_out_the_same(world, stub):  # noqa: F811
    hanging(world, stub)
    world.send([ticket_with("hang", n) for n in range(6)])
    worker = world.start("--roles", "triage").wait_ready()
    until(lambda: calling(worker) == 6, "two calls run and four tickets wait")
    world.run("control", "takeover", "--key", KEY.format("fault-0"), "--by", "ann")
    until(lambda: world.documents("results"), "the person has it")
    world.run("control", "cap", "--class", "*", "--cap", "suggest", "--reason", "an exercise")
    world.run("control", "stop", "--all", "--reason", "an exercise")
    world.run("verify", "--wait", HANG_SECONDS, "--expect", 6, "--no-queue")
    world.send(sample()[:40])  # decided under the stop, before any draft is begun
    world.run("verify", "--wait", HANG_SECONDS, "--expect", 46, "--no-queue")
    world.run("control", "resume", "--all", "--reason", "it is over")
    until(lambda: "lifted=1" in worker.text(), "the worker has read it")
    world.run("control", "takeover", "--key", KEY.format("1040"), "--by", "ann")
    world.send(sample()[40:80])
    world.run("verify", "--wait", HANG_SECONDS, "--expect", 86, "--no-queue")
    assert worker.stop() == 0
    decided = [document for document in world.documents("results") if document["status"] in DECIDED]
    assert sum("taken_over" in one["reasons"] for one in decided) >= 1
    assert sum("stopped" in one["reasons"] for one in decided) > 10
    assert any(one["controls"].get("undrafted") for one in decided if "controls" in one)
    assert any("decided" in one["controls"] for one in decided if "controls" in one)
    assert any("controls" not in one for one in decided)
    told = replay(world)
    assert told["these_files"] == {"results": len(decided), "identical": len(decided), "differ": 0, "undrafted": 0,
                                   "undrafted_differ": 0}, told["members"]
