/** A dialog over the page: keys pressed in it are its own, and it gives the focus back. */

import { h } from "./dom.js";

/**
 * Show a dialog.
 * @param {string} title
 * @param {HTMLElement} card what it holds, of class `sheet-card`
 * @returns {{dialog: HTMLDialogElement, closed: Promise<string>}} `closed` gives its return value
 */
export function openSheet(title, card) {
  const before = document.activeElement;
  const dialog = h("dialog", { class: "sheet", "aria-label": title }, card);
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  document.body.append(dialog);
  dialog.showModal();
  const closed = new Promise((/** @type {(value: string) => void} */ resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
      resolve(dialog.returnValue);
    });
  });
  return { dialog, closed };
}
