/** The map of the desk: people, cases, and all that belongs to the selected case. */

import { token, wantsStill } from "./page.js";
import { get } from "./api.js";
import { CaseCanvas } from "./case_canvas.js";
import { isPending } from "./contract.js";
import { h } from "./dom.js";
import { feature, firstLabel, makeMap, ownLayer, whenIdle } from "./map.js";
import { MapCanvas } from "./map_canvas.js";
import { showAssets } from "./map_layers.js";
import { showTip } from "./map_tip.js";
import { Measure } from "./measure.js";
import { PeopleCanvas } from "./people_canvas.js";
import { NumberCanvas } from "./number_canvas.js";

/** @typedef {import("./contract.js").Case} Case */
/** @typedef {import("./contract.js").Candidate} Candidate */
/** @typedef {import("./live.js").Live} Live */

const CASE_ZOOM = 15.2;

export class DeskMap {
  /**
   * @param {HTMLElement} frame
   * @param {Live} live
   * @param {{onChoose: (one: Case) => void, onCandidate: (index: number) => void}} options
   */
  constructor(frame, live, { onChoose, onCandidate }) {
    this.frame = frame;
    this.live = live;
    this.onChoose = onChoose;
    this.onCandidate = onCandidate;
    this.people = new PeopleCanvas(live.people);
    this.cases = new CaseCanvas(live.cases, { size: 7.5 });
    this.numbers = new NumberCanvas();
    /** @type {import("./map.js").Map | null} */
    this.map = null;
    /** @type {MapCanvas | null} */
    this.canvas = null;
    /** @type {Case | null} */
    this.focus = null;
    /** @type {((at: {lon: number, lat: number}) => void) | null} */
    this.picking = null;
    this.note = h("div", { class: "map-note num", hidden: true });
    frame.append(this.note);
    this.turn = 0;
  }

  async start() {
    const map = await makeMap(this.frame, { style: "day" });
    if (!map) return;
    this.map = map;
    this.addLayers(map);
    this.canvas = new MapCanvas(map, this.frame);
    for (const painter of [this.people, this.numbers, this.cases]) this.canvas.add(painter);
    this.measure = new Measure(map, this.canvas, this.frame);
    showTip(this.frame, map, this.canvas, {
      people: this.people, cases: this.cases, live: this.live, onChoose: this.onChoose,
      busy: () => Boolean(this.picking) || Boolean(this.measure?.on),
    });
    map.on("click", (event) => this.onClick(event));
    for (const layer of map.getStyle().layers) {
      if ("source" in layer && layer.source === "assets") showAssets(map, layer, ["alarm_pillar", "camera"]);
      if ("source" in layer && layer.source === "cases") map.setLayoutProperty(layer.id, "visibility", "none");
    }
    if (this.focus) this.select(this.focus, false);
  }

  /** @param {import("./map.js").Map} map */
  addLayers(map) {
    const line = token("--map-grid");
    this.showGrid = ownLayer(map, "own-grid", [
      { id: "own-grid-fill", type: "fill", source: "", filter: ["==", ["get", "what"], "grid"], paint: { "fill-color": line, "fill-opacity": 0.08 } },
      { id: "own-grid-runner", type: "line", source: "", filter: ["==", ["get", "what"], "runner_up"], paint: { "line-color": token("--map-runner-up"), "line-width": 2, "line-dasharray": [3, 2] } },
      { id: "own-grid-line", type: "line", source: "", filter: ["==", ["get", "what"], "grid"], paint: { "line-color": line, "line-width": 2.5 } },
    ], firstLabel(map));
    this.showRoute = ownLayer(map, "own-route", [
      { id: "own-route-casing", type: "line", source: "", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": token("--map-route-casing"), "line-width": 9 } },
      { id: "own-route-line", type: "line", source: "", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": token("--map-route"), "line-width": 5, "line-opacity": 0.85 } },
    ]);
  }

  /** @param {() => void} then */
  onceIdle(then) {
    if (this.map) whenIdle(this.map, then);
    else then();
  }

  wake() {
    this.canvas?.wake();
  }

  /** Take over the cases of a new snapshot. */
  adopt() {
    this.cases.cases = this.live.cases;
    this.wake();
  }

  /**
   * @param {Case} one
   * @param {string} kind
   */
  changed(one, kind) {
    if (kind === "case.reported" && isPending(one)) this.cases.ring(one.id);
    this.wake();
  }

  /**
   * Mark a case and go there.
   * @param {Case | null} one
   * @param {boolean} fly
   */
  select(one, fly) {
    const same = this.focus?.id === one?.id;
    this.focus = one;
    this.cases.selected = one?.id ?? 0;
    this.people.quiet = Boolean(one);
    if (!same || !one) {
      this.turn += 1;
      this.showGrid?.([]);
      this.showCandidates([], -1);
      this.route(null);
      this.say(null);
      if (one) this.drawGrids(one.gridCode, null);
    }
    if (one && fly) this.flyToFocus();
    this.wake();
  }

  flyToFocus() {
    const one = this.focus;
    if (!one || !this.map) return;
    const zoom = Math.max(CASE_ZOOM, Math.min(16.5, this.map.getZoom()));
    const target = { center: /** @type {[number, number]} */ ([one.lon, one.lat]), zoom };
    if (wantsStill()) this.map.jumpTo(target);
    else this.map.flyTo({ ...target, duration: 900 });
  }

  /**
   * Draw the grid of a case and the runner-up.
   * @param {string} code
   * @param {string | null} runnerUp
   */
  async drawGrids(code, runnerUp) {
    const turn = this.turn;
    const wanted = [["grid", code], ["runner_up", runnerUp]].filter(([, one]) => one);
    const drawn = await Promise.all(wanted.map(async ([what, one]) => {
      const geometry = await outline(/** @type {string} */ (one));
      return geometry ? [feature(geometry, { what })] : [];
    }));
    if (turn === this.turn) this.showGrid?.(drawn.flat());
  }

  /**
   * Show candidates by their numbers, the chosen one filled.
   * @param {Candidate[]} candidates
   * @param {number} chosen
   */
  showCandidates(candidates, chosen) {
    this.numbers.show(candidates, chosen, this.focus);
    this.wake();
  }

  /** @param {GeoJSON.Geometry | null} geometry */
  route(geometry) {
    this.showRoute?.(geometry ? [feature(geometry)] : []);
    this.frame.dataset.route = geometry ? "shown" : "none";
  }

  /**
   * Show the note in the corner: grid, edge, what is near.
   * @param {HTMLElement[] | null} lines
   */
  say(lines) {
    this.note.hidden = !lines;
    this.note.replaceChildren(...(lines ?? []));
  }

  /**
   * Let the next press on the map choose a place.
   * @param {((at: {lon: number, lat: number}) => void) | null} onPick
   */
  pick(onPick) {
    this.picking = onPick;
    this.frame.classList.toggle("picking", Boolean(onPick));
  }

  /** @param {import("maplibre-gl").MapMouseEvent} event */
  onClick({ lngLat, point }) {
    if (this.measure?.on) return;
    if (this.picking) {
      this.picking({ lon: lngLat.lng, lat: lngLat.lat });
      return;
    }
    const index = this.canvas ? this.numbers.hit(this.canvas.view(), point.x, point.y) : -1;
    if (index >= 0) this.onCandidate(index);
  }

  /**
   * Mark a chosen place and go there; null takes the mark away.
   * @param {{lon: number, lat: number} | null} place
   * @param {boolean} [fly]
   */
  pin(place, fly = false) {
    this.numbers.pin = place;
    if (place && fly) this.map?.flyTo({ center: [place.lon, place.lat], zoom: Math.max(16, this.map.getZoom()), duration: wantsStill() ? 0 : 700 });
    this.wake();
  }

  toggleMeasure() {
    this.measure?.toggle();
  }

  /** @returns {boolean} whether it was on */
  stopMeasure() {
    return this.measure?.stop() ?? false;
  }
}

/** @type {Map<string, Promise<GeoJSON.Geometry | null>>} */
const outlines = new Map();

/**
 * The polygon of an area; asked once.
 * @param {string} code
 */
export function outline(code) {
  let found = outlines.get(code);
  if (!found) {
    found = get(`areas/${code}`).then((area) => area.outline, () => {
      outlines.delete(code);
      return null;
    });
    outlines.set(code, found);
  }
  return found;
}
