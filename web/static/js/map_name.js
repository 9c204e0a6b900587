/** Where the large names of the map stand, so that what is drawn over the map can leave them free. */

import { mercatorX, mercatorY } from "./people.js";

/** @typedef {import("./people_canvas.js").Gap} Gap */

const LAYER = "place-street";
const LINE = 1.35;
const CHARACTERS_A_LINE = 8;

/**
 * @param {import("./map.js").Map} map
 * @param {number} textPx size of the names
 * @returns {Gap[]}
 */
export function nameGaps(map, textPx) {
  if (!map.getLayer(LAYER)) return [];
  const seen = new Set();
  const gaps = [];
  for (const { properties, geometry } of map.queryRenderedFeatures({ layers: [LAYER] })) {
    const name = String(properties.name ?? "");
    if (geometry.type !== "Point" || seen.has(name)) continue;
    seen.add(name);
    const [lon, lat] = geometry.coordinates;
    const columns = Math.min(CHARACTERS_A_LINE, emWidth(name));
    const lines = Math.ceil(emWidth(name) / CHARACTERS_A_LINE);
    gaps.push({ x: mercatorX(lon), y: mercatorY(lat), width: (columns * 1.17 + 0.6) * textPx, height: (lines * LINE + 0.2) * textPx });
  }
  return gaps;
}

/**
 * Width of a text in ems: Han is square, Latin about half.
 * @param {string} text
 */
function emWidth(text) {
  return [...text].reduce((sum, char) => sum + (char > "\u2e80" ? 1 : 0.56), 0);
}
