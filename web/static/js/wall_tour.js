/**
 * The automatic view: the whole district, then each urgent case that waits, and round again. It
 * moves only when nobody has touched the map for two minutes; a gesture stops it until somebody
 * asks for it again with the button.
 */

import { page, wantsStill } from "./page.js";
import { readView } from "./url_state.js";
import { isPending } from "./contract.js";
import { byUrgency } from "./wall_cases.js";

/** @typedef {import("./contract.js").Case} Case */
/** @typedef {import("./map.js").Map} Map */

const UNTOUCHED_MS = 120_000;
const WHOLE_MS = 30_000;
const CASE_MS = 14_000;
const VISITS = 3;

export class Tour {
  /**
   * @param {Map} map
   * @param {HTMLElement} button
   * @param {import("./live.js").Live} live
   * @param {() => import("maplibre-gl").PaddingOptions} padding
   */
  constructor(map, button, live, padding) {
    const kept = readView() !== null;
    this.map = map;
    this.button = button;
    this.live = live;
    this.padding = padding;
    this.touchedAt = performance.now();
    this.stopAt = 0;
    this.step = 0;
    this.on = true;
    for (const name of ["pointerdown", "wheel", "touchstart", "keydown"]) {
      map.getCanvasContainer().addEventListener(name, () => this.stop(), { passive: true });
    }
    button.addEventListener("click", () => this.toggle());
    // Until somebody takes the map in hand a wall shows the whole district at any size.
    map.on("resize", () => { if (this.on && !kept) this.whole(0); });
    this.show();
    setInterval(() => this.tick(), 1000);
  }

  toggle() {
    this.on = !this.on;
    this.touchedAt = this.on ? -UNTOUCHED_MS : performance.now();
    this.stopAt = 0;
    this.step = 0;
    this.show();
    if (this.on) this.tick();
  }

  stop() {
    this.touchedAt = performance.now();
    this.on = false;
    this.show();
  }

  show() {
    this.button.setAttribute("aria-pressed", String(this.on));
  }

  /** Whether the view may move by itself now. */
  get free() {
    return this.on && performance.now() - this.touchedAt >= UNTOUCHED_MS;
  }

  /**
   * Go to a new urgent case if the view is free.
   * @param {Case} one
   */
  visit(one) {
    if (this.free) this.fly(one);
  }

  /**
   * Show the whole district.
   * @param {number} [durationMs]
   */
  whole(durationMs = wantsStill() ? 0 : 1800) {
    if (!page.district) return;
    this.map.fitBounds(page.district.bbox, { padding: this.padding(), duration: durationMs });
  }

  tick() {
    if (!this.free || performance.now() < this.stopAt) return;
    const waiting = byUrgency([...this.live.cases.values()].filter((one) => one.urgent && isPending(one))).slice(0, VISITS);
    if (this.step === 0 || this.step > waiting.length) {
      this.whole();
      this.step = 1;
      this.stopAt = performance.now() + WHOLE_MS;
    } else {
      this.fly(waiting[this.step - 1]);
      this.step += 1;
    }
  }

  /** @param {Case} one */
  fly(one) {
    this.stopAt = performance.now() + CASE_MS;
    const target = { center: /** @type {[number, number]} */ ([one.lon, one.lat]), zoom: 14.2, padding: this.padding() };
    if (wantsStill()) this.map.jumpTo(target);
    else this.map.flyTo({ ...target, duration: 2600 });
  }
}
