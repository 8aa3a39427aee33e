// The draft in an editor. Claims that no source says are marked behind the text while they still stand in it.

import { button, el, icon, replace } from "./dom.js";
import * as words from "./words.js";

let count = 0;

/** Code points to where a string really begins: an emoji is one of ours and two of the browser's. */
function offset(text, points) {
  return Array.from(text).slice(0, points).join("").length;
}

/** Where each unsupported claim stands in the text now: {start, end, claim}; those edited away are left out. */
export function standing(text, draft, unsupported) {
  const found = [];
  for (const claim of unsupported) {
    let start = text === draft && Number.isInteger(claim.start) ? offset(text, claim.start) : -1;
    if (start < 0 || text.slice(start, start + claim.text.length) !== claim.text) start = text.indexOf(claim.text);
    if (start >= 0 && claim.text) found.push({ start, end: start + claim.text.length, claim });
  }
  return found.sort((a, b) => a.start - b.start);
}

export class Answer {
  constructor({ draft, changed, send, source }) {
    this.draft = draft?.text ?? "";
    this.given = draft ?? {};
    this.changed = changed;
    const id = `answer-${++count}`;
    this.back = el("div.editor-back", { "aria-hidden": "true" });
    this.area = el("textarea.editor-text", { id, rows: 6, spellcheck: "true", maxlength: 100000, "aria-describedby": `${id}-claims ${id}-hint`, value: this.draft,
      placeholder: this.draft ? "" : "No draft was written. Type an answer, or accept the label alone.",
      on: { input: () => this.typed(), keydown: (event) => {
        if (event.key === "Escape") this.area.blur();
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          event.stopPropagation();
          send();
        }
      } } });
    this.status = el("span.hint");
    this.reset = button("Back to the draft", { kind: "small", icon: "undo", act: () => this.set(this.draft), hidden: true });
    this.with = el("label.check", { hidden: true }, this.include = el("input", { type: "checkbox", on: { change: () => this.changed() } }), "Send this text with the new label");
    this.claims = el("div.claims", { id: `${id}-claims` });
    this.sources = el("div.sources");
    this.node = el("section.answer", { "aria-labelledby": `${id}-title` },
      el("div.section-head", el("h2.small-head", { id: `${id}-title` }, el("label", { for: id }, this.draft ? "Draft answer" : "Answer")), this.status, this.reset),
      el("div.editor", this.back, this.area), el("p.unseen", { id: `${id}-hint` }, "Control and Enter sends it. Escape leaves the field."),
      this.with, this.claims, this.sources);
    this.drawSources(source);
    this.draw();
    new ResizeObserver(() => this.grow()).observe(this.node);
  }

  get text() {
    return this.area.value;
  }

  get edited() {
    return this.text.trim() !== this.draft.trim();
  }

  set(text) {
    this.area.value = text;
    this.typed();
  }

  typed() {
    if (this.edited) this.include.checked = true;
    this.draw();
    this.changed();
  }

  focus() {
    this.area.focus();
    this.area.setSelectionRange(this.text.length, this.text.length);
  }

  /** Another label: the draft was written for the first one, so it goes along only when somebody says so. */
  relabelled(label, from) {
    this.other = label;
    this.with.hidden = !label || !this.text.trim();
    if (label) this.include.checked = this.edited;
    this.from = from;
    this.draw();
  }

  /** What goes out with a new label; null: no text. */
  get along() {
    return this.include.checked && this.text.trim() ? this.text : null;
  }

  /** How many claims without a source stand in the text as it is now. */
  doubtful() {
    return standing(this.text, this.draft, this.given.unsupported ?? []).length;
  }

  able(able) {
    this.area.readOnly = !able;
  }

  grow() {
    this.area.style.setProperty("height", "auto");
    this.area.style.setProperty("height", `${Math.max(this.area.scrollHeight + 2, 120)}px`);
  }

  draw() {
    const here = standing(this.text, this.draft, this.given.unsupported ?? []);
    const nodes = [];
    let at = 0;
    for (const { start, end } of here) {
      if (start < at) continue;
      nodes.push(this.text.slice(at, start), el("mark.unsupported", this.text.slice(start, end)));
      at = end;
    }
    replace(this.back, nodes, this.text.slice(at), "\n");
    this.reset.hidden = !this.edited || !this.draft;
    this.status.textContent = this.edited && this.draft ? "edited" : this.other ? `written for ${words.label(this.from)}` : this.given.macro_id ? "approved text" : "";
    this.drawClaims(here);
    this.grow();
  }

  drawClaims(here) {
    const all = this.given.unsupported ?? [];
    if (!all.length) return replace(this.claims);
    const gone = all.length - here.length;
    replace(this.claims,
      el(`p.claims-head${here.length ? ".warned" : ".fine"}`, icon(here.length ? "warn" : "check"),
        here.length ? `${words.plural(here.length, "claim")} that no source supports${gone > 0 ? `, ${gone} edited away` : ""}` : "Every marked claim is edited away"),
      here.length > 0 && el("ul.claims-list", { role: "list" }, here.map(({ start, end, claim }) => el("li",
        el("button.claim", { type: "button", on: { click: () => {
          this.area.focus();
          this.area.setSelectionRange(start, end);
        } } }, el("q", claim.text), el("span.hint", words.claim(claim.kind)))))));
  }

  drawSources(source) {
    const citations = this.given.citations ?? [];
    if (!citations.length) return;
    replace(this.sources, el("h3.small-head", "Rests on"), el("ul.source-list", { role: "list" }, citations.map((one) => el("li",
      el("button.source", { type: "button", "aria-expanded": "false", "aria-controls": "source", on: { click: (event) => source(one, event.currentTarget) } }, icon("book"), el("span.name", one.title || one.id))))));
  }
}
