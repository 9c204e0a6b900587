/** The tabs of the desk with their numbers. */

import { byId } from "./page.js";
import { fill, h, say } from "./dom.js";
import { number } from "./format.js";
import { t } from "./message.js";
import { TAB_NAMES } from "./worklist_view.js";

/** @typedef {import("./worklist_view.js").View} View */

const AMISS = ["late", "returned", "stuck", "carded"];
const HINTS = ["returned", "stuck"];

export class Tabs {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    fill(byId("tabs"), ...TAB_NAMES.map((name) => h("button", {
      class: "tab", type: "button", data: { tab: name }, title: HINTS.includes(name) ? t(`desk.hint_${name}`) : null,
      on: { click: () => view.set({ tab: name }) },
    }, h("span", null, t(`desk.tab_${name}`)), h("b", { class: "num" }))));
  }

  /** @param {Record<string, number> | null} counts */
  show(counts) {
    for (const child of byId("tabs").children) {
      const button = /** @type {HTMLElement} */ (child);
      const name = button.dataset.tab ?? "";
      button.setAttribute("aria-pressed", String(name === this.view.tab));
      const count = counts?.[name];
      say(/** @type {Element} */ (button.lastElementChild), count === undefined ? "" : number(count));
      button.dataset.amiss = String(AMISS.includes(name) && Boolean(count));
    }
    byId("tabs").querySelector('[aria-pressed="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** @param {number} by */
  step(by) {
    const at = TAB_NAMES.indexOf(this.view.tab);
    this.view.set({ tab: TAB_NAMES[(at + by + TAB_NAMES.length) % TAB_NAMES.length] });
  }
}
