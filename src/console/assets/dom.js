// Elements without markup: text goes in as text, so whatever a ticket says stays text.

const SVG = "http://www.w3.org/2000/svg";

function put(node, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key === "on") {
    for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
  } else if (key === "style") {
    for (const [name, what] of Object.entries(value)) node.style.setProperty(name, what);
  } else if (key === "data") {
    Object.assign(node.dataset, value);
  } else if (key === "value" || key === "checked" || key === "disabled" || key === "hidden" || key === "open" || key === "selected") {
    node[key] = value;
  } else {
    node.setAttribute(key, value === true ? "" : String(value));
  }
}

function fill(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

/** An element: el("button.primary", {on: {click}}, "Accept"). The second argument may be left out. */
export function el(what, first, ...rest) {
  const [tag, ...classes] = what.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  const plain = first && typeof first === "object" && !(first instanceof Node) && !Array.isArray(first);
  if (plain) for (const [key, value] of Object.entries(first)) put(node, key, value);
  return fill(node, plain ? rest : [first, ...rest]);
}

/** The same for SVG. Its attributes are set as they are named. */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) put(node, key, value);
  return fill(node, children);
}

export function replace(node, ...children) {
  node.replaceChildren();
  return fill(node, children);
}

const ICONS = {
  check: "M4 10.5 8 14.5 16 6",
  pen: "M4 16l.8-3.4L13.2 4.200 15.8 6.800 7.400 15.200Z",
  tag: "M3.500 10.200V4.500a1 1 0 0 1 1-1h5.700l6.300 6.300a1 1 0 0 1 0 1.400l-5.300 5.300a1 1 0 0 1-1.400 0ZM7.200 7.200h.010",
  skip: "M4 5l6 5-6 5ZM11 5l6 5-6 5Z",
  clock: "M10 3.500a6.500 6.500 0 1 0 0 13a6.500 6.500 0 0 0 0-13ZM10 6.500V10l2.500 1.800",
  up: "M10 16V4.500M5 9.500l5-5 5 5",
  down: "M10 4v11.500M5 10.500l5 5 5-5",
  undo: "M4 8h8a4 4 0 0 1 0 8H8M4 8l3.500-3.500M4 8l3.500 3.500",
  search: "M9 3.500a5.500 5.500 0 1 0 0 11a5.500 5.500 0 0 0 0-11ZM13 13l3.500 3.500",
  copies: "M7 7h9v9H7ZM4 13V4h9",
  sun: "M10 7a3 3 0 1 0 0 6a3 3 0 0 0 0-6ZM10 2.500v1.500M10 16v1.500M2.500 10H4M16 10h1.500M4.700 4.700l1 1M14.300 14.300l1 1M4.700 15.300l1-1M14.300 5.700l1-1",
  moon: "M15.500 11.800A6.200 6.200 0 0 1 8.200 4.500a6.200 6.200 0 1 0 7.300 7.300Z",
  auto: "M10 3.500a6.500 6.500 0 1 0 0 13ZM10 3.500a6.500 6.500 0 0 1 0 13",
  more: "M5 10h.010M10 10h.010M15 10h.010",
  close: "M5 5l10 10M15 5 5 15",
  link: "M8 6H5v9h9v-3M11 4h5v5M16 4l-7 7",
  list: "M4 6h12M4 10h12M4 14h12",
  next: "M4 10h11M11 5.500l4.500 4.500-4.500 4.500",
  warn: "M10 3.500 17.500 16.500h-15ZM10 8.500v3.500M10 14.300h.010",
  out: "M8 4H4v12h4M9 10h8M13.500 6.500 17 10l-3.500 3.500",
  help: "M10 3a7 7 0 1 0 0 14a7 7 0 0 0 0-14ZM7.900 8.100a2.100 2.100 0 1 1 3 1.900c-.7.300-.9.700-.9 1.500M10 13.800h.010",
  save: "M5 3.500h10v13l-5-3.500-5 3.500Z",
  book: "M4 4.500h5a1.500 1.500 0 0 1 1 .5a1.500 1.500 0 0 1 1-.5h5v11h-5a1.500 1.500 0 0 0-1 .5a1.500 1.500 0 0 0-1-.5H4ZM10 5v10.500",
};

/** A drawing beside a word; readers of the screen do not hear it. */
export function icon(name) {
  return svg("svg", { viewBox: "0 0 20 20", class: "icon", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: ICONS[name] }));
}

/** A button with a name, and the key that does the same. */
export function button(name, { icon: drawing, key, keys, kind = "", act, title, ...more } = {}) {
  return el(`button${kind ? "." + kind.split(" ").join(".") : ""}`,
    { type: "button", title, "aria-keyshortcuts": keys ?? key, on: act ? { click: act } : {}, ...more },
    drawing && icon(drawing), el("span.name", name), key && el("kbd", { "aria-hidden": "true" }, key));
}

/** A drawing alone as a button; the name is heard and shown when pointed at. */
export function iconButton(name, drawing, act, more = {}) {
  return el("button.bare", { type: "button", "aria-label": name, title: name, on: { click: act }, ...more }, icon(drawing));
}

let speaking = { polite: 0, assertive: 0 };

/** Says it to who listens to the screen: counts politely, errors at once. */
export function say(text, how = "polite") {
  const region = document.getElementById(how);
  if (!region) return;
  region.textContent = "";
  const mine = ++speaking[how];
  setTimeout(() => {
    if (mine === speaking[how]) region.textContent = text;
  }, 60);
}
