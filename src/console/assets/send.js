// Answers on their way. One is written down before it is sent and crossed out when the server has said what became of
// it, so a lost reply, a closed page or an hour without a network repeat the same call under the same key.

import { api } from "./api.js";
import { texts, underway } from "./keep.js";
import { reviewer } from "./session.js";
import { hold, notice } from "./toasts.js";

const hears = new Set();

/** Hears of answers that went out later than they were sent. */
export function onDelivered(hear) {
  hears.add(hear);
}

/** answer: {item_id, revision, ticket_key, subject, label, text, body}; body goes to the server as it is. */
export async function deliver(answer) {
  underway.put({ ...answer, reviewer: reviewer() });
  let done;
  try {
    done = await api.act(answer.item_id, "resolve", answer.body);
  } catch (error) {
    if (!error.again) underway.drop(answer.body.key);
    throw error;
  }
  underway.drop(answer.body.key);
  texts.drop(answer.item_id, answer.revision);
  hold({ item_id: answer.item_id, revision: answer.revision, ticket_key: answer.ticket_key, key: answer.body.key, subject: answer.subject,
    outcome: answer.body.outcome, label: answer.label, text: answer.text, held_until: done.held_until, alike: (done.resolved ?? []).filter((id) => id !== answer.item_id) });
  return done;
}

export const waiting = () => underway.all().filter((answer) => answer.reviewer === reviewer());

let running = false;

export async function deliverWaiting() {
  if (running) return;
  running = true;
  try {
    for (const answer of waiting()) {
      try {
        await deliver(answer);
        hears.forEach((hear) => hear(answer, null));
      } catch (error) {
        if (error.again) return;
        hears.forEach((hear) => hear(answer, error));
        notice(`Your answer to “${answer.subject}” was not taken. ${error.message} Your text is kept.`, { kind: "error",
          actions: [{ name: "Open it", act: () => (location.hash = `#/item/${answer.item_id}`) }] });
      }
    }
  } finally {
    running = false;
  }
}
