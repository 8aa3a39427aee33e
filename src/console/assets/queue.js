// The list of what waits. Only the rows in sight are drawn and pages come as they are scrolled to, so that ten thousand
// items cost what thirty do. News changes rows in place and never moves what somebody reads.

import { api } from "./api.js";
import { button, el, icon, replace, say } from "./dom.js";
import { Filters } from "./filters.js";
import { live } from "./live.js";
import { reviewer } from "./session.js";
import * as words from "./words.js";

const PAGE = 100;
const ROW = 62;
const SPARE = 6;
const NEWS_MS = 1500;
const NEWS_PAGES = 5; // read again at most; further down the list stays as it was
const AGAIN_MS = 30000;

export class Queue {
  constructor({ open, take, warm }) {
    Object.assign(this, { open, take, warm, rows: [], more: null, selected: null, shown: null, drawn: new Map(), loading: false, failed: null, counts: {} });
    this.filters = new Filters(() => this.reload());
    this.spacer = el("div.queue-spacer", { role: "presentation" });
    this.list = el("div.queue-list", { role: "listbox", tabindex: "0", "aria-label": "Items that wait, the next first",
      on: { scroll: () => this.draw(), keydown: (event) => this.key(event), focus: () => this.draw() } }, this.spacer);
    this.state = el("div.queue-state", { hidden: true });
    this.news = el("button.news", { type: "button", hidden: true, on: { click: () => this.list.scrollTo({ top: 0 }) } });
    this.tally = el("p.tally.num");
    this.node = el("section.queue", { "aria-label": "Queue" }, el("h2.unseen", "Queue"), this.filters.node, this.tally,
      el("div.queue-body", this.news, this.list, this.state),
      el("div.queue-foot", button("Take the next", { key: "n", icon: "next", kind: "wide", act: () => this.take() })));
    new ResizeObserver(() => this.draw()).observe(this.list);
    this.unhear = live.hear((event, data) => this.heard(event, data));
    this.timer = setInterval(() => this.draw(), AGAIN_MS); // ages and due times go on
  }

  // -- loading --

  async page(after) {
    return api.queue({ ...this.filters.query(), limit: PAGE, after });
  }

  async reload() {
    this.rows = [];
    this.more = null;
    this.failed = null;
    this.list.scrollTop = 0;
    this.turn = (this.turn ?? 0) + 1;
    await this.loadMore(true);
  }

  async loadMore(first = false) {
    if (this.loading && !first) return;
    const turn = this.turn;
    this.loading = true;
    this.drawState();
    try {
      const page = await this.page(first ? null : this.more);
      if (turn !== this.turn) return;
      this.loading = false;
      this.failed = null;
      this.rows = first ? page.items : this.join(this.rows, page.items);
      this.more = page.more;
      this.count(page);
      if (first) say(`${words.plural(this.rows.length, "item")}${this.more ? " and more" : ""}`);
    } catch (error) {
      if (turn !== this.turn) return;
      this.loading = false;
      this.failed = error;
    }
    this.draw();
  }

  join(before, after) {
    const known = new Set(before.map((row) => row.item_id));
    return [...before, ...after.filter((row) => !known.has(row.item_id))];
  }

  count(page) {
    words.setServerTime(page.now);
    this.counts = page.counts ?? this.counts;
    this.onCounts?.(this.counts);
    replace(this.tally, el("strong", this.waiting()), " wait",
      this.counts.overdue > 0 && el("span.late", ` · ${words.count(this.counts.overdue)} overdue`),
      this.counts.claimed > 0 && ` · ${words.count(this.counts.claimed)} in work`);
  }

  /** How many wait, in words: beyond ten thousand they are not counted. */
  waiting() {
    return this.counts.open_more ? `${words.count(Math.floor(this.counts.open / 1000) * 1000)}+` : words.count(this.counts.open);
  }

  // -- news --

  heard(event, data) {
    if (event === "queue" && data.counts) this.count(data);
    if (event === "queue" || event === "items" || event === "poll" || (event === "reach" && data.state === "up")) this.refreshSoon();
  }

  refreshSoon() {
    if (this.refreshTimer || !this.node.isConnected) return;
    const wait = Math.max(NEWS_MS - (Date.now() - (this.refreshedAt ?? 0)), 0);
    this.refreshTimer = setTimeout(() => this.refresh(), wait);
  }

  /** Reads again as far as somebody has scrolled; what stands at the top of the window stays there. */
  async refresh() {
    this.refreshTimer = 0;
    this.refreshedAt = Date.now();
    if (this.loading || document.hidden) return;
    const turn = this.turn;
    const seen = Math.ceil((this.list.scrollTop + this.list.clientHeight) / ROW) + 1;
    try {
      let fresh = [], more = null, pages = 0;
      do {
        pages += 1;
        const page = await this.page(more);
        fresh = this.join(fresh, page.items);
        more = page.more;
        this.count(page);
      } while (more && fresh.length < seen && pages < NEWS_PAGES);
      if (turn !== this.turn) return;
      this.merge(fresh, more);
    } catch {
      // The banner says it.
    }
  }

  merge(fresh, more) {
    const anchor = this.list.scrollTop > 0 ? this.rows[Math.floor(this.list.scrollTop / ROW)] : null;
    const before = new Set(this.rows.map((row) => row.item_id));
    const longer = more && this.rows.length > fresh.length;
    const known = new Set(fresh.map((row) => row.item_id));
    const rest = longer ? this.rows.slice(fresh.length).filter((row) => !known.has(row.item_id)) : [];
    const added = fresh.filter((row) => !before.has(row.item_id)).length;
    this.rows = [...fresh, ...rest];
    if (!longer) this.more = more;
    if (anchor) {
      const at = this.rows.findIndex((row) => row.item_id === anchor.item_id);
      const was = Math.floor(this.list.scrollTop / ROW);
      this.sizeSpacer();
      if (at >= 0) this.list.scrollTop += (at - was) * ROW;
      if (at > was) this.showNews(at - was);
    }
    if (added > 0 && before.size === 0) say(`${words.plural(added, "item")} came in`);
    this.failed = null;
    this.draw();
  }

  showNews(n) {
    this.newer = (this.newer ?? 0) + n;
    replace(this.news, icon("up"), `${this.newer} new above`);
    this.news.hidden = false;
  }

  // -- drawing --

  sizeSpacer() {
    this.spacer.style.setProperty("height", `${this.rows.length * ROW}px`);
  }

  draw() {
    if (!this.node.isConnected) return;
    this.sizeSpacer();
    const top = this.list.scrollTop, height = this.list.clientHeight || 600;
    if (top === 0) {
      this.news.hidden = true;
      this.newer = 0;
    }
    const from = Math.max(Math.floor(top / ROW) - SPARE, 0);
    const to = Math.min(Math.ceil((top + height) / ROW) + SPARE, this.rows.length);
    this.place(this.rows.slice(from, to).map((row, at) => this.row(row, from + at)));
    this.list.setAttribute("aria-activedescendant", this.spacer.querySelector("[aria-selected=true]")?.id ?? "");
    if (this.more && !this.failed && to > this.rows.length - PAGE / 2) this.loadMore();
    this.drawState();
  }

  /** Puts the rows in order and leaves those that stand where they are: a press of the mouse that news comes into is no other press. */
  place(nodes) {
    const wanted = new Set(nodes);
    for (const node of [...this.spacer.children]) if (!wanted.has(node)) node.remove();
    nodes.forEach((node, at) => this.spacer.children[at] !== node && this.spacer.insertBefore(node, this.spacer.children[at] ?? null));
    for (const [id, { node }] of this.drawn) if (!wanted.has(node)) this.drawn.delete(id);
  }

  /** The row's node, the same one as long as it is in sight; drawn again only where it says something else. */
  row(row, at) {
    const time = words.due(row.due_at);
    const told = JSON.stringify([row, time.text, row.snoozed_until && words.secondsUntil(row.snoozed_until) > 0]);
    let drawn = this.drawn.get(row.item_id);
    if (!drawn) {
      const node = el("div", { role: "option", id: `row-${row.item_id}`, on: { click: () => this.choose(row.item_id, true), pointerenter: () => this.warmSoon(row.item_id) } });
      this.drawn.set(row.item_id, (drawn = { node, told: null }));
    }
    const { node } = drawn;
    if (drawn.told !== told) replace(node, this.cells(row, time));
    drawn.told = told;
    node.className = `item risk-${row.risk}${row.item_id === this.shown ? " open" : ""}`;
    node.setAttribute("aria-selected", String(row.item_id === this.selected));
    node.setAttribute("aria-setsize", this.more ? -1 : this.rows.length);
    node.setAttribute("aria-posinset", at + 1);
    node.style.setProperty("top", `${at * ROW}px`);
    return node;
  }

  cells(row, time) {
    const mine = row.claimed_by === reviewer();
    const who = row.state === "claimed" && !row.claim_expired ? (mine ? "yours" : row.claimed_by) : "";
    const sleeping = row.snoozed_until && words.secondsUntil(row.snoozed_until) > 0;
    return [el("span.item-subject", row.subject || "No subject"), el(`span.item-due.num${time.late ? ".late" : time.soon ? ".soon" : ""}`, { title: time.text }, time.late && "−", words.seconds(words.secondsUntil(row.due_at)), time.late && el("span.unseen", " overdue")),
      el("span.item-label", words.label(row.label), row.confidence !== null && el("span.num.hint", ` ${words.percent(row.confidence)}`)),
      el("span.item-who", row.risk === "high" && el("span.tagged.high", "high risk"), row.risk === "medium" && el("span.unseen", "medium risk"), sleeping && el("span.tagged", "asleep"),
        who && el(`span.tagged${mine ? ".mine" : ""}`, who), !row.has_draft && el("span.tagged", "no draft"))];
  }

  drawState() {
    const empty = this.rows.length === 0;
    this.list.hidden = empty;
    this.state.hidden = !empty;
    if (!empty) return;
    // A filter may give an empty page and more behind it.
    if (this.loading || (this.more && !this.failed)) replace(this.state, el("div.bones", { "aria-hidden": "true" }, Array.from({ length: 6 }, () => el("div.bone"))), el("p.unseen", "Loading the queue"));
    else if (this.failed) replace(this.state, el("p", this.failed.message), button("Try again", { act: () => this.reload() }));
    else if (Object.keys(this.filters.query()).length) replace(this.state, el("p", el("strong", "Nothing fits this filter.")), button("Clear the filter", { act: () => this.filters.useView(0) }));
    else replace(this.state, el("p", el("strong", "Nothing waits.")), el("p.hint", "New questions show up here by themselves."));
  }

  // -- moving --

  warmSoon(id) {
    clearTimeout(this.warmTimer);
    this.warmTimer = setTimeout(() => this.warm(id), 80);
  }

  choose(id, open = false) {
    this.selected = id;
    if (open) {
      this.shown = id;
      this.open(id);
    }
    this.draw();
  }

  /** What this page did itself is shown at once; the server's word follows. */
  gone(ids) {
    this.rows = this.rows.filter((row) => !ids.includes(row.item_id));
    this.draw();
    this.refreshSoon();
  }

  taken(id, until) {
    this.rows = this.rows.map((row) => (row.item_id === id ? { ...row, state: "claimed", claimed_by: reviewer(), claimed_until: until, claim_expired: false } : row));
    this.draw();
  }

  show(id) {
    this.shown = id;
    if (id !== null) this.selected = id;
    this.draw();
  }

  move(by) {
    if (!this.rows.length) return;
    const at = this.rows.findIndex((row) => row.item_id === this.selected);
    const next = at < 0 ? 0 : Math.min(Math.max(at + by, 0), this.rows.length - 1);
    this.selected = this.rows[next].item_id;
    const top = next * ROW;
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    if (top + ROW > this.list.scrollTop + this.list.clientHeight) this.list.scrollTop = top + ROW - this.list.clientHeight;
    this.draw();
    this.list.focus({ preventScroll: true });
    this.warmSoon(this.selected);
  }

  key(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -1e9, End: 1e9 };
    if (event.key in moves) this.move(moves[event.key]);
    else if ((event.key === "Enter" || event.key === " ") && this.selected !== null) this.choose(this.selected, true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
