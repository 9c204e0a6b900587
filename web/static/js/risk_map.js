/** Densities on the map: the style's hidden `density` layer, shaded by feature state per grid. */

import { token } from "./page.js";
import { h } from "./dom.js";
import { decimal, number } from "./format.js";
import { t } from "./message.js";
import { classOf } from "./density.js";
import { feature, makeMap, ownLayer, whenIdle } from "./map.js";
import { outline } from "./desk_map.js";

/** @typedef {import("./density.js").Density} Density */

/** Tiles hold grids from here on: farther out there would be nothing to shade. */
const GRIDS_FROM_ZOOM = 9;

export class DensityMap {
  /**
   * @param {HTMLElement} frame
   * @param {{onChoose: (code: string) => void}} options
   */
  constructor(frame, { onChoose }) {
    this.frame = frame;
    this.onChoose = onChoose;
    /** @type {import("./map.js").Map | null} */
    this.map = null;
    /** @type {Map<string, import("./density.js").DensityRow>} */
    this.rows = new Map();
    this.tip = h("div", { class: "map-tip num", hidden: true });
    frame.append(this.tip);
    this.turn = 0;
  }

  async start() {
    const map = await makeMap(this.frame, { style: "day", minZoom: GRIDS_FROM_ZOOM, padding: { left: 24, right: 24, top: 24, bottom: 120 } });
    if (!map) return;
    this.map = map;
    map.setLayoutProperty("density", "visibility", "visible");
    const ramp = [1, 2, 3, 4, 5, 6, 7].flatMap((step) => [step, token(`--density-${step}`)]);
    map.setPaintProperty("density", "fill-color", ["step", ["coalesce", ["feature-state", "shade"], 0], token("--density-0"), ...ramp]);
    this.showChosen = ownLayer(map, "own-chosen", [
      { id: "own-chosen-casing", type: "line", source: "", paint: { "line-color": token("--map-case-edge"), "line-width": 6 } },
      { id: "own-chosen-line", type: "line", source: "", paint: { "line-color": token("--map-case"), "line-width": 3 } },
    ]);
    map.on("mousemove", (event) => this.hover(event));
    map.on("mouseout", () => { this.tip.hidden = true; });
    map.on("click", (event) => { this.onChoose(this.codeAt(event.point) ?? ""); });
  }

  /** @param {() => void} then */
  onceIdle(then) {
    if (this.map) whenIdle(this.map, then);
    else then();
  }

  /**
   * @param {Density} density
   * @param {readonly number[]} breaks
   */
  show(density, breaks) {
    this.rows = new Map(density.rows.map((row) => [row.code, row]));
    if (!this.map) return;
    for (const row of density.rows) {
      this.map.setFeatureState({ source: "areas", sourceLayer: "area", id: row.code }, { shade: classOf(row.perKm2, breaks) });
    }
  }

  /** @param {string} code */
  async select(code) {
    const turn = ++this.turn;
    const geometry = code ? await outline(code) : null;
    if (turn === this.turn) this.showChosen?.(geometry ? [feature(geometry)] : []);
  }

  /** @param {import("maplibre-gl").Point} point */
  codeAt(point) {
    const [found] = this.map?.queryRenderedFeatures(point, { layers: ["density"] }) ?? [];
    return found ? String(found.id ?? found.properties.code) : null;
  }

  /** @param {import("maplibre-gl").MapMouseEvent} event */
  hover({ point }) {
    const row = this.rows.get(this.codeAt(point) ?? "");
    this.tip.hidden = !row;
    if (!row || !this.map) return;
    this.map.getCanvas().style.cursor = "pointer";
    this.tip.replaceChildren(h("strong", null, row.name), h("div", null, t("risk.tip", { per: decimal(row.perKm2, 1), n: number(row.count) })));
    this.tip.style.left = `${Math.min(point.x + 16, this.frame.clientWidth - this.tip.offsetWidth - 8)}px`;
    this.tip.style.top = `${Math.min(point.y + 16, this.frame.clientHeight - this.tip.offsetHeight - 8)}px`;
  }
}
