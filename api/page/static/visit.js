// Goes from page to page without loading anew: fetches what the server renders, with this tab's key, and puts it in place.
// Addresses, history and places on the page stay what they would be without script.

import { credentials } from "./keyring.js";

const PAGES = /^\/($|library$|articles\/)/;
const withoutPlace = (url) => url.pathname + url.search;
let latest = 0;
let shownNow = withoutPlace(location);

/** Whether an address is one of our own pages. */
export function isPage(url) {
  return url.origin === location.origin && PAGES.test(url.pathname);
}

/** Shows a page. `record` is "push", "replace" or "none"; the place on the page is the address's unless `top` is given. */
export async function visit(address, { record = "push", top = null, keepFocus = false } = {}) {
  const turn = ++latest;
  const url = new URL(address, location.href);
  if (record === "push") remember();
  document.documentElement.toggleAttribute("data-loading", true);
  document.querySelector("main").setAttribute("aria-busy", "true");
  try {
    const reply = await fetch(url.pathname + url.search, { headers: { ...credentials(), Accept: "text/html" } });
    const kind = reply.headers.get("content-type") || "";
    const html = kind.startsWith("text/html") ? await reply.text() : await notPage(reply);
    if (turn !== latest) return;
    if (record === "push") history.pushState({}, "", url);
    if (record === "replace") history.replaceState(history.state, "", url);
    shownNow = withoutPlace(url);
    show(new DOMParser().parseFromString(html, "text/html"), { keepFocus });
    place(url, top);
  } catch (error) {
    if (turn === latest) say("The server cannot be reached. Try again.", true);
  } finally {
    if (turn === latest) {
      document.documentElement.removeAttribute("data-loading");
      document.querySelector("main").removeAttribute("aria-busy");
    }
  }
}

/** Says something to those who do not see the page, and to those who do where it is a failure. */
export function say(text, seen = false) {
  const said = document.getElementById("said");
  said.textContent = text;
  said.classList.toggle("unseen", !seen);
  said.classList.toggle("notice", seen);
}

async function notPage(reply) {
  const { error } = await reply.json();
  const message = document.createElement("p");
  message.textContent = error.message;
  return `<main id="main" tabindex="-1"><div class="door"><h1>That did not work</h1>${message.outerHTML}</div></main>`;
}

function show(fresh, { keepFocus }) {
  const typing = document.activeElement?.id === "q" ? document.activeElement.selectionStart : null;
  for (const part of [".masthead", "main", ".colophon"]) {
    const [old, made] = [document.querySelector(part), fresh.querySelector(part)];
    if (old && made) old.replaceWith(document.adoptNode(made));
  }
  document.title = fresh.title || document.title;
  document.dispatchEvent(new Event("shown"));
  const box = document.getElementById("q");
  if (typing !== null && box) {
    box.focus({ preventScroll: true });
    box.setSelectionRange(typing, typing);
  } else if (!keepFocus) {
    document.querySelector("main").focus({ preventScroll: true });
  }
  say(document.getElementById("tally")?.textContent || document.querySelector("main h1")?.textContent || document.title);
}

function place(url, top) {
  const named = url.hash && document.getElementById(decodeURIComponent(url.hash.slice(1)));
  if (top !== null) scrollTo(0, top);
  else if (named) named.scrollIntoView();
  else scrollTo(0, 0);
}

/** Keeps how far down the page is, with the page's own entry in the history. */
function remember() {
  if (withoutPlace(location) === shownNow) history.replaceState({ ...history.state, top: scrollY }, "");
}

function clicked(event) {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const url = new URL(link.href);
  const here = withoutPlace(url) === withoutPlace(location);
  if (link.target || link.hasAttribute("download") || !isPage(url) || (here && url.hash)) return;
  event.preventDefault();
  visit(url);
}

function submitted(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "get") return;
  const url = new URL(form.action);
  const given = [...new FormData(form)].filter(([, value]) => typeof value === "string" && value.trim() !== "");
  url.search = new URLSearchParams(given).toString();
  event.preventDefault();
  visit(url);
}

/** Back, forward, or to a place on the same page, for which nothing is fetched. */
function moved({ state }) {
  if (withoutPlace(location) === shownNow) place(location, state?.top ?? null);
  else visit(location.href, { record: "none", top: state?.top ?? null });
}

/** Takes over links, forms and the back button. */
export function start() {
  history.scrollRestoration = "manual";
  document.addEventListener("click", clicked);
  document.addEventListener("submit", submitted);
  document.addEventListener("change", ({ target }) => target.matches("[data-submits]") && target.form.requestSubmit());
  addEventListener("popstate", moved);
  addEventListener("scrollend", remember);
  addEventListener("pagehide", remember);
}
