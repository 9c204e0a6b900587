/** The panel of the risk map: what, when, and the densest grids as a list with the same selection. */

import { fill, h } from "./dom.js";
import { decimal, number, shortCode } from "./format.js";
import { label, t } from "./message.js";
import { shapeIcon } from "./shape.js";
import { daysAgo } from "./risk_time.js";

const FAMILIES = /** @type {const} */ (["dispute", "hazard", "service", "police"]);
const PRESETS = [7, 30, 90, 180, 365];
const LISTED = 12;

/**
 * @typedef {object} Options
 * @property {(families: string[]) => void} onFamilies none means all
 * @property {(days: number) => void} onPreset
 * @property {(code: string) => void} onGrid
 */

export class RiskPanel {
  /**
   * @param {HTMLElement} place
   * @param {Options} options
   */
  constructor(place, options) {
    this.options = options;
    this.families = h("div", { class: "checks" });
    this.presets = h("div", { class: "segment" });
    this.list = h("ol", { class: "ranking" });
    this.note = h("div", null);
    place.append(
      h("section", null, h("h2", null, t("risk.what")), this.families),
      h("section", null, h("h2", null, t("risk.when")), this.presets, h("p", { class: "small muted" }, t("risk.when_hint"))),
      h("section", null, h("h2", null, t("risk.where")), h("p", { class: "small muted" }, t("risk.where_hint")), this.list, this.note));
  }

  /**
   * @param {import("./density.js").Density} density
   * @param {{families: string[], since: string, until: string, grid: string}} asked
   */
  show(density, asked) {
    fill(this.families, ...FAMILIES.map((name) => this.family(name, asked.families)));
    fill(this.presets, ...PRESETS.map((days) => h("button", {
      class: "choice", type: "button", "aria-pressed": String(asked.since === daysAgo(days) && asked.until === daysAgo(0)), on: { click: () => this.options.onPreset(days) },
    }, t(`risk.days_${days}`))));
    const densest = density.rows.filter((row) => row.count > 0).sort((a, b) => b.perKm2 - a.perKm2).slice(0, LISTED);
    fill(this.list, ...densest.map((row, index) => h("li", null, h("button", {
      class: "rank", type: "button", data: { code: row.code }, "aria-current": String(row.code === asked.grid), on: { click: () => this.options.onGrid(row.code) },
    }, h("span", { class: "num muted" }, String(index + 1)), h("span", null, row.name, " ", h("small", { class: "muted num" }, shortCode(row.code))),
    h("span", { class: "num" }, h("strong", null, decimal(row.perKm2, 1)), h("small", { class: "muted" }, ` · ${t("risk.cases", { n: number(row.count) })}`))))));
    fill(this.note, densest.length ? null : h("div", { class: "empty" }, h("strong", null, t("risk.empty")), h("span", null, t("risk.empty_next")),
      h("button", { class: "btn", type: "button", on: { click: () => this.options.onPreset(365) } }, t("risk.days_365"))));
  }

  /**
   * @param {(typeof FAMILIES)[number]} name
   * @param {string[]} chosen
   */
  family(name, chosen) {
    const box = h("input", { type: "checkbox" });
    box.checked = !chosen.length || chosen.includes(name);
    box.addEventListener("change", () => {
      const now = FAMILIES.filter((one) => (one === name ? box.checked : !chosen.length || chosen.includes(one)));
      this.options.onFamilies(now.length === FAMILIES.length ? [] : [...now]);
    });
    return h("label", { class: "check" }, box, shapeIcon(name), h("span", null, label("family", name)));
  }

  /** @param {string} code */
  mark(code) {
    for (const button of this.list.querySelectorAll("button")) button.setAttribute("aria-current", String(button.dataset.code === code));
  }
}
