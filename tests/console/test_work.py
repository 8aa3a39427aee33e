"""The reviewer's day over HTTP: what docs/CONSOLE.md and the page rely on."""

import uuid

from conftest import request_of


def answer_of(item, outcome="accepted", **more):
    return {"claim_no": item["item"]["claim_no"], "key": str(uuid.uuid4()), "outcome": outcome} | more


def path(item, verb=""):
    return f"/api/items/{item['item']['item_id']}" + (f"/{verb}" if verb else "")


def test_the_session_says_who_it_is_and_what_the_page_needs(ann, reviewers):
    session = ann.get("/api/session").json()
    assert session["reviewer"] == reviewers[0]
    assert session["csrf"] == ann.csrf and session["via"] == "account" and session["can_audit"] is False
    assert session["lease_seconds"] == 900 and session["hold_seconds"] == 10
    assert {"label", "description", "guideline", "risk"} <= session["labels"][0].keys()


def test_the_queue_is_shown_with_its_counts(desk, ann):
    desk.fresh(sla_minutes=30)
    desk.fresh(sla_minutes=600, risk="high", review_group="legal")
    page = ann.get("/api/queue").json()
    assert [row["risk"] for row in page["items"]] == ["medium", "high"]
    assert page["more"] is None
    assert page["counts"] | {"open": 2, "claimed": 0, "overdue": 0, "mine": 0} == page["counts"]
    row = page["items"][0]
    assert row["reasons"] == ["low_confidence", "risk_medium"] and row["has_draft"] and row["confidence"] == 0.61
    assert ann.get("/api/session").json()["groups"] == ["legal", "support"]


def test_the_queue_is_filtered_and_paged(desk, ann):
    for number in range(7):
        desk.fresh(sla_minutes=10 * number + 1, label="refund" if number % 2 else "order_status", decision={"label": "x"})
    first = ann.get("/api/queue", limit=3).json()
    second = ann.get("/api/queue", limit=3, after=first["more"]).json()
    last = ann.get("/api/queue", limit=3, after=second["more"]).json()
    assert [len(page["items"]) for page in (first, second, last)] == [3, 3, 1] and last["more"] is None
    ids = [row["item_id"] for page in (first, second, last) for row in page["items"]]
    assert len(set(ids)) == 7
    assert len(ann.get("/api/queue", label="refund").json()["items"]) == 3
    assert ann.get("/api/queue", group="nobody").json()["items"] == []
    assert [row["item_id"] for row in ann.get("/api/queue", q=str(ids[2])).json()["items"]] == [ids[2]]
    assert ann.get("/api/queue", q="ANNA LIND", limit=200).json()["items"]
    assert ann.get("/api/queue", q="zebra").json()["items"] == []
    assert ann.get("/api/queue", state="closed").code == "argument"
    assert ann.get("/api/queue", after="1;drop table x").code == "argument"
    assert ann.get("/api/queue", limit="many").code == "argument"


def test_an_item_is_claimed_and_accepted(desk, ann):
    number = desk.fresh()
    item = ann.claim()
    assert item["item"]["item_id"] == number and item["item"]["claim_no"] == 1
    assert item["reasons"][0]["text"] == "The calibrated probability is below the threshold of the class."
    assert item["margin"] == 0.61 - 0.3
    assert item["draft"]["text"] == "Your parcel left today." and item["draft"]["unsupported"][0]["text"] == "today"
    assert item["draft"]["citations"][0]["id"] == "tracking"
    assert item["ticket"]["subject"].startswith("Where is my parcel")
    assert [row["event"] for row in item["history"]] == ["enqueued", "claimed"]
    done = ann.post(path(item, "resolve"), answer_of(item)).json()
    assert done["state"] == "held" and done["resolved"] == [number]
    assert ann.get("/api/mine").json()["held"][0]["outcome"] == "accepted"


def test_a_claim_asked_for_twice_with_one_key_is_one_claim(desk, ann, bob):
    desk.fresh(sla_minutes=1), desk.fresh(sla_minutes=2)
    first, again = (ann.post("/api/claim", {"groups": None, "key": "once"}) for _ in range(2))
    assert first.status == again.status == 200
    assert first.json()["item"] == again.json()["item"]
    assert len(ann.get("/api/mine").json()["claimed"]) == 1
    assert bob.post("/api/claim", {"key": "once"}).json()["item"]["item_id"] != first.json()["item"]["item_id"]
    assert ann.post("/api/claim", {"key": "another"}).status == 204
    assert ann.post("/api/claim", {"key": "k" * 201}).code == "argument"


def test_what_others_did_to_an_item_is_told(desk, ann, bob, reviewers):
    desk.fresh()
    item = bob.claim()
    bob.post(path(item, "reassign"), {"claim_no": item["item"]["claim_no"], "to": reviewers[0], "reason": "speaks Dutch"})
    told = ann.get("/api/mine").json()["notices"]
    assert [(row["event"], row["detail"]["reason"], row["subject"]) for row in told] == [("reassigned", "speaks Dutch", item["ticket"]["subject"])]
    assert bob.get("/api/mine").json()["notices"] == []


def test_an_answer_sent_twice_is_one_answer(desk, ann):
    desk.fresh()
    item = ann.claim()
    answer = answer_of(item)
    assert ann.post(path(item, "resolve"), answer).json() == ann.post(path(item, "resolve"), answer).json()
    assert ann.post(path(item, "resolve"), answer | {"outcome": "edited", "text": "x"}).code == "key_reused"


def test_edit_relabel_and_undo(desk, ann):
    desk.fresh()
    item = ann.claim()
    edited = answer_of(item, "edited", text="Your parcel left yesterday.", seconds=12.5)
    assert ann.post(path(item, "resolve"), edited).json()["edit_distance"] == 0.25
    undone = ann.post(path(item, "undo"), {"key": edited["key"]}).json()
    assert undone["claim_no"] == 2 and undone["claimed_until"]
    relabelled = answer_of(item, "relabelled", label="refund") | {"claim_no": 2}
    assert ann.post(path(item, "resolve"), relabelled).status == 200
    assert ann.post(path(item, "resolve"), answer_of(item)).code in ("answered", "claim_lost")


def test_skip_snooze_release_escalate_and_reassign(desk, ann, reviewers):
    for verb, more in (
        ("skip", {"reason": "I don't read German"}), ("release", {}),
        ("escalate", {"reason": "threatens to sue", "group": "legal"}),
        ("reassign", {"to": reviewers[1], "reason": "speaks Dutch"}),
    ):
        desk.empty()
        desk.fresh()
        item = ann.claim()
        answer = ann.post(path(item, verb), {"claim_no": item["item"]["claim_no"]} | more)
        assert (answer.status, answer.body) == (204, b""), answer.body
        assert ann.post(path(item, verb), {"claim_no": item["item"]["claim_no"]} | more).status in (204, 403, 409)
    assert ann.get("/api/session").json()["skip_reasons"] == ["I don't read German"]
    assert ann.delete("/api/skip_reasons", {"reason": "I don't read German"}).status == 204
    assert ann.get("/api/session").json()["skip_reasons"] == []


def test_a_snoozed_item_sleeps(desk, ann):
    desk.fresh()
    item = ann.claim()
    until = desk.query("select (now() + interval '1 hour')::text")[0][0]
    assert ann.post(path(item, "snooze"), {"claim_no": 1, "until": until}).status == 204
    assert ann.post("/api/claim").status == 204
    assert ann.post(path(item, "claim")).code == "taken"
    assert ann.post(path(item, "snooze"), {"claim_no": 1, "until": "tomorrow, perhaps"}).code == "argument"


def test_a_claim_is_renewed(desk, ann):
    desk.fresh()
    item = ann.claim()
    renewed = ann.post(path(item, "renew"), {"claim_no": 1, "active_seconds": 3}).json()
    assert renewed["claimed_until"] > item["item"]["claimed_until"]
    assert ann.post(path(item, "renew"), {"claim_no": 7, "active_seconds": 3}).code == "claim_lost"


def test_an_item_is_taken_by_its_number_and_by_one_person(desk, ann, bob):
    desk.fresh()
    number = desk.fresh()
    mine = ann.post(f"/api/items/{number}/claim")
    assert mine.json()["item"]["claim_no"] == 1
    assert ann.post(f"/api/items/{number}/claim").json()["item"]["claim_no"] == 1
    assert bob.post(f"/api/items/{number}/claim").code == "taken"
    seen = bob.get(f"/api/items/{number}").json()
    assert seen["item"]["claim_no"] is None and seen["item"]["claimed_by"]
    assert bob.post("/api/items/999999999/claim").code == "not_found"
    assert bob.get("/api/items/999999999").code == "not_found"


def test_alike_items_are_answered_and_undone_together(desk, ann):
    numbers = desk.feed(*(
        request_of(f"alike{n}", ticket={"subject": "The site is down", "body_text": f"Order {n}"}) for n in range(4)))
    item = ann.claim()
    assert {row["item_id"] for row in item["alike"]} == set(numbers) - {item["item"]["item_id"]}
    assert all(row["same_words"] for row in item["alike"])
    answer = answer_of(item, alike=[row["item_id"] for row in item["alike"]])
    assert set(ann.post(path(item, "resolve"), answer).json()["resolved"]) == set(numbers)
    undone = ann.post(path(item, "undo"), {"key": answer["key"], "alike": True}).json()
    assert undone["claim_no"] == 2 and undone["reopened"] == 3 and undone["claimed_until"]


def test_past_answers_to_similar_tickets_are_shown(desk, ann):
    desk.fresh()
    item = ann.claim()
    ann.post(path(item, "resolve"), answer_of(item, "edited", text="It is at your neighbour's."))
    desk.fresh()
    similar = ann.claim()["similar"]
    assert similar[0]["item_id"] == item["item"]["item_id"] and similar[0]["final_text"] == "It is at your neighbour's."
    assert similar[0]["outcome"] == "edited"


def test_figures_and_overview(desk, ann):
    desk.fresh()
    item = ann.claim()
    ann.post(path(item, "resolve"), answer_of(item))
    desk.fresh()
    figures = ann.get("/api/figures", days=7).json()
    assert figures["by_day"][-1]["accepted"] >= 1 and figures["ageing"][0]["items"] == 1
    assert sum(step["items"] for step in figures["by_age"]) == 1
    assert figures["reviewers"] is None and figures["slower_than_manual"] is None
    overview = ann.get("/api/overview").json()
    assert overview["metrics"]["open"] == 1 and isinstance(overview["alarms"], list)
    assert overview["workers"] == [], "no worker has said that it is there"


def test_an_auditor_sees_each_reviewer(desk, ann):
    lead = desk.signed_in(desk.account("lead", "--auditor"))
    assert lead.get("/api/session").json()["can_audit"] is True
    assert isinstance(lead.get("/api/figures").json()["reviewers"], list)


def test_the_page_and_its_files_are_served(desk):
    client = desk.client()
    page = client.get("/")
    assert page.status == 200 and page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Cache-Control"] == "no-cache" and b"{{version}}" not in page.body
    assert client.send("GET", "/", headers={"If-None-Match": page.headers["ETag"]}).status == 304
    version = page.body.split(b"?v=")[1].split(b'"')[0].decode()
    script = client.get("/static/app.js", v=version)
    assert "immutable" in script.headers["Cache-Control"] and script.headers["Content-Type"].startswith("text/javascript")
    assert client.get("/static/app.js", v="another").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/none.js").status == 404
    assert client.send("HEAD", "/").body == b""
