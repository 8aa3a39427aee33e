// Word from the server: that the queue changed, that Postgres went or came. Reconnects by itself; while it cannot, the
// page says so and asks again by polling.

import { onReach } from "./api.js";

const POLL_MS = 10000;
const SILENT_MS = 40000;
const RETRY_MOST_MS = 15000;

let source = null;
let heardAt = 0;
let retryMs = 1000;
let retryTimer = 0;
let started = false;
let state = "up"; // up, unreachable, unavailable
let wentAt = 0; // when the browser last said that the network went
const hears = new Set();

function tell(event, data = {}) {
  hears.forEach((hear) => hear(event, data));
}

// What was on its way when the network went says nothing of now. navigator.onLine is not asked: a browser whose machine has
// no network but itself says false for good, and the console may be on that machine.
function become(next, began = Infinity) {
  if (next !== "unreachable" && began < wentAt) return;
  if (next === state) return;
  const was = state;
  state = next;
  tell("reach", { state, was });
}

function shut() {
  clearTimeout(retryTimer);
  source?.close();
  source = null;
}

const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
};

function open() {
  shut();
  heardAt = Date.now();
  source = new EventSource("/api/events");
  const on = (name, act) => source.addEventListener(name, (event) => {
    heardAt = Date.now();
    act(parse(event.data));
  });
  source.onopen = () => {
    heardAt = Date.now();
    retryMs = 1000;
    if (state === "unreachable") become("up");
    tell("queue");
  };
  source.onerror = () => {
    shut();
    tell("lost");
    retryTimer = setTimeout(open, retryMs);
    retryMs = Math.min(retryMs * 2, RETRY_MOST_MS);
  };
  on("queue", (data) => tell("queue", data));
  on("items", (data) => tell("items", data));
  on("ping", () => {});
  on("signed_out", () => tell("signed_out"));
  on("down", () => become("unavailable"));
  on("up", () => become("up"));
}

export const live = {
  get state() {
    return state;
  },
  hear(act) {
    hears.add(act);
    return () => hears.delete(act);
  },
  start() {
    started = true;
    if (!source) open();
  },
  stop() {
    started = false;
    shut();
  },
};

onReach(become);
addEventListener("offline", () => {
  wentAt = performance.now();
  become("unreachable");
  source?.onerror(); // a new stream finds out whether it did
});
addEventListener("online", () => {
  retryMs = 1000;
  if (started) open();
});

// A stream holds one of the few connections that a browser opens to one host: a page that nobody sees gives its back.
document.addEventListener("visibilitychange", () => {
  if (!started) return;
  if (document.hidden) shut();
  else open();
});

setInterval(() => {
  if (!started || document.hidden) return;
  if (source && Date.now() - heardAt > SILENT_MS) source.onerror();
  if (!source || state !== "up") tell("poll");
}, POLL_MS);
