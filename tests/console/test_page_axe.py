"""axe-core on every page and state, in both themes: nothing serious and nothing critical."""

import axe
import pytest
from browsing import PHONE, expect


@pytest.fixture(params=["light", "dark"])
def theme(request):
    return request.param


def check(window, what):
    """The state as it stays: what is still being read has come."""
    expect(window.page.locator("[aria-busy=true]")).to_have_count(0)
    found = axe.findings(window.page)
    assert not found, f"{what}:\n" + "\n".join(found)


def long_thread():
    return {"messages": [{"author": "customer", "body_text": "First", "created_at": "2026-11-01T10:00:00Z"}, {"author": "agent", "body_text": "Second"}],
            "body_text": "Where is it?\n> Second\n> line", "attachments": [{"name": "photo.jpg"}]}


def test_signing_in(desk, windows, theme):
    window = windows(color_scheme=theme)
    window.page.goto("/")
    window.page.get_by_label("Name").wait_for()
    check(window, "sign in")
    window.sign_in("nobody", "wrong")
    expect(window.page.locator(".form-error")).not_to_be_empty()
    check(window, "refused")


def test_queue_and_item(desk, reviewers, windows, theme):
    desk.empty()
    window = windows(reviewers[0], color_scheme=theme)
    window.see("Nothing waits")
    check(window, "empty queue")
    for at in range(12):
        desk.fresh(sla_minutes=at * 20, risk=("low", "medium", "high")[at % 3], ticket=long_thread() | {"subject": "Where is my parcel?", "source": {"system": "zendesk", "instance": "eu", "url": "https://example.org/1"}})
    window.page.reload()
    window.ready()
    window.page.get_by_role("button", name="Filters").click()
    check(window, "filters")
    window.page.get_by_role("button", name="Filters").click()
    window.next()
    check(window, "item")
    window.page.eval_on_selector_all("main details", "all => all.forEach(one => { one.open = true })")
    window.page.locator(".source").first.click()
    check(window, "everything open")
    for key, what in (("l", "relabel"), ("s", "skip"), ("z", "snooze"), ("x", "escalate"), ("m", "more"), ("g", "alike"), ("?", "keys")):
        window.press("Escape", "Escape", key)
        check(window, what)
        window.press("Escape")
    window.press("Escape", "Enter", "Enter")
    window.see("Accepted", window.toasts)
    check(window, "after accepting")
    window.page.locator(".menu > summary").click()
    check(window, "menu")
    window.page.locator(".menu > summary").click()
    item = window.shown()
    window.press("e").type("x")
    window.lose(item)
    assert desk.signed_in(reviewers[1]).post(f"/api/items/{item}/claim").status == 200
    window.press("Control+Enter", "Control+Enter")
    window.see("has taken it", window.strips)
    check(window, "lost claim")
    window.context.set_offline(True)
    window.see("No connection", window.page.locator(".banner"))
    check(window, "offline")
    window.context.set_offline(False)
    window.page.goto("/#/item/999999999")
    window.see("There is no such item")
    check(window, "no such item")


def test_the_other_pages(desk, reviewers, windows, theme):
    window = windows(reviewers[0], color_scheme=theme)
    for route in ("mine", "figures", "overview"):
        window.page.goto(f"/#/{route}")
        expect(window.page.locator(".page-body:not([aria-busy])")).to_be_visible()
        window.page.eval_on_selector_all("main details", "all => all.forEach(one => { one.open = true })")
        check(window, route)


def test_a_phone(desk, reviewers, windows, theme):
    desk.empty()
    desk.fresh()
    window = windows(reviewers[0], color_scheme=theme, viewport=PHONE, has_touch=True, is_mobile=True)
    check(window, "queue on a phone")
    window.page.get_by_role("button", name="Take the next").first.tap()
    expect(window.subject).to_be_visible()
    check(window, "item on a phone")
