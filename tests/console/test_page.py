"""A reviewer's day in a real browser, on a real console and PostgreSQL."""

import psycopg
from browsing import PHONE, answers, copies, expect, notify, state
from conftest import request_of, until

FINE = {"draft": {"text": "Hello Anna,\n\nyour parcel left today.", "citations": ["delivery-times"], "macro_id": None, "unsupported": []}}


def easy(desk, **more):
    """An item whose draft has nothing to doubt."""
    return desk.fresh(decision=FINE | more.pop("decision", {}), **more)


# ---- signing in ----


def test_a_wrong_password_says_so_and_the_right_one_shows_the_queue(desk, reviewers, windows):
    desk.empty()
    easy(desk)
    window = windows()
    window.sign_in(reviewers[0], "a wrong password")
    expect(window.page.get_by_role("alert").filter(has_text="password")).to_be_visible()
    window.page.get_by_label("Password").fill("a long password for tests")
    window.press("Enter").ready()
    window.see("1 wait", window.page.locator(".tally"))


# ---- answering ----


def test_an_easy_item_takes_one_key_and_the_next_is_there(desk, ann_window, reviewers):
    first, second, third = easy(desk), easy(desk), easy(desk)
    assert ann_window.next() == first
    # One key a piece: the first accepts and shows the next, the second accepts that.
    ann_window.press("Enter")
    ann_window.page.wait_for_function("id => location.hash === `#/item/${id}`", arg=second)
    ann_window.press("a")
    ann_window.page.wait_for_function("id => location.hash === `#/item/${id}`", arg=third)
    for item in (first, second):
        assert answers(desk, item) == [("accepted", "order_status", FINE["draft"]["text"], reviewers[0], "held")]
    assert state(desk, third) == ("claimed", reviewers[0])


def test_when_nothing_waits_the_page_says_what_happens_next(desk, ann_window):
    easy(desk)
    ann_window.next()
    ann_window.press("Enter")
    ann_window.see("All done")
    ann_window.see("What comes in shows up here by itself")


def test_a_claim_without_a_source_goes_out_only_when_said_twice(desk, ann_window):
    item = desk.fresh()
    ann_window.next()
    ann_window.see("1 claim that no source supports")
    assert ann_window.page.locator("mark.unsupported").inner_text() == "today"
    ann_window.press("Enter")
    ann_window.see("Send all the same?", ann_window.page.locator(".actions"))
    assert answers(desk, item) == []
    ann_window.press("Enter")
    ann_window.see("Accepted", ann_window.toasts)
    assert answers(desk, item)[0][0] == "accepted"


def test_an_edited_answer_goes_out_as_it_was_typed(desk, ann_window):
    item = easy(desk)
    ann_window.next()
    ann_window.press("e").type(" Have a nice day 🙂").press("Control+Enter")
    ann_window.see("Sent edited", ann_window.toasts)
    assert answers(desk, item)[0][:3] == ("edited", "order_status", FINE["draft"]["text"] + " Have a nice day 🙂")


def test_an_edited_away_claim_is_marked_no_more(desk, ann_window):
    desk.fresh()
    ann_window.next()
    ann_window.editor.fill("Your parcel has left.")
    ann_window.see("Every marked claim is edited away")
    assert ann_window.page.locator("mark.unsupported").count() == 0


def test_relabelling_takes_some_letters_of_the_label(desk, ann_window):
    item = easy(desk)
    ann_window.next()
    ann_window.press("l").type("refst").press("Enter")
    ann_window.see("refund status instead of order status")
    ann_window.press("Enter")
    ann_window.see("Relabelled as refund status", ann_window.toasts)
    # The draft was written for the other label: it does not go along unasked.
    assert answers(desk, item)[0][:3] == ("relabelled", "refund_status", None)


def test_skipping_asks_for_a_reason_and_offers_it_again(desk, ann_window, reviewers):
    first, second = easy(desk), easy(desk)
    assert ann_window.next() == first
    ann_window.press("s")
    dialog = ann_window.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("I do not read German")
    ann_window.press("Enter")
    ann_window.page.wait_for_function("id => location.hash === `#/item/${id}`", arg=second)
    ann_window.press("s")
    expect(dialog.get_by_role("button", name="I do not read German", exact=True)).to_be_visible()
    ann_window.press("1")
    ann_window.see("All done")
    rows = desk.query("select item_id, detail ->> 'reason' from triage.history where event = 'skipped' order by history_id desc limit 2")
    assert rows == [(second, "I do not read German"), (first, "I do not read German")]


def test_an_answer_is_taken_back_inside_the_hold_window_with_its_text(desk, ann_window):
    item, second = easy(desk), easy(desk)
    ann_window.next()
    ann_window.press("e").type(" More.").press("Control+Enter")
    ann_window.page.wait_for_function("id => location.hash === `#/item/${id}`", arg=second)
    ann_window.see("Undo", ann_window.toasts)
    ann_window.press("Escape").press("u")
    ann_window.page.wait_for_function("id => location.hash === `#/item/${id}`", arg=item)
    expect(ann_window.editor).to_have_value(FINE["draft"]["text"] + " More.")
    assert answers(desk, item)[0][4] == "undone"
    # The one that was on the screen meanwhile comes back after it.
    ann_window.press("Enter")
    ann_window.page.wait_for_function("id => location.hash === `#/item/${id}`", arg=second)


def test_the_undo_is_offered_again_after_a_reload(desk, ann_window):
    item = easy(desk)
    ann_window.next()
    ann_window.press("Enter")
    ann_window.see("Accepted", ann_window.toasts)
    ann_window.page.reload()
    ann_window.ready()
    ann_window.page.get_by_role("button", name="Undo").click()
    ann_window.page.wait_for_function("id => location.hash === `#/item/${id}`", arg=item)


def test_snoozing_and_escalating_give_the_item_away(desk, ann_window, reviewers):
    first, second = easy(desk), easy(desk)
    ann_window.next()
    ann_window.press("z", "1")
    ann_window.page.wait_for_function("id => location.hash === `#/item/${id}`", arg=second)
    assert desk.query("select snoozed_until > now() + interval '50 minutes' from triage.item where item_id = %s", first) == [(True,)]
    ann_window.press("x")
    ann_window.page.get_by_role("dialog").get_by_label("Why").fill("threatens to sue")
    ann_window.press("Enter")
    ann_window.see("Escalated", ann_window.toasts)
    events = [row[0] for row in desk.query("select event from triage.history where item_id = %s", second)]
    assert "escalated" in events


def test_alike_items_get_one_answer_and_one_undo(desk, ann_window):
    same = {"ticket": {"subject": "Where is my parcel?", "body_text": "It has not come."}}
    items = [easy(desk, **{k: dict(v) for k, v in same.items()}) for _ in range(3)]
    assert ann_window.next() == items[0]
    ann_window.press("g")
    dialog = ann_window.page.get_by_role("dialog")
    expect(dialog.get_by_role("checkbox")).to_have_count(2)
    dialog.get_by_role("button", name="Answer 3 items").click()
    ann_window.see("with 2 alike", ann_window.toasts)
    assert [answers(desk, item)[0][0] for item in items] == ["accepted"] * 3
    ann_window.press("u")
    ann_window.page.wait_for_function("id => location.hash === `#/item/${id}`", arg=items[0])
    assert [answers(desk, item)[0][4] for item in items] == ["undone"] * 3


def test_alike_items_stay_chosen_when_a_claim_without_a_source_is_asked_about(desk, ann_window):
    same = {"ticket": {"subject": "Alike", "body_text": "The app shows the old temperature since the update of this morning."}}
    first, second = desk.fresh(sla_minutes=1, **same), desk.fresh(sla_minutes=2, **same)
    ann_window.next()
    ann_window.press("g")
    ann_window.page.get_by_role("dialog").wait_for()
    ann_window.press("Enter")
    ann_window.see("Send all 2 all the same?", ann_window.page.locator("[data-act=accept]"))
    ann_window.press("Enter")
    ann_window.see("with 1 alike", ann_window.toasts)
    assert [answers(desk, item)[0][0] for item in (first, second)] == ["accepted", "accepted"]


def test_a_lost_reply_is_asked_for_again_and_counts_once(desk, ann_window):
    item = easy(desk)
    ann_window.next()
    lost = []

    def lose(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    ann_window.intercept("**/resolve", lose)
    ann_window.press("Enter")
    ann_window.see("All done")
    assert lost == [200] and len(answers(desk, item)) == 1


# ---- two people ----


def test_a_claim_whose_reply_is_lost_is_the_same_claim_when_asked_for_again(desk, ann_window, reviewers):
    items = [easy(desk, sla_minutes=minutes) for minutes in (1, 2)]
    lost = []

    def lose(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch())
        return route.abort()

    ann_window.intercept("**/api/claim", lose)
    ann_window.press("n")
    ann_window.page.get_by_role("button", name="Try again").click()
    expect(ann_window.subject).to_be_visible()
    assert ann_window.shown() == items[0]
    assert [state(desk, item) for item in items] == [("claimed", reviewers[0]), ("open", None)]


def test_two_browsers_on_one_queue_are_never_on_one_item(desk, reviewers, windows):
    desk.empty()
    items = [easy(desk) for _ in range(10)]
    people = [windows(name) for name in reviewers]
    for person in people:
        person.next()
    while len(people) > 1:
        shown = [person.shown() for person in people]
        assert len(set(shown)) == len(shown)
        # Both press at the same moment, then both wait for what they get.
        for person in people:
            person.press("Enter")
        for person, item in zip(people, shown, strict=True):
            person.page.wait_for_function("was => location.hash !== `#/item/${was}`", arg=item)
        people = [person for person in people if person.shown() is not None]
    for person in people:
        person.press("Enter")
        person.see("All done")
    claims = desk.query("select count(*), count(distinct item_id) from triage.history where event = 'claimed' and item_id = any(%s)", items)
    assert claims == [(10, 10)]
    assert all(len(answers(desk, item)) == 1 for item in items)


def test_somebody_elses_item_can_be_read_and_not_answered(desk, reviewers, windows):
    desk.empty()
    item = easy(desk)
    desk.signed_in(reviewers[1]).claim()
    window = windows(reviewers[0]).open(item)
    window.see(f"{reviewers[1]} is answering this one", window.strips)
    expect(window.page.locator("[data-act=accept]")).to_be_disabled()


# ---- text is never lost ----


def test_an_expired_claim_keeps_the_text_and_offers_it_again(desk, ann_window, reviewers):
    item = easy(desk)
    ann_window.next()
    ann_window.press("e").type(" Kept.")
    ann_window.lose(item)
    bob = desk.signed_in(reviewers[1])
    taken = bob.claim()
    assert taken["item"]["item_id"] == item
    ann_window.press("Control+Enter")
    ann_window.see(f"{reviewers[1]} has taken it. Your text is kept.", ann_window.strips)
    expect(ann_window.editor).to_have_value(FINE["draft"]["text"] + " Kept.")
    assert answers(desk, item) == []
    bob.post(f"/api/items/{item}/release", {"claim_no": taken["item"]["claim_no"]})
    ann_window.page.reload()
    expect(ann_window.editor).to_have_value(FINE["draft"]["text"] + " Kept.")
    ann_window.see("What you had begun", ann_window.strips)
    ann_window.press("Enter")
    ann_window.see("Sent edited", ann_window.toasts)
    assert answers(desk, item)[0][2] == FINE["draft"]["text"] + " Kept."


def test_a_dead_session_is_signed_in_again_in_place_with_the_text_kept(desk, ann_window):
    item = easy(desk)
    ann_window.next()
    ann_window.press("e").type(" Kept.")
    desk.query("delete from triage.console_session")
    ann_window.press("Control+Enter")
    dialog = ann_window.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Your session has ended")
    expect(ann_window.editor).to_have_value(FINE["draft"]["text"] + " Kept.")
    dialog.get_by_label("Password").fill("a long password for tests")
    ann_window.press("Enter")
    ann_window.see("Sent edited", ann_window.toasts)
    assert answers(desk, item)[0][2] == FINE["draft"]["text"] + " Kept."


def test_an_answer_given_offline_is_kept_and_goes_out_once_by_itself(desk, ann_window):
    item = easy(desk)
    ann_window.next()
    ann_window.press("e").type(" Kept.")
    ann_window.context.set_offline(True)
    ann_window.press("Control+Enter")
    ann_window.see("Not sent yet", ann_window.strips)
    ann_window.see("No connection", ann_window.page.locator(".banner"))
    expect(ann_window.editor).to_have_value(FINE["draft"]["text"] + " Kept.")
    ann_window.context.set_offline(False)
    ann_window.see("All done")
    assert [row[:3] for row in answers(desk, item)] == [("edited", "order_status", FINE["draft"]["text"] + " Kept.")]


def test_a_page_closed_while_offline_keeps_the_text(desk, ann_window):
    item = easy(desk)
    ann_window.next()
    ann_window.press("e").type(" Kept.")
    ann_window.context.set_offline(True)
    ann_window.page.close()
    ann_window.context.set_offline(False)
    ann_window.page = ann_window.context.new_page()
    ann_window.open(item)
    expect(ann_window.editor).to_have_value(FINE["draft"]["text"] + " Kept.")


def test_a_ticket_that_changes_says_so_and_both_texts_are_shown(desk, ann_window):
    key = "acme/zendesk/eu/changing"
    first = easy(desk, key=key)
    ann_window.next()
    ann_window.press("e").type(" Mine.")
    second = easy(desk, key=key, revision=2, review_id=f"{key}@2")
    notify(desk)
    ann_window.see("The customer has written again", ann_window.strips)
    ann_window.see("Your text is kept", ann_window.strips)
    expect(ann_window.page.locator("[data-act=accept]")).to_be_disabled()
    assert state(desk, first)[0] == "superseded"
    ann_window.press("Escape", "n")
    ann_window.page.wait_for_function("id => location.hash === `#/item/${id}`", arg=second)
    ann_window.page.get_by_role("button", name="Compare").click()
    dialog = ann_window.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Mine.")
    dialog.get_by_role("button", name="Use mine").click()
    expect(ann_window.editor).to_have_value(FINE["draft"]["text"] + " Mine.")


# ---- live ----


def test_news_comes_without_a_reload_and_moves_nothing_that_is_read(desk, ann_window):
    for at in range(60):
        easy(desk, sla_minutes=600 + at)
    notify(desk)
    page, rows = ann_window.page, ann_window.page.locator(".item")
    expect(rows.first).to_have_attribute("aria-setsize", "60")
    page.locator(".queue-list").evaluate("list => { list.scrollTop = 1240 }")
    expect(page.locator(".item[aria-posinset='21']")).to_be_in_viewport()  # rows are drawn at the next frame
    top = "() => { const list = document.querySelector('.queue-list'), y = list.getBoundingClientRect().top; return [...list.querySelectorAll('.item')].find(row => row.getBoundingClientRect().top >= y).id }"
    before = page.evaluate(top)
    marker = page.evaluate("window.marker = Math.random()")
    easy(desk, sla_minutes=1, ticket={"subject": "Urgent and new"})
    notify(desk)
    ann_window.see("61 wait", page.locator(".tally"))
    expect(page.locator(".news")).to_contain_text("1 new above")
    assert page.evaluate(top) == before
    page.locator(".news").click()
    expect(rows.first).to_contain_text("Urgent and new")
    assert page.evaluate("window.marker") == marker


def test_a_next_item_that_cannot_be_had_yet_comes_by_itself(desk, ann_window):
    first, second = easy(desk), easy(desk)
    assert ann_window.next() == first
    away = {"error": {"code": "unavailable", "text": "Wait a moment: the database can't be reached."}}
    ann_window.intercept("**/api/claim", lambda route: route.fulfill(status=503, json=away), times=1)
    ann_window.press("Enter")
    ann_window.page.wait_for_function("id => location.hash === `#/item/${id}`", arg=second)
    assert state(desk, second)[0] == "claimed" and len(answers(desk, first)) == 1


def test_the_page_says_when_the_database_is_away_and_goes_on_when_it_is_back(desk, ann_window):
    item = easy(desk)
    ann_window.next()
    server = desk.server
    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as connection:
        connection.execute(f'alter database "{desk.database}" allow_connections false')
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (desk.database,))
        ann_window.press("Enter")
        ann_window.see("The database is away", ann_window.page.locator(".banner"))
        ann_window.see("Not sent yet", ann_window.strips)
        connection.execute(f'alter database "{desk.database}" allow_connections true')
    ann_window.see("All done")
    expect(ann_window.page.locator(".banner")).to_be_hidden()
    assert len(answers(desk, item)) == 1


# ---- finding ----


def test_filters_are_kept_as_a_named_view(desk, ann_window):
    easy(desk, risk="high", ticket={"subject": "High one"})
    easy(desk, risk="low", ticket={"subject": "Low one"})
    page = ann_window.page
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Risk").select_option("high")
    expect(page.locator(".item")).to_have_count(1)
    page.get_by_role("button", name="Save as a view").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Dangerous")
    ann_window.press("Enter")
    page.reload()
    ann_window.ready()
    page.get_by_label("View", exact=True).select_option("Dangerous")
    expect(page.locator(".item")).to_have_count(1)
    ann_window.see("High one", page.locator(".queue-list"))
    ann_window.press("/").type("nothing like it")
    ann_window.see("Nothing fits this filter")


# ---- keyboard, phone, dark ----


def test_a_whole_round_needs_no_mouse(desk, reviewers, windows):
    desk.empty()
    items = [easy(desk, sla_minutes=60 + at) for at in range(4)]
    window = windows()
    window.page.goto("/")
    window.page.get_by_label("Name").wait_for()
    window.type(reviewers[0]).press("Tab").type("a long password for tests").press("Enter").ready()
    window.press("?")
    expect(window.page.get_by_role("dialog")).to_contain_text("Accept: send what you see")
    window.press("Escape", "j", "j", "Enter")
    window.page.wait_for_function("id => location.hash === `#/item/${id}`", arg=items[1])
    expect(window.subject).to_be_focused()
    window.press("e")
    expect(window.editor).to_be_focused()
    # Letters that are keys elsewhere are letters here.
    window.type(" n s u x ?").press("Escape")
    expect(window.editor).not_to_be_focused()
    assert window.shown() == items[1] and window.page.get_by_role("dialog").count() == 0
    window.press("Enter")
    until(lambda: answers(desk, items[1]), "the answer is there")
    assert answers(desk, items[1])[0][2].endswith(" n s u x ?")
    window.page.wait_for_function("was => location.hash !== `#/item/${was}`", arg=items[1])
    window.press("s")
    expect(window.page.get_by_role("dialog")).to_be_visible()
    window.press("Escape")
    expect(window.page.get_by_role("dialog")).to_have_count(0)
    expect(window.subject).to_be_focused()


def test_the_focus_is_always_to_be_seen(desk, ann_window):
    easy(desk)
    ann_window.next()
    for _ in range(25):
        ann_window.press("Tab")
        seen = ann_window.page.evaluate(
            "() => { const at = document.activeElement; if (!at || at === document.body) return true;"
            " const style = getComputedStyle(at); return style.outlineStyle !== 'none' || at.matches('[tabindex=\"-1\"]') }"
        )
        assert seen, ann_window.page.evaluate("document.activeElement.outerHTML")


def test_a_phone_shows_one_column_with_the_actions_in_reach(desk, reviewers, windows):
    desk.empty()
    item = easy(desk, ticket={"subject": "A" * 190, "body_text": "word " * 400 + "x" * 500})
    window = windows(reviewers[0], viewport=PHONE, has_touch=True, is_mobile=True)
    page = window.page
    page.get_by_role("button", name="Take the next").first.tap()
    expect(window.subject).to_be_visible()
    for route in (f"item/{item}", "mine", "figures", "overview", "queue"):
        page.goto(f"/#/{route}")
        expect(page.locator("h1:visible, .item:visible").first).to_be_visible()
        assert page.evaluate("Math.max(document.documentElement.scrollWidth, ...[...document.querySelectorAll('.desk, .page')].map(one => one.scrollWidth))") <= 360, route
    window.open(item)
    accept = page.locator("[data-act=accept]").bounding_box()
    assert accept["height"] >= 44 and accept["y"] + accept["height"] > 740 - 80
    page.locator("[data-act=accept]").tap()
    window.see("Accepted", window.toasts)
    assert answers(desk, item)[0][0] == "accepted"


def test_dark_follows_the_system_and_a_switch_overrules_it(desk, reviewers, windows):
    desk.empty()
    window = windows(reviewers[0], color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = window.page.evaluate(ground)
    assert dark == "rgb(18, 19, 23)"
    window.page.locator(".menu > summary").click()
    window.page.get_by_role("button", name="Light").click()
    assert window.page.evaluate(ground) == "rgb(247, 247, 245)"
    window.page.reload()
    window.ready()
    assert window.page.evaluate(ground) == "rgb(247, 247, 245)"


def test_who_wants_less_motion_gets_none(desk, reviewers, windows):
    desk.empty()
    easy(desk)
    window = windows(reviewers[0], reduced_motion="reduce")
    window.next()
    window.press("Enter")
    window.see("Accepted", window.toasts)
    assert window.page.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")


# ---- many; the last, because it leaves them behind ----


def test_ten_thousand_items_are_a_few_rows_in_the_page(desk, ann_window):
    copies(desk, easy(desk), 10_000)
    page = ann_window.page
    page.reload()
    ann_window.ready()
    listing = page.locator(".queue-list")
    expect(page.locator(".item").first).to_be_visible()
    for _ in range(5):
        before = listing.evaluate("list => { const before = list.scrollHeight; list.scrollTop = before; return before }")
        page.wait_for_function("before => document.querySelector('.queue-list').scrollHeight > before", arg=before)
    assert page.locator(".item").count() < 60
    assert listing.evaluate("list => list.scrollHeight") >= 500 * 60
