/** How well the map would have foretold: part of the cases caught, by part of the area looked at. */

import { fill, h, svg } from "./dom.js";
import { roughly } from "./format.js";
import { t } from "./message.js";

/** @typedef {[share: number, rate: number, low: number, high: number]} Point */
/** @typedef {{pai: number, pai_95: [number, number], hit_rate: number, curve: Point[]}} Model */

/**
 * @typedef {object} Backtest
 * @property {number} chosen_m
 * @property {number | null} likelihood_m
 * @property {number} windows
 * @property {number} train_days
 * @property {number} area_share
 * @property {{chosen: Model, counts: Model, random: Model}} models
 * @property {{bandwidth_m: number, pai: number, pai_95: [number, number]}[]} candidates
 */

const WIDTH = 300;
const HEIGHT = 150;
const LEFT = 34;
const FOOT = 20;
const MOST_SHARE = 0.2;
/** Shares are of whole cells: the last may lie a cell beyond. */
const A_CELL = 0.001;

/** @param {number} share */
const x = (share) => LEFT + (share / MOST_SHARE) * (WIDTH - LEFT - 8);
/** @param {number} rate */
const y = (rate) => 8 + (1 - rate) * (HEIGHT - FOOT - 8);

/**
 * @param {HTMLElement} place
 * @param {Backtest | null} backtest
 * @param {{busy: boolean, failed: string}} state
 */
export function showBacktest(place, backtest, { busy, failed }) {
  if (!backtest) {
    fill(place, busy ? h("p", { class: "muted small busy-line", role: "status" }, t("risk.backtest_busy")) : h("p", { class: "muted small" }, failed || t("risk.backtest_none")));
    return;
  }
  const { chosen, counts } = backtest.models;
  const top = Math.min(1, Math.max(...chosen.curve.filter(([share]) => share <= MOST_SHARE + A_CELL).map((point) => point[3])) * 1.08);
  const scaled = (/** @type {number} */ rate) => y(rate / top);
  const chart = svg("svg", { class: "curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": t("risk.curve_says", { share: roughly(backtest.area_share), rate: roughly(chosen.hit_rate), counts: roughly(counts.hit_rate) }) },
    ...[0, 0.5, 1].map((part) => axisRow(scaled(part * top), roughly(part * top))),
    ...[0, 0.05, 0.1, 0.15, 0.2].map((share) => svg("text", { x: x(share), y: HEIGHT - 4, class: "curve-text", "text-anchor": share === MOST_SHARE ? "end" : "middle" }, share ? roughly(share) : "0")),
    svg("path", { d: band(chosen.curve, scaled), class: "curve-band" }),
    svg("path", { d: line([[0, 0, 0, 0], [MOST_SHARE, MOST_SHARE, 0, 0]], scaled), class: "curve-random" }),
    svg("path", { d: line(counts.curve, scaled), class: "curve-counts" }),
    svg("path", { d: line(chosen.curve, scaled), class: "curve-chosen" }),
    svg("line", { x1: x(backtest.area_share), x2: x(backtest.area_share), y1: scaled(top), y2: scaled(0), class: "curve-mark" }));
  fill(place, chart,
    h("p", { class: "curve-key small" }, h("span", { class: "key-chosen" }, t("risk.curve_chosen", { m: backtest.chosen_m })), h("span", { class: "key-counts" }, t("risk.curve_counts")), h("span", { class: "key-random" }, t("risk.curve_random"))),
    h("p", { class: "muted small num" }, t("risk.curve_says", { share: roughly(backtest.area_share), rate: roughly(chosen.hit_rate), counts: roughly(counts.hit_rate) })));
}

/** @param {number} at @param {string} text */
function axisRow(at, text) {
  return svg("g", null, svg("line", { x1: LEFT, x2: WIDTH - 8, y1: at, y2: at, class: "curve-axis" }), svg("text", { x: LEFT - 4, y: at + 4, class: "curve-text", "text-anchor": "end" }, text));
}

/** @param {readonly Point[]} curve */
const near = (curve) => [/** @type {Point} */ ([0, 0, 0, 0]), ...curve.filter(([share]) => share <= MOST_SHARE + A_CELL)];

/** @param {readonly Point[]} curve @param {(rate: number) => number} scaled */
const line = (curve, scaled) => near(curve).map(([share, rate], index) => `${index ? "L" : "M"}${x(share).toFixed(1)} ${scaled(rate).toFixed(1)}`).join("");

/** @param {readonly Point[]} curve @param {(rate: number) => number} scaled */
function band(curve, scaled) {
  const points = near(curve);
  const there = points.map((point) => `${x(point[0]).toFixed(1)} ${scaled(point[3]).toFixed(1)}`);
  const back = points.reverse().map((point) => `${x(point[0]).toFixed(1)} ${scaled(point[2]).toFixed(1)}`);
  return `M${[...there, ...back].join("L")}Z`;
}
