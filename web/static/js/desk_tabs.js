/** On a narrow screen one pane at a time, chosen by tabs. */

import { byId } from "./page.js";

/** @returns {{show: (name: string) => void}} */
export function showPanes() {
  const panes = byId("main");
  const tabs = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll(".desk-tabs [data-pane]")]);
  const show = (/** @type {string} */ name) => {
    panes.dataset.pane = name;
    for (const tab of tabs) tab.setAttribute("aria-pressed", String(tab.dataset.pane === name));
  };
  for (const tab of tabs) tab.addEventListener("click", () => show(tab.dataset.pane ?? "queue"));
  return { show };
}
