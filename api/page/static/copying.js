// Copying and saving citations, and citing what is selected in an article.

import { say, visit } from "./visit.js";

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure connection there is no clipboard; the old way still works.
    const field = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

function wire(reference) {
  const text = () => reference.querySelector("pre").textContent;
  const button = reference.querySelector("[data-copies]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    await copy(text());
    button.textContent = "Copied";
    say(`${reference.querySelector("summary").textContent} copied.`);
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  const link = reference.querySelector("[data-downloads]");
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const address = URL.createObjectURL(new Blob([text()], { type: "text/plain" }));
    Object.assign(document.createElement("a"), { href: address, download: link.download }).click();
    setTimeout(() => URL.revokeObjectURL(address));
  });
}

/** Where a point of a selection stands in the article's text, in code points: a browser counts UTF-16 units, so that
 * an emoji is two; the blocks say where they begin. */
function offset(node, at) {
  const block = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("[data-start]");
  if (!block) return null;
  const before = document.createRange();
  before.setStart(block, 0);
  before.setEnd(node, at);
  return Number(block.dataset.start) + [...before.toString()].length;
}

function selected() {
  const selection = getSelection();
  const article = document.querySelector("article.text");
  if (!article || selection.isCollapsed || !selection.toString().trim()) return null;
  const range = selection.getRangeAt(0);
  const [start, end] = [offset(range.startContainer, range.startOffset), offset(range.endContainer, range.endOffset)];
  return start === null || end === null || start >= end ? null : { start, end, box: range.getBoundingClientRect() };
}

function offer() {
  const button = document.querySelector("[data-cites-selection]");
  if (!button) return;
  const place = selected();
  button.hidden = !place;
  if (!place) return;
  button.style.top = `${place.box.bottom + scrollY + 8}px`;
  button.style.left = `${Math.max(8, place.box.left + scrollX)}px`;
}

function citeSelection() {
  const place = selected();
  if (!place) return;
  const url = new URL(location.href);
  url.searchParams.delete("cite");
  url.searchParams.set("start", place.start);
  url.searchParams.set("end", place.end);
  url.hash = "cited";
  getSelection().removeAllRanges();
  visit(url);
}

export function start() {
  document.addEventListener("selectionchange", offer);
  document.addEventListener("click", ({ target }) => target.closest("[data-cites-selection]") && citeSelection());
}

export function shown() {
  document.querySelectorAll("[data-reference]").forEach(wire);
}
