// Plots by hand: axes with units, values written at what they belong to, and the same numbers as a table.

import { el, svg } from "./dom.js";

const H = 220;
const PAD = { left: 46, right: 96, top: 28, bottom: 34 };

// On a phone a plot is drawn in fewer units, so that its letters are not smaller than others.
const small = matchMedia("(max-width: 760px)");

/** What a plot of one or both columns is drawn in. */
const width = (both = false) => (small.matches ? 330 : both ? 1160 : 560);

/** Round steps for an axis from 0 to at least `most`. */
export function ticks(most, wanted = 4) {
  if (!(most > 0)) return [0, 1];
  const raw = most / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= raw) ?? raw;
  const found = [];
  for (let at = 0; at < most + step * 0.999; at += step) found.push(Number(at.toFixed(10)));
  return found;
}

/** The first column names the row, the others are numbers but for those whose places are in `wordy`. */
export function table(columns, rows, wordy = []) {
  const kind = (at) => (wordy.includes(at) ? "" : ".num");
  return el("div.table-wrap", { tabindex: "0", role: "region", "aria-label": "Table" }, el("table", el("thead", el("tr", columns.map((column, at) => el(`th${at === 0 ? "" : kind(at)}`, { scope: "col" }, column)))),
    el("tbody", rows.map((row) => el("tr", row.map((cell, at) => (at === 0 ? el("th", { scope: "row" }, cell) : el(`td${kind(at)}`, cell))))))));
}

/** A figure: title, what it says in a sentence, the drawing, and its numbers behind a fold. */
export function figure({ title, says, drawing, columns, rows, wide = false, warned = false }) {
  return el(`figure.plot${wide ? ".wide" : ""}`, el("figcaption", el("h2", title), says && el(`p.says${warned ? ".warned" : ""}`, says)),
    rows.length ? [drawing, el("details.numbers", el("summary", "Numbers"), table(columns, rows))] : el("p.hint.none", "Nothing to show yet."));
}

function frame(label, W, height = H) {
  return svg("svg", { viewBox: `0 0 ${W} ${height}`, role: "img", "aria-label": label, class: "drawing" });
}

const text = (x, y, what, more = {}) => svg("text", { x, y, ...more }, what);

function axisY(root, W, steps, y, unit, format) {
  for (const step of steps) {
    root.append(svg("line", { x1: PAD.left, x2: W - PAD.right, y1: y(step), y2: y(step), class: step === 0 ? "axis" : "grid" }),
      text(PAD.left - 6, y(step) + 4, format(step), { class: "tick", "text-anchor": "end" }));
  }
  if (unit) root.append(text(PAD.left, 9, unit, { class: "unit" }));
}

function axisX(root, W, names, x, unit) {
  const every = Math.ceil(names.length / (W / 70));
  names.forEach((name, at) => at % every === 0 && root.append(text(x(at), H - PAD.bottom + 16, name, { class: "tick", "text-anchor": "middle" })));
  if (unit) root.append(text(W - PAD.right, H - 3, unit, { class: "unit", "text-anchor": "end" }));
}

const plain = (n) => (Math.abs(n) >= 1000 ? `${Number((n / 1000).toFixed(1))}k` : String(Number(n.toFixed(2))));

/** Stacked columns. series: [{name, values, kind}]; the sum stands over each column when there is room. */
export function columns({ label, names, series, unitX, unitY, format = plain, wide = false }) {
  const W = width(wide);
  const root = frame(label, W);
  const sums = names.map((_, at) => series.reduce((sum, one) => sum + (one.values[at] ?? 0), 0));
  const steps = ticks(Math.max(...sums, 0));
  const top = steps[steps.length - 1];
  const y = (value) => H - PAD.bottom - (value / top) * (H - PAD.bottom - PAD.top);
  const slot = (W - PAD.left - PAD.right) / names.length;
  const x = (at) => PAD.left + slot * (at + 0.5);
  axisY(root, W, steps, y, unitY, format);
  const thick = Math.min(slot * 0.72, 48);
  names.forEach((name, at) => {
    let base = 0;
    series.forEach((one) => {
      const value = one.values[at] ?? 0;
      if (value <= 0) return;
      root.append(svg("rect", { x: x(at) - thick / 2, y: y(base + value), width: thick, height: Math.max(y(base) - y(base + value) - (base ? 1 : 0), 0.5), class: `fill ${one.kind}` }, svg("title", {}, `${name}, ${one.name}: ${format(value)}`)));
      base += value;
    });
    if (slot > 26 && sums[at] > 0) root.append(text(x(at), y(sums[at]) - 4, format(sums[at]), { class: "value", "text-anchor": "middle" }));
  });
  axisX(root, W, names, x, unitX);
  // Names stand beside the last column that has something, in the order of the stack.
  if (series.length > 1) {
    const shown = series.filter((one) => one.values.some((value) => value > 0));
    shown.forEach((one, at) => root.append(svg("rect", { x: W - PAD.right + 8, y: PAD.top + (shown.length - 1 - at) * 17, width: 9, height: 9, rx: 2, class: `fill ${one.kind}` }),
      text(W - PAD.right + 21, PAD.top + 8.5 + (shown.length - 1 - at) * 17, one.name, { class: "series" })));
  }
  return root;
}

/** Lines; each is named at its end. values may hold null for a day without answers. rule: {value, name} across. */
export function lines({ label, names, series, unitX, unitY, format = plain, most = null, rule = null }) {
  const W = width();
  const root = frame(label, W);
  const values = series.flatMap((one) => one.values).filter((value) => value !== null);
  const steps = ticks(most ?? Math.max(...values, rule?.value ?? 0, 0));
  const top = steps[steps.length - 1];
  const y = (value) => H - PAD.bottom - (value / top) * (H - PAD.bottom - PAD.top);
  const span = W - PAD.left - PAD.right;
  const x = (at) => PAD.left + (names.length > 1 ? (span * at) / (names.length - 1) : span / 2);
  axisY(root, W, steps, y, unitY, format);
  if (rule) root.append(svg("line", { x1: PAD.left, x2: W - PAD.right, y1: y(rule.value), y2: y(rule.value), class: "rule" }));
  const ends = [];
  series.forEach((one) => {
    let path = "", pen = false, last = null;
    one.values.forEach((value, at) => {
      if (value === null) return (pen = false);
      path += `${pen ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = true;
      last = { at, value };
      root.append(svg("circle", { cx: x(at), cy: y(value), r: names.length > 40 ? 1.5 : 3, class: `dot ${one.kind}` }, svg("title", {}, `${names[at]}, ${one.name}: ${format(value)}`)));
    });
    root.append(svg("path", { d: path, class: `line ${one.kind}` }));
    if (last) ends.push({ at: y(last.value), name: `${one.name} ${format(last.value)}`, kind: one.kind });
  });
  if (rule) ends.push({ at: y(rule.value), name: rule.name, kind: "ruled" });
  ends.sort((a, b) => a.at - b.at).forEach((end, at) => {
    if (at > 0) end.at = Math.max(end.at, ends[at - 1].at + 15);
    root.append(text(W - PAD.right + 8, end.at + 4, end.name, { class: `series ${end.kind}` }));
  });
  axisX(root, W, names, x, unitX);
  return root;
}

/** Shares from 0 to 1 as bars that lie: [{name, share, told}]; mark: where a goal stands. */
export function shares({ label, rows, mark = null }) {
  const row = 30, W = width(), left = small.matches ? 132 : 170, right = small.matches ? 86 : 110, letters = small.matches ? 19 : 24;
  const height = rows.length * row + 26;
  const root = frame(label, W, height);
  const x = (share) => left + share * (W - left - right);
  for (const step of small.matches ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1]) {
    root.append(svg("line", { x1: x(step), x2: x(step), y1: 4, y2: height - 22, class: step === 0 ? "axis" : "grid" }), text(x(step), height - 7, `${step * 100} %`, { class: "tick", "text-anchor": "middle" }));
  }
  rows.forEach((one, at) => {
    const y = 6 + at * row;
    root.append(text(left - 8, y + 15, one.name.length > letters ? one.name.slice(0, letters - 1) + "…" : one.name, { class: "series", "text-anchor": "end" }),
      svg("rect", { x: left, y: y + 3, width: Math.max(x(one.share) - left, 1), height: row - 14, rx: 2, class: `fill ${one.kind ?? "accepted"}` }),
      text(x(Math.max(one.share, 0)) + 6, y + 15, one.told, { class: "value" }));
  });
  if (mark !== null) root.append(svg("line", { x1: x(mark), x2: x(mark), y1: 0, y2: height - 22, class: "rule" }));
  return root;
}
