// Seconds in which somebody was really there: a minute without input, or a page out of sight, does not count.

const IDLE_MS = 60000;
const TICK_MS = 1000;

let last = Date.now();
let ticked = Date.now();
let counted = 0;
const wakes = new Set();

function input() {
  const now = Date.now();
  const slept = now - last > IDLE_MS;
  last = now;
  if (slept) wakes.forEach((wake) => wake());
}

for (const event of ["pointerdown", "pointermove", "keydown", "wheel", "scroll", "touchstart"]) {
  addEventListener(event, input, { passive: true, capture: true });
}

setInterval(() => {
  const now = Date.now();
  // A machine that slept makes one long tick, which counts as one.
  const passed = Math.min(now - ticked, 2 * TICK_MS);
  ticked = now;
  if (!document.hidden && now - last < IDLE_MS) counted += passed / 1000;
}, TICK_MS);

export const activity = {
  /** Active seconds since the page was opened; the difference of two calls is what was spent between them. */
  total: () => counted,
  get idle() {
    return document.hidden || Date.now() - last > IDLE_MS;
  },
  onWake: (act) => wakes.add(act),
};
