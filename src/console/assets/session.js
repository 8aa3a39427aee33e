// Who is signed in, and what the page needs to know once: labels, groups, reasons, times.

import { api, setCsrf } from "./api.js";
import { setServerTime } from "./words.js";

let session = null;
const hears = new Set();

export const current = () => session;
export const reviewer = () => session?.reviewer ?? "";

export function onSession(hear) {
  hears.add(hear);
}

export function setSession(document_) {
  session = document_;
  setCsrf(session?.csrf);
  if (session) setServerTime(session.now);
  hears.forEach((hear) => hear(session));
  return session;
}

/** The session that the cookie stands for, or null when there is none. */
export async function resume() {
  try {
    return setSession(await api.session());
  } catch (error) {
    if (error.status === 401) return setSession(null);
    throw error;
  }
}

export const signIn = async (name, password) => setSession(await api.signIn(name, password));

export async function signOut() {
  await api.signOut().catch(() => null);
  setSession(null);
}

/** The profiles of this console; a filter by them makes sense where there are several. */
export const profiles = () => session?.profiles ?? [];

/** The labels of one profile. A console of one profile has no others, whatever an item calls it. */
export const labelsOf = (profile) => (session?.labels ?? []).filter((one) => profiles().length < 2 || one.profile === profile);

export const guidelineOf = (label, profile) => labelsOf(profile).find((one) => one.label === label)?.guideline ?? "";
