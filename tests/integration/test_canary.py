"""A candidate on live tickets: beside what decides, without effect; or instead of it, for a share that is always the same."""

import json

from test_replay import POLICY, DECIDED, run_of, sample
from test_simulate import stricter

PERCENT = 50
DRAFTING = {"macro", "retrieval_weak", "draft_budget", "model_unavailable"}  # the shadow is compared before a draft is written


def with_canary(world, folder, mode, **more):
    (folder / "audit.key").write_text("0123456789abcdef", encoding="utf-8")
    (folder / "audit.key").chmod(0o600)
    world.set({"triage": {"audit_key_file": str(folder / "audit.key"), "audit_percent": 0, "canary_percent": PERCENT,
                          "canary_mode": mode, "canary_policy_file": str(stricter(folder))} | more})


def outcome(document):
    return document["status"], document["label"], document["reasons"]


def before_drafting(decision):
    return decision | {"reasons": " ".join(reason for reason in decision["reasons"].split() if reason not in DRAFTING)}


def flips_of(told):
    """What would come out for whom, but for what drafting adds."""
    return {flip["id"]: before_drafting(flip["now"]) for flip in told["flips"]
            if before_drafting(flip["now"]) != before_drafting(flip["then"])}


def test_in_the_shadow_it_changes_nothing_and_foretells_what_it_would_do(world, tmp_path, validate):
    with_canary(world, tmp_path, "shadow")
    decided = run_of(world, sample())
    for document in decided:
        validate("result.v1", document)
    shadowed = [one for one in decided if "shadow" in one]
    assert 0.3 < len(shadowed) / len(decided) < 0.7
    # Nothing of it counts: the policy in force decides the same without a canary.
    assert json.loads(world.run("replay", "--json").stdout)["these_files"]["identical"] == len(decided)
    told = json.loads(world.run("canary", "show", "--json").stdout)["shadow"]
    assert told["tickets"] == len(shadowed)
    foretold = json.loads(world.run("simulate", "--json", "--policy", tmp_path / "stricter.yaml").stdout)
    flips, of_the_shadow = flips_of(foretold), flips_of(told)
    drawn = {f"{one['key']}@{one['revision']}" for one in shadowed}
    assert of_the_shadow == {id_: now for id_, now in flips.items() if id_ in drawn}


def test_live_a_share_of_the_tickets_is_its_own_through_all_revisions(world, tmp_path, validate):
    with_canary(world, tmp_path, "live")
    tickets = sample()
    decided = run_of(world, tickets + [ticket | {"revision": ticket["revision"] + 100} for ticket in tickets])
    arms = {}
    for document in decided:
        validate("result.v1", document)
        arms.setdefault(document["key"], set()).add(document["provenance"]["arm"])
    assert all(len(arm) == 1 for arm in arms.values())
    policies = {document["provenance"]["arm"]: document["provenance"]["policy"] for document in decided}
    assert set(policies) == {"candidate", "current"} and policies["candidate"] != policies["current"]
    told = json.loads(world.run("canary", "show", "--json").stdout)["live"]
    for arm in ("candidate", "current"):
        assert told[arm]["tickets"] == sum(document["provenance"]["arm"] == arm for document in decided)
        assert told[arm]["status"] == {status: sum(document["status"] == status and document["provenance"]["arm"] == arm
                                                   for document in decided) for status in DECIDED}
    # Each arm is what its own files decide.
    for arm, policy in (("candidate", tmp_path / "stricter.yaml"), ("current", POLICY)):
        done = json.loads(world.run("replay", "--json", "--policy", policy).stdout)["these_files"]
        assert done["results"] == done["identical"] == told[arm]["tickets"]


def test_a_candidate_that_can_not_stand_in_is_refused(world, tmp_path):
    with_canary(world, tmp_path, "live", audit_key_file="")
    world.send(sample()[:1])
    worker = world.start()
    assert worker.process.wait(60) != 0
    assert "a canary is drawn by a secret" in worker.text()
