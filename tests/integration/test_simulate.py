"""A policy is tried on what a run left behind, and then run: what was foretold is what happens, ticket by ticket."""

import json
import re

from conftest import HANG_SECONDS, SAMPLE, until
from test_replay import DECIDED, POLICY, run_of, sample

STRICTER = (
    (r"(label: order_status.*?mode: )auto", r"\1suggest"),
    (r"(label: app_connectivity.*?threshold: )0\.85", r"\g<1>0.97"),
    (r"(label: delivery_problem.*?threshold: )0\.8", r"\g<1>0.99"),
    (r"(label: installation_help.*?risk: )low(.*?mode: )suggest", r'\1medium\2"off"'),
)
RULE = """
  - id: invoices_by_hand
    when: {subject_matches: '\\b(invoice|rechnung)\\b'}
    then: review
    reason: The books are closed this week.

classes:"""


def stricter(folder):
    text = POLICY.read_text(encoding="utf-8")
    for pattern, replacement in STRICTER:
        text, n = re.subn(pattern, replacement, text, count=1, flags=re.S)
        assert n == 1, pattern
    path = folder / "stricter.yaml"
    path.write_text(text.replace("\nclasses:", RULE, 1), encoding="utf-8")
    return path


def on_new_topics(world, tag):
    """The same world with topics and a group of their own; the old ones are handed back for the end of the test."""
    old = dict(world.topics)
    for name, topic in old.items():
        world.topics[name] = f"{topic}.{tag}"
    world.set({"kafka": {"topics": world.topics, "group": f"{world.prefix}-{tag}"}, "triage": {"instance": tag}})
    world.run("topics", "create")
    return old


def simulate(world, *arguments):
    return json.loads(world.run("simulate", "--json", *arguments).stdout)


def endings(decided):
    return {f"{one['key']}@{one['revision']}": (one["status"], one["label"] or "", " ".join(one["reasons"])) for one in decided}


def test_what_is_foretold_of_a_stricter_policy_is_what_happens(world, tmp_path):
    tickets, policy = sample(), stricter(tmp_path)
    happened = run_of(world, tickets)

    # The policy that decided: nothing flips.
    same = simulate(world)
    assert (same["tickets"], same["flipped"], same["relabelled"], same["reasons_only"]) == (len(happened), 0, 0, 0)
    assert same["happened"]["status"] == same["would"]["status"] and same["flips"] == []

    foretold = simulate(world, "--policy", policy, "--labels", SAMPLE / "expected.jsonl", "--html", tmp_path / "report.html")
    assert foretold["flipped"] > 10 and foretold["undrafted"] == 0
    assert foretold["would"]["error"]["labelled"] > 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "http" not in re.sub(r"<code>.*?</code>", "", page, flags=re.S) and "<script" not in page

    expected = endings(happened)
    for flip in foretold["flips"]:
        assert expected[flip["id"]] == tuple(flip["then"][part] for part in ("status", "label", "reasons"))
        expected[flip["id"]] = tuple(flip["now"][part] for part in ("status", "label", "reasons"))

    old = on_new_topics(world, "b")
    world.set({"triage": {"policy_file": str(policy)}})
    after = run_of(world, tickets)
    assert endings(after) == expected
    counts = {status: sum(one["status"] == status for one in after) for status in DECIDED}
    assert counts == foretold["would"]["status"]

    # Back from there: the first policy on the second run's history foretells the first run.
    back = simulate(world, "--policy", POLICY)
    assert back["would"]["status"] == same["happened"]["status"]
    world.topics |= {f"old.{name}": topic for name, topic in old.items()}  # deleted at the end, too


def test_reviews_and_audits_say_how_often_it_is_wrong(world, tmp_path):
    (tmp_path / "audit.key").write_text("0123456789abcdef", encoding="utf-8")
    (tmp_path / "audit.key").chmod(0o600)
    world.set({"triage": {"audit_percent": 50, "audit_key_file": str(tmp_path / "audit.key")}})
    world.send(sample())
    worker = world.start().wait_ready()
    world.run("verify", "--wait", HANG_SECONDS, "--expect", len(sample()))
    answered = {one["ticket_id"]: one for one in json.loads("[" + ",".join(
        json.dumps(one) for one in world.documents("results")) + "]") if one["status"] == "answered"}
    assert len(answered) >= 10
    looks = until(lambda: world.query("select count(*) from triage.item where origin = 'audit'")[0][0], "audits are drawn")
    with world.connect() as connection:
        while rows := connection.execute("select item_id, claim_no, label from triage.claim('ann', 50)").fetchall():
            for item, claim, _ in rows:
                connection.execute("select triage.resolve(%s, %s, %s, 'accepted'::triage.outcome, null)",
                                   (item, claim, f"ann-{item}"))
    until(lambda: len(world.documents("audits")) >= looks, "every look has its outcome")
    assert worker.stop() == 0
    told = simulate(world)
    right = world.query("select count(*) from triage.audit where verdict = 'right'")[0][0]  # the rest was overtaken
    assert 10 <= told["happened"]["error"]["labelled"] == right <= looks and told["happened"]["error"]["wrong"] == 0
    assert told["happened"]["error"]["high"] < 1 and told["happened"]["error"]["covered"] == 1
