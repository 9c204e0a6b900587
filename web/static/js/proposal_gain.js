/** What looking at all cases together gains over sending one by one: four numbers, side by side. */

import { h } from "./dom.js";
import { decimal, number } from "./format.js";
import { t } from "./message.js";

/** @typedef {{cost: number, road_s: number, left: number, late: number}} Tally */

/** @type {[string, (tally: Tally) => number, (value: number) => string][]} */
const ROWS = [
  ["cost", (tally) => tally.cost, (value) => decimal(value, 1)],
  ["road", (tally) => Math.round(tally.road_s / 60), number],
  ["late", (tally) => tally.late, number],
  ["left", (tally) => tally.left, number],
];

/**
 * A small table: together, one by one, and the difference in words.
 * @param {{together: Tally, one_by_one: Tally}} found
 */
export function gainOf({ together, one_by_one: single }) {
  const row = (/** @type {string} */ name, /** @type {(at: number) => string} */ text) => h("tr", { data: { row: name } },
    h("th", { scope: "row" }, t(`proposal.${name}`)),
    ...ROWS.map((_, at) => h("td", { class: "num" }, text(at))));
  const of = (/** @type {Tally} */ tally) => (/** @type {number} */ at) => ROWS[at][2](ROWS[at][1](tally));
  return h("table", { class: "proposal-gain" },
    h("caption", { class: "visually-hidden" }, t("proposal.gain_caption")),
    h("thead", null, h("tr", null, h("td", null), ...ROWS.map(([name]) => h("th", { scope: "col" }, t(`proposal.row_${name}`))))),
    h("tbody", null,
      row("together", of(together)),
      row("one_by_one", of(single)),
      row("gain", (at) => difference(ROWS[at][1](single) - ROWS[at][1](together), ROWS[at][2]))));
}

/**
 * @param {number} gain more than zero: together is less
 * @param {(value: number) => string} show
 */
function difference(gain, show) {
  const said = show(Math.abs(gain));
  if (said === show(0)) return t("proposal.same");
  return t(gain > 0 ? "proposal.less" : "proposal.more", { n: said });
}
