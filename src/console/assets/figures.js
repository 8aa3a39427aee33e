// Numbers for who leads: is the queue in time, are people and machine of one mind, and is reviewing worth it?

import { api } from "./api.js";
import { button, el, replace } from "./dom.js";
import { columns, figure, lines, shares, table } from "./plot.js";
import { profiles } from "./session.js";
import * as words from "./words.js";

const PERIODS = [7, 30, 90];

const share = (part, whole) => (whole > 0 ? part / whole : null);
const sum = (rows, name) => rows.reduce((all, row) => all + Number(row[name] ?? 0), 0);
const day = (iso) => new Date(iso).toLocaleDateString("en-GB", { day: "numeric", month: "short" });
const percentTick = (value) => `${Math.round(value * 100)} %`;

function age({ from_minutes: from, to_minutes: to }) {
  const unit = (to ?? from) <= 60 ? [1, "min"] : (to ?? from) <= 1440 ? [60, "h"] : [1440, "d"];
  const at = (minutes) => Math.round((minutes / unit[0]) * 10) / 10;
  return to === null || to === undefined ? `> ${at(from)} ${unit[1]}` : from === 0 ? `< ${at(to)} ${unit[1]}` : `${at(from)}–${at(to)} ${unit[1]}`;
}

/** A label, with its profile where several are shown. */
const named = (row, rows) => (rows.some((other) => other.profile !== row.profile) ? `${words.label(row.label)} · ${words.label(row.profile)}` : words.label(row.label));

// ---- tiles: the five numbers that are looked at first ----

function tiles(data) {
  const days = data.by_day ?? [];
  const answers = sum(days, "answers"), median = medianOf(days);
  const overdue = sum(data.ageing ?? [], "overdue"), items = sum(data.ageing ?? [], "items");
  const tile = (name, value, hint, kind = "") => el(`div.tile${kind}`, el("dt", name), el("dd", el("span.big.num", value), hint && el("span.hint", hint)));
  return el("dl.tiles",
    tile("Waiting", words.count(items), overdue ? `${words.count(overdue)} overdue` : "none overdue", overdue ? ".warned" : ""),
    tile("Answered", words.count(answers), "in this time"),
    tile("Accepted unedited", words.percent(share(sum(days, "accepted"), answers)), "draft and label as they were"),
    tile("Overridden", words.percent(share(sum(days, "relabelled") + sum(days, "other"), answers)), "another label, or not for us"),
    tile("Time an item", median === null ? "–" : words.seconds(median), data.manual_seconds ? `by hand ${words.seconds(data.manual_seconds)}` : "by hand: not known", data.slower_than_manual ? ".warned" : ""));
}

/** Median of the days' medians, each as often as it has answers: near enough for a sentence. */
function medianOf(days) {
  const all = days.filter((row) => row.median_seconds !== null && row.answers > 0).sort((a, b) => a.median_seconds - b.median_seconds);
  const half = sum(all, "answers") / 2;
  let seen = 0;
  for (const row of all) {
    seen += row.answers;
    if (seen >= half) return Number(row.median_seconds);
  }
  return null;
}

function timeSays(data) {
  const median = medianOf(data.by_day ?? []);
  if (median === null) return "No answers yet.";
  if (!data.manual_seconds) return `Reviewing an item takes ${words.seconds(median)}. Say how long the task takes by hand (setting manual_seconds) to see whether that is worth it.`;
  const times = data.manual_seconds / median;
  return data.slower_than_manual ?? times < 1
    ? `Reviewing is slower than doing the task: ${words.seconds(median)} an item against ${words.seconds(data.manual_seconds)} by hand. As it is now, the queue costs time.`
    : `Reviewing takes ${words.seconds(median)} an item, doing the task by hand ${words.seconds(data.manual_seconds)}: ${times.toFixed(1)} times as fast.`;
}

// ---- plots ----

function byAge(data) {
  const rows = data.by_age ?? [];
  return figure({ title: "What waits, by age", says: rows.some((row) => row.overdue > 0) ? `${words.plural(sum(rows, "overdue"), "item")} past the promised time.` : "Everything is within its promised time.", warned: rows.some((row) => row.overdue > 0),
    drawing: columns({ label: "Items by how long they have waited", names: rows.map(age), unitX: "waited", unitY: "items",
      series: [{ name: "in time", kind: "accepted", values: rows.map((row) => row.items - row.overdue) }, { name: "overdue", kind: "late", values: rows.map((row) => row.overdue) }] }),
    columns: ["Waited", "Items", "Overdue"], rows: rows.map((row) => [age(row), words.count(row.items), words.count(row.overdue)]) });
}

function sla(data) {
  const rows = (data.sla ?? []).filter((row) => row.answered > 0);
  const name = (row) => `${row.review_group || "no group"}, ${row.risk}`;
  return figure({ title: "Answered in time", says: rows.length ? `${words.percent(share(sum(rows, "in_time"), sum(rows, "answered")), 1)} of the last thirty days' answers came in time.` : null,
    drawing: shares({ label: "Share of answers that came in time, per group and risk", rows: rows.map((row) => ({ name: name(row), share: Number(row.share_in_time), told: `${words.percent(row.share_in_time)} of ${words.count(row.answered)}`, kind: row.share_in_time < 0.9 ? "late" : "accepted" })) }),
    columns: ["Group, risk", "Answered", "In time", "Overdue now"], rows: rows.map((row) => [name(row), words.count(row.answered), words.percent(row.share_in_time, 1), words.count(row.overdue_now)]) });
}

function outcomes(data) {
  const rows = data.by_day ?? [];
  const kinds = ["accepted", "edited", "rewritten", "relabelled", "other"];
  return figure({ title: "Answers a day", wide: true, says: rows.length ? `${words.count(Math.round(sum(rows, "answers") / rows.length))} a day.` : null,
    drawing: columns({ label: "Answers a day by what became of the proposal", wide: true, names: rows.map((row) => day(row.day)), unitX: "day", unitY: "answers", series: kinds.map((kind) => ({ name: kind, kind, values: rows.map((row) => Number(row[kind] ?? 0)) })) }),
    columns: ["Day", "Answers", ...kinds.map((kind) => kind[0].toUpperCase() + kind.slice(1))], rows: rows.map((row) => [day(row.day), ...["answers", ...kinds].map((kind) => words.count(row[kind]))]) });
}

function override(data) {
  const rows = data.by_day ?? [];
  const accepted = rows.map((row) => share(Number(row.accepted), Number(row.answers)));
  const over = rows.map((row) => share(Number(row.relabelled) + Number(row.other), Number(row.answers)));
  return figure({ title: "Accepted unedited, and overridden", says: `${words.percent(share(sum(rows, "accepted"), sum(rows, "answers")))} went out as proposed; ${words.percent(share(sum(rows, "relabelled") + sum(rows, "other"), sum(rows, "answers")))} got another label or were not for us.`,
    drawing: lines({ label: "Share of answers a day that were accepted unedited, and that were overridden", names: rows.map((row) => day(row.day)), most: 1, unitX: "day", unitY: "share of answers", format: percentTick,
      series: [{ name: "accepted", kind: "accepted", values: accepted }, { name: "overridden", kind: "late", values: over }] }),
    columns: ["Day", "Accepted unedited", "Overridden"], rows: rows.map((row, at) => [day(row.day), words.percent(accepted[at]), words.percent(over[at])]) });
}

function time(data) {
  const rows = data.by_day ?? [];
  const values = rows.map((row) => (row.median_seconds === null ? null : Number(row.median_seconds)));
  return figure({ title: "Time an item", says: timeSays(data), warned: Boolean(data.slower_than_manual),
    drawing: lines({ label: "Median active seconds an item, per day, beside the time by hand", names: rows.map((row) => day(row.day)), unitX: "day", unitY: "seconds, median", rule: data.manual_seconds ? { value: data.manual_seconds, name: `by hand ${data.manual_seconds}` } : null,
      series: [{ name: "review", kind: "accepted", values }], format: (value) => String(Math.round(value)) }),
    columns: ["Day", "Median seconds"], rows: rows.map((row, at) => [day(row.day), values[at] === null ? "–" : String(values[at])]) });
}

function edits(data) {
  const rows = data.edit_distance ?? [];
  const name = (row) => (row.to === 0 || row.from === row.to ? "none" : `${Math.round(row.from * 100)}–${Math.round(row.to * 100)} %`);
  return figure({ title: "How much drafts are changed", says: null,
    drawing: columns({ label: "Answers by the share of words that were changed", names: rows.map(name), unitX: "words changed", unitY: "answers", series: [{ name: "answers", kind: "edited", values: rows.map((row) => Number(row.answers)) }] }),
    columns: ["Words changed", "Answers"], rows: rows.map((row) => [name(row), words.count(row.answers)]) });
}

function agreement(data) {
  const rows = (data.agreement ?? []).filter((row) => row.answered > 0);
  const kappa = (data.kappa ?? []).map((row) => `${row.profile || "all"}: kappa ${row.kappa === null || row.kappa === undefined ? "–" : Number(row.kappa).toFixed(2)} over ${words.plural(Number(row.pairs), "second look")}`).join("; ");
  return figure({ title: "Do two people give the same label?", says: kappa ? `${kappa}. 1 is always the same label, 0 no more often than by chance.` : "No second looks yet. They are asked for where second_share is above 0.",
    drawing: shares({ label: "Share of second looks with the same label, per label", rows: rows.map((row) => ({ name: named(row, rows), share: Number(row.share_agreed), told: `${words.percent(row.share_agreed)} of ${words.count(row.answered)}`, kind: row.share_agreed < 0.8 ? "late" : "accepted" })) }),
    columns: ["Label", "Asked", "Answered", "Same"], rows: rows.map((row) => [named(row, rows), words.count(row.asked), words.count(row.answered), words.percent(row.share_agreed)]) });
}

function classes(data) {
  const rows = data.classes ?? [];
  if (!rows.length) return null;
  return el("section.plot.wide", el("h2", "Classes"), table(["Label", "Answers", "Accepted", "Relabelled", "Mostly to", "Words changed", "Median", "Of the time by hand"],
    rows.map((row) => [named(row, rows), words.count(row.answers), words.percent(row.share_accepted), words.percent(row.share_relabelled), row.mostly_relabelled_to ? words.label(row.mostly_relabelled_to) : "", words.percent(row.mean_edit),
      row.median_seconds === null ? "–" : words.seconds(row.median_seconds), row.share_of_manual === null || row.share_of_manual === undefined ? "–" : words.percent(row.share_of_manual)]), [4]));
}

function reviewers(data) {
  if (!data.reviewers?.length) return null;
  return el("section.plot.wide", el("h2", "Reviewers"), table(["Name", "Answers", "Accepted", "Edited", "Relabelled", "Median", "Agreed", "Known answers"],
    data.reviewers.map((row) => [row.reviewer, words.count(row.answers), words.count(row.accepted), words.count(row.edited), words.count(row.relabelled), row.median_seconds === null ? "–" : words.seconds(row.median_seconds),
      row.second_looks ? `${row.agreed} of ${row.second_looks}` : "–", row.known_answers ? `${row.known_answers - row.accepted_wrong} of ${row.known_answers} seen` : "–"])));
}

export function figuresPage() {
  let days = 30, profile = "";
  const body = el("div.page-body", { "aria-busy": "true" });
  const periods = el("div.segments", { role: "group", "aria-label": "Time shown" });
  const drawPeriods = () => replace(periods, PERIODS.map((one) => el("button", { type: "button", "aria-pressed": String(one === days), on: { click: () => {
    days = one;
    drawPeriods();
    load();
    periods.querySelector("[aria-pressed=true]")?.focus();
  } } }, `${one} days`)));
  async function load() {
    const wanted = `${days} ${profile}`;
    if (!body.childElementCount) replace(body, el("div.bones", { "aria-hidden": "true" }, el("div.bone"), el("div.bone"), el("div.bone")));
    try {
      const data = await api.figures(days, profile);
      if (wanted !== `${days} ${profile}`) return;
      replace(body, data.slower_than_manual && el("p.strip.warned", timeSays(data)), tiles(data),
        el("div.plots", byAge(data), sla(data), outcomes(data), override(data), time(data), edits(data), agreement(data), classes(data), reviewers(data)));
    } catch (error) {
      replace(body, el("div.blank", el("p", error.message), button("Try again", { act: load })));
    }
    body.removeAttribute("aria-busy");
  }
  const choice = profiles().length > 1 && el("select", { "aria-label": "Profile", on: { change: (event) => {
    profile = event.target.value;
    load();
  } } }, [["", "All profiles"], ...profiles().map((name) => [name, words.label(name)])].map(([value, name]) => el("option", { value }, name)));
  drawPeriods();
  load();
  return el("div.page", el("header.page-head", el("h1", { tabindex: "-1" }, "Figures"), el("div.choices-row", choice, periods)), body);
}
