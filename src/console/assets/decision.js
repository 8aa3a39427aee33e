// Why a person is asked, which label is proposed and how sure that is, and what helps to decide.

import { combobox } from "./combobox.js";
import { button, el, icon, replace } from "./dom.js";
import { guidelineOf, labelsOf } from "./session.js";
import { telling } from "./ticket.js";
import * as words from "./words.js";

const SHOWN = 3;
const CLOSE = 0.15;

/** Reasons that only repeat the class's setting come after those that are about this ticket. */
const SETTINGS = new Set(["mode_off", "mode_shadow", "mode_suggest", "mode_auto", "macro", "confident"]);

export function why(doc) {
  const { decision, reasons, margin } = doc;
  const first = reasons.filter((reason) => !SETTINGS.has(reason.code));
  const after = reasons.filter((reason) => SETTINGS.has(reason.code));
  const second = (decision.alternatives ?? []).find((one) => one.label !== decision.label);
  const rules = [decision.rule_id, ...(decision.rule_ids ?? [])].filter(Boolean);
  const features = telling(doc.why?.features, doc.ticket).filter((feature) => feature.weight > 0).slice(0, 6);
  const told = (reason) => {
    if (reason.code === "rule" && rules.length) return [reason.text, " ", el("code", [...new Set(rules)].join(", "))];
    if (reason.code === "low_confidence" && decision.label && decision.confidence !== null) return ["Only ", el("strong", words.percent(decision.confidence)), " sure: too little for this class."];
    return reason.text;
  };
  return el("section.why", { "aria-labelledby": "why-title" }, el("h2.small-head", { id: "why-title" }, "Why you are asked"),
    el("ul.reasons", { role: "list" },
      first.map((reason) => el("li", { data: { code: reason.code } }, icon("warn"), el("span", told(reason)))),
      margin !== null && margin < CLOSE && second && el("li", icon("warn"), el("span", `Close call: only ${Math.max(Math.round(margin * 100), 1)} points ahead of ${words.label(second.label)}.`)),
      !reasons.length && el("li", icon("help"), el("span", "No reason was recorded.")),
      after.map((reason) => el("li.quiet", el("span", told(reason))))),
    features.length > 0 && el("p.hint", "Went by ", features.map((feature, at) => [at > 0 && ", ", el("mark.for", feature.text)]), ", marked in the ticket."),
    features.length === 0 && doc.why?.summary && el("p.hint", doc.why.summary));
}

/** The label with its rivals; changes into a field when somebody wants another. */
export class Label {
  constructor(doc, changed) {
    this.doc = doc;
    this.suggested = doc.item.label || doc.decision.label || "";
    this.label = this.suggested;
    this.changed = changed;
    this.body = el("div");
    this.node = el("section.label", { "aria-labelledby": "label-title" }, el("h2.small-head", { id: "label-title" }, "Label"), this.body);
    this.draw();
  }

  get moved() {
    return this.label !== this.suggested;
  }

  set(label) {
    this.label = label;
    this.draw();
    this.changed();
  }

  able(able) {
    this.off = !able;
    this.node.querySelectorAll("button").forEach((one) => (one.disabled = !able));
  }

  edit() {
    if (this.off) return;
    const labels = labelsOf(this.doc.item.profile);
    const before = document.activeElement;
    const leave = () => {
      if (!this.editing) return;
      this.editing = false;
      this.draw();
      // Not on a button: Enter accepts the item again.
      document.getElementById("subject")?.focus({ preventScroll: true });
    };
    this.editing = true;
    const field = combobox({ name: "Label", labels, current: this.suggested, left: leave, chosen: (label) => {
      this.editing = false;
      this.set(label);
      const target = before instanceof HTMLTextAreaElement && before.isConnected ? before : document.getElementById("subject");
      target?.focus({ preventScroll: true });
    } });
    replace(this.body, field.node);
    field.focus();
  }

  rows() {
    const { decision } = this.doc;
    const all = [{ label: this.suggested, confidence: decision.confidence }, ...(decision.alternatives ?? [])];
    const seen = new Map();
    for (const one of all) if (one.label && !seen.has(one.label)) seen.set(one.label, one);
    return [...seen.values()].slice(0, SHOWN);
  }

  bar(one) {
    const bar = el("span.bar-fill");
    bar.style.setProperty("width", `${Math.max(Math.min((one.confidence ?? 0) * 100, 100), 0.5)}%`);
    const chosen = one.label === this.label;
    return el(`button.prob${chosen ? ".chosen" : ""}`, { type: "button", disabled: this.off, "aria-pressed": String(chosen), on: { click: () => this.set(one.label) } },
      el("span.name", words.label(one.label)), el("span.bar", { "aria-hidden": "true" }, bar), el("span.num", words.percent(one.confidence)));
  }

  draw() {
    if (this.editing) return;
    const rows = this.rows();
    const { profile } = this.doc.item;
    const guideline = this.moved ? guidelineOf(this.label, profile) : this.doc.guideline || guidelineOf(this.label, profile);
    replace(this.body,
      this.moved && el("p.moved", el("strong", words.label(this.label)), " instead of ", words.label(this.suggested), " ", button("Back", { kind: "small", act: () => this.set(this.suggested) })),
      el("div.probs", { role: "group", "aria-label": "Labels with their calibrated probability" }, rows.map((one) => this.bar(one))),
      button(rows.length ? "Another label" : "Choose a label", { key: "l", kind: "small", icon: "tag", act: () => this.edit(), disabled: this.off }),
      guideline && el("p.guideline", el("strong", "Guideline"), " ", guideline));
  }
}

// ---- what helps: similar past items, history, where it came from ----

const folded = (title, n, node, open = false) => el("details.fold", { open }, el("summary", title, n !== null && el("span.num.hint", ` ${n}`)), node);

function similar(rows) {
  return el("ul.cards", { role: "list" }, rows.map((row) => el("li.card",
    el("p", el("strong", row.subject || `Item ${row.item_id}`), el("span.hint", ` ${words.ago(row.answered_at)}`)),
    el("p.hint", words.outcome(row.outcome), ": ", words.label(row.label), row.final_label && row.final_label !== row.label && [" → ", el("strong", words.label(row.final_label))]),
    row.final_text && el("details", el("summary", "What was answered"), el("p.text", row.final_text)))));
}

function detail(row) {
  const told = row.detail ?? {};
  return [told.reason, told.outcome && words.outcome(told.outcome).toLowerCase(), told.to && `to ${told.to}`, told.group && `for ${told.group}`, (told.until && row.event === "snoozed") && `until ${words.when(told.until)}`]
    .filter(Boolean).join(", ");
}

function history(rows) {
  return el("ol.history", { role: "list" }, [...rows].reverse().map((row) => el("li",
    el("time.hint.num", { datetime: row.at, title: words.when(row.at) }, words.ago(row.at)),
    el("span", ["enqueued", "published", "superseded", "withdrawn", "closed_on_arrival"].includes(row.event) ? "" : `${row.actor} `, words.event(row.event)),
    detail(row) && el("span.hint", ` ${detail(row)}`))));
}

function provenance(doc) {
  const rows = [["Item", doc.item.item_id], ["Ticket", `${doc.item.key}, revision ${doc.item.revision}`], ["Profile", doc.item.profile],
    ["Promise", doc.decision.promise && `at most ${words.percent(doc.decision.promise.max_error)} wrong, ${words.percent(doc.decision.promise.confidence)} sure`],
    ...Object.entries(doc.provenance ?? {}).map(([name, value]) => [label(name), String(value ?? "").length > 20 ? String(value).slice(0, 12) + "…" : value])];
  return el("dl.facts-list", rows.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) => el("div", el("dt", name), el("dd", String(value)))));
}

const label = (name) => words.label(name).replace(/^./, (letter) => letter.toUpperCase());

export function context(doc) {
  return el("section.context", { "aria-label": "Context" },
    doc.similar?.length > 0 && folded("Answered before", doc.similar.length, similar(doc.similar)),
    folded("History", doc.history?.length ?? 0, history(doc.history ?? [])),
    folded("Made by", null, provenance(doc)));
}
