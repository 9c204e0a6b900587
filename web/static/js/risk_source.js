/** The risk API: pictures with what they say of themselves, units, shapes, places. */

import { get, getRaw } from "./api.js";
import { learn } from "./clock.js";

/**
 * @typedef {object} Facts what a map says of itself; see docs/api.md
 * @property {import("./risk_state.js").Measure} measure
 * @property {import("./risk_state.js").Unit} unit
 * @property {number} n
 * @property {number} effective_n
 * @property {boolean} weighted
 * @property {number | null} found_share
 * @property {number} days
 * @property {number} bandwidth_m
 * @property {number} cell_m
 * @property {number | null} highest
 * @property {number | null} raised
 * @property {number | null} lowered
 * @property {{limits: number[], colors: string[]}} legend
 * @property {{code: string, share: number | null, count: number | null, communities: string[], communities_en: string[]}[]} warnings
 * @property {string} as_of
 * @property {[number, number][]} [corners] of a picture, from the north-west on
 */

/**
 * @typedef {object} Row one unit
 * @property {string} code
 * @property {string} name
 * @property {string} name_en
 * @property {number} count
 * @property {number} area_km2
 * @property {number} residents
 * @property {number | null} value
 * @property {number | null} sign
 * @property {number | null} low
 * @property {number | null} high
 * @property {number} shade
 */

/** @typedef {{facts: Facts, picture?: ImageBitmap, rows?: Row[]}} Answer */

/**
 * Ask for a map: a picture of the raster, or the numbers of areas.
 * @param {import("./risk_state.js").Unit} unit
 * @param {Record<string, any>} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<Answer>}
 */
export async function askMap(unit, query, signal) {
  const answer = unit === "raster" ? await askPicture(query, signal) : await askUnits(unit, query, signal);
  learn(answer.facts.as_of);
  return answer;
}

/** @param {Record<string, any>} query @param {AbortSignal} [signal] @returns {Promise<Answer>} */
async function askPicture(query, signal) {
  const answer = await getRaw("risk/surface", query, signal);
  const facts = JSON.parse(answer.headers.get("Ganxin-Finding") ?? "null");
  return { facts, picture: await createImageBitmap(await answer.blob()) };
}

/** @param {string} unit @param {Record<string, any>} query @param {AbortSignal} [signal] @returns {Promise<Answer>} */
async function askUnits(unit, query, signal) {
  const { cell_m: _, ...rest } = query;
  const answer = await get("risk/units", { ...rest, unit }, signal);
  return { facts: answer.facts, rows: answer.items };
}

/** @type {Map<string, Promise<GeoJSON.FeatureCollection>>} */
const shapes = new Map();

/**
 * The outlines of a unit's areas, asked for once.
 * @param {string} unit
 */
export function askShapes(unit) {
  let found = shapes.get(unit);
  if (!found) {
    found = get("risk/shapes", { unit });
    shapes.set(unit, found);
    found.catch(() => shapes.delete(unit));
  }
  return found;
}
