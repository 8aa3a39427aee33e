// What the list shows: filters, and views, which are filters with a name.

import { button, el, icon, iconButton, replace, say } from "./dom.js";
import { confirm, open } from "./dialogs.js";
import { views } from "./keep.js";
import { current, labelsOf, profiles } from "./session.js";
import * as words from "./words.js";

const TYPED_MS = 250;
const NONE = { profile: "", group: "", label: "", risk: "", state: "", q: "", overdue: false, mine: false };
const BUILT_IN = [
  { name: "All that waits", filter: {} }, { name: "Overdue", filter: { overdue: true } },
  { name: "High risk", filter: { risk: "high" } }, { name: "Mine", filter: { mine: true } },
];

const same = (a, b) => Object.keys(NONE).every((name) => (a[name] ?? NONE[name]) === (b[name] ?? NONE[name]));
const all = () => [...BUILT_IN, ...views.all()];

export class Filters {
  constructor(changed) {
    this.filter = { ...NONE };
    this.changed = changed;
    this.search = el("input", { type: "search", "aria-label": "Find in subjects", placeholder: "Find", "aria-keyshortcuts": "/", autocomplete: "off", maxlength: 200,
      on: { input: () => this.typed(), keydown: (event) => this.leaveSearch(event) } });
    this.view = el("select", { "aria-label": "View", on: { change: () => this.useView(Number(this.view.value)) } });
    this.more = el("div.filter-more", { id: "filter-more", hidden: true });
    this.opener = iconButton("Filters", "list", () => this.show(this.more.hidden), { "aria-expanded": "false", "aria-controls": "filter-more" });
    this.chips = el("div.chips");
    this.node = el("div.filters",
      el("div.filter-row", this.view, iconButton("Save as a view", "save", () => this.save()), this.opener),
      el("div.search", icon("search"), this.search, el("kbd", { "aria-hidden": "true" }, "/")), this.more, this.chips);
    this.draw();
  }

  query() {
    return Object.fromEntries(Object.entries(this.filter).filter(([, value]) => value));
  }

  groups() {
    return this.filter.group ? [this.filter.group] : null;
  }

  set(more) {
    this.filter = { ...this.filter, ...more };
    this.draw();
    this.changed();
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.set({ q: this.search.value.trim() }), TYPED_MS);
  }

  leaveSearch(event) {
    if (event.key !== "Escape" && event.key !== "Enter") return;
    event.preventDefault();
    clearTimeout(this.timer);
    if (event.key === "Escape") this.search.value = "";
    if (this.search.value.trim() !== this.filter.q) this.set({ q: this.search.value.trim() });
    this.search.blur();
  }

  focus() {
    this.search.focus();
    this.search.select();
  }

  show(shown) {
    this.more.hidden = !shown;
    this.opener.setAttribute("aria-expanded", String(shown));
  }

  useView(at) {
    const view = all()[at];
    if (!view) return;
    this.filter = { ...NONE, ...view.filter };
    this.search.value = this.filter.q;
    this.draw();
    this.changed();
    say(`View ${view.name}`);
  }

  // -- drawing --

  choice(name, title, options) {
    return el("label.field", el("span", title), el("select", { on: { change: (event) => this.set({ [name]: event.target.value }) } },
      [["", "any"], ...options].map(([value, text]) => el("option", { value, selected: this.filter[name] === value }, text))));
  }

  toggle(name, title) {
    return el("label.check", el("input", { type: "checkbox", checked: this.filter[name], on: { change: (event) => this.set({ [name]: event.target.checked }) } }), title);
  }

  draw() {
    const session = current();
    const at = all().findIndex((view) => same(view.filter, this.filter));
    replace(this.view, all().map((view, place) => el("option", { value: place, selected: place === at }, view.name)),
      at < 0 && el("option", { value: -1, selected: true }, "Own filter"));
    // The select that was just used keeps the focus.
    const focused = [...this.more.querySelectorAll("select, input")].indexOf(document.activeElement);
    const many = profiles().length > 1;
    const labels = many && !this.filter.profile ? (session?.labels ?? []) : labelsOf(this.filter.profile);
    replace(this.more,
      many && this.choice("profile", "Profile", profiles().map((name) => [name, words.label(name)])),
      this.choice("group", "Group", (session?.groups ?? []).map((name) => [name, name])),
      this.choice("label", "Label", [...new Set(labels.map((one) => one.label))].map((name) => [name, words.label(name)])),
      this.choice("risk", "Risk", ["high", "medium", "low"].map((name) => [name, name])),
      this.choice("state", "State", [["open", "waits"], ["claimed", "being answered"]]),
      el("div.checks", this.toggle("overdue", "Overdue"), this.toggle("mine", "Mine")),
      el("div.filter-row", button("Clear", { kind: "small", act: () => this.useView(0) }), button("Views…", { kind: "small", act: () => this.arrange() })));
    if (focused >= 0) this.more.querySelectorAll("select, input")[focused]?.focus();
    const told = { profile: this.filter.profile && words.label(this.filter.profile), group: this.filter.group, label: this.filter.label && words.label(this.filter.label), risk: this.filter.risk && words.risk(this.filter.risk),
      state: this.filter.state && words.state(this.filter.state), q: this.filter.q && `“${this.filter.q}”`, overdue: this.filter.overdue && "overdue", mine: this.filter.mine && "mine" };
    replace(this.chips, Object.entries(told).filter(([, text]) => text).map(([name, text]) =>
      el("button.chip", { type: "button", "aria-label": `Remove the filter ${text}`, on: { click: () => {
        if (name === "q") this.search.value = "";
        this.set({ [name]: NONE[name] });
        this.search.focus();
      } } }, text, icon("close"))));
  }

  // -- saved views --

  async save() {
    const name = await open({ title: "Save this filter as a view", build: (close) => {
      const input = el("input", { type: "text", maxlength: 60, required: true, name: "view", autocomplete: "off", value: "" });
      return el("form.dialog-form", { on: { submit: (event) => {
        event.preventDefault();
        if (input.value.trim()) close(input.value.trim());
      } } }, el("label.field", el("span", "Name"), input),
      el("div.dialog-actions", button("Cancel", { act: () => close() }), el("button.primary", { type: "submit" }, "Save")));
    } });
    if (!name) return;
    views.set([...views.all().filter((view) => view.name !== name), { name, filter: this.query() }]);
    this.draw();
    say(`View ${name} saved`);
  }

  arrange() {
    return open({ title: "Views", describe: "Saved in this browser. Their order here is their order in the list.", build: (close) => {
      const list = el("ul.rows", { role: "list" });
      const change = (own) => {
        views.set(own);
        this.draw();
        draw();
      };
      const swap = (own, a, b) => own.map((view, at) => (at === a ? own[b] : at === b ? own[a] : view));
      const draw = () => {
        const own = views.all();
        replace(list, own.map((view, at) => el("li.row", el("span.name", view.name),
          iconButton(`Move ${view.name} up`, "up", () => at > 0 && change(swap(own, at, at - 1)), { disabled: at === 0 }),
          iconButton(`Move ${view.name} down`, "down", () => at < own.length - 1 && change(swap(own, at, at + 1)), { disabled: at === own.length - 1 }),
          iconButton(`Remove ${view.name}`, "close", async () => {
            if (await confirm("Remove the view?", `“${view.name}” goes away in this browser.`, "Remove", "danger")) change(views.all().filter((one) => one.name !== view.name));
          }))), !own.length && el("li.hint", "None yet. Set filters, then press “Save as a view”."));
      };
      draw();
      return el("div.dialog-form", list, el("div.dialog-actions", button("Done", { kind: "primary", act: () => close() })));
    } });
  }
}
