/** Keys of the page, of the notices at its foot, and the overlay that shows them (`?`). */

import { h } from "./dom.js";
import { t } from "./message.js";
import { takeOffer } from "./toast.js";

/**
 * @typedef {object} Key
 * @property {string} key as KeyboardEvent.key; letters in lower case
 * @property {string} shown what stands on the key
 * @property {string} says what it does
 * @property {(event: KeyboardEvent) => void} run
 * @property {boolean} [always] also while typing in a field
 * @property {boolean} [hidden] not in the overlay: one of a range shown as one
 */

/** @type {Key[]} */
const keys = [];
/** @type {HTMLDialogElement | null} */
let sheet = null;

/**
 * Bind keys. The first that fits is run.
 * @param {Key[]} more
 */
export function bindKeys(more) {
  keys.push(...more);
}

/** Start listening; the `?` key and the button `#keys-open` show the overlay. */
export function startKeys() {
  bindKeys([{ key: "?", shown: "?", says: t("keys.this"), run: showKeys }]);
  document.addEventListener("keydown", onKey);
  document.getElementById("keys-open")?.addEventListener("click", showKeys);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (sheet?.open) return;
  const typing = isTyping(event.target);
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const found = keys.find((key) => key.key === name && (key.always || !typing));
  if (!found) {
    if (!typing) takeOffer(name);
    return;
  }
  if (name === "Enter" && isButton(event.target)) return;
  if (name === " " && isControl(event.target)) return;
  event.preventDefault();
  found.run(event);
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable
    || target.matches("input:not([type=checkbox], [type=radio], [type=range]), textarea, select"));
}

/**
 * Whether Enter belongs to what has the focus. What is chosen already leaves it to the page: with
 * a case or a candidate selected by the mouse, Enter assigns.
 * @param {EventTarget | null} target
 */
function isButton(target) {
  return target instanceof HTMLElement
    && target.matches("button:not([aria-current=true], [aria-checked=true]), a[href], summary");
}

/** Whether Space belongs to what has the focus. @param {EventTarget | null} target */
function isControl(target) {
  return target instanceof HTMLElement && target.matches("button, summary, select, input, a[href], [role=slider]");
}

function showKeys() {
  sheet ??= makeSheet();
  sheet.showModal();
}

function makeSheet() {
  const list = h("dl", { class: "keys" });
  for (const key of keys) {
    if (!key.hidden) list.append(h("dt", null, h("kbd", null, key.shown)), h("dd", null, key.says));
  }
  const close = h("button", { class: "btn", type: "button", autofocus: true }, t("app.close"));
  const dialog = h("dialog", { class: "sheet", "aria-label": t("keys.title") },
    h("div", { class: "sheet-card" }, h("h2", null, t("keys.title")), list,
      h("p", null, h("br"), close)));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  return dialog;
}
