// The frame around the pages: routes, header, banners, keys, and the desk that decides which item comes next.

import { api, newKey, onSignedOut } from "./api.js";
import { confirm, open } from "./dialogs.js";
import { button, el, icon, replace, say } from "./dom.js";
import { figuresPage } from "./figures.js";
import { Item, showing } from "./item.js";
import { texts, theme } from "./keep.js";
import { define, setScope, table as keyTable } from "./keys.js";
import { live } from "./live.js";
import { minePage } from "./mine.js";
import { overviewPage } from "./overview.js";
import { Queue } from "./queue.js";
import { deliverWaiting, waiting } from "./send.js";
import * as session from "./session.js";
import { signInAgain, signInPage } from "./signin.js";
import { canUndo, holdKnown, notice, onUndone, toasts, undoLast } from "./toasts.js";
import * as words from "./words.js";

const WARM_MS = 10000;
const WARM_MOST = 20;
const BOOT_MS = 4000;
const PAGES = [["queue", "Queue"], ["mine", "Mine"], ["figures", "Figures"], ["overview", "Overview"]];

const app = document.getElementById("app");
const main = el("main", { id: "main", tabindex: "-1" });
const banner = el("div.banner", { hidden: true, role: "status" });
const place = el("div.place"); // where the item is, or what stands there instead
let queue = null, item = null, work = null;
const own = new Map();    // items I have claimed
const later = [];         // items to come back to, after an undo
const warmed = new Map(); // items read ahead

// ---- the desk: which item is shown ----

function warm(id) {
  const known = warmed.get(id);
  if (known && Date.now() - known.at < WARM_MS) return known.doc;
  const doc = api.item(id);
  doc.catch(() => warmed.delete(id));
  warmed.set(id, { doc, at: Date.now() });
  if (warmed.size > WARM_MOST) warmed.delete(warmed.keys().next().value);
  return doc;
}

function put(doc) {
  wanted = false;
  item?.close();
  item = new Item(doc, desk);
  showing(item);
  const { item_id: id } = doc.item;
  if (doc.item.claim_no && doc.item.state === "claimed") {
    own.set(id, true);
    queue.taken(id, doc.item.claimed_until);
  }
  replace(place, item.node);
  work.classList.add("has-item");
  work.classList.remove("said");
  queue.show(id);
  if (route().id !== id) history.pushState(null, "", `#/item/${id}`);
  document.title = `${doc.ticket.subject || `Item ${id}`} · triaged`;
  item.node.querySelector("#subject").focus({ preventScroll: true });
  item.node.querySelectorAll(".reading, .deciding").forEach((column) => (column.scrollTop = 0));
  scrollTo(0, 0);
  drawNav();
}

function blank(...what) {
  wanted = false;
  item?.close();
  item = null;
  showing(null);
  work.classList.remove("has-item");
  queue.show(null);
  replace(place, el("div.blank", { tabindex: "-1" }, what));
  drawNav();
}

function idle() {
  work.classList.remove("said");
  const n = queue?.counts?.open ?? 0;
  const group = queue?.filters.filter.group;
  blank(el("h1", "Ready when you are"), el("p.hint", n > 0 ? `${queue.waiting()} ${n === 1 ? "item waits" : "items wait"}${group ? `, ${group} is chosen` : ""}. You get the one that is most worth a person's look.` : "You get the one that is most worth a person's look."),
    button("Take the next", { key: "n", kind: "primary big", icon: "next", act: () => desk.next() }),
    el("p.hint.wide-only", "Press ", el("kbd", "?"), " for all keys."));
  document.title = "Queue · triaged";
}

function nothing() {
  const filtered = queue.filters.groups();
  if (route().id !== undefined || route().name !== "queue") history.pushState(null, "", "#/queue");
  blank(icon("check"), el("h1", "All done"), el("p.hint", filtered ? `Nothing waits for you in ${filtered.join(", ")}.` : "Nothing waits for you right now. What comes in shows up here by itself; sleeping and skipped items come back in their time."),
    filtered && button("Look in all groups", { act: () => {
      queue.filters.set({ group: "" });
      desk.next();
    } }), el("p.hint.wide-only", "Press ", el("kbd", "n"), " to look again."));
  work.classList.add("said");
  say("Nothing waits for you right now.");
  document.title = "Nothing waits · triaged";
}

const RETRY_MS = 1000;
let fetching = false;
let wanted = false; // the next item, which the server could not give yet
let claimKey = null; // of a claim whose answer was not heard: asked again, it is the same claim

async function claim() {
  claimKey ??= newKey();
  try {
    const doc = await api.claim(queue.filters.groups(), claimKey);
    claimKey = null;
    return doc;
  } catch (error) {
    if (!error.again) claimKey = null;
    throw error;
  }
}

async function nextDoc(after) {
  const back = after ? later.pop() : [...own.keys()].find((id) => !item || id !== item.item.item_id && item.standing !== "mine");
  if (back !== undefined) {
    const doc = await api.item(back);
    if (doc.item.claim_no && doc.item.state === "claimed") return doc;
    own.delete(back);
    return nextDoc(after);
  }
  const doc = await claim();
  if (doc) return doc;
  const parked = [...own.keys()].find((id) => id !== item?.item.item_id);
  return parked === undefined ? null : api.item(parked);
}

const desk = {
  /** The next item, claimed and shown. after: the last one is answered. */
  async next({ after = false } = {}) {
    if (fetching || !queue) return;
    fetching = true;
    place.setAttribute("aria-busy", "true");
    const from = location.hash;
    try {
      const doc = await nextDoc(after);
      if (doc && location.hash !== from) {
        // Somebody went elsewhere meanwhile: what came is not pushed before them.
        desk.mine(doc.item.item_id);
        notice(`“${doc.ticket.subject || `Item ${doc.item.item_id}`}” is yours. It waits under Mine.`);
      } else if (doc) put(doc);
      else nothing();
    } catch (error) {
      if (after && error.again) {
        blank(el("h1", "Sent"), el("p.hint", error.message), button("Take the next", { key: "n", kind: "primary", act: () => desk.next() }));
        wanted = true;
        if (live.state === "up") setTimeout(nextIfWanted, RETRY_MS);
      } else {
        notice(error.message, { kind: "error", actions: [{ name: "Try again", act: () => desk.next({ after }) }] });
        if (after) idle();
      }
    } finally {
      fetching = false;
      place.removeAttribute("aria-busy");
    }
  },
  mine: (id) => {
    own.set(id, true);
    warmed.delete(id);
    drawNav();
  },
  /** Somebody else has it now. */
  lost: (id) => {
    own.delete(id);
    queue.refreshSoon();
    drawNav();
  },
  left(id, others) {
    [id, ...others].forEach((one) => {
      own.delete(one);
      warmed.delete(one);
    });
    queue.gone([id, ...others]);
    drawNav();
  },
  async show(id) {
    if (item?.item.item_id === id) return;
    const slow = setTimeout(() => replace(place, el("div.bones", { "aria-hidden": "true" }, el("div.bone.tall"), el("div.bone"), el("div.bone"))), 150);
    place.setAttribute("aria-busy", "true");
    try {
      const doc = await warm(id);
      warmed.delete(id);
      if (route().id === id) put(doc);
    } catch (error) {
      if (route().id !== id) return;
      work.classList.add("said");
      blank(el("h1", error.code === "not_found" ? "There is no such item" : "This item cannot be shown"), el("p.hint", error.message), el("div.dialog-actions", !error.code.startsWith("not_found") && button("Try again", { act: () => desk.show(id) }), button("Take the next", { key: "n", kind: "primary", act: () => desk.next() })));
    } finally {
      clearTimeout(slow);
      place.removeAttribute("aria-busy");
    }
  },
};

/** Goes on by itself once the server answers again. */
function nextIfWanted() {
  if (wanted && session.current()) desk.next({ after: true });
}

onUndone((answer, back) => {
  if (item && item.standing === "mine" && item.item.item_id !== answer.item_id) later.push(item.item.item_id);
  if (answer.text || answer.label) texts.put({ item_id: answer.item_id, revision: answer.revision, key: answer.ticket_key, reviewer: session.reviewer(), subject: answer.subject, text: answer.text ?? "", label: answer.label ?? null });
  own.set(answer.item_id, true);
  warmed.delete(answer.item_id);
  if (item?.item.item_id === answer.item_id) item.close(), (item = null);
  if (location.hash === `#/item/${answer.item_id}`) desk.show(answer.item_id);
  else location.hash = `#/item/${answer.item_id}`;
  void back;
});

// ---- routes ----

function route() {
  const [name = "queue", id] = location.hash.replace(/^#\/?/, "").split("/");
  return name === "item" && /^\d+$/.test(id ?? "") ? { name: "item", id: Number(id) } : { name: PAGES.some(([page]) => page === name) ? name : "queue" };
}

function leaveItem() {
  item?.close();
  item = null;
  showing(null);
}

function go() {
  if (!session.current()) return signIn();
  const { name, id } = route();
  document.body.dataset.route = name;
  drawNav();
  if (name === "queue" || name === "item") {
    if (!work.isConnected) replace(main, work);
    if (!queue.turn) queue.reload();
    else queue.draw();
    if (name === "item") desk.show(id);
    else if (work.classList.contains("has-item") || !place.childElementCount) idle();
    return;
  }
  leaveItem();
  work.classList.remove("has-item");
  replace(place);
  queue.show(null);
  const page = { mine: () => minePage({ known }), figures: figuresPage, overview: overviewPage }[name]();
  replace(main, page);
  document.title = `${PAGES.find(([page_]) => page_ === name)[1]} · triaged`;
  page.querySelector("h1")?.focus({ preventScroll: true });
}

function known(mine) {
  own.clear();
  mine.claimed.forEach((row) => words.secondsUntil(row.claimed_until) > 0 && own.set(row.item_id, true));
  drawNav();
}

// ---- the frame ----

const nav = el("nav", { "aria-label": "Pages" });
const tell = el("span.link-state", { hidden: true });

function drawNav() {
  const { name } = route();
  const here = name === "item" ? "queue" : name;
  const focused = nav.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  replace(nav, PAGES.map(([page, title]) => el("a", { href: `#/${page}`, "aria-current": page === here ? "page" : null }, title, page === "mine" && own.size > 0 && el("span.badge.num", { title: "claimed by you" }, own.size, el("span.unseen", " claimed by you")))));
  if (focused) nav.querySelector(`[href="${focused}"]`)?.focus();
}

function drawBanner() {
  const n = waiting().length;
  const on = live.state;
  banner.hidden = on === "up";
  tell.hidden = on === "up";
  if (on === "up") return replace(banner);
  const text = on === "unreachable" ? "No connection to the console. What you write is kept in this browser." : "The database is away. You can read and write; answers wait here and go out by themselves.";
  const all = text + (n ? ` ${words.plural(n, "answer")} ${n === 1 ? "waits" : "wait"}.` : "");
  if (banner.textContent !== all) replace(banner, icon("warn"), el("span", all));
}

function themeChoice() {
  const group = el("div.segments", { role: "group", "aria-label": "Theme" });
  const draw = () => replace(group, [["auto", "System"], ["light", "Light"], ["dark", "Dark"]].map(([name, title]) => el("button", { type: "button", "aria-pressed": String(theme.get() === name), on: { click: () => {
    theme.set(name);
    draw();
    group.querySelector("[aria-pressed=true]").focus();
  } } }, icon({ auto: "auto", light: "sun", dark: "moon" }[name]), title)));
  draw();
  return group;
}

function menu() {
  const box = el("details.menu", { on: { keydown: (event) => {
    if (event.key !== "Escape" || !box.open) return;
    event.stopPropagation();
    box.open = false;
    box.querySelector("summary").focus();
  } } });
  const close = (act) => () => {
    box.open = false;
    act();
  };
  box.append(el("summary", el("span.avatar", { "aria-hidden": "true" }, session.reviewer().slice(0, 1).toUpperCase()), el("span.menu-name", session.reviewer()), el("span.unseen", " menu")),
    el("div.menu-body", el("p.hint", `Signed in as ${session.reviewer()}`), themeChoice(), button("Keys", { key: "?", icon: "help", kind: "row-button", act: close(showKeys) }), button("Sign out", { icon: "out", kind: "row-button", act: close(signOut) })));
  document.addEventListener("pointerdown", (event) => box.open && !box.contains(event.target) && (box.open = false));
  return box;
}

async function signOut() {
  const left = texts.all(session.reviewer()).length + waiting().length;
  if (left && !(await confirm("Sign out with unsent texts?", `${words.plural(left, "text")} ${left === 1 ? "is" : "are"} kept in this browser and offered to you again. Do not leave ${left === 1 ? "it" : "them"} on a computer that others use.`, "Sign out"))) return;
  leaveItem();
  live.stop();
  await session.signOut();
  location.hash = "#/signin";
  location.reload();
}

function showKeys() {
  const groups = [...new Set(keyTable().map((row) => row.group).filter(Boolean))];
  return open({ title: "Keys", wide: true, describe: "They do nothing while you type. Escape leaves a field.", build: () => el("div.key-groups", groups.map((group) => el("section", el("h3.small-head", group),
    el("dl.key-list", keyTable().filter((row) => row.group === group).map((row) => el("div", el("dt", el("kbd", named(row.key)), row.also && [" ", el("kbd", named(row.also))]), el("dd", row.name)))))), el("p.hint.two", "An easy item takes one key: Enter accepts it and shows the next.")) });
}

const named = (key) => ({ ArrowDown: "↓", ArrowUp: "↑", "Ctrl+Enter": "Ctrl ↵", Enter: "↵", Escape: "Esc" })[key] ?? key;

const onItem = () => Boolean(item);
const onWork = () => Boolean(work?.isConnected);

define([
  { key: "Enter", also: "a", name: "Accept: send what you see", group: "Decide", when: onItem, act: () => item.accept() },
  { key: "e", name: "Edit the answer", group: "Decide", when: onItem, act: () => item.edit() },
  { key: "Ctrl+Enter", name: "Send, also while typing", group: "Decide", when: onItem, act: () => item.accept() },
  { key: "l", name: "Another label, by typing", group: "Decide", when: onItem, act: () => item.relabel() },
  { key: "g", name: "Answer alike items too", group: "Decide", when: onItem, act: () => item.alike() },
  { key: "u", name: "Undo the last answer", group: "Decide", when: canUndo, act: () => undoLast() },
  { key: "s", name: "Skip, with a reason", group: "Put aside", when: onItem, act: () => item.skip() },
  { key: "z", name: "Snooze", group: "Put aside", when: onItem, act: () => item.snooze() },
  { key: "x", name: "Escalate", group: "Put aside", when: onItem, act: () => item.escalate() },
  { key: "m", name: "More: hand on, give back, wrong input", group: "Put aside", when: onItem, act: () => item.more() },
  { key: "n", name: "Take the next item", group: "Move", when: () => Boolean(queue), act: () => toQueue(() => desk.next()) },
  { key: "c", name: "Take the item you look at", group: "Move", when: onItem, act: () => item.take() },
  { key: "j", also: "ArrowDown", name: "Down the list; Enter opens", group: "Move", when: onWork, act: () => queue.move(1) },
  { key: "k", also: "ArrowUp", name: "Up the list", group: "Move", when: onWork, act: () => queue.move(-1) },
  { key: "/", name: "Find in the list", group: "Move", when: () => Boolean(queue), act: () => toQueue(() => queue.filters.focus()) },
  { key: "Escape", name: "Close what is open, back to the item", group: "Move", act: () => item?.closeSource() || document.getElementById("subject")?.focus() },
  { key: "?", name: "These keys", group: "Move", act: showKeys },
]);
setScope(() => route().name);

function toQueue(act) {
  if (!onWork()) {
    location.hash = "#/queue";
    document.body.dataset.route = "queue";
    replace(main, work);
    if (!queue.turn) queue.reload();
  }
  act();
}

function signIn() {
  document.body.dataset.route = "signin";
  document.title = "Sign in · triaged";
  replace(app, el("main.bare-main", { id: "main" }, signInPage(() => {
    if (location.hash === "#/signin") history.replaceState(null, "", "#/queue");
    begin();
  })));
  app.querySelector("input")?.focus();
}

function begin() {
  work = el("div.work");
  queue = new Queue({ open: (id) => (location.hash = `#/item/${id}`), take: () => desk.next(), warm: (id) => warm(id).catch(() => null) });
  queue.onCounts = (counts) => {
    document.body.dataset.waits = String(counts.open ?? 0);
    if (place.querySelector(".blank h1")?.textContent === "Ready when you are" && !item) idle();
  };
  work.append(queue.node, place);
  replace(app, el("header.top", el("a.brand", { href: "#/queue", "aria-label": "triaged, to the queue" }, el("img", { src: "/static/icon.svg", alt: "", width: 22, height: 22 }), el("span", "triaged")), nav, tell, menu()), banner, main, toasts);
  api.mine().then((mine) => {
    known(mine);
    holdKnown(mine.held);
  }).catch(() => null);
  live.start();
  deliverWaiting();
  go();
}

onSignedOut(signInAgain);
live.hear((event, data) => {
  if (event === "signed_out" && session.current()) signInAgain();
  if (event === "reach") {
    drawBanner();
    say(data.state === "up" ? "Connected again." : banner.textContent, data.state === "up" ? "polite" : "assertive");
    if (data.state === "up" && session.current()) {
      deliverWaiting();
      nextIfWanted();
    }
  }
  if (event === "poll" && live.state !== "up" && session.current()) api.mine().then(known).catch(() => null);
});
addEventListener("hashchange", () => session.current() && go());
addEventListener("popstate", () => session.current() && go());
addEventListener("pagehide", () => item?.keepNow());
texts.forgetOld();

let bootTimer = 0;
let booting = false;

function boot() {
  if (booting) return;
  booting = true;
  clearTimeout(bootTimer);
  session.resume().then(start, away).finally(() => (booting = false));
}

/** Nothing is there yet to go on with: asks again by itself, and draws this once. */
function away(error) {
  if (!app.querySelector(".away")) replace(app, el("main.bare-main", { id: "main" }, el("div.blank.away", el("h1", "The console does not answer"),
    el("p.hint", error.status ? error.message : "It may be starting, or the network is away. This page asks again every few seconds."), button("Try again", { kind: "primary", act: boot }))));
  bootTimer = setTimeout(boot, BOOT_MS);
}

function start() {
  if (session.current()) begin();
  else signIn();
}

boot();
