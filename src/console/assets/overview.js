// How the whole thing is doing: what is wrong and what to do, then cards. Who adds a card adds a row to CARDS: an id, a
// title, and what it shows of the answer to GET /api/overview; null leaves the card out.

import { api } from "./api.js";
import { button, el, replace } from "./dom.js";
import { live } from "./live.js";
import { table } from "./plot.js";
import * as words from "./words.js";

const AGAIN_MS = 10000;

const rows = (pairs) => el("dl.facts-list", pairs.filter(([, value]) => value !== null && value !== undefined).map(([name, value, kind]) => el("div", el("dt", name), el(`dd.num${kind ? "." + kind : ""}`, value))));

const sum = (list, name) => list.reduce((all, one) => all + Number(one[name] ?? 0), 0);

export const CARDS = [
  { id: "queue", title: "Queue", show: ({ metrics: m }) => m && rows([["Waiting", words.count(m.open)], ["Being answered", words.count(m.claimed)], ["Can still be undone", words.count(m.held)],
    ["Overdue", words.count(m.overdue), m.overdue > 0 && "late"], ["Asleep", words.count(m.snoozed)], ["Abandoned claims", words.count(m.claim_expired)], ["Oldest waits for", words.seconds(m.oldest_open_seconds)]]) },
  { id: "answers", title: "Answers", show: ({ metrics: m }) => m && rows([["Answered so far", words.count(m.answers)], ["Active time", words.seconds(m.answer_seconds)], ["Time an answer, mean", m.answers > 0 ? words.seconds(m.answer_seconds / m.answers) : "–"]]) },
  { id: "publishing", title: "Publishing", show: ({ metrics: m }) => m && rows([["Waits for the relay", words.count(Number(m.outbox_unsequenced) + Number(m.outbox_unpublished)), m.outbox_oldest_seconds > 60 && "late"],
    ["Oldest waits for", words.seconds(m.outbox_oldest_seconds)], ["Published up to", m.outbox_last === null ? null : words.count(m.outbox_last)], ["Refused records", words.count(m.feed_refused), m.feed_refused > 0 && "late"]]) },
  { id: "database", title: "Database", show: ({ metrics: m }) => m && rows([["Oldest open transaction", words.seconds(m.oldest_transaction_seconds), m.oldest_transaction_seconds > 300 && "late"]]) },
  { id: "decided", title: "Decided in seven days", wide: true, show: ({ decided: d }) => d?.length ? table(["Class", "Tickets", "Answered", "Suggested", "To people", "Ignored", "Model s", "People s"],
    d.map((one) => [words.label(one.label), words.count(one.tickets), words.count(one.answered), words.count(one.suggested), words.count(one.in_review), words.count(one.ignored), words.count(Math.round(one.model_seconds)), words.count(Math.round(one.reviewer_seconds))])) : null },
  { id: "cost", title: "Cost in seven days", show: ({ decided: d }) => d?.length ? rows([["Processor", words.seconds(sum(d, "cpu_seconds"))], ["Model server", words.seconds(sum(d, "model_seconds"))], ["People", words.seconds(sum(d, "reviewer_seconds"))],
    ["People, a ticket", sum(d, "tickets") > 0 ? words.seconds(sum(d, "reviewer_seconds") / sum(d, "tickets")) : "–"]]) : null },
  { id: "calibration", title: "Audits by stated confidence", show: ({ calibration: c }) => c?.length ? table(["From", "Audits", "Stated", "Right"], c.map((one) => [(one.bin / 10).toFixed(1), words.count(one.audits), words.percent(one.stated, 1), words.percent(one.right, 1)])) : null },
  { id: "people", title: "Classes, thirty days", wide: true, show: ({ classes: c, manual_seconds: manual }) => c?.length ? table(["Class", "Answers", "Other label", "As it was", "Seconds an item", "By hand", "Outside the queue"],
    c.map((one) => [words.label(one.label), words.count(one.answers), words.percent(one.overridden), words.percent(one.unedited), one.median_seconds === null ? "–" : Number(one.median_seconds).toFixed(0), manual ?? "–", words.count(one.bypassed)])) : null },
  { id: "promises", title: "Promises", wide: true, show: ({ promises: p }) => p?.length ? table(["Promise", "Audits right", "Wrong", "Skipped", "State"],
    p.map((one) => [String(one.promise).slice(0, 12), words.count(one.right), words.count(one.wrong), words.count(one.skipped), one.broken ? "broken: classes were lowered" : "kept so far"]), [4]) : null },
  { id: "drift", title: "Drift", wide: true, show: ({ drift: d }) => d?.length ? table(["Signal", "Class or language", "Expected", "Of late", "Evidence, 1 is the alarm"],
    d.map((one) => [words.label(one.signal), one.scope ? words.label(one.scope) : "all", one.learning ? "learning" : `${Number(one.low).toFixed(3)} to ${Number(one.high).toFixed(3)}`, one.learning ? "–" : Number(one.recent).toFixed(3), one.alarm ? "ALARM" : Number(one.evidence).toFixed(2)]), [1]) : null },
  { id: "drift-alarms", title: "Drift that is not over", wide: true, show: ({ drift_alarms: a }) => a?.length ? table(["What", "Class", "In words", "Owner", "Done", "Since"],
    a.map((one) => [words.label(one.signal), one.scope ? words.label(one.scope) : "all", one.detail, one.owner, one.done, words.when(one.raised_at)]), [1, 2, 3, 4]) : null },
  { id: "levels", title: "Autonomy", wide: true, show: ({ levels: l }) => l?.length ? table(["Class", "Level", "Since"], l.map((one) => [words.label(one.label), one.level, words.when(one.since)]), [1]) : null },
  { id: "workers", title: "Workers", wide: true, show: ({ workers }) => (workers?.length ? table(["Worker", "State", "Parts", "Build", "Seen"], workers.map((one) => [one.worker, one.state, one.parts, one.build, words.when(one.seen_at)]), [1, 2, 3])
    : el("p.hint", "No worker is known here. Each tells how it is at its own /readyz and /metrics.")) },
];

const ALARMS = {
  old_transaction: "A transaction is open too long", outbox_waits: "Answers wait to be published", answers_wait: "Answers wait beyond their time for undo", refused_records: "Records were refused",
  promise_broken: "A promise is broken", drift: "Drift", demoted: "A class lost freedom",
};

/** A command keeps its name. */
const sentence = (text) => (text.startsWith("triaged ") ? text : text.charAt(0).toUpperCase() + text.slice(1));

const SECONDS = new Set(["old_transaction", "outbox_waits", "answers_wait"]);

/** Alarms that only are or are not have no number worth a look. */
const beyond = ({ name, value, bound }) => {
  const told = (n) => (SECONDS.has(name) ? words.seconds(n) : words.count(Math.round(n)));
  return Number(bound) === 0 && Number(value) === 1 ? null : el("span.hint.num", ` ${told(value)}, the bound is ${told(bound)}`);
};

function alarms(list) {
  if (!list?.length) return el("p.strip.fine", "Nothing is wrong.");
  return el("section.alarms", { "aria-labelledby": "alarms-title" }, el("h2", { id: "alarms-title" }, words.plural(list.length, "alarm")),
    el("ul", { role: "list" }, list.map((one) => el("li.alarm", el("strong", ALARMS[one.name] ?? words.label(one.name)), beyond(one), el("p", sentence(one.what_to_do))))));
}

export function overviewPage() {
  const body = el("div.page-body", { "aria-busy": "true" });
  let told = "";
  const draw = (data) => {
    replace(body, alarms(data.alarms), el("div.plots.glance", CARDS.map((card) => ({ card, shown: card.show(data) })).filter(({ shown }) => shown)
      .map(({ card, shown }) => el(`section.plot${card.wide ? ".wide" : shown.matches(".facts-list") ? ".few" : ""}`, { data: { card: card.id } }, el("h2", card.title), shown))));
    const now = body.querySelector(".alarms")?.textContent ?? "";
    return now !== told && (told = now);
  };
  async function load() {
    try {
      draw(await api.overview());
    } catch (error) {
      replace(body, el("div.blank", el("p", error.message), button("Try again", { act: load })));
    }
    body.removeAttribute("aria-busy");
  }
  const unhear = live.hear((event, data) => event === "reach" && data.state === "up" && load());
  const timer = setInterval(() => {
    if (!page.isConnected) {
      clearInterval(timer);
      unhear();
    } else if (!document.hidden && !body.contains(document.activeElement)) {
      load();
    }
  }, AGAIN_MS);
  const page = el("div.page", el("header.page-head", el("h1", { tabindex: "-1" }, "Overview")), body);
  load();
  return page;
}
