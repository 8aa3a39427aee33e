// What the page says, in words: times, shares, states, and codes that came without a sentence.

const MINUTE = 60, HOUR = 3600, DAY = 86400;

let clockSkew = 0;

/** Times are the server's: its clock is compared with ours once a document. */
export function setServerTime(iso) {
  const at = Date.parse(iso);
  if (!Number.isNaN(at)) clockSkew = at - Date.now();
}

export const now = () => Date.now() + clockSkew;

export function seconds(count) {
  const n = Math.round(Math.abs(count));
  if (n < MINUTE) return `${n} s`;
  if (n < HOUR) return `${Math.round(n / MINUTE)} min`;
  if (n < 2 * DAY) return `${Math.round(n / HOUR)} h`;
  return `${Math.round(n / DAY)} days`;
}

export const secondsUntil = (iso) => (Date.parse(iso) - now()) / 1000;

export function ago(iso) {
  if (!iso) return "";
  const past = -secondsUntil(iso);
  return past < 45 ? "just now" : `${seconds(past)} ago`;
}

export function due(iso) {
  if (!iso) return { text: "", late: false, soon: false };
  const left = secondsUntil(iso);
  return left < 0 ? { text: `${seconds(left)} overdue`, late: true, soon: false }
    : { text: `due in ${seconds(left)}`, late: false, soon: left < HOUR };
}

export function when(iso) {
  if (!iso) return "";
  return new Date(iso).toLocaleString(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

export const percent = (share, digits = 0) => (share === null || share === undefined || Number.isNaN(Number(share)) ? "–"
  : `${(Number(share) * 100).toFixed(digits)} %`);

export const count = (n) => Number(n ?? 0).toLocaleString("en-GB");

export const plural = (n, one, many = one + "s") => `${count(n)} ${n === 1 ? one : many}`;

/** order_status is said as it is read: order status. */
export const label = (name) => (name ? String(name).replaceAll("_", " ") : "no label");

export const risk = (name) => `${name} risk`;

const STATES = {
  open: "waits", claimed: "being answered", held: "answered, can still be undone", released: "answered and published",
  superseded: "overtaken by a newer message", withdrawn: "withdrawn by the helpdesk",
};
export const state = (name) => STATES[name] ?? name;

const OUTCOMES = {
  accepted: "Accepted", edited: "Sent edited", rewritten: "Sent rewritten", relabelled: "Relabelled",
  escalated: "Escalated", wrong_input: "Marked as wrong input", wrong_policy: "Marked as wrong policy",
};
export const outcome = (name) => OUTCOMES[name] ?? label(name);

const CLAIMS = {
  number: "a number no source has", measure: "a measure no source has", amount: "an amount no source has",
  duration: "a duration no source has", date: "a date no source has", time: "a time no source has",
  name: "a name no source has", reference: "a reference no source has", link: "a link no source has",
  email: "an address no source has", phone: "a phone number no source has", address: "an address no source has",
  promise: "a promise nobody has allowed", action: "claims that something was done",
};
export const claim = (kind) => CLAIMS[kind] ?? "not in any source";

const EVENTS = {
  enqueued: "came into the queue", closed_on_arrival: "was overtaken before it came", claimed: "took it", expired: "ran out of time",
  released: "gave it back", skipped: "skipped it", snoozed: "put it to sleep", resolved: "answered", undone: "took the answer back",
  published: "answer published", superseded: "overtaken by a newer message", withdrawn: "withdrawn by the helpdesk",
  reassigned: "handed it on", escalated: "escalated it", erased: "personal data erased",
};
export const event = (name) => EVENTS[name] ?? label(name);

export const LANGUAGES = { en: "English", de: "German", nl: "Dutch", fr: "French", es: "Spanish", it: "Italian", pl: "Polish", pt: "Portuguese" };
export const language = (code) => LANGUAGES[code] ?? code ?? "";
