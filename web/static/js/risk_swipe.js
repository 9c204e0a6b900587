/** Swiping between two periods: a second map over the first, cut off at a handle that is dragged. */

import { h } from "./dom.js";
import { t } from "./message.js";
import { RiskMap } from "./risk_map.js";

const STEP = 0.05;

export class Swipe {
  /**
   * @param {HTMLElement} frame of the first map
   * @param {RiskMap} first
   */
  constructor(frame, first) {
    this.first = first;
    this.part = 0.5;
    this.on = false;
    this.cover = h("div", { class: "swipe-cover map-frame" });
    this.left = h("div", { class: "swipe-name swipe-left num" });
    this.right = h("div", { class: "swipe-name swipe-right num" });
    this.handle = h("div", { class: "swipe-handle", role: "slider", tabindex: "0", "aria-label": t("risk.swipe"), "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 50 }, h("span", { "aria-hidden": "true" }, "⇆"));
    this.nothing = h("p", { class: "swipe-nothing", hidden: true }, t("risk.swipe_nothing"));
    this.layer = h("div", { class: "swipe", hidden: true }, this.cover, this.nothing, this.left, this.right, this.handle);
    frame.append(this.layer);
    this.second = new RiskMap(this.cover, { keepView: false });
    this.handle.addEventListener("pointerdown", (event) => this.drag(event));
    this.handle.addEventListener("keydown", (event) => {
      const by = event.key === "ArrowRight" ? STEP : event.key === "ArrowLeft" ? -STEP : 0;
      if (!by) return;
      event.preventDefault();
      this.put(this.part + by);
    });
  }

  /**
   * Show the other period on the left, the map's own on the right.
   * @param {import("./risk_source.js").Answer} answer of the other period
   * @param {GeoJSON.FeatureCollection | null} shapes
   * @param {{left: string, right: string}} names
   */
  async show(answer, shapes, names) {
    this.layer.hidden = false;
    this.left.textContent = names.left;
    this.right.textContent = names.right;
    this.nothing.hidden = answer.facts.n > 0 && !answer.facts.warnings.some((one) => one.code === "short_record");
    if (!this.on) await this.start();
    this.put(this.part);
    this.second.show(answer, shapes);
  }

  async start() {
    this.on = true;
    if (!this.second.map) {
      await this.second.start();
      this.first.map?.on("move", () => this.follow());
      this.first.map?.on("resize", () => this.follow());
    }
    this.follow();
  }

  follow() {
    if (!this.on || !this.first.map || !this.second.map) return;
    this.second.map.resize();
    this.second.map.jumpTo({ center: this.first.map.getCenter(), zoom: this.first.map.getZoom() });
  }

  hide() {
    this.on = false;
    this.layer.hidden = true;
  }

  /** @param {PointerEvent} event */
  drag(event) {
    event.preventDefault();
    this.handle.focus();
    this.handle.setPointerCapture(event.pointerId);
    const move = (/** @type {PointerEvent} */ next) => {
      const box = this.layer.getBoundingClientRect();
      this.put((next.clientX - box.left) / box.width);
    };
    this.handle.addEventListener("pointermove", move);
    this.handle.addEventListener("lostpointercapture", () => this.handle.removeEventListener("pointermove", move), { once: true });
  }

  /** @param {number} part of the width that shows the other period */
  put(part) {
    this.part = Math.min(0.98, Math.max(0.02, part));
    const percent = `${(this.part * 100).toFixed(2)}%`;
    this.cover.style.clipPath = `inset(0 calc(100% - ${percent}) 0 0)`;
    this.handle.style.left = percent;
    this.handle.setAttribute("aria-valuenow", String(Math.round(this.part * 100)));
  }
}
