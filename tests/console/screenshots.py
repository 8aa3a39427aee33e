#!/usr/bin/env python3
"""Pictures of every page and state of the console, from a real one: what somebody looks at before a change of the page lands.

    tests/console/screenshots.py FOLDER [--docs]     --docs: only those that docs/REVIEWING.md shows, into FOLDER

Needs a build in build-dev (or TRIAGED_BIN) and the packages of requirements.txt.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from browsing import PHONE, Window, copies, expect, notify, running_chromium  # noqa: E402
from sample_desk import sample_desk  # noqa: E402

DOCS_SIZE = {"width": 1280, "height": 760}


class Camera:
    def __init__(self, browser, desk, folder, size=None):
        self.browser, self.desk, self.folder, self.size = browser, desk, folder, size
        self.n = 0

    def window(self, name=None, **options):
        if self.size and "viewport" not in options:
            options["viewport"] = self.size
        window = Window(self.browser, self.desk, **options)
        if name:
            window.come_back(self.desk.people[name]).ready()
        return window

    def take(self, window, name):
        # Two frames later everything that was asked for is painted.
        window.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        window.page.screenshot(path=self.folder / f"{name}.png", animations="disabled")
        self.n += 1

    def whole(self, window, name):
        """A page that scrolls, to its end."""
        height = window.page.evaluate("document.querySelector('.page').scrollHeight") + 60
        size = window.page.viewport_size
        window.page.set_viewport_size(size | {"height": min(height, 4000)})
        self.take(window, name)
        window.page.set_viewport_size(size)


def doubtful(window):
    """Goes on until an item has a claim without a source."""
    for _ in range(6):
        if window.page.locator(".claims-head.warned").count():
            return
        window.next()


def for_docs(camera):
    window = camera.window("ann")
    doubtful_first(window)
    camera.take(window, "console-item")
    window.page.locator(".source").first.click()
    camera.take(window, "console-source")
    window.press("Escape", "Escape", "l").type("ret")
    camera.take(window, "console-relabel")
    window.press("Escape", "?")
    camera.take(window, "console-keys")
    window.press("Escape", "Enter", "Enter")
    window.see("Accepted", window.toasts)
    expect(window.page.locator(".place[aria-busy]")).to_have_count(0)
    camera.take(window, "console-undo")
    window.page.goto("/#/figures")
    window.page.locator(".plots").wait_for()
    camera.take(window, "console-figures")
    window.page.goto("/#/overview")
    window.page.locator(".plots").wait_for()
    camera.whole(window, "console-overview")
    phone = camera.window("ben", viewport=PHONE, has_touch=True, is_mobile=True, color_scheme="dark")
    phone.page.get_by_role("button", name="Take the next").first.tap()
    expect(phone.subject).to_be_visible()
    camera.take(phone, "console-phone")


def doubtful_first(window):
    window.next()
    doubtful(window)


def states(camera, desk):
    window = camera.window()
    window.page.goto("/")
    window.page.get_by_label("Name").wait_for()
    camera.take(window, "signin")
    window.sign_in("nobody", "wrong")
    expect(window.page.locator(".form-error")).not_to_be_empty()
    camera.take(window, "signin-refused")
    window = camera.window("ann")
    camera.take(window, "queue")
    window.page.get_by_role("button", name="Filters").click()
    camera.take(window, "queue-filters")
    window.page.get_by_role("button", name="Filters").click()
    window.press("/").type("zebra")
    window.see("Nothing fits this filter")
    camera.take(window, "queue-nothing-fits")
    window.press("Escape")
    window.next()
    camera.take(window, "item")
    doubtful(window)
    camera.take(window, "item-doubtful")
    window.press("Enter")
    camera.take(window, "item-doubtful-sure")
    window.page.locator(".source").first.click()
    camera.take(window, "item-source")
    window.press("Escape", "Escape")
    for key, name in (("l", "relabel"), ("s", "skip"), ("z", "snooze"), ("x", "escalate"), ("m", "more"), ("?", "keys")):
        window.press(key)
        camera.take(window, f"ask-{name}")
        window.press("Escape")
    window.press("Escape", "l").type("ret").press("Enter")
    camera.take(window, "item-relabelled")
    window.page.get_by_role("button", name="Back", exact=True).click()
    window.press("e").type(" I will look into it and write again today.")
    camera.take(window, "item-edited")
    for fold in window.page.locator(".context > details > summary").all():
        fold.click()
    window.page.locator(".deciding").evaluate("one => { one.scrollTop = one.scrollHeight }")
    camera.take(window, "item-context")
    window.press("Control+Enter", "Control+Enter")
    window.see("Sent edited", window.toasts)
    camera.take(window, "after-sending")
    thread(window, camera)
    lost(window, camera, desk)


def thread(window, camera):
    for _ in range(8):
        if window.page.locator("details.message").count():
            break
        window.next()
    window.page.locator("details.message > summary").first.click()
    camera.take(window, "item-thread")


def lost(window, camera, desk):
    item = window.next()
    window.press("e").type(" My words.")
    window.lose(item)
    assert desk.signed_in(desk.people["ben"]).post(f"/api/items/{item}/claim").status == 200
    window.press("Control+Enter", "Control+Enter")
    window.see("has taken it", window.strips)
    camera.take(window, "item-lost")
    window.press("Escape")
    item = window.next()
    window.press("e").type(" My words.")
    desk.query("select triage.feed('c', 'reviews', 0, triage.feeder_next('c', 'reviews', 0), triage.feeder_next('c', 'reviews', 0) + 1,"
               " (select jsonb_build_array(jsonb_build_object('type', 'close', 'key', key, 'revision', 2, 'reason', 'superseded')) from triage.item where item_id = %s))", item)
    notify(desk)
    window.see("The customer has written again", window.strips)
    camera.take(window, "item-superseded")
    window.press("Escape")
    window.next()
    window.press("e").type(" Offline words.")
    window.context.set_offline(True)
    window.press("Control+Enter", "Control+Enter")
    window.see("Not sent yet", window.strips)
    camera.take(window, "offline")
    window.context.set_offline(False)
    expect(window.page.locator(".banner")).to_be_hidden()
    desk.query("delete from triage.console_session")
    window.press("n")
    window.page.get_by_role("dialog").wait_for()
    camera.take(window, "session-ended")
    window.page.get_by_label("Password").fill("a long password for tests")
    window.press("Enter")
    expect(window.page.get_by_role("dialog")).to_have_count(0)
    expect(window.subject).to_be_focused()
    window.page.goto("/#/item/999999999")
    window.see("There is no such item")
    camera.take(window, "no-such-item")


def helps(camera, desk):
    """An item with the same question answered before, and asked by others too."""
    same = {"ticket": {"subject": "App shows the old temperature", "body_text": "Since the update of this morning the app shows 17.5 degrees all day, whatever the thermostat says. Is this known?"},
            "decision": {"label": "app_connectivity"}, "review_group": "support-venlo", "profile": "kestrel-support", "sla_minutes": 0}
    window = camera.window("ann")
    window.open(desk.fresh(**same))
    window.press("Enter", "Enter")
    window.see("Accepted", window.toasts)
    ids = [desk.fresh(**same) for _ in range(4)]
    desk.fresh(**same | {"ticket": same["ticket"] | {"body_text": same["ticket"]["body_text"] + " It began at nine."}})
    window.open(ids[0])
    window.press("c")
    window.page.locator("[data-act=alike]").wait_for()
    for name in ("Answered before", "History"):
        window.page.locator(".context > details > summary", has_text=name).click()
    window.page.locator(".deciding").evaluate("one => { one.scrollTop = one.scrollHeight }")
    camera.take(window, "item-similar")
    window.press("g")
    camera.take(window, "ask-alike")
    window.press("Enter")
    camera.take(window, "item-alike-sure")
    window.press("Enter")
    window.see("alike", window.toasts)
    camera.take(window, "after-alike")


def german(camera, desk):
    item = desk.query("select item_id from triage.item join triage.item_body using (item_id) where state = 'open' and ticket ->> 'language' = 'de' order by item_id limit 1")[0][0]
    window = camera.window("ann")
    window.open(item)
    camera.take(window, "item-german")


def slow_and_broken(camera, desk):
    item = desk.query("select item_id from triage.item where state = 'open' order by item_id desc limit 1")[0][0]
    window = camera.window("ann")
    window.page.route(f"**/api/items/{item}", lambda route: None)
    window.page.goto(f"/#/item/{item}")
    window.page.locator(".place .bone").first.wait_for()
    camera.take(window, "item-loading")
    window.close()
    window = camera.window("ann")
    window.page.route(f"**/api/items/{item}", lambda route: route.fulfill(status=500, json={"error": {"code": "internal", "text": "tell whoever runs the console: its log says what failed"}}))
    window.page.goto(f"/#/item/{item}")
    window.see("cannot be shown")
    camera.take(window, "item-error")
    window.close()
    window = camera.window()
    window.page.route("**/api/session", lambda route: route.abort())
    window.page.goto("/")
    window.see("does not answer")
    camera.take(window, "server-away")
    window = camera.window("ann")
    window.page.route("**/api/queue?*", lambda route: route.fulfill(status=503, json={"error": {"code": "unavailable", "text": "The database is away. Wait; the page goes on by itself."}}))
    window.page.reload()
    window.see("Try again")
    camera.take(window, "queue-error")
    window = camera.window("ann")
    window.page.route("**/api/queue?*", lambda route: None)
    window.page.reload()
    window.page.locator(".bone").first.wait_for()
    camera.take(window, "queue-loading")


def long_and_many(camera, desk):
    desk.fresh(sla_minutes=0, review_group="support-venlo", ticket={"subject": "A subject that does not end, about a thermostat that was left with a neighbour whose name nobody in the street has ever heard, and which has been blinking since",
               "body_text": "The thermostat does not connect and I have tried everything that the manual says. " * 400})
    copies(desk, desk.items[20], 10_000)
    window = camera.window("ann")
    window.page.reload()
    window.ready()
    window.page.locator(".queue-list").evaluate("list => { list.scrollTop = 2000 }")
    camera.take(window, "queue-ten-thousand")
    window.page.locator(".queue-list").evaluate("list => { list.scrollTop = 0 }")
    window.press("/").type("does not end")
    expect(window.page.locator(".item")).to_have_count(1)
    window.press("Enter")
    window.page.locator(".item").first.click()
    expect(window.subject).to_contain_text("does not end")
    camera.take(window, "item-long")
    narrow = camera.window("ann", viewport=PHONE, has_touch=True, is_mobile=True)
    narrow.open(window.shown())
    camera.take(narrow, "phone-item-long")


def other_pages(camera, **options):
    tag = "-dark" if options.get("color_scheme") == "dark" else ""
    window = camera.window("ann", **options)
    for route in ("mine", "figures", "overview"):
        window.page.goto(f"/#/{route}")
        expect(window.page.locator(".page-body:not([aria-busy])")).to_be_visible()
        camera.whole(window, route + tag)
    if tag:
        window.page.goto("/#/queue")
        window.next()
        doubtful(window)
        camera.take(window, "item-dark")
        window.press("?")
        camera.take(window, "ask-keys-dark")
        window.press("Escape")
        window.page.locator(".menu > summary").click()
        camera.take(window, "menu-dark")


def phone(camera, theme):
    window = camera.window("ben", viewport=PHONE, has_touch=True, is_mobile=True, color_scheme=theme)
    camera.take(window, f"phone-queue-{theme}")
    window.page.get_by_role("button", name="Take the next").first.tap()
    expect(window.subject).to_be_visible()
    doubtful(window)
    camera.take(window, f"phone-item-{theme}")
    window.page.locator(".desk").evaluate("desk => { desk.scrollTop = desk.scrollHeight / 2.4 }")
    camera.take(window, f"phone-decision-{theme}")
    window.page.locator("[data-act=more]").tap()
    camera.take(window, f"phone-more-{theme}")
    window.press("Escape")
    window.page.goto("/#/figures")
    window.page.locator(".plots").wait_for()
    camera.take(window, f"phone-figures-{theme}")
    window.page.goto("/#/overview")
    expect(window.page.locator("[data-card=workers]")).to_be_visible()
    camera.whole(window, f"phone-overview-{theme}")


def empty(camera, desk):
    desk.empty()
    window = camera.window("ann")
    window.see("Nothing waits")
    window.press("n")
    window.see("All done")
    camera.take(window, "queue-empty")
    narrow = camera.window("ann", viewport=PHONE, has_touch=True, is_mobile=True)
    narrow.page.get_by_role("button", name="Take the next").first.tap()
    narrow.see("All done")
    camera.take(narrow, "phone-empty")


def main():
    arguments = sys.argv[1:]
    docs = "--docs" in arguments
    folders = [one for one in arguments if not one.startswith("-")]
    if len(folders) != 1:
        sys.exit(__doc__)
    folder = pathlib.Path(folders[0])
    folder.mkdir(parents=True, exist_ok=True)
    with sample_desk(answers=900) as desk, running_chromium() as browser:
        camera = Camera(browser, desk, folder, DOCS_SIZE if docs else None)
        if docs:
            for_docs(camera)
        else:
            states(camera, desk)
            german(camera, desk)
            helps(camera, desk)
            slow_and_broken(camera, desk)
            other_pages(camera)
            other_pages(camera, color_scheme="dark")
            phone(camera, "light")
            phone(camera, "dark")
            long_and_many(camera, desk)
            empty(camera, desk)
        print(f"{camera.n} pictures in {folder}")


if __name__ == "__main__":
    main()
