/** Candidates on the map by their numbers, and the pin of a place being chosen. */

import { token } from "./page.js";
import { onScreen } from "./map_canvas.js";

/** @typedef {import("./contract.js").Candidate} Candidate */
/** @typedef {import("./map_canvas.js").View} View */

const RADIUS = 13;
const SHOWN = 9;

export class NumberCanvas {
  constructor() {
    /** @type {Candidate[]} */
    this.candidates = [];
    this.chosen = -1;
    /** @type {{lon: number, lat: number, accuracyM?: number} | null} */
    this.pin = null;
    this.colours = { line: token("--map-select"), paper: token("--map-case-edge"), ink: token("--map-case") };
    this.font = getComputedStyle(document.body).fontFamily;
  }

  /**
   * @param {Candidate[]} candidates
   * @param {number} chosen
   */
  show(candidates, chosen) {
    this.candidates = candidates.slice(0, SHOWN);
    this.chosen = chosen;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   */
  paint(context, view) {
    for (const index of this.order()) this.paintNumber(context, view, index);
    if (this.pin) this.paintPin(context, view, this.pin);
    return Infinity;
  }

  /** Far ranks first, the chosen one last: on top. */
  order() {
    const order = this.candidates.map((_, index) => index).reverse().filter((index) => index !== this.chosen);
    return this.chosen >= 0 && this.chosen < this.candidates.length ? [...order, this.chosen] : order;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   * @param {number} index
   */
  paintNumber(context, view, index) {
    const { lon, lat } = this.candidates[index];
    if (lon === null || lat === null) return;
    const [x, y] = onScreen(view, lon, lat);
    const chosen = index === this.chosen;
    context.beginPath();
    context.arc(x, y, RADIUS * view.unit, 0, Math.PI * 2);
    context.fillStyle = chosen ? this.colours.line : this.colours.paper;
    context.fill();
    context.lineWidth = 2.5 * view.unit;
    context.strokeStyle = chosen ? this.colours.paper : this.colours.line;
    context.stroke();
    context.fillStyle = chosen ? this.colours.paper : this.colours.line;
    context.font = `700 ${14 * view.unit}px ${this.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(String(index + 1), x, y + view.unit);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   * @param {{lon: number, lat: number, accuracyM?: number}} pin
   */
  paintPin(context, view, pin) {
    const [x, y] = onScreen(view, pin.lon, pin.lat);
    if (pin.accuracyM) {
      const metre = view.scale / (40_075_016.7 * Math.cos((pin.lat * Math.PI) / 180));
      context.beginPath();
      context.arc(x, y, pin.accuracyM * metre, 0, Math.PI * 2);
      context.globalAlpha = 0.14;
      context.fillStyle = this.colours.line;
      context.fill();
      context.globalAlpha = 1;
      context.lineWidth = 1.5;
      context.strokeStyle = this.colours.line;
      context.stroke();
    }
    context.beginPath();
    context.moveTo(x, y);
    context.bezierCurveTo(x - 16, y - 18, x - 11, y - 34, x, y - 34);
    context.bezierCurveTo(x + 11, y - 34, x + 16, y - 18, x, y);
    context.fillStyle = this.colours.ink;
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = this.colours.paper;
    context.stroke();
    context.beginPath();
    context.arc(x, y - 22, 4, 0, Math.PI * 2);
    context.fillStyle = this.colours.paper;
    context.fill();
  }

  /**
   * @param {View} view
   * @param {number} px
   * @param {number} py
   * @returns {number} index of the candidate, -1 for none
   */
  hit(view, px, py) {
    return this.order().reverse().find((index) => {
      const { lon, lat } = this.candidates[index];
      if (lon === null || lat === null) return false;
      const [x, y] = onScreen(view, lon, lat);
      return Math.hypot(x - px, y - py) <= RADIUS * view.unit;
    }) ?? -1;
  }
}
