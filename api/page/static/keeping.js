// Adding and deleting articles: files one by one with their progress, a URL line by line, deletion after a question.

import { api, credentials } from "./keyring.js";
import { say, visit } from "./visit.js";

const WORDS = { added: "Added", updated: "Updated", unchanged: "Unchanged", superseded: "Replaced", rejected: "Rejected" };

function part(tag, className, text) {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

/** Tells what became of one article; names and reasons are text, never markup. */
function tell(list, status, name, reason = "") {
  const line = part("li", status, "");
  line.append(part("span", "fate", WORDS[status] || status));
  const label = document.createElement("bdi");
  label.textContent = reason || name;
  line.append(label);
  list.prepend(line);
}

function tellAll(list, reply, name) {
  if (reply.error) return tell(list, "rejected", name, `${name}: ${reply.error.message}`);
  for (const one of reply.results) tell(list, one.status, one.id || name, one.error?.message);
  if (!reply.results.length) tell(list, "rejected", name, `${name}: it holds no article.`);
}

/** Sends one file; `onSent` is called with the part of it (0..1) that is on its way. */
function upload(file, onSent) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("files", file);
    request.open("POST", api("/v1/articles/upload"));
    for (const [name, value] of Object.entries(credentials())) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onSent(total ? loaded / total : 0);
    request.onload = () => resolve(parsed(request.responseText));
    request.onerror = () => resolve({ error: { message: "The server cannot be reached." } });
    request.send(body);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { error: { message: "The server answered something that is not understood." } };
  }
}

class Adding {
  constructor(section) {
    this.list = section.querySelector(".fates");
    this.bar = section.querySelector("progress");
    this.row = section.querySelector(".progress");
    this.text = section.querySelector("[data-progress]");
  }

  show(text, done = null) {
    this.row.hidden = text === null;
    this.text.textContent = text ?? "";
    if (done === null) this.bar.removeAttribute("value");
    else this.bar.value = done;
  }

  async files(files) {
    for (const [at, file] of files.entries()) {
      const name = files.length > 1 ? `${file.name}, ${at + 1} of ${files.length}` : file.name;
      this.show(`Sending ${name}`, at / files.length);
      const reply = await upload(file, (sent) =>
        sent < 1 ? this.show(`Sending ${name}`, (at + sent / 2) / files.length) : this.show(`Reading ${name}`));
      tellAll(this.list, reply, file.name);
    }
    await this.done();
  }

  async url(url) {
    this.show(`Reading ${url}`);
    let stored = 0;
    try {
      for await (const line of lines(url)) {
        if (line.error && !line.status) tell(this.list, "rejected", url, line.error.message);
        else tell(this.list, line.status, line.id || url, line.error?.message);
        this.show(`Reading ${url}: ${++stored}`);
      }
    } catch {
      tell(this.list, "rejected", url, "The server cannot be reached.");
    }
    await this.done();
  }

  /** Shows the library as it is now, with the list of what was done left in place. */
  async done() {
    this.show(null);
    const [list, told] = [this.list, `${this.list.children.length} told.`];
    await visit(location.href, { record: "none", top: scrollY, keepFocus: true });
    document.querySelector(".fates")?.replaceWith(list);
    say(told);
  }
}

async function* lines(url) {
  const reply = await fetch(api("/v1/articles/fetch"), {
    method: "POST",
    headers: { ...credentials(), "Content-Type": "application/json", Accept: "application/x-ndjson" },
    body: JSON.stringify({ url }),
  });
  if (!reply.ok) {
    yield parsed(await reply.text());
    return;
  }
  let rest = "";
  for await (const piece of reply.body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + piece).split("\n");
    rest = parts.pop();
    for (const line of parts) if (line) yield parsed(line);
  }
}

function wireAdding(section) {
  section.hidden = false;
  const [drop, input, form] = ["[data-drop]", "[data-files]", "[data-fetches]"].map((one) => section.querySelector(one));
  const adding = new Adding(section);
  input.addEventListener("change", () => adding.files([...input.files]));
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.toggleAttribute("data-over", true);
    });
  }
  drop.addEventListener("dragleave", () => drop.removeAttribute("data-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.removeAttribute("data-over");
    adding.files([...event.dataTransfer.files]);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    adding.url(form.elements.url.value.trim());
  });
}

async function remove(id, dialog) {
  const reply = await fetch(api(`/v1/articles/${encodeURIComponent(id)}`), { method: "DELETE", headers: credentials() });
  if (reply.ok) return true;
  const problem = dialog.querySelector(".problem");
  problem.textContent = parsed(await reply.text()).error.message;
  problem.hidden = false;
  dialog.showModal();
  return false;
}

function wireDeleting(button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const dialog = document.getElementById("deleting");
    dialog.querySelector("[data-named]").textContent = button.dataset.title;
    dialog.querySelector(".problem").hidden = true;
    dialog.returnValue = "no";
    dialog.onclose = async () => {
      if (dialog.returnValue !== "yes" || !(await remove(button.dataset.deletes, dialog))) return;
      const listed = location.pathname === "/library";
      await visit(listed ? location.href : api("/library"), { record: listed ? "none" : "push", top: listed ? scrollY : null });
      say("Deleted.");
    };
    dialog.showModal();
  });
}

export function shown() {
  document.querySelectorAll("[data-adding]").forEach(wireAdding);
  document.querySelectorAll("[data-deletes]").forEach(wireDeleting);
}
