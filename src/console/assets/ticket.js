// What the customer wrote: the newest message open, older ones and quoted parts folded, and the words marked that the
// classifier went by.

import { el, icon } from "./dom.js";
import { profiles } from "./session.js";
import * as words from "./words.js";

const LONG = 6000;
const QUOTE_STARTS = [/^-{2,}\s*(original message|ursprüngliche nachricht|forwarded message)/i, /^(on|am) .{4,200}(wrote|schrieb)\b.*:\s*$/i, /^_{20,}$/];

/** Parts of a text in order: {text, quoted}. A quote begins with > or with a mail program's line, which takes the rest. */
export function parts(text) {
  const found = [];
  let rest = false;
  for (const line of String(text ?? "").split("\n")) {
    rest ||= QUOTE_STARTS.some((start) => start.test(line.trim()));
    const quoted = rest || /^\s*>/.test(line);
    const last = found[found.length - 1];
    if (last && last.quoted === quoted) last.lines.push(line);
    else found.push({ quoted, lines: [line] });
  }
  return found.map(({ quoted, lines }) => ({ quoted, text: lines.join("\n").replace(/^\n+|\n+$/g, ""), lines: lines.length }))
    .filter((part) => part.text.trim());
}

// Words that stand in every ticket: a classifier weighs them, a reader learns nothing from a mark on them.
const EVERYDAY = new Set(("a an and are as at be but by can do for from had has have he her his i if in is it its me my no not of on or our she so that the their them"
  + " they this to was we were what when which who will with would you your aber als am an auf aus bei bin bitte das dass dem den der des die ein eine einen einer er es"
  + " für hat habe ich ihr im in ist ja kann mein meine mich mir mit nach nicht noch nun nur oder sie sind so um und uns von war was wenn wie wir zu zum zur").split(" "));

/** The features worth a mark: they stand in the ticket and are no everyday words. */
export function telling(features, ticket) {
  const there = `${ticket.subject ?? ""}\n${ticket.body_text ?? ""}`.toLowerCase();
  const seen = new Set();
  return (features ?? []).filter((feature) => {
    const text = String(feature.text ?? "").toLowerCase().trim();
    if (seen.has(text) || text.length < 2 || text.split(/\s+/).every((word) => EVERYDAY.has(word))) return false;
    seen.add(text);
    return whole(text).test(there); // a piece of a word cannot be marked
  });
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const whole = (text) => new RegExp(`(?<![\\p{L}\\p{N}])${escaped(text).replace(/\s+/g, "\\s+")}(?![\\p{L}\\p{N}])`, "iu");

/** The words that decided, as one pattern; null when there are none. */
function patternOf(features) {
  const texts = features.map((feature) => feature.text?.trim()).filter((text) => text && text.length > 1).slice(0, 40);
  if (!texts.length) return null;
  texts.sort((a, b) => b.length - a.length);
  return new RegExp(`(?<![\\p{L}\\p{N}])(${texts.map((text) => escaped(text).replace(/\s+/g, "\\s+")).join("|")})(?![\\p{L}\\p{N}])`, "giu");
}

function marked(text, pattern, weights) {
  if (!pattern) return [text];
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) nodes.push(text.slice(at, match.index));
    const weight = weights.get(match[0].toLowerCase().replace(/\s+/g, " ")) ?? 0;
    nodes.push(el(weight < 0 ? "mark.against" : "mark.for", { title: weight < 0 ? "spoke against the label" : "spoke for the label" }, match[0]));
    at = match.index + match[0].length;
  }
  nodes.push(text.slice(at));
  return nodes;
}

function fold(title, node, kind) {
  return el(`details.${kind}`, el("summary", title), node);
}

function text(whole, draw) {
  const long = whole.length > LONG;
  const cut = long ? whole.slice(0, whole.lastIndexOf(" ", LONG) > LONG / 2 ? whole.lastIndexOf(" ", LONG) : LONG) : whole;
  const body = parts(cut).map((part) => (part.quoted ? fold(`Quoted, ${words.plural(part.lines, "line")}`, el("p.text.quoted", part.text), "quote") : el("p.text", draw(part.text))));
  if (!long) return body.length ? body : [el("p.hint", "No text.")];
  const more = el("button.link", { type: "button", on: { click: () => more.replaceWith(...text_rest(whole.slice(cut.length), draw)) } },
    `Show the rest, ${words.count(whole.length - cut.length)} more characters`);
  return [...body, more];
}

const text_rest = (rest, draw) => parts(rest).map((part) => el("p.text", draw(part.text)));

function message(entry, draw, newest) {
  const who = { customer: "Customer", agent: "Agent", system: "System" }[entry.author] ?? "Customer";
  const head = [el("strong", entry.name ?? who), entry.at && el("time.hint", { datetime: entry.at, title: words.when(entry.at) }, words.ago(entry.at))];
  if (newest) return el(`div.message.newest.${entry.author ?? "customer"}`, el("p.message-head", head), text(entry.text, draw));
  const first = entry.text.replace(/\s+/g, " ").slice(0, 90);
  return el(`details.message.${entry.author ?? "customer"}`, el("summary.message-head", head, el("span.preview", first)), text(entry.text, draw));
}

/** A link that leaves the page, only to where a browser speaks HTTP. */
function outside(url, name) {
  let safe = null;
  try {
    safe = new URL(url);
  } catch {
    return null;
  }
  if (safe.protocol !== "https:" && safe.protocol !== "http:") return null;
  return el("a.outside", { href: safe.href, target: "_blank", rel: "noopener noreferrer" }, name, icon("link"));
}

function facts(item, ticket) {
  const time = words.due(item.due_at);
  const person = ticket.requester ?? {};
  const told = [
    person.tier && person.tier !== "standard" && person.tier, ticket.channel && `by ${ticket.channel}`, words.language(ticket.language),
    ticket.priority && ticket.priority !== "normal" && `${ticket.priority} priority`, item.review_group, profiles().length > 1 && words.label(item.profile),
  ].filter(Boolean);
  return el("div.facts",
    item.risk !== "low" && el(`span.tagged.${item.risk}`, words.risk(item.risk)),
    el(`span.tagged${time.late ? ".late" : time.soon ? ".soon" : ""}`, { title: words.when(item.due_at) }, time.text),
    told.map((fact) => el("span.fact", fact)),
    (ticket.tags ?? []).slice(0, 8).map((tag) => el("span.fact", `#${tag}`)),
    outside(ticket.source?.url, "Helpdesk"));
}

/** The middle column. */
export function ticket(doc) {
  const { item, ticket: t } = doc;
  const features = telling(doc.why?.features, t);
  const pattern = patternOf(features);
  const weights = new Map(features.map((feature) => [String(feature.text).toLowerCase().trim().replace(/\s+/g, " "), feature.weight]));
  const draw = (part) => marked(part, pattern, weights);
  const person = t.requester?.name || t.requester?.email || "Customer";
  const older = [...(t.messages ?? [])].reverse();
  // A ticket whose newest message is repeated at the end of the thread is shown once.
  if (older[0] && (older[0].body_text ?? "").trim() === (t.body_text ?? "").trim()) older.shift();
  const files = (t.attachments ?? []).map((file) => file.name).filter(Boolean);
  return el("article.ticket", { "aria-label": "Ticket", tabindex: "-1" },
    el("header.ticket-head", el("h1", { id: "subject", tabindex: "-1" }, draw(t.subject || "No subject")), facts(item, t)),
    el("div.thread",
      message({ author: "customer", name: person, at: t.updated_at ?? t.created_at ?? item.created_at, text: t.body_text ?? t.body ?? "" }, draw, true),
      files.length > 0 && el("p.files", el("span.hint", `${words.plural(files.length, "attachment")}, in the helpdesk: `), files.join(", ")),
      older.length > 0 && el("h2.small-head", `Earlier, ${words.plural(older.length, "message")}`),
      older.map((one) => message({ author: one.author, name: one.author === "customer" ? person : null, at: one.created_at, text: one.body_text ?? "" }, draw, false))));
}
