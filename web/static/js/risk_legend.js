/** The legend of a risk map: colours as the server drew them, limits as people read them. */

import { h } from "./dom.js";
import { decimal, number } from "./format.js";
import { t } from "./message.js";

/** @typedef {import("./risk_source.js").Facts} Facts */

/** Gi* beyond 1.96 and 2.576: 95 and 99 of 100 repeats of chance stay below. */
const WORDS = { "-2.576": "−99%", "-1.96": "−95%", "-1": "−1σ", 1: "+1σ", 1.96: "+95%", 2.576: "+99%" };

/** @param {number} value */
export const figure = (value) => (value >= 100 ? number(value) : value >= 10 ? decimal(value, value % 1 ? 1 : 0) : String(Number(value.toPrecision(2))));

/**
 * @param {Facts} facts
 * @returns {HTMLElement}
 */
export function legendOf(facts) {
  const { limits, colors } = facts.legend;
  if (facts.measure === "outlier") return quadrants(colors);
  const words = limits.map((limit) => wordOf(facts, limit));
  const bar = h("div", { class: "ramp-bar" }, ...colors.map((color) => {
    const part = h("span", null);
    part.style.backgroundColor = color;
    return part;
  }));
  // A density's first class begins at its first limit; elsewhere a class lies below it.
  const marks = facts.measure === "density" ? words : ["", ...words];
  return h("div", { class: `ramp ramp-${facts.measure}`, role: "img", "aria-label": t("risk.legend", { limits: words.join(", ") }) },
    bar, h("div", { class: "ramp-limits num" }, ...marks.map((mark) => h("span", null, mark))));
}

/** @param {string[]} colors of local Moran's quadrants, from low among low */
function quadrants(colors) {
  return h("ul", { class: "ramp-list" }, ...colors.map((color, index) => {
    const part = h("span", null);
    part.style.backgroundColor = color;
    return h("li", null, part, t(`risk.quadrant_${index + 1}`));
  }));
}

/** @param {Facts} facts @param {number} limit */
function wordOf(facts, limit) {
  if (facts.measure === "significance") return WORDS[/** @type {keyof typeof WORDS} */ (String(limit))] ?? String(limit);
  return facts.measure === "relative" ? `×${figure(limit)}` : figure(limit);
}
