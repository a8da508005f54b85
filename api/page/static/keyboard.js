// Single keys for those whose hands stay on the keyboard. They can be switched off, since they get in the way of some.

import { visit } from "./visit.js";

const NAME = "pincite.single-keys";
const on = () => sessionStorage.getItem(NAME) !== "off";

function step(by) {
  const neighbour = document.querySelector(`.neighbours a[rel="${by > 0 ? "next" : "prev"}"]`);
  if (neighbour) return visit(neighbour.href);
  const hits = [...document.querySelectorAll("a[data-hit]")];
  const at = hits.indexOf(document.activeElement);
  const next = hits[at < 0 ? (by > 0 ? 0 : hits.length - 1) : at + by];
  next?.focus();
  next?.closest("li").scrollIntoView({ block: "nearest" });
}

const ACTIONS = {
  "/": () => {
    const box = document.getElementById("q");
    if (!box) return visit("/");
    box.focus();
    box.select();
  },
  j: () => step(1),
  k: () => step(-1),
  u: () => document.querySelector(".neighbours .back")?.click(),
  c: () => document.querySelector('[data-reference="plain"] [data-copies]')?.click(),
  "?": () => document.getElementById("keys").showModal(),
};

/** Listens to keys, and fills the dialog that tells of them. */
export function start() {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]), select, textarea, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !on()) return;
    const action = ACTIONS[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  const box = document.querySelector("[data-single-keys]");
  box.checked = on();
  box.addEventListener("change", () => sessionStorage.setItem(NAME, box.checked ? "on" : "off"));
  document.addEventListener("click", ({ target }) => {
    const opener = target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
  });
}

export function shown() {
  for (const opener of document.querySelectorAll("[data-opens]")) opener.hidden = false;
}
