/** Candidates on the map by their numbers, and the pin of a place being chosen. */

import { token } from "./page.js";
import { onScreen } from "./map_canvas.js";

/** @typedef {import("./contract.js").Candidate} Candidate */
/** @typedef {import("./map_canvas.js").View} View */

const RADIUS = 13;
/** Room kept free round the case, and between two numbers. */
const CLEAR_CASE = 34;
const CLEAR_NUMBER = 28;
const SHOWN = 9;

export class NumberCanvas {
  constructor() {
    /** @type {Candidate[]} */
    this.candidates = [];
    this.chosen = -1;
    /** @type {{lon: number, lat: number} | null} the case they would go to */
    this.goal = null;
    /** @type {{lon: number, lat: number, accuracyM?: number} | null} */
    this.pin = null;
    this.colours = { line: token("--map-select"), paper: token("--map-case-edge"), ink: token("--map-case") };
    this.font = getComputedStyle(document.body).fontFamily;
  }

  /**
   * @param {Candidate[]} candidates
   * @param {number} chosen
   * @param {{lon: number, lat: number} | null} goal
   */
  show(candidates, chosen, goal) {
    this.goal = goal;
    this.candidates = candidates.slice(0, SHOWN);
    this.chosen = chosen;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   */
  paint(context, view) {
    const places = this.places(view);
    for (const index of this.order()) this.paintNumber(context, view, index, places[index]);
    if (this.pin) this.paintPin(context, view, this.pin);
    return Infinity;
  }

  /**
   * Where each number is drawn: at the person, pushed aside where it would cover the case or a
   * better number.
   * @param {View} view
   * @returns {({x: number, y: number, atX: number, atY: number} | null)[]}
   */
  places(view) {
    /** @type {{x: number, y: number, clear: number}[]} */
    const taken = [];
    if (this.goal) {
      const [x, y] = onScreen(view, this.goal.lon, this.goal.lat);
      taken.push({ x, y, clear: CLEAR_CASE * view.unit });
    }
    return this.candidates.map(({ lon, lat }, index) => {
      if (lon === null || lat === null) return null;
      const [atX, atY] = onScreen(view, lon, lat);
      const free = aside(atX, atY, index, taken);
      taken.push({ ...free, clear: CLEAR_NUMBER * view.unit });
      return { ...free, atX, atY };
    });
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
   * @param {{x: number, y: number, atX: number, atY: number} | null} place
   */
  paintNumber(context, view, index, place) {
    if (!place) return;
    const { x, y, atX, atY } = place;
    const chosen = index === this.chosen;
    if (Math.hypot(x - atX, y - atY) > 3) {
      context.beginPath();
      context.moveTo(atX, atY);
      context.lineTo(x, y);
      context.lineWidth = 1.5 * view.unit;
      context.strokeStyle = this.colours.line;
      context.stroke();
      context.beginPath();
      context.arc(atX, atY, 3 * view.unit, 0, Math.PI * 2);
      context.fillStyle = this.colours.line;
      context.fill();
    }
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
    const places = this.places(view);
    return this.order().reverse().find((index) => {
      const place = places[index];
      return place !== null && Math.hypot(place.x - px, place.y - py) <= RADIUS * view.unit;
    }) ?? -1;
  }
}

/**
 * The nearest free place round a point, tried in widening circles; each rank turns another way.
 * @param {number} x
 * @param {number} y
 * @param {number} rank
 * @param {readonly {x: number, y: number, clear: number}[]} taken
 */
function aside(x, y, rank, taken) {
  for (let ring = 0; ring < 7; ring += 1) {
    const turns = ring === 0 ? 1 : 8;
    for (let turn = 0; turn < turns; turn += 1) {
      const angle = ((turn + rank * 3) * Math.PI) / 4;
      const at = { x: x + Math.cos(angle) * ring * 16, y: y + Math.sin(angle) * ring * 16 };
      if (taken.every((other) => Math.hypot(other.x - at.x, other.y - at.y) >= other.clear)) return at;
    }
  }
  return { x, y };
}
