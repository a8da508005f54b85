// Logging in and out: the field for a key, and what to do with a page that was served without one.

import { key } from "./keyring.js";
import { visit } from "./visit.js";

let tried = null;

/** Makes a page that was just shown fit the key that this tab has, or has not. */
export async function open() {
  const locked = document.querySelector("main[data-locked]");
  for (const button of document.querySelectorAll("[data-log-out]")) {
    button.hidden = !key.get();
    button.onclick = () => {
      key.forget();
      visit(location.href, { record: "none" });
    };
  }
  if (!locked) {
    tried = null;
    return;
  }
  if (key.get() && tried !== key.get()) {
    tried = key.get();
    await visit(location.href, { record: "none", top: history.state?.top ?? null });
    return;
  }
  const form = locked.querySelector("[data-logs-in]");
  form.hidden = false;
  form.querySelector(".problem").hidden = !tried;
  key.forget();
  tried = null;
  form.elements.key.focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    key.set(form.elements.key.value.trim());
    tried = key.get();
    visit(location.href, { record: "none" });
  });
}
