/** What the planner asks: kept in the address, turned into the query of the API. */

import { now } from "./clock.js";
import { day } from "./format.js";
import { read, readList, write } from "./url_state.js";

export const MEASURES = /** @type {const} */ (["density", "relative", "significance"]);
export const UNITS = /** @type {const} */ (["raster", "hexagon", "grid", "community"]);
export const FAMILIES = /** @type {const} */ (["dispute", "hazard", "service", "police"]);
export const SEASONS = { spring: [3, 4, 5], summer: [6, 7, 8], autumn: [9, 10, 11], winter: [12, 1, 2] };
export const DAY_MS = 86_400_000;
export const FIRST_DAYS = 180;
/** Until the backtest has chosen one. */
export const FIRST_BANDWIDTH_M = 300;

/** @typedef {(typeof MEASURES)[number]} Measure */
/** @typedef {(typeof UNITS)[number]} Unit */

/**
 * @typedef {object} State
 * @property {Measure} measure
 * @property {Unit} unit
 * @property {string[]} family none means all
 * @property {string} urgency all, urgent, ordinary
 * @property {string} source all, reported, found
 * @property {string[]} weekday ISO; none means all
 * @property {string} hours as `19-22`, both included; empty for all
 * @property {string} season empty for all
 * @property {string} since YYYY-MM-DD
 * @property {string} until the last day, included
 * @property {number} bandwidthM 0: as the backtest chooses
 * @property {number} halfLifeDays 0: none
 * @property {number} urgentWeight
 * @property {string} grid code of the unit explained, empty for none
 * @property {string} spot `lon,lat` explained
 * @property {string} ring `lon,lat,…` of an area drawn
 * @property {string} versus what the map is compared with: before, year or empty
 */

/** @param {readonly string[]} known @param {string} name */
const oneOf = (known, name) => {
  const found = read(name);
  return found && known.includes(found) ? found : known[0];
};

/** @param {string} name @param {number} otherwise @param {number} low @param {number} high */
const numberOf = (name, otherwise, low, high) => {
  const found = Number(read(name));
  return Number.isFinite(found) && found >= low && found <= high ? found : otherwise;
};

const isDay = (/** @type {string | null} */ text) => Boolean(text && /^\d{4}-\d{2}-\d{2}$/.test(text) && Number.isFinite(Date.parse(text)));

/** @returns {State} */
export function readState() {
  const until = read("until");
  const since = read("since");
  return {
    measure: /** @type {Measure} */ (oneOf(MEASURES, "measure")),
    unit: /** @type {Unit} */ (oneOf(UNITS, "unit")),
    family: readList("family").filter((name) => FAMILIES.includes(/** @type {any} */ (name))),
    urgency: oneOf(["all", "urgent", "ordinary"], "urgency"),
    source: oneOf(["all", "reported", "found"], "source"),
    weekday: readList("weekday").filter((one) => /^[1-7]$/.test(one)),
    hours: /^\d{1,2}-\d{1,2}$/.test(read("hours") ?? "") ? read("hours") ?? "" : "",
    season: oneOf(["", ...Object.keys(SEASONS)], "season"),
    since: isDay(since) ? since ?? "" : day(now() - FIRST_DAYS * DAY_MS),
    until: isDay(until) ? until ?? "" : day(now()),
    bandwidthM: numberOf("bandwidth", 0, 25, 5000),
    halfLifeDays: numberOf("half_life", 0, 1, 3660),
    urgentWeight: numberOf("urgent_weight", 1, 1, 100),
    grid: read("grid") ?? "",
    spot: read("spot") ?? "",
    ring: read("ring") ?? "",
    versus: oneOf(["", "before", "year"], "versus"),
  };
}

/** @param {State} state */
export function writeState(state) {
  write({
    measure: state.measure === "density" ? "" : state.measure,
    unit: state.unit === "raster" ? "" : state.unit,
    family: state.family, urgency: hide(state.urgency), source: hide(state.source), weekday: state.weekday,
    hours: state.hours, season: state.season, since: state.since, until: state.until,
    bandwidth: state.bandwidthM || "", half_life: state.halfLifeDays || "",
    urgent_weight: state.urgentWeight === 1 ? "" : state.urgentWeight,
    grid: state.grid, spot: state.spot, ring: state.ring, versus: state.versus,
  });
}

const hide = (/** @type {string} */ text) => (text === "all" ? "" : text);

/**
 * The moments at which a period of days begins and ends in the district.
 * @param {string} since
 * @param {string} until both days are included
 */
export function moments(since, until) {
  const end = new Date(Date.parse(`${until}T00:00:00+08:00`) + DAY_MS);
  return { since: new Date(`${since}T00:00:00+08:00`).toISOString(), until: end.toISOString() };
}

/** @param {string} hours as `22-2`, over midnight too */
export function hoursOf(hours) {
  if (!hours) return [];
  const [from, to] = hours.split("-").map(Number);
  const count = ((to - from + 24) % 24) + 1;
  return Array.from({ length: count }, (_, index) => String((from + index) % 24));
}

/**
 * Which incidents, as every question of the risk API takes it.
 * @param {State} state
 */
export function kindQuery(state) {
  return {
    family: state.family, urgency: hide(state.urgency), source: hide(state.source), weekday: state.weekday,
    hour: hoursOf(state.hours),
    month: state.season ? SEASONS[/** @type {keyof typeof SEASONS} */ (state.season)].map(String) : [],
  };
}

/**
 * The whole question of a map.
 * @param {State} state
 * @param {number} bandwidthM in use
 */
export function mapQuery(state, bandwidthM) {
  return {
    ...kindQuery(state), ...moments(state.since, state.until), measure: state.measure,
    bandwidth_m: bandwidthM, half_life_days: state.halfLifeDays || null,
    urgent_weight: state.urgentWeight === 1 ? null : state.urgentWeight,
  };
}

/**
 * The period that a map is compared with: as long and just before, or the same a year ago.
 * @param {State} state
 */
export function otherPeriod(state) {
  const since = Date.parse(state.since);
  const until = Date.parse(state.until);
  const back = state.versus === "year" ? 365 * DAY_MS : until - since + DAY_MS;
  const shown = (/** @type {number} */ ms) => new Date(ms).toISOString().slice(0, 10);
  return { since: shown(since - back), until: shown(until - back) };
}
