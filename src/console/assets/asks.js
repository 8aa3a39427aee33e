// What is asked before an item is given away: a reason, a time, a group, which others.

import { api } from "./api.js";
import { choose, open } from "./dialogs.js";
import { button, el } from "./dom.js";
import { current } from "./session.js";
import * as words from "./words.js";

const REASONS_SHOWN = 8;
const HOUR_MS = 3600000;

export async function skip() {
  const session = current();
  const chosen = await choose({
    title: "Skip, because…", describe: "Somebody else gets the item. You are not asked again for a while.",
    choices: session.skip_reasons.slice(0, REASONS_SHOWN).map((reason) => ({ name: reason, value: reason })),
    field: { label: session.skip_reasons.length ? "Another reason" : "Reason", required: true, placeholder: "for instance: needs somebody who reads German" },
    yes: "Skip",
    forget: async (choice, row) => {
      await api.forgetReason(choice.value).catch(() => null);
      session.skip_reasons = session.skip_reasons.filter((reason) => reason !== choice.value);
      row.remove();
    },
  });
  if (!chosen) return null;
  session.skip_reasons = [chosen.value, ...session.skip_reasons.filter((reason) => reason !== chosen.value)];
  return chosen.value;
}

const at = (days, hour) => {
  const day = new Date(words.now());
  day.setDate(day.getDate() + days);
  day.setHours(hour, 0, 0, 0);
  return day;
};

const local = (date) => new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);

export async function snooze() {
  const inHours = (hours) => new Date(words.now() + hours * HOUR_MS);
  const monday = (8 - new Date(words.now()).getDay()) % 7 || 7;
  const choices = [["In an hour", inHours(1)], ["In three hours", inHours(3)], ["Tomorrow morning", at(1, 9)], ["Next Monday", at(monday, 9)]];
  const chosen = await choose({
    title: "Snooze until…", describe: "Nobody is offered the item before then.",
    choices: choices.map(([name, value]) => ({ name, value, hint: words.when(value.toISOString()) })),
    field: { label: "Another time", kind: "datetime-local", min: local(new Date(words.now())), max: local(new Date(words.now() + (current()?.snooze_most_seconds ?? 604800) * 1000)) }, yes: "Snooze",
  });
  if (!chosen) return null;
  return chosen.own ? new Date(chosen.value) : chosen.value;
}

export async function escalate(group) {
  const groups = [...new Set([group, ...(current()?.groups ?? [])])].filter(Boolean);
  const select = el("select", { name: "group" }, groups.map((name) => el("option", { value: name, selected: name === group }, name === group ? `${name} (stays here, first in line)` : name)));
  const chosen = await choose({
    title: "Escalate", describe: "It is looked at soon, by somebody else.", choices: [],
    extra: { node: el("label.field", el("span", "To"), select), read: () => select.value },
    field: { label: "Why", required: true, placeholder: "for instance: threatens to sue" }, yes: "Escalate",
  });
  return chosen && { reason: chosen.value, group: chosen.extra };
}

/** Which of the open items that ask the same get the same answer. Items with the same words are ticked. */
export function alike(rows, outcome) {
  return open({ title: "Answer alike items too", wide: true,
    describe: outcome === "accepted" ? "Each gets its own draft. One undo takes all of it back." : "A text of yours goes only to items whose draft is the same. One undo takes all of it back.",
    build: (close) => {
      const boxes = rows.map((row) => el("input", { type: "checkbox", value: row.item_id, checked: row.same_words }));
      const yes = el("button.primary", { type: "submit" });
      const count = () => (yes.textContent = `Answer ${words.plural(boxes.filter((box) => box.checked).length + 1, "item")}`);
      count();
      return el("form.dialog-form", { on: { change: count, submit: (event) => {
        event.preventDefault();
        close(boxes.filter((box) => box.checked).map((box) => Number(box.value)));
      } } },
      el("ul.rows.scroll", { role: "list" }, rows.map((row, at) => el("li.row", el("label.check", boxes[at], el("span.name", row.subject || `Item ${row.item_id}`)), el("span.hint.num", row.same_words ? "same words" : `${words.percent(row.likeness)} alike`, row.draft_is_same === false && ", another draft")))),
      el("div.dialog-actions", button("Cancel", { act: () => close() }), yes));
    } });
}

export async function more(hasAlike) {
  const chosen = await choose({ title: "More", choices: [
    { name: "Relabel", key: "l", value: { verb: "relabel" } },
    ...(hasAlike ? [{ name: "Answer alike items too", key: "g", value: { verb: "alike" } }] : []),
    { name: "Snooze", key: "z", value: { verb: "snooze" } },
    { name: "Escalate", key: "x", value: { verb: "escalate" } },
    { name: "Give it back", hint: "nobody is named", value: { verb: "release" } },
    { name: "Hand it to a colleague", value: { verb: "hand" } },
    { name: "Wrong input", hint: "no ticket, or not for us", value: { outcome: "wrong_input" } },
    { name: "Wrong policy", hint: "the rule or class is wrong, not the label", value: { outcome: "wrong_policy" } },
  ] });
  if (chosen?.value.verb !== "hand") return chosen?.value ?? null;
  const to = el("input", { type: "text", maxlength: 200, required: true, autocomplete: "off" });
  const handed = await choose({ title: "Hand it to a colleague", choices: [], extra: { node: el("label.field", el("span", "To (name they sign in with)"), to), read: () => to.value.trim() },
    field: { label: "Why", required: true, placeholder: "for instance: speaks Dutch" }, yes: "Hand on" });
  return handed?.extra ? { verb: "reassign", to: handed.extra, reason: handed.value } : null;
}
