/** Densities per grid as the API sends them, and the classes they are coloured by. */

import { learn } from "./clock.js";

/**
 * @typedef {object} DensityRow
 * @property {string} code
 * @property {string} name
 * @property {number} count
 * @property {number} areaKm2
 * @property {number} perKm2 over the whole period
 * @property {number | null} residents
 */

/**
 * @typedef {object} Density
 * @property {DensityRow[]} rows
 * @property {number} n
 * @property {number} at milliseconds since 1970: when it was counted
 */

/**
 * @param {any} raw
 * @returns {Density}
 */
export function readDensity(raw) {
  /** @type {DensityRow[]} */
  const rows = raw.items.map((/** @type {any} */ one) => ({
    code: one.code, name: one.name, count: one.count, areaKm2: one.area_km2, perKm2: one.per_km2, residents: one.residents ?? null,
  }));
  if (raw.as_of) learn(raw.as_of);
  return { rows, n: rows.reduce((sum, row) => sum + row.count, 0), at: raw.as_of ? Date.parse(raw.as_of) : Date.now() };
}

/** Share of the grids with cases that lie below each break: the few dense ones get more classes. */
const SHARES = [0.3, 0.5, 0.68, 0.82, 0.91, 0.97];

/**
 * Class limits from the grids that have cases, rounded to two figures; class 1 begins above 0.
 * @param {Density} density
 * @returns {number[]} ascending, at most six
 */
export function makeBreaks(density) {
  const values = density.rows.filter((row) => row.count > 0).map((row) => row.perKm2).sort((a, b) => a - b);
  if (!values.length) return [];
  const at = SHARES.map((share) => round2(values[Math.min(values.length - 1, Math.floor(share * values.length))]));
  return [...new Set(at)];
}

/**
 * Class of a density: 0 none, 1 the least, up to 7.
 * @param {number} perKm2
 * @param {readonly number[]} breaks
 */
export function classOf(perKm2, breaks) {
  if (perKm2 <= 0) return 0;
  return 1 + breaks.filter((limit) => perKm2 >= limit).length;
}

/** @param {number} value */
function round2(value) {
  const power = 10 ** Math.floor(Math.log10(value) - 1);
  return Math.round(value / power) * power;
}
