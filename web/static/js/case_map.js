/** The small map of a case: its place and its grid. */

import { get } from "./api.js";
import { CaseCanvas } from "./case_canvas.js";
import { readCase } from "./contract.js";
import { feature, firstLabel, makeMap, ownLayer } from "./map.js";
import { MapCanvas } from "./map_canvas.js";
import { token } from "./page.js";

const ZOOM = 15;
let begun = false;

/**
 * Show it once; a case does not move.
 * @param {HTMLElement} frame
 * @param {any} one
 */
export async function showMap(frame, one) {
  if (begun) return;
  begun = true;
  frame.classList.add("map-frame");
  const map = await makeMap(frame, { style: "day", keepView: false });
  if (!map) return;
  map.jumpTo({ center: [one.lon, one.lat], zoom: ZOOM });
  const line = token("--map-grid");
  const show = ownLayer(map, "own-grid", [
    { id: "own-grid-fill", type: "fill", source: "", paint: { "fill-color": line, "fill-opacity": 0.08 } },
    { id: "own-grid-line", type: "line", source: "", paint: { "line-color": line, "line-width": 2.5 } },
  ], firstLabel(map));
  const canvas = new MapCanvas(map, frame);
  canvas.add(new CaseCanvas(new Map([[one.id, readCase(one)]]), { size: 9 }));
  for (const layer of map.getStyle().layers) {
    if ("source" in layer && layer.source === "cases") map.setLayoutProperty(layer.id, "visibility", "none");
  }
  const area = await get(`areas/${one.grid.code}`).catch(() => null);
  if (area?.geometry) show([feature(area.geometry, {})]);
}
