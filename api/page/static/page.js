// Where the page's script starts. Everything here makes smoother what works without it, but for adding, deleting and
// keeping a key, which need it.

import * as copying from "./copying.js";
import * as door from "./door.js";
import * as keeping from "./keeping.js";
import * as keyboard from "./keyboard.js";
import * as visits from "./visit.js";

function shown() {
  for (const part of [keyboard, copying, keeping]) part.shown();
  door.open();
}

visits.start();
keyboard.start();
copying.start();
document.addEventListener("shown", shown);
shown();
