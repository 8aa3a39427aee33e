// Calls of the JSON API. One kind of error, whatever went wrong: code and a sentence that says what to do.

export class ApiError extends Error {
  constructor(status, code, text, more = {}) {
    super(sentence(text));
    Object.assign(this, { status, code, retryAfter: more.retryAfter ?? null, detail: more.detail ?? {} });
  }

  /** The call may not have arrived, or its reply was lost: the same call again is safe. */
  get again() {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504 || this.status === 429;
  }
}

/** The queue's sentences begin small, as in a log; here they stand alone. */
function sentence(text) {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(whole) ? whole : whole + ".";
}

const OFFLINE = "The console cannot be reached. What you wrote is kept here; it goes on by itself.";
const PATIENCE_MS = 20000;

let csrf = "";
let signInAgain = null;
const watchers = new Set();

export function setCsrf(token) {
  csrf = token ?? "";
}

/** What to do when the session is over: signs in and resolves, or rejects when the person leaves. */
export function onSignedOut(ask) {
  signInAgain = ask;
}

/** Hears "up", "unreachable" or "unavailable" after each call, and when that call began. */
export function onReach(hear) {
  watchers.add(hear);
  return () => watchers.delete(hear);
}

const tell = (reach, began) => watchers.forEach((hear) => hear(reach, began));

async function send(method, path, body) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  const began = performance.now();
  try {
    const answer = await fetch(path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin", cache: "no-store", redirect: "error", signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return { answer, began };
  } catch {
    tell("unreachable", began);
    throw new ApiError(0, "unreachable", OFFLINE);
  }
}

async function read({ answer, began }) {
  if (answer.status === 204) {
    tell("up", began);
    return null;
  }
  const document_ = await answer.json().catch(() => null);
  if (answer.ok) {
    tell("up", began);
    return document_;
  }
  const error = document_?.error ?? {};
  tell(answer.status === 503 ? "unavailable" : "up", began);
  throw new ApiError(answer.status, error.code ?? `http_${answer.status}`,
    error.text ?? `The console answered with ${answer.status}. Try again, or tell your operator.`,
    { retryAfter: Number(answer.headers.get("Retry-After")) || null, detail: error });
}

async function call(method, path, body) {
  try {
    return await read(await send(method, path, body));
  } catch (error) {
    const over = error.code === "signed_out" || error.code === "csrf" || (error.status === 401 && error.code !== "signin_refused");
    if (!over || !signInAgain) throw error;
    await signInAgain(error);
    return read(await send(method, path, body));
  }
}

const query = (parameters) => {
  const given = Object.entries(parameters).filter(([, value]) => value !== "" && value !== null && value !== undefined && value !== false);
  return given.length ? "?" + new URLSearchParams(given.map(([name, value]) => [name, value === true ? "1" : value])) : "";
};

const item = (id, verb = "") => `/api/items/${encodeURIComponent(id)}${verb && "/" + verb}`;

/** A key of its own for one intention, so that sending it twice is doing it once. */
export const newKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;

export const api = {
  session: async () => read(await send("GET", "/api/session")),
  signIn: async (name, password) => read(await send("POST", "/api/session", { name, password })),
  signOut: async () => read(await send("DELETE", "/api/session")),
  queue: (filter) => call("GET", "/api/queue" + query(filter)),
  mine: () => call("GET", "/api/mine"),
  claim: (groups, key) => call("POST", "/api/claim", { groups: groups ?? null, key }),
  item: (id) => call("GET", item(id)),
  claimItem: (id) => call("POST", item(id, "claim"), {}),
  act: (id, verb, body) => call("POST", item(id, verb), body),
  forgetReason: (reason) => call("DELETE", "/api/skip_reasons", { reason }),
  figures: (days, profile) => call("GET", "/api/figures" + query({ days, profile })),
  overview: () => call("GET", "/api/overview"),
};
