// Answers that can still be taken back, with the time that is left, and short notices.

import { api } from "./api.js";
import { button, el, iconButton, say } from "./dom.js";
import { held } from "./keep.js";
import * as words from "./words.js";

const NOTICE_MS = 8000;
const SHOWN_MOST = 4;

const region = el("section.toasts", { "aria-label": "Answers that can be undone, and notices" });
let list = held.all().filter((one) => words.secondsUntil(one.held_until) > 0);
let afterUndo = () => {};

export const toasts = region;

export function onUndone(act) {
  afterUndo = act;
}

/** answer: {item_id, revision, key, subject, outcome, label, text, held_until, alike} */
export function hold(answer) {
  list = [...list.filter((one) => one.item_id !== answer.item_id), answer];
  held.set(list);
  region.append(card(answer));
  trim();
  const n = answer.alike?.length ?? 0;
  say(`${words.outcome(answer.outcome)}${n ? `, with ${n} alike` : ""}. Press u to undo within ${words.seconds(words.secondsUntil(answer.held_until))}.`);
}

/** Answers that the server says are held, for instance after a reload. */
export function holdKnown(rows) {
  for (const row of rows) {
    if (list.some((one) => one.item_id === row.item_id) || words.secondsUntil(row.held_until) <= 0) continue;
    const answer = { item_id: row.item_id, revision: row.revision, key: row.idempotency_key, subject: row.subject, outcome: row.outcome, held_until: row.held_until };
    list.push(answer);
    region.append(card(answer));
  }
  for (const answer of list) if (!region.querySelector(`[data-held="${answer.item_id}"]`)) region.append(card(answer));
  held.set(list);
  trim();
}

export const canUndo = () => list.length > 0;

export function undoLast() {
  if (list.length) return undo(list[list.length - 1]);
  notice("Nothing can be undone any more.", { kind: "plain" });
}

export async function undo(answer) {
  const node = region.querySelector(`[data-held="${answer.item_id}"]`);
  node?.classList.add("busy");
  try {
    const back = await api.act(answer.item_id, "undo", { key: answer.key, ...(answer.alike?.length ? { alike: true } : {}) });
    drop(answer);
    say("Taken back. The item is yours again.");
    afterUndo(answer, back);
  } catch (error) {
    node?.classList.remove("busy");
    if (!error.again) drop(answer);
    notice(error.message, { kind: "error" });
  }
}

function drop(answer) {
  list = list.filter((one) => one !== answer);
  held.set(list);
  region.querySelector(`[data-held="${answer.item_id}"]`)?.remove();
  trim();
}

function trim() {
  const cards = [...region.querySelectorAll("[data-held]")];
  cards.forEach((card_, at) => card_.classList.toggle("folded", at < cards.length - SHOWN_MOST));
}

function card(answer) {
  const left = Math.max(words.secondsUntil(answer.held_until), 0);
  const bar = el("span.toast-time");
  const rest = el("span.toast-rest.num", `${Math.ceil(left)} s`);
  const n = answer.alike?.length ?? 0;
  const what = words.outcome(answer.outcome) + (answer.outcome === "relabelled" && answer.label ? ` as ${words.label(answer.label)}` : "") + (n ? ` with ${n} alike` : "");
  const node = el("div.toast", { data: { held: answer.item_id } },
    el("div.toast-text", el("strong", what), el("span.hint", answer.subject || `Item ${answer.item_id}`)), rest,
    button("Undo", { key: "u", act: () => undo(answer) }), bar);
  bar.animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }], { duration: left * 1000, fill: "forwards" });
  const tick = setInterval(() => {
    const now_ = words.secondsUntil(answer.held_until);
    rest.textContent = `${Math.max(Math.ceil(now_), 0)} s`;
    if (now_ > 0 && node.isConnected) return;
    clearInterval(tick);
    if (now_ <= 0) drop(answer);
  }, 250);
  return node;
}

/** A short notice. Errors are said at once and stay until they are closed. */
export function notice(text, { kind = "plain", actions = [] } = {}) {
  const node = el(`div.toast.notice.${kind}`, el("div.toast-text", text),
    actions.map((action) => button(action.name, { act: () => {
      node.remove();
      action.act();
    } })), iconButton("Close the notice", "close", () => node.remove()));
  region.querySelectorAll(".notice").forEach((old) => old.querySelector(".toast-text").textContent === text && old.remove());
  region.append(node);
  say(text, kind === "error" ? "assertive" : "polite");
  if (kind !== "error" && !actions.length) setTimeout(() => node.remove(), NOTICE_MS);
  return node;
}
