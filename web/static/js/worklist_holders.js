/** Who holds them: late, returned, stuck or carded ones by level and area, each number a way in. */

import { byId, page } from "./page.js";
import { fill, h } from "./dom.js";
import { number } from "./format.js";
import { label, t } from "./message.js";

/** @typedef {{code: string, level: string, name: string | null, open: number, late: number, returned: number, stuck: number, carded: number}} Holder */
/** @typedef {import("./worklist_view.js").View} View */

const LISTED = 12;
const COUNTED = /** @type {const} */ (["late", "returned", "stuck", "carded"]);
const LEVELS = ["district", "street", "community", "grid"];
/** A community clerk holds everything at one desk: there is nothing to compare. */
const ROLES = ["supervisor", "commander", "dispatcher"];

export class Holders {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    this.place = byId("holders");
    this.all = false;
    /** @type {Holder[]} */
    this.holders = [];
    this.place.hidden = !ROLES.includes(page.user?.role ?? "");
  }

  /** @param {Holder[]} holders */
  show(holders) {
    this.holders = holders;
    const metric = COUNTED.find((name) => name === this.view.tab) ?? "open";
    const rows = holders.filter((one) => one[metric] > 0).sort((a, b) => b[metric] - a[metric] || a.code.localeCompare(b.code));
    const most = rows[0]?.[metric] ?? 1;
    const listed = this.all ? rows : rows.slice(0, LISTED);
    const { holder } = this.view.filters;
    fill(this.place,
      h("h2", null, t("desk.holders_of", { tab: t(`desk.tab_${metric}`) })),
      h("ul", { class: "levels" }, ...LEVELS.map((level) => this.level(level, rows, metric))),
      rows.length ? null : h("p", { class: "muted small" }, t("desk.holders_none")),
      h("ol", { class: "holders" }, ...listed.map((one) => h("li", null,
        h("button", { type: "button", class: "holder", "aria-pressed": String(one.code === holder), on: { click: () => this.choose(one) } },
          h("span", { class: "holder-name" }, one.name ?? one.code, h("small", { class: "muted" }, label("level", one.level))),
          h("b", { class: "num" }, number(one[metric])),
          h("meter", { min: 0, max: most, value: one[metric], "aria-hidden": "true" }))))),
      rows.length > listed.length ? h("button", { class: "link small more", type: "button", on: { click: () => { this.all = true; this.show(this.holders); } } }, t("desk.holders_more", { n: number(rows.length - listed.length) })) : null,
      holder ? h("button", { class: "btn", type: "button", on: { click: () => this.view.set({ holder: "", level: "" }) } }, t("desk.holders_all")) : null);
  }

  /**
   * @param {string} level
   * @param {Holder[]} rows
   * @param {"open" | "late" | "returned" | "stuck" | "carded"} metric
   */
  level(level, rows, metric) {
    const count = rows.filter((one) => one.level === level).reduce((sum, one) => sum + one[metric], 0);
    const chosen = this.view.filters.level === level && !this.view.filters.holder;
    return h("li", null, h("button", { class: "choice", type: "button", "aria-pressed": String(chosen), on: { click: () => this.view.set({ level: chosen ? "" : level, holder: "" }) } },
      label("level", level), h("b", { class: "num" }, number(count))));
  }

  /** Show what one desk holds itself. @param {Holder} one */
  choose(one) {
    const chosen = this.view.filters.holder === one.code;
    this.view.set(chosen ? { holder: "", level: "" } : { holder: one.code, level: one.level });
  }
}
