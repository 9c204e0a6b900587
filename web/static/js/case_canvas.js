/** Open cases on the map: the shape says what it is, hollow says somebody is there; rings say new. */

import { token, wantsStill } from "./page.js";
import { isPending } from "./contract.js";
import { onScreen } from "./map_canvas.js";
import { shapeOf, traceShape } from "./shape.js";

/** @typedef {import("./contract.js").Case} Case */
/** @typedef {import("./map_canvas.js").View} View */

const RING_MS = 1600;

export class CaseCanvas {
  /**
   * @param {Map<number, Case>} cases
   * @param {{size?: number, filter?: (one: Case) => boolean}} [options] half width in design units
   */
  constructor(cases, { size = 7, filter = () => true } = {}) {
    this.cases = cases;
    this.size = size;
    this.filter = filter;
    this.shown = true;
    this.selected = 0;
    this.hovered = 0;
    /** @type {Map<number, number>} when the ring of a case began, by performance.now() */
    this.rings = new Map();
    this.colours = {
      fill: token("--map-case"), edge: token("--map-case-edge"), quiet: token("--map-case-closing"),
      ring: token("--map-ring"), select: token("--map-select"),
    };
  }

  /**
   * Let a ring grow once round a case.
   * @param {number} id
   */
  ring(id) {
    this.rings.set(id, performance.now());
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   * @param {number} atMs
   */
  paint(context, view, atMs) {
    if (!this.shown) return Infinity;
    for (const one of this.inOrder()) this.paintCase(context, view, one);
    return this.paintRings(context, view, atMs);
  }

  /** Waiting ones last, so that they lie on top; the selected one on top of all. */
  inOrder() {
    const rank = (/** @type {Case} */ one) => (one.id === this.selected ? 4 : 0) + (one.urgent ? 2 : 0) + (isPending(one) ? 1 : 0);
    return [...this.cases.values()].filter((one) => one.id === this.selected || this.filter(one))
      .sort((a, b) => rank(a) - rank(b));
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   * @param {Case} one
   */
  paintCase(context, view, one) {
    const [x, y] = onScreen(view, one.lon, one.lat);
    const margin = 40 * view.unit;
    if (x < -margin || y < -margin || x > view.width + margin || y > view.height + margin) return;
    const far = view.zoom < 12 ? 0.86 : 1;
    const size = this.size * view.unit * far * (one.id === this.selected ? 1.45 : one.id === this.hovered ? 1.2 : 1);
    const waiting = isPending(one);
    traceShape(context, shapeOf(one), x, y, size);
    context.lineJoin = "round";
    context.lineWidth = 4.5 * view.unit * far;
    context.strokeStyle = this.colours.edge;
    context.stroke();
    if (waiting && one.family !== "service") {
      context.fillStyle = this.colours.fill;
      context.fill();
    } else {
      context.fillStyle = this.colours.edge;
      context.fill();
      context.lineWidth = 2 * view.unit;
      context.strokeStyle = waiting ? this.colours.fill : this.colours.quiet;
      context.stroke();
    }
    if (one.id === this.selected) this.paintSelection(context, view, x, y, size);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   * @param {number} x
   * @param {number} y
   * @param {number} size
   */
  paintSelection(context, view, x, y, size) {
    context.beginPath();
    context.arc(x, y, size + 8 * view.unit, 0, Math.PI * 2);
    context.lineWidth = 2.5 * view.unit;
    context.strokeStyle = this.colours.select;
    context.stroke();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   * @param {number} atMs
   */
  paintRings(context, view, atMs) {
    const still = wantsStill();
    for (const [id, began] of this.rings) {
      const part = (atMs - began) / RING_MS;
      const one = this.cases.get(id);
      if (part >= (still ? 3 : 1) || !one) {
        this.rings.delete(id);
        continue;
      }
      const [x, y] = onScreen(view, one.lon, one.lat);
      for (const lag of still ? [0] : [0, 0.22]) {
        const grown = still ? 0.6 : Math.max(0, part - lag);
        context.globalAlpha = still ? 0.9 : Math.max(0, 1 - part) ** 0.7;
        context.lineWidth = 3 * view.unit;
        context.strokeStyle = this.colours.ring;
        context.beginPath();
        context.arc(x, y, (14 + 60 * (1 - (1 - grown) ** 3)) * view.unit, 0, Math.PI * 2);
        context.stroke();
      }
      context.globalAlpha = 1;
    }
    return this.rings.size ? (still ? 500 : 16) : Infinity;
  }

  /**
   * Find the case nearest to a place on the screen.
   * @param {View} view
   * @param {number} px
   * @param {number} py
   * @param {number} [within] pixels
   * @returns {Case | null}
   */
  hit(view, px, py, within = 16) {
    if (!this.shown) return null;
    let best = null;
    let least = within * view.unit;
    for (const one of this.inOrder()) {
      const [x, y] = onScreen(view, one.lon, one.lat);
      const away = Math.hypot(x - px, y - py);
      if (away <= least) {
        least = away;
        best = one;
      }
    }
    return best;
  }
}
