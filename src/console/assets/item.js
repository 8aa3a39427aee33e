// One item: the ticket in the middle, the decision beside it, the actions below. This file holds the claim, what was
// typed, and what each key does; what is shown is made by ticket.js, decision.js and answer.js.

import { activity } from "./activity.js";
import { Answer } from "./answer.js";
import { api, newKey } from "./api.js";
import * as ask from "./asks.js";
import { Label, context, why } from "./decision.js";
import { button, el, iconButton, replace, say } from "./dom.js";
import { open as dialog } from "./dialogs.js";
import { texts } from "./keep.js";
import { live } from "./live.js";
import { deliver, onDelivered } from "./send.js";
import { current, reviewer } from "./session.js";
import { ticket } from "./ticket.js";
import { notice } from "./toasts.js";
import * as words from "./words.js";

const KEEP_MS = 400;
const RENEW_SHARE = 3;        // a claim is renewed when a third of its time is over
const RENEW_MOST_S = 120;
const LOOK_AGAIN_MS = 4000;
const REWRITTEN = 0.5;        // from this share of changed words on, an answer is rewritten, not edited

const OVER = {
  superseded: "The customer has written again. This version needs no answer any more.",
  withdrawn: "The helpdesk has withdrawn this ticket. It needs no answer any more.",
  held: "This item is answered.", released: "This item is answered and published.",
};

/** Share of words that changed, as rough as it needs to be to tell an edit from a new text. */
export function changedShare(draft, text) {
  const bag = (one) => one.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const before = bag(draft), after = bag(text);
  const left = new Map();
  before.forEach((word) => left.set(word, (left.get(word) ?? 0) + 1));
  const common = after.filter((word) => (left.get(word) ?? 0) > 0 && left.set(word, left.get(word) - 1)).length;
  return 1 - common / Math.max(before.length, after.length, 1);
}

export class Item {
  /** desk: {next(), left(id), mine(id), open(id), groups()} */
  constructor(doc, desk) {
    Object.assign(this, { doc, desk, busy: false, waiting: null, lost: false, also: [], begun: activity.total(), renewed: activity.total() });
    this.strip = el("div.strips");
    this.label = new Label(doc, () => this.relabelled());
    this.answer = new Answer({ draft: doc.draft, changed: () => this.typed(), send: () => this.accept(), source: (one, from) => this.source(one, from) });
    this.sourcePane = el("aside.source-pane", { id: "source", "aria-label": "Source", tabindex: "-1", hidden: true });
    this.bar = el("div.actions", { role: "toolbar", "aria-label": "Actions" });
    this.ticket = ticket(doc);
    this.node = el("div.desk",
      el("div.reading", this.strip, this.ticket, this.sourcePane),
      el("div.deciding", { role: "group", "aria-label": "Decision" }, why(doc), this.label.node, this.answer.node, context(doc)),
      this.bar);
    this.ends = [live.hear((event, data) => this.heard(event, data))];
    const timer = setInterval(() => this.tick(), 1000);
    this.ends.push(() => clearInterval(timer));
    this.offerKept();
    this.draw();
  }

  close() {
    this.keepNow();
    this.ends.forEach((end) => end());
    this.closed = true;
  }

  get item() {
    return this.doc.item;
  }

  /** mine, free, other, over */
  get standing() {
    const { state, claim_no: claim, claimed_by: by, claimed_until: until } = this.item;
    if (state in OVER) return "over";
    if (state === "open") return "free";
    if (claim && by === reviewer()) return this.lost ? "other" : "mine";
    return words.secondsUntil(until) <= 0 ? "free" : "other";
  }

  get able() {
    return !this.busy && !this.waiting && !this.lost && (this.standing === "mine" || this.standing === "free");
  }

  // ---- what was typed ----

  typed() {
    this.warned = false;
    this.also = [];
    clearTimeout(this.keepTimer);
    this.unkept = true;
    this.keepTimer = setTimeout(() => this.keepNow(), KEEP_MS);
    this.drawBar();
  }

  relabelled() {
    this.answer.relabelled(this.label.moved ? this.label.label : null, this.label.suggested);
    this.typed();
    if (this.label.moved) say(`Label is now ${words.label(this.label.label)}. Press Enter to send it.`);
  }

  keepNow() {
    clearTimeout(this.keepTimer);
    if (!this.unkept) return;
    this.unkept = false;
    const { item_id, revision, key } = this.item;
    if (!this.answer.edited && !this.label.moved) texts.drop(item_id, revision);
    else texts.put({ item_id, revision, key, reviewer: reviewer(), subject: this.doc.ticket.subject ?? "", text: this.answer.text, label: this.label.moved ? this.label.label : null });
  }

  offerKept() {
    const { item_id, revision, key } = this.item;
    const kept = texts.of(item_id, revision, reviewer());
    if (kept) {
      if (kept.label && kept.label !== this.label.label) this.label.set(kept.label);
      if (kept.text !== this.answer.text) this.answer.set(kept.text);
      if (this.answer.edited || this.label.moved) this.restored = `What you had begun ${words.ago(new Date(kept.at).toISOString())} is back.`;
    }
    this.older = texts.ofKey(key, item_id, reviewer())[0] ?? null;
  }

  compare() {
    const older = this.older;
    return dialog({ title: "Your text for an earlier version", wide: true, describe: "The ticket has changed since you wrote it. Read what is new before you use it.", build: (close) =>
      el("div.dialog-form", el("div.both", el("section", el("h3.small-head", `Yours, ${words.ago(new Date(older.at).toISOString())}`), el("p.text", older.text)),
        el("section", el("h3.small-head", "Draft for this version"), el("p.text", this.answer.draft || "No draft was written."))),
      el("div.dialog-actions", button("Forget mine", { kind: "danger", act: () => close("forget") }), button("Keep for later", { act: () => close() }), button("Use mine", { kind: "primary", act: () => close("use") })))
    }).then((chosen) => {
      if (!chosen) return;
      if (chosen === "use") this.answer.set(older.text);
      texts.drop(older.item_id, older.revision);
      this.older = null;
      this.draw();
    });
  }

  // ---- the claim ----

  tick() {
    if (this.standing === "mine" && !this.busy && !this.renewing) {
      const left = words.secondsUntil(this.item.claimed_until);
      const lease = current()?.lease_seconds ?? 900;
      const due = Math.min(lease / RENEW_SHARE, RENEW_MOST_S);
      if (!activity.idle && left < lease - due && live.state === "up") this.renew();
    }
    this.drawTime();
  }

  async renew() {
    this.renewing = true;
    const spent = activity.total() - this.renewed;
    try {
      const { claimed_until } = await api.act(this.item.item_id, "renew", { claim_no: this.item.claim_no, active_seconds: Math.round(spent) });
      this.renewed += spent;
      this.item.claimed_until = claimed_until;
    } catch (error) {
      this.failed(error);
    }
    this.renewing = false;
  }

  /** An item that was only looked at becomes mine with the first thing I do to it. */
  async take() {
    if (this.standing === "mine") return true;
    try {
      const doc = await api.claimItem(this.item.item_id);
      this.doc.item = doc.item;
      this.lost = false;
      this.renewed = activity.total();
      this.desk.mine(this.item.item_id);
      this.draw();
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    }
  }

  async takeAgain() {
    this.lost = false;
    if (await this.take()) say("The item is yours again. Your text is where you left it.");
  }

  failed(error) {
    if (error.code === "claim_lost" || error.code === "taken") {
      this.lost = true;
      this.lostText = error.message;
      this.desk.lost(this.item.item_id);
      this.look();
    } else if (error.code === "ticket_changed") {
      this.item.state = error.detail.state ?? error.detail.detail ?? "superseded";
    } else if (error.code === "answered") {
      this.item.state = "held";
    } else if (!error.again) {
      notice(error.message, { kind: "error" });
    }
    this.keepNow();
    this.draw();
  }

  // ---- news of this very item ----

  heard(event, data) {
    if (event === "items") this.told = true;
    const concerned = event === "items" ? (data.changed ?? []).includes(this.item.item_id) : (event === "queue" && !this.told) || event === "poll" || (event === "reach" && data.state === "up");
    if (event === "reach") this.drawBar();
    if (!concerned || this.lookTimer || this.busy) return;
    const wait = event === "items" || event === "reach" ? 0 : Math.max(LOOK_AGAIN_MS - (Date.now() - (this.lookedAt ?? 0)), 0);
    this.lookTimer = setTimeout(() => this.look(), wait);
  }

  async look() {
    this.lookTimer = 0;
    this.lookedAt = Date.now();
    const before = this.standing;
    try {
      const { item } = await api.item(this.item.item_id);
      if (this.closed || this.busy) return;
      const mine = this.item.claim_no;
      this.doc.item = item;
      if (before === "mine" && !item.claim_no && item.state !== "held") this.lost = item.state === "claimed" || Boolean(mine);
      if (item.claim_no && item.claim_no !== mine && item.claimed_by === reviewer()) this.lost = false;
      if (before !== this.standing || this.lost) this.draw();
    } catch {
      // The banner says what is wrong.
    }
  }

  // ---- answering ----

  get outcome() {
    if (this.label.moved) return "relabelled";
    if (!this.answer.edited) return "accepted";
    if (!this.answer.draft.trim()) return "rewritten";
    return changedShare(this.answer.draft, this.answer.text) > REWRITTEN ? "rewritten" : "edited";
  }

  /** What is seen is what is sent: draft, edited text or another label. */
  accept(alike = this.also) {
    const outcome = this.outcome;
    if ((outcome === "edited" || outcome === "rewritten") && !this.answer.text.trim()) return this.warn("The answer is empty. Write one, or go back to the draft.");
    if (!this.label.label) return this.warn("Choose a label first: press l.");
    const text = outcome === "accepted" ? null : outcome === "relabelled" ? this.answer.along : this.answer.text;
    if (text !== null || outcome === "accepted") {
      const doubtful = this.answer.doubtful();
      if (doubtful && !this.warned) return this.doubt(doubtful, alike);
    }
    return this.resolve({ outcome, label: outcome === "relabelled" ? this.label.label : null, text, alike });
  }

  /** What no source supports goes out only when somebody says so twice. */
  doubt(n, alike) {
    this.warned = true;
    this.also = alike; // what was chosen stays chosen
    this.answer.claims.scrollIntoView({ block: "nearest" });
    this.drawBar();
    say(`${words.plural(n, "claim")} in this answer that no source supports. Press Enter again to send it all the same, or e to edit.`, "assertive");
  }

  warn(text) {
    notice(text, { kind: "error" });
  }

  async resolve({ outcome, label, text, alike = [] }) {
    if (!this.able) return;
    this.busy = true;
    this.keepNow();
    this.drawBar();
    if (!(await this.take())) {
      this.busy = false;
      return this.draw();
    }
    const { item_id, revision, key } = this.item;
    const body = { claim_no: this.item.claim_no, key: newKey(), outcome, seconds: Math.round(activity.total() - this.begun),
      ...(label ? { label } : {}), ...(text !== null && text !== undefined ? { text } : {}), ...(alike.length ? { alike } : {}) };
    const sent = { item_id, revision, ticket_key: key, subject: this.doc.ticket.subject ?? `Item ${item_id}`, label, text: this.answer.edited ? this.answer.text : null, body };
    try {
      const done = await deliver(sent);
      this.unkept = false;
      this.desk.left(item_id, done.resolved ?? []);
      await this.desk.next({ after: true });
    } catch (error) {
      this.busy = false;
      if (error.again) this.waiting = sent;
      this.failed(error);
      if (error.again) say(`Not sent yet. ${error.message}`, "assertive");
    }
  }

  /** An answer of this item that waited for the network has gone out, or was refused. */
  delivered(answer, error) {
    if (answer.item_id !== this.item.item_id || this.closed) return;
    this.waiting = null;
    if (error) return this.failed(error);
    this.busy = true;
    this.unkept = false;
    this.desk.left(answer.item_id, []);
    this.desk.next({ after: true });
  }

  /** skip, snooze, escalate, reassign, release: all give the item away. */
  async giveAway(verb, body, done) {
    if (!this.able) return;
    this.busy = true;
    this.drawBar();
    try {
      if (!(await this.take())) return;
      await api.act(this.item.item_id, verb, { claim_no: this.item.claim_no, ...body });
      this.keepNow();
      this.desk.left(this.item.item_id, []);
      notice(done);
      await this.desk.next({ after: true });
    } catch (error) {
      this.failed(error.again ? Object.assign(error, {}) : error);
      if (error.again) notice(error.message, { kind: "error" });
    } finally {
      this.busy = false;
      if (!this.closed) this.draw();
    }
  }

  async skip() {
    const reason = this.able && await ask.skip();
    if (reason) return this.giveAway("skip", { reason }, "Skipped. Somebody else gets it.");
  }

  async snooze() {
    const until = this.able && await ask.snooze();
    if (until) return this.giveAway("snooze", { until: until.toISOString() }, `Sleeps until ${words.when(until.toISOString())}.`);
  }

  async escalate() {
    const chosen = this.able && await ask.escalate(this.item.review_group);
    if (chosen) return this.giveAway("escalate", chosen, `Escalated to ${chosen.group || "the same group"}.`);
  }

  async alike() {
    const rows = this.doc.alike ?? [];
    if (!this.able) return;
    if (!rows.length) return notice("No other open item asks the same.");
    const ids = await ask.alike(rows, this.outcome);
    if (!ids?.length) return;
    document.getElementById("subject")?.focus({ preventScroll: true }); // a second Enter is for the item, not for what was pressed before
    this.accept(ids);
  }

  async more() {
    const what = this.able && await ask.more((this.doc.alike ?? []).length > 0);
    if (!what) return;
    if (what.outcome) return this.resolve({ outcome: what.outcome, label: null, text: null });
    if (what.verb === "release") return this.giveAway("release", {}, "Given back.");
    if (what.verb === "reassign") return this.giveAway("reassign", { to: what.to, reason: what.reason }, `Handed to ${what.to}.`);
    return this[what.verb]();
  }

  edit() {
    if (!this.able) return;
    this.answer.node.scrollIntoView({ block: "nearest" });
    this.answer.focus();
    if (this.standing === "free") this.take();
  }

  relabel() {
    if (!this.able) return;
    this.label.node.scrollIntoView({ block: "nearest" });
    this.label.edit();
  }

  // ---- the source beside the draft ----

  source(citation, from) {
    const same = from.getAttribute("aria-expanded") === "true";
    this.node.querySelectorAll(".source").forEach((one) => one.setAttribute("aria-expanded", "false"));
    if (same) return this.closeSource();
    from.setAttribute("aria-expanded", "true");
    this.sourceFrom = from;
    replace(this.sourcePane, el("header.section-head", el("h2.small-head", citation.title || citation.id), citation.language && el("span.hint", words.language(citation.language)), iconButton("Close the source", "close", () => this.closeSource())),
      citation.text ? article(citation) : el("p.hint", "The text of this article is not at hand here; it may have been removed since."));
    // On a narrow page the source opens under the draft, else beside it.
    (matchMedia("(max-width: 760px)").matches ? this.answer.node : this.node.querySelector(".reading")).append(this.sourcePane);
    this.sourcePane.hidden = false;
    this.sourcePane.scrollTop = 0;
    this.sourcePane.focus({ preventScroll: true });
    this.node.classList.add("with-source");
  }

  closeSource() {
    if (this.sourcePane.hidden) return false;
    this.sourcePane.hidden = true;
    this.node.classList.remove("with-source");
    this.sourceFrom?.setAttribute("aria-expanded", "false");
    this.sourceFrom?.focus({ preventScroll: true });
    return true;
  }

  // ---- drawing ----

  draw() {
    if (this.closed) return;
    this.drawStrips();
    this.label.able(this.able);
    this.answer.able(this.able || this.lost);
    this.drawBar();
  }

  strip_(kind, text, ...actions) {
    return el(`div.strip.${kind}`, el("p", text), actions);
  }

  drawStrips() {
    const { state, claimed_by: by } = this.item;
    const kept = this.answer.edited ? " Your text is kept." : "";
    const strips = [];
    const goOn = button("Next", { key: "n", kind: "primary", act: () => this.desk.next() });
    if (this.standing === "over") strips.push(this.strip_("warned", (OVER[state] ?? "") + (state === "superseded" || state === "withdrawn" ? kept : ""), goOn));
    else if (this.lost) strips.push(this.strip_("warned", (by && by !== reviewer() && state === "claimed" ? `Your time on this item was over and ${by} has taken it.` : "Your time on this item is over.") + kept,
      (state === "open" || by === reviewer() || words.secondsUntil(this.item.claimed_until) <= 0) && button("Take it again", { act: () => this.takeAgain() }), goOn));
    else if (this.standing === "other") strips.push(this.strip_("plain", `${by} is answering this one. You can read along.`, goOn));
    else if (this.standing === "free") strips.push(this.strip_("plain", "You are only looking. It becomes yours with the first thing you do.", button("Take it", { key: "c", act: () => this.take() })));
    if (this.waiting) strips.push(this.strip_("warned", "Not sent yet: the console cannot be reached. It goes out by itself as soon as it can."));
    if (this.restored && this.able) strips.push(this.strip_("plain", this.restored, button("Back to the draft", { act: () => {
      this.label.set(this.label.suggested);
      this.answer.set(this.answer.draft);
      this.restored = null;
      this.draw();
    } })));
    if (this.older && this.able) strips.push(this.strip_("plain", "You had begun a text for an earlier version of this ticket.", button("Compare", { act: () => this.compare() })));
    const told = strips.map((strip) => strip.querySelector("p").textContent).join(" ");
    if (told && told !== this.toldStrips && (this.lost || this.standing === "over")) say(told, "assertive");
    this.toldStrips = told;
    replace(this.strip, strips);
  }

  get sendName() {
    return { accepted: this.answer.draft ? "Accept" : "Accept the label", edited: "Send edited", rewritten: this.answer.draft ? "Send rewritten" : "Send", relabelled: `Send as ${words.label(this.label.label)}` }[this.outcome];
  }

  drawBar() {
    const off = !this.able;
    const n = this.doc.alike?.length ?? 0;
    const edited = this.outcome !== "accepted";
    const focused = this.bar.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    const act = (id, name, key, drawing, does, kind = "quiet", more = {}) => button(name, { key, icon: drawing, kind, act: does, disabled: off, data: { act: id }, ...more });
    replace(this.bar,
      el("span.claim-time.num.hint", { title: "Your claim is renewed while you are here" }),
      act("more", "More", "m", "more", () => this.more()),
      act("escalate", "Escalate", "x", "up", () => this.escalate(), "quiet wide-only"),
      act("snooze", "Snooze", "z", "clock", () => this.snooze(), "quiet wide-only"),
      act("skip", "Skip", "s", "skip", () => this.skip()),
      n > 0 && act("alike", `Alike ${n}`, "g", "copies", () => this.alike(), "quiet wide-only"),
      act("relabel", "Relabel", "l", "tag", () => this.relabel(), "quiet wide-only"),
      act("edit", "Edit", "e", "pen", () => this.edit()),
      act("accept", this.busy ? "Sending…" : this.warned ? (this.also.length ? `Send all ${this.also.length + 1} all the same?` : "Send all the same?") : this.sendName, edited && document.activeElement === this.answer.area ? "Ctrl ↵" : "↵", this.warned ? "warn" : "check", () => this.accept(), this.warned ? "primary warned" : "primary", { keys: "Enter a Control+Enter" }));
    if (focused) this.bar.querySelector(`[data-act=${focused}]`)?.focus();
    this.drawTime();
  }

  drawTime() {
    const node = this.bar.querySelector(".claim-time");
    if (!node) return;
    const left = words.secondsUntil(this.item.claimed_until);
    node.textContent = this.standing === "mine" && left < 120 ? (left > 0 ? `yours for ${words.seconds(left)}` : "your time is over, answer while nobody has taken it") : "";
  }
}

/** An article is Markdown: its headings are shown as such, all else as it is written. */
function article({ title, text }) {
  const body = el("div.text");
  let plain = [];
  const flush = () => plain.join("\n").trim() && body.append(el("p", plain.join("\n").trim()));
  for (const line of text.split("\n")) {
    const heading = /^#{1,6}\s+(.*)$/.exec(line);
    if (!heading) {
      plain.push(line);
      continue;
    }
    flush();
    plain = [];
    if (heading[1].trim() !== title) body.append(el("h3", heading[1]));
  }
  flush();
  return body;
}

let shown = null;

export function showing(item) {
  shown = item;
}

onDelivered((answer, error) => shown?.delivered(answer, error));
