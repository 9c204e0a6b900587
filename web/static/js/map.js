/** The map itself: MapLibre with our style, its view in the address, and a plain word where WebGL is missing. */

import { page } from "./page.js";
import { h } from "./dom.js";
import { t } from "./message.js";
import { readView, writeView } from "./url_state.js";

/** @typedef {import("maplibre-gl").Map} Map */
/** @typedef {import("maplibre-gl").GeoJSONSource} GeoJSONSource */

/**
 * @typedef {object} MapOptions
 * @property {"day" | "night"} style
 * @property {[number, number, number, number]} [bbox] what to show first: west, south, east, north
 * @property {import("maplibre-gl").PaddingOptions} [padding] of the panels that lie over the map
 * @property {number} [minZoom]
 * @property {boolean} [keepView] write the view to the address and restore it (default true)
 */

/**
 * Make the map in a frame. Resolves when the style is there; null where the machine has no WebGL.
 * @param {HTMLElement} frame an element of class map-frame
 * @param {MapOptions} options
 * @returns {Promise<Map | null>}
 */
export async function makeMap(frame, options) {
  const holder = h("div", { class: "map" });
  frame.prepend(holder);
  const map = await open(holder, options);
  if (!map) {
    document.documentElement.dataset.map = "none";
    holder.replaceWith(h("p", { class: "map-none" }, t("map.none")));
    return null;
  }
  // A tile that did not come is asked for again with the next move: no reason to stop anything.
  map.on("error", ({ error }) => console.warn("The map went without:", error.message));
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  if (options.keepView !== false) {
    // Only a view that somebody chose: what the page moved by itself follows from the rest.
    map.on("moveend", ({ originalEvent }) => { if (originalEvent) writeView(map.getCenter(), map.getZoom()); });
  }
  await new Promise((resolve) => { map.once("load", resolve); });
  return map;
}

/**
 * @param {HTMLElement} holder
 * @param {MapOptions} options
 */
async function open(holder, options) {
  const kept = options.keepView === false ? null : readView();
  const bounds = options.bbox ?? page.district?.bbox ?? [121.2, 38.8, 121.8, 39.2];
  try {
    const maplibre = /** @type {typeof import("maplibre-gl")} */ (await import(`${page.vendor_url}maplibre-gl.mjs`));
    maplibre.setWorkerUrl(`${page.vendor_url}maplibre-gl-worker.mjs`);
    const map = new maplibre.Map({
      container: holder,
      style: await styleOf(options.style),
      ...(kept ?? { bounds, fitBoundsOptions: { padding: options.padding ?? 24 } }),
      minZoom: options.minZoom ?? 8,
      maxZoom: 19,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      renderWorldCopies: false,
      attributionControl: false,
      fadeDuration: 120,
    });
    map.addControl(new maplibre.ScaleControl({ maxWidth: 7.5 * rootPx(), unit: "metric" }), "bottom-right");
    return map;
  } catch (error) {
    console.warn("The map cannot be drawn here", error);
    return null;
  }
}

/**
 * The style in the page's language, its sizes grown with the root of the page: a 4K wall shows the
 * same names and lines, larger.
 * @param {"day" | "night"} name
 * @returns {Promise<import("maplibre-gl").StyleSpecification>}
 */
async function styleOf(name) {
  const answer = await fetch(`/styles/${name}.json?locale=${page.locale}`);
  if (!answer.ok) throw new Error(`The map style is away: ${answer.status}`);
  const style = await answer.json();
  const base = document.documentElement.dataset.page === "wall" ? WALL_ROOT_PX : 16;
  const growth = rootPx() / base;
  if (Math.abs(growth - 1) > 0.02) {
    for (const layer of style.layers) {
      for (const [group, names] of Object.entries(SIZES)) {
        for (const size of names) if (layer[group]?.[size] !== undefined) layer[group][size] = grow(layer[group][size], growth);
      }
    }
  }
  return style;
}

/** Size of the root of the page, which a large wall makes larger. */
function rootPx() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize);
}

const WALL_ROOT_PX = 18;
const SIZES = { layout: ["text-size", "icon-size"], paint: ["line-width", "text-halo-width", "icon-halo-width"] };

/**
 * Multiply a size: a number, or the outputs of an interpolation or step over zoom.
 * @param {any} size
 * @param {number} by
 * @returns {any}
 */
function grow(size, by) {
  if (typeof size === "number") return size * by;
  if (!Array.isArray(size)) return size;
  const first = size[0] === "interpolate" ? 4 : size[0] === "step" ? 2 : Infinity;
  return size.map((part, index) => (index >= first && (index - first) % 2 === 0 ? grow(part, by) : part));
}

/**
 * Call once the map has drawn all it has. A map that rests already is drawn once more: the event
 * of its coming to rest may have passed.
 * @param {Map} map
 * @param {() => void} then
 */
export function whenIdle(map, then) {
  map.once("idle", then);
  map.triggerRepaint();
}

/**
 * Keep a small GeoJSON layer of our own (never people: those go to the overlay canvas).
 * @param {Map} map
 * @param {string} id
 * @param {import("maplibre-gl").LayerSpecification[]} layers without `source`
 * @param {string} [before] id of the layer to lie under
 * @returns {(features: GeoJSON.Feature[]) => void} shows features in the place of those before
 */
export function ownLayer(map, id, layers, before) {
  map.addSource(id, { type: "geojson", data: collection([]) });
  for (const layer of layers) {
    map.addLayer(/** @type {any} */ ({ ...layer, source: id }), before);
  }
  return (features) => {
    /** @type {GeoJSONSource} */ (map.getSource(id)).setData(collection(features));
  };
}

/**
 * @param {GeoJSON.Geometry} geometry
 * @param {Record<string, any>} [properties]
 * @returns {GeoJSON.Feature}
 */
export function feature(geometry, properties = {}) {
  return { type: "Feature", geometry, properties };
}

/**
 * @param {GeoJSON.Feature[]} features
 * @returns {GeoJSON.FeatureCollection}
 */
function collection(features) {
  return { type: "FeatureCollection", features };
}

/**
 * The first layer with names, under which fills and lines of our own go.
 * @param {Map} map
 */
export function firstLabel(map) {
  return map.getStyle().layers.find((layer) => layer.type === "symbol")?.id;
}

/**
 * Metres between two points, on a sphere: enough for reading a map.
 * @param {readonly [number, number]} from lon, lat
 * @param {readonly [number, number]} to lon, lat
 */
export function metresBetween(from, to) {
  const rad = Math.PI / 180;
  const half = (/** @type {number} */ angle) => Math.sin(angle / 2) ** 2;
  const a = half((to[1] - from[1]) * rad)
    + Math.cos(from[1] * rad) * Math.cos(to[1] * rad) * half((to[0] - from[0]) * rad);
  return 2 * 6_371_008.8 * Math.asin(Math.min(1, Math.sqrt(a)));
}
