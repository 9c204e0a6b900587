/** The switches of what the map shows, each with its count; kept in the address. */

import { all } from "./api.js";
import { h } from "./dom.js";
import { number } from "./format.js";
import { label, t } from "./message.js";
import { readList, write } from "./url_state.js";

/** @typedef {import("./map.js").Map} Map */

/** Kinds of the asset catalogue that can be switched, most asked for first. */
export const ASSET_KINDS = ["alarm_pillar", "camera", "hazchem_firm", "gas_firm", "fuel_station",
  "bungalow_area", "venue", "stationed_body", "party_branch", "party_group", "party_household"];
/** What is shown where the address says nothing. */
const FIRST = ["people", "cases", "boundaries", "names"];

export class MapLayers {
  /**
   * @param {HTMLElement} place
   * @param {HTMLElement} button
   * @param {import("./live.js").Live} live
   */
  constructor(place, button, live) {
    this.place = place;
    this.button = button;
    this.live = live;
    const asked = readList("layers");
    this.on = new Set(asked.length ? asked : FIRST);
    /** @type {Map | null} */
    this.map = null;
    /** @type {Record<string, number>} */
    this.counts = {};
    this.countsAsked = false;
    button.addEventListener("click", () => this.toggle());
  }

  /**
   * @param {Map} map
   * @param {import("./map_canvas.js").MapCanvas} canvas
   * @param {{people: {shown: boolean}, cases: {shown: boolean}}} painters
   */
  attach(map, canvas, painters) {
    this.map = map;
    this.canvas = canvas;
    this.painters = painters;
    this.apply();
  }

  toggle() {
    this.place.hidden = !this.place.hidden;
    this.button.setAttribute("aria-expanded", String(!this.place.hidden));
    if (!this.place.hidden) this.draw();
    if (!this.countsAsked) this.readCounts();
  }

  close() {
    if (!this.place.hidden) this.toggle();
  }

  async readCounts() {
    this.countsAsked = true;
    const kinds = await all("asset-kinds", {}).catch(() => []);
    for (const kind of kinds) this.counts[kind.kind] = kind.count;
    this.draw();
  }

  draw() {
    const groups = [
      [t("layer.living"), ["people", "cases"]],
      [t("layer.ground"), ["boundaries", "names"]],
      [t("layer.assets"), ASSET_KINDS],
    ];
    this.place.replaceChildren(...groups.flatMap(([title, names]) => [
      h("h2", null, /** @type {string} */ (title)),
      ...(/** @type {string[]} */ (names)).map((name) => this.row(name)),
    ]));
  }

  /** @param {string} name */
  row(name) {
    const box = h("input", { type: "checkbox" });
    box.checked = this.on.has(name);
    box.addEventListener("change", () => this.turn(name, box.checked));
    const count = this.count(name);
    return h("label", { class: "layer" }, box, h("span", null, label("layer", name, label("asset", name))),
      h("output", { class: "num" }, count === null ? "" : number(count)));
  }

  /** @param {string} name */
  count(name) {
    if (name === "people") return this.live.people.size;
    if (name === "cases") return this.live.cases.size;
    return this.counts[name] ?? null;
  }

  /**
   * @param {string} name
   * @param {boolean} on
   */
  turn(name, on) {
    if (on) this.on.add(name);
    else this.on.delete(name);
    write({ layers: [...this.on] });
    this.apply();
  }

  /** Show what is on. The style's layers say which group they belong to in their metadata. */
  apply() {
    const map = this.map;
    if (!map || !this.painters) return;
    this.painters.people.shown = this.on.has("people");
    this.painters.cases.shown = this.on.has("cases");
    this.canvas?.wake();
    const kinds = ASSET_KINDS.filter((kind) => this.on.has(kind));
    for (const layer of map.getStyle().layers) {
      const source = "source" in layer ? layer.source : "";
      if (source === "assets") showAssets(map, layer, kinds);
      else if (layer.id.startsWith("boundary-")) turnLayer(map, layer.id, this.on.has("boundaries"));
      else if (/^(place|area|road-name)/.test(layer.id)) turnLayer(map, layer.id, this.on.has("names"));
    }
  }
}

/**
 * @param {Map} map
 * @param {string} id
 * @param {boolean} on
 */
function turnLayer(map, id, on) {
  map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
}

/** The filters that layers of assets came with. */
const ownFilters = new globalThis.Map();

/**
 * Show of an asset layer the kinds that are on, besides what its own filter asks.
 * @param {Map} map
 * @param {any} layer
 * @param {string[]} kinds
 */
export function showAssets(map, layer, kinds) {
  if (!ownFilters.has(layer.id)) ownFilters.set(layer.id, layer.filter ?? true);
  const own = ownFilters.get(layer.id);
  map.setFilter(layer.id, ["all", own, ["in", ["get", "kind"], ["literal", kinds]]]);
  map.setLayoutProperty(layer.id, "visibility", kinds.length ? "visible" : "none");
}
