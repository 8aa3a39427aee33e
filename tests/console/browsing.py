"""A real browser for the console's tests: headless Chromium driven by Playwright, one for the session, one window a person.

Whatever a page writes to its console as an error, an exception in it, and any dialog of the browser's own fail the test:
a dialog could only come from a script that a ticket smuggled in.
"""

import contextlib
import os

import pytest
from playwright.sync_api import expect, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}
# What the browser itself says of a failed request; the page shows these to the person.
EXPECTED = ("Failed to load resource",)

PASSWORD = "a long password for tests"  # of every account that a desk makes
SESSIONS = {}  # (desk, name) → cookies: a sign-in costs what a password's hash costs

expect.set_options(timeout=15_000)


@contextlib.contextmanager
def running_chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="session")
def chromium():
    with running_chromium() as browser:
        yield browser


class Window:
    """One person's browser window. `.page` is Playwright's."""

    def __init__(self, browser, desk, **options):
        self.desk = desk
        self.context = browser.new_context(
            base_url=f"http://{desk.listen}", **({"viewport": DESKTOP, "color_scheme": "light", "locale": "en-GB"} | options)
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.wrong = []
        self.page.on("pageerror", lambda error: self.wrong.append(f"exception: {error}"))
        self.page.on("dialog", self.dialog)
        self.page.on("console", self.heard)

    def dialog(self, dialog):
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def heard(self, message):
        if message.type == "error" and not message.text.startswith(EXPECTED):
            self.wrong.append(f"console: {message.text}")

    # -- what a person does --

    def sign_in(self, name, password=PASSWORD):
        self.page.goto("/")
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.keyboard.press("Enter")
        return self

    def come_back(self, name):
        """Signed in, by the session of an earlier window where there is one that still lives."""
        cookies = SESSIONS.get((self.desk.token, name))
        if cookies:
            self.context.add_cookies(cookies)
        self.page.goto("/")
        self.page.locator(".queue, .signin-form").first.wait_for()
        if not self.page.locator(".queue").count():
            self.sign_in(name)
            self.page.locator(".queue").wait_for()
            SESSIONS[self.desk.token, name] = self.context.cookies()
        return self

    def ready(self):
        """Signed in and the list read."""
        self.page.locator(".queue .tally strong").wait_for()
        return self

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def type(self, text):
        self.page.keyboard.type(text)
        return self

    def next(self):
        """Takes the next item; its number."""
        before = self.shown()
        self.press("n")
        expect(self.page.locator("#subject")).to_be_visible()
        if before is not None:
            self.page.wait_for_function("was => location.hash !== `#/item/${was}`", arg=before)
        return self.shown()

    def shown(self):
        hash_ = self.page.evaluate("location.hash")
        return int(hash_.removeprefix("#/item/")) if hash_.startswith("#/item/") else None

    def intercept(self, pattern, handler, **options):
        """What the page asks for by this pattern goes to the handler: returns when it does, which is a little after the browser was told."""
        self.page.route("**/intercepted", lambda route: route.fulfill(body="yes"))
        self.page.route(pattern, handler, **options)
        self.page.wait_for_function("() => fetch('/intercepted').then(answer => answer.ok)")

    def lose(self, item):
        """The claim's time passes, and the page does not renew it before somebody else comes."""
        self.intercept("**/renew", lambda route: None)
        expire(self.desk, item)

    def open(self, item):
        self.page.goto(f"/#/item/{item}")
        expect(self.page.locator("#subject")).to_be_visible()
        return self

    @property
    def subject(self):
        return self.page.locator("#subject")

    @property
    def editor(self):
        return self.page.locator(".editor-text")

    @property
    def strips(self):
        return self.page.locator(".strips")

    @property
    def toasts(self):
        return self.page.locator(".toasts")

    def see(self, text, where=None):
        expect(where or self.page.locator("body")).to_contain_text(text)

    def close(self):
        self.context.close()


@pytest.fixture
def windows(chromium, desk):
    """windows(name, **options): a window of that account, signed in when a name is given. All must have been well."""
    opened = []

    def one(name=None, **options):
        window = Window(chromium, desk, **options)
        opened.append(window)
        return window.come_back(name).ready() if name else window

    yield one
    wrong = [line for window in opened for line in window.wrong]
    for window in opened:
        window.close()
    assert not wrong, wrong


@pytest.fixture
def ann_window(desk, reviewers, windows):
    """The first reviewer at an empty queue, on a desktop."""
    desk.empty()
    return windows(reviewers[0])


# ---- what stands in the queue afterwards ----


def answers(desk, item):
    """Outcome, label, text, reviewer and state of each answer to an item, in order."""
    return desk.query(
        "select outcome::text, final_label, final_text, reviewer, state::text from triage.resolution where item_id = %s"
        " order by resolution_id", item,
    )


def state(desk, item):
    return desk.query("select state::text, claimed_by from triage.item where item_id = %s", item)[0]


def expire(desk, item):
    """Lets a claim's time pass without waiting for it."""
    desk.query("update triage.item set claimed_until = clock_timestamp() - interval '1 second' where item_id = %s", item)


def notify(desk):
    """What the relay's ticker says after something happened."""
    desk.query("select triage.tick(0)")


def copies(desk, item, n):
    """Many more items like this one, faster than they can be fed."""
    desk.query(
        "with made as (insert into triage.item (review_id, key, revision, profile, review_group, label, risk, origin, priority, due_at)"
        " select i.review_id || ':' || g, i.key || ':' || g, 1, i.profile, i.review_group, i.label, i.risk, i.origin, i.priority, i.due_at + g * interval '7 seconds'"
        " from triage.item i, generate_series(1, %s) g where i.item_id = %s returning item_id)"
        " insert into triage.item_body (item_id, request, ticket, draft)"
        " select m.item_id, b.request, jsonb_set(b.ticket, '{subject}', to_jsonb((b.ticket ->> 'subject') || ' ' || m.item_id)), b.draft"
        " from made m, triage.item_body b where b.item_id = %s",
        n, item, item,
    )
    desk.query("analyze triage.item")
