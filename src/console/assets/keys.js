// One table of keys: what is pressed, what it does, where it counts. The dialog behind ? and the page read the same rows.

const rows = [];
let scope = () => "queue";

/** rows: {key, name, group, act, when?}; key as in KeyboardEvent.key, `Ctrl+Enter` for the one that works while typing. */
export function define(more) {
  rows.push(...more);
}

export function setScope(tell) {
  scope = tell;
}

export const table = () => rows;

const typing = (target) => target instanceof HTMLElement
  && (target.isContentEditable || target.matches("input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select"));

// Enter and the space bar already mean something on these.
const pressable = (target) => target instanceof HTMLElement && target.closest("button, a, summary, [role=option], [role=listbox], input, label");

function pressed(event) {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  const chord = event.ctrlKey || event.metaKey;
  const key = chord ? `Ctrl+${event.key}` : event.key;
  if (!chord && typing(event.target)) return;
  if (event.repeat && !["j", "k", "ArrowDown", "ArrowUp"].includes(event.key)) return;
  if ((event.key === "Enter" || event.key === " ") && !chord && pressable(event.target)) return;
  const row = rows.find((one) => (one.key === key || one.also === key) && (!one.when || one.when(scope())));
  if (!row) return;
  event.preventDefault();
  row.act(event);
}

document.addEventListener("keydown", pressed);
