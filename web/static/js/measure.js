/** Measuring on the map: press for points, the length along them is said; `m` or Esc ends it. */

import { token } from "./page.js";
import { h, say } from "./dom.js";
import { distance } from "./format.js";
import { metresBetween } from "./map.js";
import { onScreen } from "./map_canvas.js";
import { t } from "./message.js";

export class Measure {
  /**
   * @param {import("./map.js").Map} map
   * @param {import("./map_canvas.js").MapCanvas} canvas
   * @param {HTMLElement} frame
   */
  constructor(map, canvas, frame) {
    this.map = map;
    this.canvas = canvas;
    this.frame = frame;
    this.on = false;
    /** @type {[number, number][]} */
    this.points = [];
    this.colour = token("--map-measure");
    this.paper = token("--map-case-edge");
    this.box = h("div", { class: "map-measure num", role: "status", hidden: true });
    frame.append(this.box);
    canvas.add(this);
    map.on("click", ({ lngLat }) => { if (this.on) this.press([lngLat.lng, lngLat.lat]); });
  }

  toggle() {
    if (this.on) this.stop();
    else this.start();
  }

  start() {
    this.on = true;
    this.points = [];
    this.box.hidden = false;
    this.frame.classList.add("picking");
    this.tell();
  }

  /** @returns {boolean} whether it was on */
  stop() {
    const was = this.on;
    this.on = false;
    this.points = [];
    this.box.hidden = true;
    if (was) this.frame.classList.remove("picking");
    this.canvas.wake();
    return was;
  }

  /** @param {[number, number]} point */
  press(point) {
    this.points.push(point);
    this.tell();
    this.canvas.wake();
  }

  tell() {
    const length = this.points.slice(1)
      .reduce((sum, point, index) => sum + metresBetween(this.points[index], point), 0);
    say(this.box, this.points.length < 2 ? t("measure.start") : t("measure.length", { length: distance(length) }));
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {import("./map_canvas.js").View} view
   */
  paint(context, view) {
    if (!this.on) return Infinity;
    const places = this.points.map(([lon, lat]) => onScreen(view, lon, lat));
    for (const [width, colour] of /** @type {const} */ ([[5, this.paper], [2.5, this.colour]])) {
      context.beginPath();
      places.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    }
    for (const [x, y] of places) {
      context.beginPath();
      context.arc(x, y, 4, 0, Math.PI * 2);
      context.fillStyle = this.colour;
      context.fill();
    }
    return Infinity;
  }
}
