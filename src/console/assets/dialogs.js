// Dialogs: the browser's own, which keeps the focus inside and gives it back.

import { button, el, iconButton } from "./dom.js";

let count = 0;

/**
 * Shows a dialog. build(close) gives its content; the promise resolves with what close() was called with, null when it
 * was dismissed. A dialog that must not be dismissed says so with `stay`.
 */
export function open({ title, build, wide = false, stay = false, describe }) {
  const before = document.activeElement;
  const id = `dialog-${++count}`;
  return new Promise((resolve) => {
    let answer = null;
    const dialog = el(`dialog.dialog${wide ? ".wide" : ""}`, { "aria-labelledby": `${id}-title`, "aria-describedby": describe && `${id}-text` });
    const close = (value = null) => {
      answer = value;
      dialog.close();
    };
    dialog.append(el("header.dialog-head", el("h2", { id: `${id}-title` }, title), !stay && iconButton("Close", "close", () => close())));
    if (describe) dialog.append(el("p.hint", { id: `${id}-text` }, describe));
    dialog.append(build(close, dialog));
    dialog.addEventListener("cancel", (event) => stay && event.preventDefault());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog && !stay && event.detail > 0) close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus({ preventScroll: true });
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    const first = dialog.querySelector("[autofocus]") ?? dialog.querySelector("input, textarea, select, .choice, button.primary");
    first?.focus();
  });
}

/** A question with one way to say yes. */
export const confirm = (title, text, yes, kind = "primary") => open({
  title, describe: text,
  build: (close) => el("div.dialog-actions", button("Cancel", { act: () => close(false) }), button(yes, { kind, act: () => close(true), autofocus: true })),
}).then(Boolean);

/**
 * Choices with digits as keys, and a field for what is not among them.
 * choices: [{name, hint, key, value}]; key: what does the same without the dialog; field: {label, name, required, kind}
 */
export function choose({ title, describe, choices, field, extra, yes = "OK", forget }) {
  return open({
    title, describe,
    build: (close, dialog) => {
      const input = field && el("input", { type: field.kind ?? "text", name: "own", maxlength: field.most ?? 500, placeholder: field.placeholder ?? "", autocomplete: "off", required: field.required, min: field.min, max: field.max });
      const row = (choice, at) => el("li.choice-row",
        el("button.choice", { type: "button", on: { click: () => close({ value: choice.value, extra: extra?.read?.() }) } },
          at < 9 && el("kbd", { "aria-hidden": "true" }, String(at + 1)), el("span.name", choice.name), choice.hint && el("span.hint", choice.hint), choice.key && el("kbd.also", { "aria-hidden": "true" }, choice.key)),
        forget && iconButton(`Forget “${choice.name}”`, "close", (event) => forget(choice, event.currentTarget.closest("li"))));
      const form = el("form.dialog-form", { method: "dialog", on: { submit: (event) => {
        event.preventDefault();
        if (input?.value.trim()) close({ value: input.value.trim(), own: true, extra: extra?.read?.() });
        else input?.focus();
      } } },
        choices.length > 0 && el("ol.choices", { role: "list" }, choices.map(row)),
        extra?.node,
        field && el("label.field", el("span", field.label), input),
        el("div.dialog-actions", button("Cancel", { act: () => close() }), field && el("button.primary", { type: "submit" }, yes)));
      dialog.addEventListener("keydown", (event) => {
        const inField = event.target.matches?.("input, select, textarea");
        const place = Number(event.key) - 1;
        const empty = event.target === input && input.type === "text" && !input.value;
        if ((!inField || empty) && !event.ctrlKey && !event.metaKey && !event.altKey && place >= 0 && place < Math.min(choices.length, 9)) {
          event.preventDefault();
          close({ value: choices[place].value, extra: extra?.read?.() });
        }
      });
      return form;
    },
  });
}
