/**
 * A 2D canvas over the map for what moves. Painters draw in order; each redraw follows the map's
 * own move in the same frame, so that nothing swims.
 */

import { mercatorX, mercatorY } from "./people.js";

/** @typedef {import("maplibre-gl").Map} Map */

/**
 * @typedef {object} View what a painter needs to put Mercator places on the screen
 * @property {number} left Mercator x of the left edge
 * @property {number} top Mercator y of the top edge
 * @property {number} scale CSS pixels per Mercator unit
 * @property {number} width CSS pixels
 * @property {number} height CSS pixels
 * @property {number} zoom
 * @property {number} unit size of one design unit: 1 on a desk, 2 on a 4K wall
 */

/**
 * @typedef {object} Painter
 * @property {(context: CanvasRenderingContext2D, view: View, atMs: number) => number} paint
 *   draws, and returns in how many milliseconds it wants to draw again (Infinity: when told)
 */

export class MapCanvas {
  width = 1;
  height = 1;
  /** Device pixels per CSS pixel. */
  ratio = 1;
  unit = 1;

  /**
   * @param {Map} map
   * @param {HTMLElement} frame
   */
  constructor(map, frame) {
    this.map = map;
    this.frame = frame;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "map-overlay";
    this.canvas.setAttribute("aria-hidden", "true");
    map.getContainer().after(this.canvas);
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("No 2D canvas");
    this.context = context;
    /** @type {Painter[]} */
    this.painters = [];
    this.due = Infinity;
    this.request = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    new ResizeObserver(() => this.fit()).observe(frame);
    map.on("move", () => this.draw());
    document.addEventListener("visibilitychange", () => this.wake());
    this.fit();
  }

  /** @param {Painter} painter */
  add(painter) {
    this.painters.push(painter);
    this.wake();
  }

  /** Draw at the next frame. */
  wake() {
    if (!this.request && !document.hidden) {
      this.request = requestAnimationFrame(() => { this.request = 0; this.draw(); });
    }
  }

  /** @returns {View} */
  view() {
    const center = this.map.getCenter();
    const scale = 512 * 2 ** this.map.getZoom();
    return {
      left: mercatorX(center.lng) - this.width / 2 / scale,
      top: mercatorY(center.lat) - this.height / 2 / scale,
      scale,
      width: this.width,
      height: this.height,
      zoom: this.map.getZoom(),
      unit: this.unit,
    };
  }

  draw() {
    const context = this.context;
    const at = performance.now();
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    const view = this.view();
    let next = Infinity;
    for (const painter of this.painters) next = Math.min(next, painter.paint(context, view, at));
    clearTimeout(this.timer);
    if (next <= 16) this.wake();
    else if (Number.isFinite(next)) this.timer = setTimeout(() => this.wake(), next);
  }

  fit() {
    const box = this.frame.getBoundingClientRect();
    this.width = Math.max(1, box.width);
    this.height = Math.max(1, box.height);
    this.ratio = Math.min(2, devicePixelRatio || 1);
    this.unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    this.canvas.width = Math.round(this.width * this.ratio);
    this.canvas.height = Math.round(this.height * this.ratio);
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    this.wake();
  }
}

/**
 * @param {View} view
 * @param {number} lon
 * @param {number} lat
 * @returns {[number, number]} CSS pixels from the top left of the map
 */
export function onScreen(view, lon, lat) {
  return [(mercatorX(lon) - view.left) * view.scale, (mercatorY(lat) - view.top) * view.scale];
}
