// What is mine: claimed, answered but not out yet, and begun texts that were never sent.

import { api } from "./api.js";
import { button, el, iconButton, replace } from "./dom.js";
import { texts } from "./keep.js";
import { live } from "./live.js";
import { reviewer } from "./session.js";
import { holdKnown, undo } from "./toasts.js";
import * as words from "./words.js";

const link = (row) => el("a.name", { href: `#/item/${row.item_id}` }, row.subject || `Item ${row.item_id}`);

const told = (row) => ({ superseded: "the customer wrote again", withdrawn: "withdrawn by the helpdesk", reassigned: "handed to you", taken_away: "your claim was ended" })[row.event] + (row.detail?.reason ? `: ${row.detail.reason}` : "");

export function minePage({ known }) {
  const body = el("div.page-body", { "aria-busy": "true" });
  const section = (title, rows, none) => el("section.plot.wide", el("h2", title), rows.length ? el("ul.rows", { role: "list" }, rows) : el("p.hint", none));
  function kept() {
    return texts.all(reviewer()).map((one) => el("li.row", link(one), el("span.preview", one.text.slice(0, 120)), el("span.hint.num", words.ago(new Date(one.at).toISOString())),
      iconButton(`Forget the text for ${one.subject}`, "close", (event) => {
        texts.drop(one.item_id, one.revision);
        event.currentTarget.closest("li").remove();
      })));
  }
  async function load() {
    try {
      const mine = await api.mine();
      known(mine);
      holdKnown(mine.held);
      replace(body,
        section("Being answered by you", mine.claimed.map((row) => el("li.row", link(row), el("span.hint", words.label(row.label)), el("span.hint.num", words.secondsUntil(row.claimed_until) > 0 ? `yours for ${words.seconds(words.secondsUntil(row.claimed_until))}` : "your time is over"))), "Nothing. Press n to take the next."),
        section("Answered, not out yet", mine.held.map((row) => el("li.row", link(row), el("span.hint", words.outcome(row.outcome)), el("span.hint.num", words.secondsUntil(row.held_until) > 0 ? `goes out in ${words.seconds(words.secondsUntil(row.held_until))}` : "going out"),
          words.secondsUntil(row.held_until) > 0 && button("Undo", { kind: "small", act: () => undo({ item_id: row.item_id, key: row.idempotency_key, subject: row.subject }) }))), "Nothing can be undone any more."),
        mine.notices?.length > 0 && section("What others did to your items", mine.notices.map((row) => el("li.row", link(row), el("span.hint", told(row)), el("span.hint.num", words.ago(row.at))))),
        section("Begun and kept in this browser", kept(), "No unsent text."));
    } catch (error) {
      replace(body, el("div.blank", el("p", error.message), button("Try again", { act: load })));
    }
    body.removeAttribute("aria-busy");
  }
  const unhear = live.hear((event) => {
    if (!page.isConnected) unhear();
    else if (event === "queue" && !body.contains(document.activeElement)) load();
  });
  const page = el("div.page", el("header.page-head", el("h1", { tabindex: "-1" }, "Mine")), body);
  load();
  return page;
}
