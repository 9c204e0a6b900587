/**
 * People on the map: below zoom 12 gathered into discs that grow with their number, from there on
 * one by one, with a nose in the direction of travel and a shape by kind of work. Who has not been
 * heard of for long fades.
 */

import { token } from "./page.js";
import { now } from "./clock.js";

/** @typedef {import("./people.js").People} People */
/** @typedef {import("./map_canvas.js").View} View */

export const SINGLE_FROM_ZOOM = 12;
const FRAME_MS = 40;
const GATHERED_FRAME_MS = 1000;
/** Seconds without a fix after which somebody is drawn as stale, and as lost. */
export const STALE_S = 300;
const LOST_S = 1800;
const CELL_PX = 11;
const MOVING_MPS = 0.3;

const SQUARE = new Set(["mediator", "judge", "lawyer", "justice_officer"]);
const POST = new Set(["police_officer", "firefighter", "fire_clerk", "urban_officer", "gas_fitter"]);

/** @typedef {"disc" | "square" | "post"} Glyph */
/** @typedef {{x: number, y: number, width: number, height: number}} Gap middle in Mercator, size in CSS pixels */

/**
 * @param {string} role
 * @returns {Glyph}
 */
export function glyphOf(role) {
  return SQUARE.has(role) ? "square" : POST.has(role) ? "post" : "disc";
}

export class PeopleCanvas {
  /**
   * @param {People} people
   */
  constructor(people) {
    this.people = people;
    this.shown = true;
    /** Drawn small and pale, as when a case stands in front. */
    this.quiet = false;
    /** Names on the map that gathered people must not cover. @type {Gap[]} */
    this.gaps = [];
    /** Id of the person to mark, 0 for nobody. */
    this.marked = 0;
    this.colours = {
      fresh: token("--map-person"), stale: token("--map-person-stale"), edge: token("--map-person-edge"),
      mark: token("--map-select"),
    };
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   */
  paint(context, view) {
    if (!this.shown) return Infinity;
    const moving = this.people.place(now());
    const gathered = view.zoom < SINGLE_FROM_ZOOM;
    if (gathered) this.paintGathered(context, view);
    else this.paintSingle(context, view);
    if (!moving) return Infinity;
    return gathered ? GATHERED_FRAME_MS : FRAME_MS;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   */
  paintGathered(context, view) {
    context.fillStyle = this.colours.fresh;
    for (const cell of this.gather(view)) {
      const x = (cell.x / cell.n - view.left) * view.scale;
      const y = (cell.y / cell.n - view.top) * view.scale;
      context.globalAlpha = Math.min(0.85, 0.34 + 0.07 * cell.n);
      context.beginPath();
      context.arc(x, y, cellRadius(cell.n) * view.unit, 0, Math.PI * 2);
      context.fill();
    }
    context.globalAlpha = 1;
    this.clearGaps(context, view);
  }

  /**
   * Let the names of the map below be read.
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   */
  clearGaps(context, view) {
    context.save();
    context.globalCompositeOperation = "destination-out";
    context.globalAlpha = 0.88;
    for (const { x, y, width, height } of this.gaps) {
      const left = (x - view.left) * view.scale - width / 2;
      const top = (y - view.top) * view.scale - height / 2;
      context.beginPath();
      context.roundRect(left, top, width, height, height / 3);
      context.fill();
    }
    context.restore();
  }

  /**
   * Gather people into cells anchored to the ground, so that panning does not reshuffle them.
   * @param {View} view
   */
  gather(view) {
    const { drawnX, drawnY, alive, size } = this.people;
    const cell = (CELL_PX * view.unit) / (512 * 2 ** (Math.floor(view.zoom * 2) / 2));
    const margin = cell * 2;
    const right = view.left + view.width / view.scale + margin;
    const bottom = view.top + view.height / view.scale + margin;
    /** @type {Map<number, {n: number, x: number, y: number}>} */
    const cells = new Map();
    for (let row = 0; row < size; row += 1) {
      const x = drawnX[row];
      const y = drawnY[row];
      if (!alive[row] || x < view.left - margin || x > right || y < view.top - margin || y > bottom) continue;
      const key = Math.floor(x / cell) * 1e7 + Math.floor(y / cell);
      const found = cells.get(key);
      if (found) {
        found.n += 1;
        found.x += x;
        found.y += y;
      } else {
        cells.set(key, { n: 1, x, y });
      }
    }
    return cells.values();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   */
  paintSingle(context, view) {
    const { drawnX, drawnY, alive, size, fixAt, heading, speed, role, roles, id } = this.people;
    const atMs = now();
    const r = (view.zoom < 14 ? 3.2 : view.zoom < 16 ? 4.4 : 5.6) * view.unit * (this.quiet ? 0.75 : 1);
    const pale = this.quiet ? 0.5 : 1;
    context.lineWidth = Math.max(1, view.unit);
    context.strokeStyle = this.colours.edge;
    for (let row = 0; row < size; row += 1) {
      if (!alive[row]) continue;
      const x = (drawnX[row] - view.left) * view.scale;
      const y = (drawnY[row] - view.top) * view.scale;
      if (x < -r || y < -r || x > view.width + r || y > view.height + r) continue;
      const age = (atMs - fixAt[row]) / 1000;
      context.globalAlpha = pale * (age > LOST_S ? 0.45 : age > STALE_S ? 0.7 : 1);
      context.fillStyle = age > STALE_S ? this.colours.stale : this.colours.fresh;
      const nose = speed[row] > MOVING_MPS && age <= STALE_S ? heading[row] : Number.NaN;
      traceGlyph(context, glyphOf(roles[role[row]] ?? ""), x, y, r, nose);
      context.fill();
      context.stroke();
      if (id[row] === this.marked) this.mark(context, x, y, r);
    }
    context.globalAlpha = 1;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} x
   * @param {number} y
   * @param {number} r
   */
  mark(context, x, y, r) {
    context.save();
    context.globalAlpha = 1;
    context.strokeStyle = this.colours.mark;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, r * 2.2, 0, Math.PI * 2);
    context.stroke();
    context.restore();
  }

  /**
   * Find the person nearest to a place on the screen.
   * @param {View} view
   * @param {number} px
   * @param {number} py
   * @param {number} [within] pixels
   * @returns {number} the row, -1 for nobody
   */
  hit(view, px, py, within = 12) {
    if (!this.shown || view.zoom < SINGLE_FROM_ZOOM) return -1;
    const { drawnX, drawnY, alive, size } = this.people;
    const x = view.left + px / view.scale;
    const y = view.top + py / view.scale;
    let best = -1;
    let least = (within * view.unit) / view.scale;
    for (let row = 0; row < size; row += 1) {
      if (!alive[row]) continue;
      const away = Math.hypot(drawnX[row] - x, drawnY[row] - y);
      if (away < least) {
        least = away;
        best = row;
      }
    }
    return best;
  }
}

/** @param {number} n */
function cellRadius(n) {
  return Math.min(3.4, 1 + 0.5 * Math.log2(n));
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Glyph} glyph
 * @param {number} x
 * @param {number} y
 * @param {number} r
 * @param {number} headingDeg NaN where unknown or standing
 */
function traceGlyph(context, glyph, x, y, r, headingDeg) {
  context.beginPath();
  if (glyph === "square") context.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
  else if (glyph === "post") tracePost(context, x, y, r * 1.15);
  else context.arc(x, y, r, 0, Math.PI * 2);
  if (Number.isNaN(headingDeg)) return;
  const angle = ((headingDeg - 90) * Math.PI) / 180;
  const at = (/** @type {number} */ turn, /** @type {number} */ away) => /** @type {const} */ (
    [x + Math.cos(angle + turn) * away, y + Math.sin(angle + turn) * away]);
  context.moveTo(...at(-0.75, r));
  context.lineTo(...at(0, r * 2.1));
  context.lineTo(...at(0.75, r));
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} r
 */
function tracePost(context, x, y, r) {
  for (let corner = 0; corner < 6; corner += 1) {
    const angle = (corner * Math.PI) / 3;
    const px = x + Math.cos(angle) * r;
    const py = y + Math.sin(angle) * r;
    if (corner === 0) context.moveTo(px, py);
    else context.lineTo(px, py);
  }
  context.closePath();
}
