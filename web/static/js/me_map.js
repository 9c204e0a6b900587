/** The map of a phone: where I am, my cases, the way to the one I go to. */

import { token } from "./page.js";
import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { distance, minutes } from "./format.js";
import { named, t } from "./message.js";
import { CaseCanvas } from "./case_canvas.js";
import { feature, makeMap, metresBetween, ownLayer } from "./map.js";
import { MapCanvas } from "./map_canvas.js";
import { NumberCanvas } from "./number_canvas.js";
import { read } from "./url_state.js";

/** @typedef {import("./me_today.js").Phone} Phone */

/**
 * @param {HTMLElement} place
 * @param {Phone} phone
 * @returns {() => void} tidies up
 */
export function showMap(place, phone) {
  const frame = h("div", { class: "map-frame phone-map" });
  const note = h("div", { class: "phone-route" });
  fill(place, frame, note);
  const goal = phone.tasks.items.find((task) => task.case.id === Number(read("case"))) ?? phone.tasks.items[0];
  /** @type {import("./map.js").Map | null} */
  let map = null;
  makeMap(frame, { style: "day", keepView: false }).then(async (made) => {
    map = made;
    tell(note, phone, goal, null);
    if (!made) return;
    const canvas = new MapCanvas(made, frame);
    const cases = new CaseCanvas(new Map(phone.tasks.items.map((task) => [task.case.id, task.case])), { size: 10 });
    const me = new NumberCanvas();
    if (phone.fix) me.pin = phone.fix;
    cases.selected = goal?.case.id ?? 0;
    canvas.add(cases);
    canvas.add(me);
    if (!goal) {
      const here = phone.fix ?? phone.person;
      if (here?.lon) made.jumpTo({ center: [here.lon, here.lat], zoom: 15 });
      return;
    }
    const route = await wayTo(goal.case.id, phone);
    const line = route?.geometry ?? (phone.fix ? { type: "LineString", coordinates: [[phone.fix.lon, phone.fix.lat], [goal.case.lon, goal.case.lat]] } : null);
    drawLine(made, line, Boolean(route));
    tell(note, phone, goal, route);
    show(made, line, goal.case);
  });
  return () => { map?.remove(); };
}

/**
 * The way along the streets from where the phone is, else from the last place the centre knows.
 * @param {number} caseId
 * @param {Phone} phone
 */
async function wayTo(caseId, phone) {
  const here = phone.fix ?? phone.person;
  if (!here?.lon) return null;
  const mode = phone.person?.travel_mode;
  return get(`cases/${caseId}/way`, {
    lon: here.lon, lat: here.lat, datum: "WGS-84", mode: !mode || mode === "none" ? "walk" : mode,
  }).catch(() => null);
}

/**
 * @param {import("./map.js").Map} map
 * @param {any} line
 * @param {boolean} isRoad
 */
function drawLine(map, line, isRoad) {
  if (!line) return;
  const shape = { "line-cap": /** @type {const} */ ("round"), "line-join": /** @type {const} */ ("round") };
  ownLayer(map, "own-way", [
    { id: "own-way-casing", type: "line", source: "", layout: shape, paint: { "line-color": token("--map-route-casing"), "line-width": 10 } },
    { id: "own-way-line", type: "line", source: "", layout: shape, paint: { "line-color": token("--map-route"), "line-width": 6, ...(isRoad ? {} : { "line-dasharray": [1, 2] }) } },
  ])([feature(line)]);
}

/**
 * @param {import("./map.js").Map} map
 * @param {any} line
 * @param {import("./contract.js").Case} one
 */
function show(map, line, one) {
  /** @type {[number, number][]} */
  const points = line ? line.coordinates : [[one.lon, one.lat]];
  const lon = points.map((point) => point[0]);
  const lat = points.map((point) => point[1]);
  map.fitBounds([Math.min(...lon), Math.min(...lat), Math.max(...lon), Math.max(...lat)], { padding: 60, maxZoom: 16.5, duration: 0 });
}

/**
 * @param {HTMLElement} note
 * @param {Phone} phone
 * @param {import("./me_task.js").Task | undefined} goal
 * @param {any | null} route
 */
function tell(note, phone, goal, route) {
  if (!goal) {
    fill(note, h("p", { class: "muted" }, t("me.no_goal")));
    return;
  }
  const { case: one } = goal;
  const straight = phone.fix ? metresBetween([phone.fix.lon, phone.fix.lat], [one.lon, one.lat]) : null;
  const streets = route?.properties.streets?.map((/** @type {any} */ street) => street.name ?? street).filter(Boolean).slice(0, 4).join(" → ");
  fill(note,
    h("p", null, h("strong", null, named(one.typeName, one.typeNameEn)), " ", h("span", { class: "muted" }, one.address ?? "")),
    h("p", { class: "num" }, route ? t("me.way", { minutes: minutes(route.properties.travel_s), distance: distance(route.properties.distance_m) })
      : straight === null ? t(phone.denied ? "me.no_position" : "me.waiting_position") : t("me.straight", { distance: distance(straight) })),
    streets ? h("p", { class: "small muted" }, streets) : null,
    h("a", { class: "btn", href: `geo:${one.lat.toFixed(6)},${one.lon.toFixed(6)}` }, t("me.other_app")));
}
