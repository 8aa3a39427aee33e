// Calls of the JSON API. One kind of error, whatever went wrong: code and a sentence that says what to do.

export class ApiError extends Error {
  constructor(status, code, text, more = {}) {
    super(text);
    Object.assign(this, { status, code, retryAfter: more.retryAfter ?? null, detail: more.detail ?? {} });
  }

  /** The call may not have arrived, or its reply was lost: the same call again is safe. */
  get again() {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504 || this.status === 429;
  }
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

/** Hears "up", "unreachable" or "unavailable" after each call. */
export function onReach(hear) {
  watchers.add(hear);
  return () => watchers.delete(hear);
}

const tell = (reach) => watchers.forEach((hear) => hear(reach));

async function send(method, path, body) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  let answer;
  try {
    answer = await fetch(path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin", cache: "no-store", redirect: "error", signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    tell("unreachable");
    throw new ApiError(0, "unreachable", OFFLINE);
  }
  return answer;
}

async function read(answer) {
  if (answer.status === 204) {
    tell("up");
    return null;
  }
  const document_ = await answer.json().catch(() => null);
  if (answer.ok) {
    tell("up");
    return document_;
  }
  const error = document_?.error ?? {};
  tell(answer.status === 503 ? "unavailable" : "up");
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

export const api = {
  session: async () => read(await send("GET", "/api/session")),
  signIn: async (name, password) => read(await send("POST", "/api/session", { name, password })),
  signOut: async () => read(await send("DELETE", "/api/session")),
  queue: (filter) => call("GET", "/api/queue" + query(filter)),
  mine: () => call("GET", "/api/mine"),
  claim: (groups) => call("POST", "/api/claim", { groups: groups ?? null }),
  item: (id) => call("GET", item(id)),
  claimItem: (id) => call("POST", item(id, "claim"), {}),
  act: (id, verb, body) => call("POST", item(id, verb), body),
  forgetReason: (reason) => call("DELETE", "/api/skip_reasons", { reason }),
  figures: (days) => call("GET", "/api/figures" + query({ days })),
  overview: () => call("GET", "/api/overview"),
};
