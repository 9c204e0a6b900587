/** A finding on the map: the raster's picture, or areas shaded by class; what is chosen is outlined. */

import { token } from "./page.js";
import { h, fill } from "./dom.js";
import { feature, makeMap, ownLayer, whenIdle } from "./map.js";

/** @typedef {import("./risk_source.js").Answer} Answer */
/** @typedef {import("./risk_source.js").Row} Row */

/** Fills of ours go here: over the land, under roads and names. */
const BEFORE = "asset-area";
const SURE = 0.86;
const UNSURE = 0.28;
const FIRST_PADDING = { left: 24, right: 24, top: 24, bottom: 130 };

export class RiskMap {
  /**
   * @param {HTMLElement} frame
   * @param {{onPress?: (at: {lon: number, lat: number, code: string | null}) => void, tell?: (row: Row) => (Node | string)[], keepView?: boolean}} options
   */
  constructor(frame, { onPress, tell, keepView = true }) {
    this.frame = frame;
    this.onPress = onPress;
    this.tell = tell;
    this.keepView = keepView;
    /** @type {import("./map.js").Map | null} */
    this.map = null;
    this.canvas = document.createElement("canvas");
    /** @type {Map<string, Row>} */
    this.rows = new Map();
    this.unit = "";
    /** Answers drawn so far, told as `data-drawn` for tests and measurements. */
    this.drawn = 0;
    this.tip = h("div", { class: "map-tip num", hidden: true });
    frame.append(this.tip);
  }

  async start() {
    const map = await makeMap(this.frame, { style: "day", minZoom: 9, padding: FIRST_PADDING, keepView: this.keepView });
    if (!map) return;
    this.map = map;
    map.addSource("risk-units", { type: "geojson", data: { type: "FeatureCollection", features: [] }, promoteId: "code" });
    map.addLayer({ id: "risk-units", type: "fill", source: "risk-units", paint: { "fill-antialias": false } }, BEFORE);
    map.addLayer({ id: "risk-units-edge", type: "line", source: "risk-units", minzoom: 12, paint: { "line-color": token("--map-case-edge"), "line-width": 0.8, "line-opacity": 0.7 } }, BEFORE);
    // What is raised has an outline of its own: it is told without any colour.
    map.addLayer({ id: "risk-units-raised", type: "line", source: "risk-units", paint: { "line-color": token("--map-case"), "line-width": ["case", ["==", ["coalesce", ["feature-state", "sign"], 0], 1], 2, 0] } }, BEFORE);
    this.showChosen = ownLayer(map, "risk-chosen", [
      { id: "risk-chosen-fill", type: "fill", source: "", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": token("--map-case"), "fill-opacity": 0.06 } },
      { id: "risk-chosen-casing", type: "line", source: "", paint: { "line-color": token("--map-case-edge"), "line-width": 6 } },
      { id: "risk-chosen-line", type: "line", source: "", paint: { "line-color": token("--map-case"), "line-width": 3 } },
    ]);
    map.on("mousemove", (event) => this.hover(event));
    map.on("mouseout", () => { this.tip.hidden = true; });
    map.on("click", ({ point, lngLat }) => this.onPress?.({ lon: lngLat.lng, lat: lngLat.lat, code: this.codeAt(point) }));
  }

  /** @param {() => void} then */
  onceIdle(then) {
    if (this.map) whenIdle(this.map, then);
    else then();
  }

  /**
   * Show an answer in place of the one before.
   * @param {Answer} answer
   * @param {GeoJSON.FeatureCollection | null} shapes of the answer's areas
   */
  show({ facts, picture, rows }, shapes) {
    this.rows = new Map((rows ?? []).map((row) => [row.code, row]));
    if (!this.map) return;
    if (picture && facts.corners) this.showPicture(picture, facts.corners);
    if (rows && shapes) this.showUnits(facts, rows, shapes);
    this.turn("risk-surface", Boolean(picture));
    this.turn("risk-units", Boolean(rows));
    this.turn("risk-units-edge", Boolean(rows));
    this.turn("risk-units-raised", Boolean(rows));
    this.map.once("render", () => { this.frame.dataset.drawn = String(++this.drawn); });
    this.map.triggerRepaint();
  }

  /**
   * @param {ImageBitmap} picture
   * @param {[number, number][]} corners
   */
  showPicture(picture, corners) {
    const map = this.map;
    if (!map) return;
    const { canvas } = this;
    if (canvas.width !== picture.width || canvas.height !== picture.height) Object.assign(canvas, { width: picture.width, height: picture.height });
    const paper = canvas.getContext("2d");
    paper?.clearRect(0, 0, canvas.width, canvas.height);
    paper?.drawImage(picture, 0, 0);
    picture.close();
    const coordinates = /** @type {[[number, number], [number, number], [number, number], [number, number]]} */ (corners);
    const source = /** @type {import("maplibre-gl").CanvasSource | undefined} */ (map.getSource("risk-surface"));
    if (!source) {
      map.addSource("risk-surface", { type: "canvas", canvas, coordinates, animate: false });
      map.addLayer({ id: "risk-surface", type: "raster", source: "risk-surface", paint: { "raster-fade-duration": 0, "raster-resampling": "linear" } }, BEFORE);
      return;
    }
    source.setCoordinates(coordinates);
    // A resting canvas is read again only when its playing ends; so one frame shows it.
    source.play();
    source.pause();
  }

  /**
   * @param {import("./risk_source.js").Facts} facts
   * @param {Row[]} rows
   * @param {GeoJSON.FeatureCollection} shapes
   */
  showUnits(facts, rows, shapes) {
    const map = this.map;
    if (!map) return;
    if (this.unit !== facts.unit) {
      /** @type {import("./map.js").GeoJSONSource} */ (map.getSource("risk-units")).setData(shapes);
      this.unit = facts.unit;
    }
    map.removeFeatureState({ source: "risk-units" });
    const shade = /** @type {any} */ (["coalesce", ["feature-state", "shade"], 0]);
    const steps = facts.legend.colors.flatMap((color, index) => [index + 1, color]);
    const none = token("--density-0");
    map.setPaintProperty("risk-units", "fill-color", steps.length ? ["step", shade, none, ...steps] : none);
    map.setPaintProperty("risk-units", "fill-opacity", ["case", ["==", shade, 0], 0, ["coalesce", ["feature-state", "strength"], SURE]]);
    for (const row of rows) {
      map.setFeatureState({ source: "risk-units", id: row.code }, { shade: row.shade, sign: row.sign ?? 0, strength: row.sign === 0 ? UNSURE : SURE });
    }
  }

  /**
   * @param {string} id
   * @param {boolean} on
   */
  turn(id, on) {
    if (this.map?.getLayer(id)) this.map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
  }

  /** @param {GeoJSON.Geometry | null} geometry */
  choose(geometry) {
    this.showChosen?.(geometry ? [feature(geometry)] : []);
  }

  /** @param {import("maplibre-gl").Point} point */
  codeAt(point) {
    if (!this.map || !this.rows.size) return null;
    const [found] = this.map.queryRenderedFeatures(point, { layers: ["risk-units"] });
    return found ? String(found.id ?? found.properties.code) : null;
  }

  /** @param {import("maplibre-gl").MapMouseEvent} event */
  hover({ point }) {
    const row = this.rows.get(this.codeAt(point) ?? "");
    this.tip.hidden = !row || !this.tell;
    if (!row || !this.map || !this.tell) return;
    fill(this.tip, ...this.tell(row));
    this.tip.style.left = `${Math.min(point.x + 16, this.frame.clientWidth - this.tip.offsetWidth - 8)}px`;
    this.tip.style.top = `${Math.min(point.y + 16, this.frame.clientHeight - this.tip.offsetHeight - 8)}px`;
  }
}
