/** Drawing an area on the map: press for corners; Enter, a double click or the first corner closes it. */

import { token } from "./page.js";
import { h } from "./dom.js";
import { feature, ownLayer } from "./map.js";
import { t } from "./message.js";

const CLOSE_PX = 12;
const MOST = 100;

export class Draw {
  /**
   * @param {HTMLElement} frame
   * @param {import("./map.js").Map} map
   * @param {{onArea: (ring: [number, number][]) => void, button: HTMLElement}} options
   */
  constructor(frame, map, { onArea, button }) {
    this.frame = frame;
    this.button = button;
    this.map = map;
    this.onArea = onArea;
    this.on = false;
    /** @type {[number, number][]} */
    this.points = [];
    this.note = h("div", { class: "map-note", role: "status", hidden: true }, t("risk.draw_how"));
    frame.append(this.note);
    this.showLine = ownLayer(map, "risk-draw", [
      { id: "risk-draw-casing", type: "line", source: "", paint: { "line-color": token("--map-case-edge"), "line-width": 5 } },
      { id: "risk-draw-line", type: "line", source: "", paint: { "line-color": token("--map-select"), "line-width": 2.5 } },
      { id: "risk-draw-point", type: "circle", source: "", paint: { "circle-radius": 5, "circle-color": token("--map-case-edge"), "circle-stroke-color": token("--map-select"), "circle-stroke-width": 2.5 } },
    ]);
    map.on("click", ({ point, lngLat }) => { if (this.on) this.press(point, [lngLat.lng, lngLat.lat]); });
    map.on("mousemove", ({ lngLat }) => { if (this.on) this.draw([lngLat.lng, lngLat.lat]); });
    map.on("dblclick", (event) => {
      if (!this.on) return;
      event.preventDefault();
      this.close();
    });
  }

  toggle() {
    if (this.on) this.stop();
    else this.start();
  }

  start() {
    this.on = true;
    this.points = [];
    this.note.hidden = false;
    this.button.setAttribute("aria-pressed", "true");
    this.frame.classList.add("picking");
  }

  /** @returns {boolean} whether it was on */
  stop() {
    const was = this.on;
    this.on = false;
    this.points = [];
    this.note.hidden = true;
    this.button.setAttribute("aria-pressed", "false");
    this.frame.classList.remove("picking");
    this.showLine([]);
    return was;
  }

  /** @param {import("maplibre-gl").Point} point @param {[number, number]} at */
  press(point, at) {
    const [first] = this.points;
    if (first && this.points.length >= 3 && this.map.project(first).dist(point) < CLOSE_PX) {
      this.close();
      return;
    }
    const last = this.points[this.points.length - 1];
    // The second click of a double click is no corner of its own.
    if ((last && this.map.project(last).dist(point) < 3) || this.points.length >= MOST) return;
    this.points.push(at);
    this.draw(at);
  }

  close() {
    if (this.points.length < 3) return;
    const ring = this.points;
    this.stop();
    this.onArea(ring);
  }

  /** @param {[number, number]} pointer */
  draw(pointer) {
    if (!this.points.length) return;
    this.showLine([feature({ type: "LineString", coordinates: [...this.points, pointer] }), feature({ type: "MultiPoint", coordinates: this.points })]);
  }
}

/** @param {readonly [number, number][]} ring @returns {GeoJSON.Polygon} */
export const polygonOf = (ring) => ({ type: "Polygon", coordinates: [[...ring, ring[0]].map(([lon, lat]) => [lon, lat])] });

/** @param {string} text `lon,lat,lon,lat,…` @returns {[number, number][]} empty if it is none */
export function readRing(text) {
  const numbers = text.split(",").map(Number);
  if (numbers.length < 6 || numbers.length % 2 || !numbers.every(Number.isFinite)) return [];
  return Array.from({ length: numbers.length / 2 }, (_, index) => /** @type {[number, number]} */ ([numbers[2 * index], numbers[2 * index + 1]]));
}

/** @param {readonly [number, number][]} ring */
export const writeRing = (ring) => ring.map(([lon, lat]) => `${lon.toFixed(5)},${lat.toFixed(5)}`).join(",");
