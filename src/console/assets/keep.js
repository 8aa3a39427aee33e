// What the browser remembers: texts that were not sent, answers on their way, views, the theme. Nothing of it is needed
// by the server. All of it is bounded, and a browser that stores nothing only forgets sooner.

const TEXTS_MOST = 200;
const TEXT_DAYS = 14;
const WAY_MOST = 50;
const VIEWS_MOST = 40;
const DAY_MS = 86400000;
const TEXT = "triaged.text.";

function read(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function write(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

function remove(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    // Nothing was stored.
  }
}

function names() {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(TEXT));
  } catch {
    return [];
  }
}

// ---- texts: one for each item and revision ----

const nameOf = (id, revision) => `${TEXT}${id}.${revision}`;

function forgetOld() {
  const all = names().map((name) => ({ name, at: read(name, {}).at ?? 0 })).sort((a, b) => b.at - a.at);
  const oldest = Date.now() - TEXT_DAYS * DAY_MS;
  all.filter((text, place) => place >= TEXTS_MOST || text.at < oldest).forEach((text) => remove(text.name));
}

export const texts = {
  /** entry: {item_id, revision, key, reviewer, subject, text, label} */
  put(entry) {
    const kept = { ...entry, at: Date.now() };
    if (!write(nameOf(entry.item_id, entry.revision), kept)) {
      // Full: the older half makes room.
      names().sort((a, b) => (read(a, {}).at ?? 0) - (read(b, {}).at ?? 0)).slice(0, Math.ceil(names().length / 2)).forEach(remove);
      write(nameOf(entry.item_id, entry.revision), kept);
    }
    forgetOld();
  },
  of: (id, revision, reviewer) => {
    const kept = read(nameOf(id, revision), null);
    return kept && kept.reviewer === reviewer ? kept : null;
  },
  /** Texts for the same ticket at another revision. */
  ofKey: (key, id, reviewer) => names().map((name) => read(name, null))
    .filter((kept) => kept && kept.key === key && kept.item_id !== id && kept.reviewer === reviewer)
    .sort((a, b) => b.at - a.at),
  all: (reviewer) => names().map((name) => read(name, null)).filter((kept) => kept && kept.reviewer === reviewer)
    .sort((a, b) => b.at - a.at),
  drop: (id, revision) => remove(nameOf(id, revision)),
  forgetOld,
};

// ---- answers on their way: sent, and not yet heard of ----

export const underway = {
  all: () => read("triaged.underway", []),
  put(answer) {
    write("triaged.underway", [...underway.all().filter((one) => one.body.key !== answer.body.key), answer].slice(-WAY_MOST));
  },
  drop: (key) => write("triaged.underway", underway.all().filter((one) => one.body.key !== key)),
};

// ---- answers that can be taken back, so that they can after a reload ----

export const held = {
  all: () => read("triaged.held", []),
  set: (list) => write("triaged.held", list.slice(-WAY_MOST)),
};

export const views = {
  all: () => read("triaged.views", []),
  set: (list) => write("triaged.views", list.slice(0, VIEWS_MOST)),
};

export const theme = {
  get: () => {
    try {
      return localStorage.getItem("triaged.theme") ?? "auto";
    } catch {
      return "auto";
    }
  },
  set: (name) => {
    try {
      if (name === "auto") localStorage.removeItem("triaged.theme");
      else localStorage.setItem("triaged.theme", name);
    } catch {
      // It lasts until the page is left.
    }
    if (name === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
  },
};
