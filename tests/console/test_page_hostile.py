"""What tickets, drafts and names say stays text, wherever the page shows it."""

import json
import os
import pathlib

import pytest
from browsing import expect
from conftest import request_of

HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(2)>", "\"><svg onload=alert(3)>", "javascript:alert(4)",
    "<iframe srcdoc='<script>alert(5)</script>'>", "{{constructor.constructor('alert(6)')()}}", "<a href=javascript:alert(7)>x</a>",
    "<style>*{display:none}</style>", "</textarea><script>alert(8)</script>", "<details open ontoggle=alert(9)>",
    "<math><mtext></math><img src onerror=alert(10)>", "&lt;script&gt;alert(11)&lt;/script&gt;", "\u202e\u2066<script>alert(12)</script>",
    "<form action=//evil.example><button>x", "<base href=//evil.example>", "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "'-alert(13)-'", "<object data=data:text/html,<script>alert(14)</script>>", "<b onmouseover=alert(15)>wuff</b>", "]]><script>alert(16)</script>",
]


def corpus():
    """Our own, and those of a folder of lines or JSON Lines where TRIAGED_XSS_CORPUS names one."""
    found = list(HOSTILE)
    folder = os.environ.get("TRIAGED_XSS_CORPUS")
    for path in sorted(pathlib.Path(folder).rglob("*")) if folder else []:
        if path.suffix not in (".txt", ".jsonl", ".json"):
            continue
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if path.suffix == ".jsonl":
                row = json.loads(line)
                line = " ".join(str(value) for value in row.values()) if isinstance(row, dict) else str(row)
            if "<" in line or "javascript:" in line:
                found.append(line[:4000])
    return found


def hostile_item(number, text):
    return request_of(
        f"hostile{number}", review_group=f"g{number}" if number else text[:60], sla_minutes=60 + number,
        ticket={
            "subject": text, "body_text": f"{text}\n> {text}\n", "channel": text[:60], "tags": [text[:400]],
            "source": {"system": "zendesk", "instance": "eu", "url": "javascript:alert(99)"},
            "requester": {"id": "r", "name": text, "email": text[:400]},
            "messages": [{"author": "customer", "body_text": text}, {"author": "agent", "body_text": text}],
            "attachments": [{"name": text[:400]}],
        },
        decision={
            "label": text[:60], "confidence": 0.5, "alternatives": [{"label": text[:60], "confidence": 0.5}], "reasons": ["rule", text[:60]],
            "rule_id": text[:60], "language": "en",
            "draft": {"text": f"Dear {text},\n{text}", "citations": [text[:60]], "macro_id": None, "unsupported": [{"text": text, "kind": text[:20], "start": 5, "end": 5 + len(text)}]},
        },
    )


def assert_inert(page):
    assert page.evaluate("document.querySelectorAll('main script, main iframe, main object, main base, main meta, main style, main form:not(.dialog-form)').length") == 0
    assert page.evaluate("[...document.querySelectorAll('main *')].filter(one => [...one.attributes].some(attribute => attribute.name.startsWith('on'))).length") == 0
    assert page.evaluate("[...document.querySelectorAll('a[href]')].filter(one => !['http:', 'https:'].includes(one.protocol)).length") == 0


def test_hostile_text_is_shown_as_text_everywhere(desk, ann_window):
    texts = corpus()
    items = desk.feed(*[hostile_item(number, text) for number, text in enumerate(texts)])
    page = ann_window.page
    for item, text in zip(items, texts, strict=True):
        ann_window.open(item)
        expect(ann_window.subject).to_have_text(text, use_inner_text=False)
        page.eval_on_selector_all("main details", "all => all.forEach(one => { one.open = true })")
        assert_inert(page)
    ann_window.press("Escape", "s")
    ann_window.page.get_by_role("dialog").get_by_label("eason").fill(HOSTILE[1])
    ann_window.press("Enter")
    ann_window.see("Skipped", ann_window.toasts)
    page.goto("/#/queue")
    ann_window.page.get_by_role("button", name="Filters").click()
    assert_inert(page)
    page.goto("/#/mine")
    expect(page.locator("h1")).to_have_text("Mine")
    assert_inert(page)


def test_the_console_asks_nobody_else_for_anything(desk, ann_window):
    desk.fresh()
    asked = []
    ann_window.page.on("request", lambda request: asked.append(request.url))
    ann_window.page.reload()
    ann_window.ready().next()
    for route in ("figures", "overview", "mine"):
        ann_window.page.goto(f"/#/{route}")
        expect(ann_window.page.locator("h1")).to_be_visible()
    assert asked and all(url.startswith((f"http://{desk.listen}/", "data:")) for url in asked), asked


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>"])
def test_a_hostile_name_of_a_colleague_stays_text(desk, reviewers, windows, name):
    desk.empty()
    item = desk.fresh()
    desk.query("update triage.item set state = 'claimed', claim_no = 1, claimed_by = %s, claimed_until = now() + interval '5 minutes' where item_id = %s", name, item)
    window = windows(reviewers[0]).open(item)
    window.see(name, window.strips)
    assert_inert(window.page)
