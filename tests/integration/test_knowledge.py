"""Articles that change while the worker runs: by their topic, and ranked by meaning."""

import json
import shutil

import pytest

from conftest import SAMPLE, VAR, until
from test_autonomy import CLASS, PROFILE, lacking, policy
from test_promise import orders, results

ENCODER = VAR / "encoder"


def by_topic(world):
    """Articles come from a topic of this world instead of a folder."""
    world.topics["knowledge"] = f"{world.prefix}.knowledge"
    world.set({"kafka": {"topics": world.topics}, "triage": {"knowledge_dir": ""}})
    return world.prepare()


def own_folder(world):
    folder = world.folder / "knowledge"
    shutil.copytree(SAMPLE / "knowledge", folder)
    return folder


def publish(world, folder):
    """The last line: how many were written, removed, left, and the hash."""
    return world.run("knowledge", "publish", folder).stdout.splitlines()[-1]


def hash_of(line):
    return line.rsplit(" ", 1)[1]


def knowledge_of(world, n, ticket):
    return results(world, n)[ticket]["provenance"]["knowledge"]


def append(path, text):
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_only_what_differs_is_put_on_the_topic(bare_world):
    world = by_topic(bare_world)
    folder = own_folder(world)
    n = len(list(folder.glob("*.md"))) - (folder / "README.md").exists()
    assert publish(world, folder).startswith(f"{n} written, 0 removed, 0 as before")
    assert publish(world, folder).startswith(f"0 written, 0 removed, {n} as before")
    append(folder / "delivery-times.md", "\nOn Sundays nothing is delivered.\n")
    (folder / "installer-visits.md").unlink()
    assert "write delivery-times" in world.run("knowledge", "publish", folder, "--dry-run").stdout
    assert publish(world, folder).startswith(f"1 written, 1 removed, {n - 2} as before")
    written = {record.key().decode() for record in world.read("knowledge")[n:]}
    assert written == {"delivery-times", "installer-visits"}
    (folder / "bad.md").write_text("no front matter\n")
    assert world.run("knowledge", "publish", folder, check=False).returncode == 65


def test_articles_of_the_topic_change_without_a_stop(bare_world):
    world = by_topic(bare_world)
    folder = own_folder(world)
    first = hash_of(publish(world, folder))
    worker = world.start().wait_ready()
    world.send(orders(0, 2))
    assert knowledge_of(world, 2, "o1").startswith(first)

    append(folder / "delivery-times.md", "\nOn Sundays nothing is delivered.\n")
    (folder / "installer-visits.md").unlink()
    second = hash_of(publish(world, folder))
    until(lambda: f"hash={second}" in worker.text(), "the worker has the change")
    world.produce("knowledge", [("delivery-times", "no article"), ("other-id", json.dumps({"id": "x", "body": "y"}))])
    until(lambda: worker.text().count("knowledge.unreadable") == 2, "the worker says what it can't read")
    world.send(orders(10, 2))
    assert knowledge_of(world, 4, "o11").startswith(second) and second != first
    assert worker.stop() == 0

    # What the topic holds is all there is: a new worker starts with it, and the unreadable records change nothing.
    worker = world.start().wait_ready()
    world.send(orders(20, 1))
    fresh = knowledge_of(world, 5, "o20")
    assert f"hash={fresh[:12]}" in worker.text()
    assert worker.stop() == 0


def test_a_step_up_looks_at_the_articles_of_the_topic(bare_world):
    world = by_topic(bare_world)
    policy(world)
    folder = own_folder(world)
    macro = folder / "macro-order-status-en.md"
    good = macro.read_text(encoding="utf-8")
    world.query("select triage.promote(%s, %s, 'shadow', 'suggest', 'shadow', 'exception', 'a test', 'ines', '', '', '{}')::text",
                PROFILE, CLASS)

    def lacks():
        document, codes = lacking(world, "--dry-run")
        assert (document["from"], document["to"]) == ("suggest", "hold")
        return codes

    for state, stale in (("review_by: 2999-12-31", False), ("review_by: 2020-01-31", True), ("", False)):
        macro.write_text(good.replace("---\n", f"---\n{state}\n" if state else "---\n", 1), encoding="utf-8")
        publish(world, folder)
        assert ("knowledge" in lacks()) == stale
        (one,) = json.loads(world.run("autonomy", CLASS, "--json").stdout)
        assert one["evidence"]["knowledge_stale"] == stale


def cites(document):
    return (document.get("draft") or {}).get("citations") or []


def test_waiting_drafts_are_checked_again_and_sent_ones_are_listed(bare_world):
    world = by_topic(bare_world)
    folder = own_folder(world)
    publish(world, folder)
    worker = world.start().wait_ready()
    tickets = [json.loads(line) for line in (SAMPLE / "tickets.jsonl").read_text().splitlines()]
    world.send(tickets)
    until(lambda: len({doc["key"] for doc in world.documents("results")}) >= len({t["ticket_id"] for t in tickets}),
          "all are decided")
    out = [doc for doc in world.documents("results") if doc["status"] in ("answered", "suggested") and cites(doc)]
    waiting = [doc for doc in world.documents("results") if doc["status"] == "in_review" and cites(doc)]
    assert out and waiting, "the sample has drafts of macros in both"
    sent, asked = cites(out[0])[0], cites(waiting[0])[0]
    assert out[0]["context"]["articles"][0]["id"] == sent
    until(lambda: world.query("select 1 from triage.item where key = %s and state = 'open'", waiting[0]["key"]), "it waits")

    # One says something else now, which takes the ground from under the draft; the other changes in nothing that counts.
    for macro in {sent, asked}:
        path = next(p for p in folder.glob("*.md") if f"id: {macro}\n" in p.read_text(encoding="utf-8"))
        head = path.read_text(encoding="utf-8").split("---\n")[1]
        path.write_text(f"---\n{head}---\nNothing that was said before holds.\n", encoding="utf-8")
    publish(world, folder)
    marked = until(lambda: world.query(
        "select b.request, i.state from triage.item i join triage.item_body b using (item_id) where i.key = %s"
        " and b.request -> 'recall' is not null", waiting[0]["key"]), "the waiting draft was checked again")
    request, state = marked[0]
    assert state == "open" and asked in request["recall"]["articles"]
    now_without = request["decision"]["draft"]["unsupported"]
    assert request["recall"]["unsupported"] == len(now_without)
    assert request["recall"]["stands"] == ("article_changed" not in [r["code"] for r in request["reasons"]])

    until(lambda: world.query("select 1 from triage.item_body b where b.request #> '{decision,reasons}' ? 'article_changed'"
                              " and b.request #> '{decision,draft,unsupported,0}' is not null"), "one has lost its ground")

    listed = [json.loads(line) for line in
              world.run("knowledge", "recall", "--article", sent, "--json").stdout.splitlines()]
    assert out[0]["id"] in {row["id"] for row in listed}
    assert all(row["version"] == out[0]["context"]["articles"][0]["hash"] for row in listed)
    assert world.run("knowledge", "recall", "--article", sent, "--since", "2999-01-01").stdout == ""
    assert worker.stop() == 0


@pytest.mark.skipif(not (ENCODER / "model.onnx").exists(), reason="deploy/lib/encoder.sh has none for this processor")
def test_where_the_classifier_has_an_encoder_articles_are_ranked_by_meaning(bare_world, model, validate):
    world = bare_world.prepare()
    vectors, classifier = world.folder / "vectors", world.folder / "encoded.model"
    few = [option for label in ("order_status", "return_request", "product_question")
           for option in ("--data", SAMPLE / "train" / f"{label}.jsonl")]
    world.run("train", *few, "--encoder", ENCODER, "--out", classifier)
    world.set({"model": model | {"slots": 2, "max_tokens": 64},
               "triage": {"classifier_file": str(classifier), "encoder_dir": str(ENCODER),
                          "knowledge_vectors_file": str(vectors)}})
    worker = world.start().wait_ready()
    assert vectors.stat().st_size > 100_000
    made = vectors.stat().st_ino
    tickets = [json.loads(line) for line in (SAMPLE / "tickets.jsonl").read_text().splitlines()[:40]]
    world.send(tickets)
    until(lambda: len(world.documents("results")) >= len(tickets), "all are decided")
    ranked = {doc["context"]["ranked_by"]: doc for doc in world.documents("results")
              if doc.get("context", {}).get("ranked_by")}
    assert "meaning" in ranked
    called = [doc for doc in world.documents("results") if doc.get("recorded")]
    assert called and any(doc["recorded"]["outcome"] == "answered" for doc in called)
    for document in called:
        validate("result.v1", document)
        context = document["context"]
        assert context["articles"] and len(context["prompt_hash"]) == 64
        assert 0 < document["recorded"].get("tokens_in", 1) <= context["tokens_budget"]
    for request in world.documents("reviews"):
        validate("review.v1", request)
    assert worker.stop() == 0
    worker = world.start().wait_ready()
    assert vectors.stat().st_ino == made, "a restart takes the vectors from the file"
    assert worker.stop() == 0
