// Signing in: a page at first, a dialog over the work when the session has ended meanwhile.

import { open } from "./dialogs.js";
import { el, icon } from "./dom.js";
import * as session from "./session.js";
import * as words from "./words.js";

function form({ name = "", done, extra }) {
  const error = el("p.form-error", { role: "alert" });
  const user = el("input", { type: "text", name: "username", autocomplete: "username", required: true, maxlength: 200, value: name, readonly: Boolean(name), autocapitalize: "none", spellcheck: "false" });
  const password = el("input", { type: "password", name: "password", autocomplete: "current-password", required: true, maxlength: 1000, autofocus: Boolean(name) });
  const yes = el("button.primary.wide", { type: "submit" }, "Sign in");
  return el("form.signin-form", { on: { submit: async (event) => {
    event.preventDefault();
    yes.disabled = true;
    error.textContent = "";
    try {
      await session.signIn(user.value.trim(), password.value);
      done();
    } catch (failed) {
      error.textContent = failed.code === "locked" && failed.retryAfter ? `Too many tries. Wait ${words.seconds(failed.retryAfter)}, then try again.` : failed.message;
      password.value = "";
      password.focus();
    }
    yes.disabled = false;
  } } },
  el("label.field", el("span", "Name"), user), el("label.field", el("span", "Password"), password), error, yes, extra);
}

export function signInPage(done) {
  return el("div.signin", el("div.signin-box", el("img", { src: "/static/icon.svg", alt: "", width: 40, height: 40 }), el("h1", "Sign in to triaged"), form({ done })));
}

let asking = null;

/** Asks again in place. Everything on the page stays as it is. */
export function signInAgain() {
  const name = session.reviewer();
  asking ??= session.resume().catch(() => null).then((known) => (known ? null : open({
    title: "Your session has ended", stay: true, describe: "Sign in again and go on. What you wrote is still there.",
    build: (close) => form({ name, done: () => close(true), extra: el("p.hint.assured", icon("check"), "Nothing is lost: texts are kept in this browser.") }),
  }))).finally(() => (asking = null));
  return asking;
}
