"""Several profiles on one queue: labels, guidelines, articles and figures are those of the item's own."""

import json

import pytest
from browsing import expect
from conftest import SAMPLE, open_desk, request_of

SHOP, DEPOT = "kestrel-support", "depot"


@pytest.fixture(scope="module")
def desk(tmp_path_factory, postgres):
    """A desk of two profiles with one label in common, which means another thing in each; articles in the first alone."""
    folder = tmp_path_factory.mktemp("profiles")
    policy = (SAMPLE / "policy.yaml").read_text(encoding="utf-8").replace(f"profile: {SHOP}", f"profile: {DEPOT}")
    policy = policy.replace("guideline: The parcel is on its way", "guideline: The pallet is on its way")
    policy = policy.replace("label: change_order", "label: depot_order")
    (folder / "depot.yaml").write_text(policy, encoding="utf-8")
    (folder / "profiles.yaml").write_text(json.dumps({"version": 1, "profiles": [
        {"name": SHOP, "when": {"tenant": "acme"}, "policy_file": str(SAMPLE / "policy.yaml"), "knowledge_dir": str(SAMPLE / "knowledge")},
        {"name": DEPOT, "policy_file": str(folder / "depot.yaml"), "knowledge_dir": ""},
    ]}), encoding="utf-8")
    with open_desk(folder, postgres, triage={"profiles_file": str(folder / "profiles.yaml")}) as made:
        yield made


def feed(desk, profile, number, **more):
    draft = {"text": "It left today.", "citations": ["order-tracking"], "macro_id": None, "unsupported": []}
    return desk.feed(request_of(f"{profile}-{number}", profile=profile, review_group=profile, decision={"draft": draft}, **more))[0]


def test_an_item_has_the_guideline_and_the_articles_of_its_profile(desk, ann):
    shop, depot = (ann.get(f"/api/items/{feed(desk, profile, 1)}").json() for profile in (SHOP, DEPOT))
    assert shop["guideline"].startswith("The parcel") and depot["guideline"].startswith("The pallet")
    assert shop["draft"]["citations"][0]["text"] and depot["draft"]["citations"][0]["text"] is None
    labels = ann.get("/api/session").json()["labels"]
    assert ann.get("/api/session").json()["profiles"] == [SHOP, DEPOT]
    assert [one["guideline"][:10] for one in labels if one["label"] == "order_status"] == ["The parcel", "The pallet"]
    assert [one["profile"] for one in labels if one["label"] == "depot_order"] == [DEPOT]


def test_an_item_of_a_profile_that_nobody_configured_gets_nothing_of_another(desk, ann):
    item = ann.get(f"/api/items/{feed(desk, 'elsewhere', 1)}").json()
    assert item["guideline"] == "" and item["why"] is None and item["draft"]["citations"][0]["text"] is None
    assert item["draft"]["text"] == "It left today."


def test_the_queue_is_filtered_by_profile(desk, ann):
    ids = {profile: [feed(desk, profile, number, sla_minutes=number) for number in (2, 3)] for profile in (SHOP, DEPOT)}
    for profile, items in ids.items():
        page = ann.get("/api/queue", profile=profile, limit=1).json()
        rest = ann.get("/api/queue", profile=profile, after=page["more"]).json()
        assert [row["item_id"] for row in page["items"] + rest["items"]] == items and rest["more"] is None
    assert ann.get("/api/queue", profile="'; drop table triage.item").json()["items"] == []


def test_figures_are_those_of_one_profile(desk, ann, bob):
    answered = {SHOP: 1, DEPOT: 2}
    for profile, n in answered.items():
        for number in range(n):
            item = feed(desk, profile, 10 + number)
            claimed = ann.post(f"/api/items/{item}/claim").json()
            ann.post(f"/api/items/{item}/resolve", {"claim_no": claimed["item"]["claim_no"], "key": profile + str(number), "outcome": "accepted", "seconds": 60 * n})
    feed(desk, DEPOT, 20)
    whole = ann.get("/api/figures").json()
    for profile, n in answered.items():
        figures = ann.get("/api/figures", days=7, profile=profile).json()
        assert sum(day["answers"] for day in figures["by_day"]) == n and figures["median_seconds"] == 60 * n
        assert sum(row["answers"] for row in figures["edit_distance"]) == n
        assert {row["profile"] for row in figures["classes"]} == {profile} and [row["review_group"] for row in figures["sla"]] == [profile]
        assert sum(row["items"] for row in figures["by_age"]) == sum(row["items"] for row in figures["ageing"]) == (profile == DEPOT)
    assert sum(day["answers"] for day in whole["by_day"]) == 3 and len(whole["sla"]) == 2
    assert bob.get("/api/figures", profile="nobody").json()["by_day"] == []


def test_the_page_offers_a_filter_and_only_the_labels_of_the_item(desk, ann_window):
    feed(desk, SHOP, 30, ticket={"subject": "From the shop"})
    depot = feed(desk, DEPOT, 30, ticket={"subject": "From the depot"})
    window, page = ann_window, ann_window.page
    expect(page.locator(".item")).to_have_count(2)
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Profile").select_option(DEPOT)
    expect(page.locator(".item")).to_have_count(1)
    window.see("From the depot", page.locator(".queue-list"))
    page.locator(".item").click()
    window.see("The pallet is on its way", page.locator(".guideline"))
    window.press("l").type("order")
    expect(page.locator(".combobox .option", has_text="depot order")).to_be_visible()
    expect(page.locator(".combobox .option", has_text="change order")).to_have_count(0)
    window.press("Escape")
    assert window.shown() == depot
    page.goto("/#/figures")
    page.locator(".tile").first.wait_for()
    page.get_by_label("Profile").select_option(SHOP)
    expect(page.locator(".tile .big").first).to_have_text("1")
    page.get_by_label("Profile").select_option("")
    expect(page.locator(".tile .big").first).to_have_text("2")
