// A field in which a label is found by typing some of its letters. The pattern is WAI-ARIA's editable combobox.

import { el, replace, say } from "./dom.js";
import * as words from "./words.js";

let count = 0;

/** How well the letters of `typed` fit `text` in order: beginnings of words count more. Null: they do not. */
export function fit(typed, text) {
  const wanted = typed.toLowerCase().replace(/[\s_-]+/g, "");
  const there = text.toLowerCase();
  const plain = there.indexOf(typed.toLowerCase().trim());
  let score = plain >= 0 ? 50 - plain : 0;
  let at = -1, before = -2;
  for (const letter of wanted) {
    at = there.indexOf(letter, at + 1);
    if (at < 0) return null;
    if (at === before + 1) score += 3;
    if (at === 0 || " _-".includes(there[at - 1])) score += 5;
    before = at;
  }
  return score - there.length / 100;
}

export function rank(typed, labels) {
  if (!typed.trim()) return labels;
  return labels.map((one) => {
    const name = fit(typed, words.label(one.label));
    const told = (one.description ?? "").toLowerCase().includes(typed.trim().toLowerCase()) ? 1 : null;
    return { one, score: name ?? told };
  }).filter((row) => row.score !== null).sort((a, b) => b.score - a.score).map((row) => row.one);
}

/** labels: [{label, description}]; chosen(label) when one is, left() when the field is left without. */
export function combobox({ name, labels, current, chosen, left }) {
  const id = `combobox-${++count}`;
  let shown = labels, active = 0;
  const list = el("ul.combobox-list", { role: "listbox", id: `${id}-list`, "aria-label": name });
  const input = el("input", {
    type: "text", role: "combobox", id, autocomplete: "off", spellcheck: "false", "aria-expanded": "true", "aria-controls": `${id}-list`,
    "aria-autocomplete": "list", "aria-label": name, placeholder: "Type some letters of the label", maxlength: 200,
  });
  const pick = (at) => shown[at] && chosen(shown[at].label);
  const draw = () => {
    replace(list, shown.map((one, at) => el("li.option", {
      role: "option", id: `${id}-${at}`, "aria-selected": String(at === active),
      on: { pointerdown: (event) => event.preventDefault(), click: () => pick(at) },
    }, el("span.name", words.label(one.label)), one.label === current && el("span.tagged", "suggested"), el("span.hint", one.description))));
    if (!shown.length) list.append(el("li.option.none", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, "No label has these letters"));
    input.setAttribute("aria-activedescendant", shown.length ? `${id}-${active}` : "");
    list.children[active]?.scrollIntoView({ block: "nearest" });
  };
  const move = (by) => {
    if (shown.length) active = (active + by + shown.length) % shown.length;
    draw();
  };
  input.addEventListener("input", () => {
    shown = rank(input.value, labels);
    active = 0;
    draw();
    say(shown.length ? `${words.plural(shown.length, "label")}, first ${words.label(shown[0].label)}` : "No label has these letters");
  });
  input.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) move(moves[event.key]);
    else if (event.key === "Enter") pick(active);
    else if (event.key === "Escape") left();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  input.addEventListener("blur", () => setTimeout(() => input.isConnected && document.activeElement !== input && left(), 100));
  draw();
  return { node: el("div.combobox", input, list), focus: () => input.focus() };
}
