/** What the planner asks: kept in the address, turned into the query of the API. */

import { now } from "./clock.js";
import { day } from "./format.js";
import { label, t } from "./message.js";
import { read, readList, write } from "./url_state.js";

export const MEASURES = /** @type {const} */ (["density", "relative", "significance", "outlier"]);
export const UNITS = /** @type {const} */ (["raster", "hexagon", "grid", "community"]);
export const FAMILIES = /** @type {const} */ (["dispute", "hazard", "service", "police"]);
export const SEASONS = { spring: [3, 4, 5], summer: [6, 7, 8], autumn: [9, 10, 11], winter: [12, 1, 2] };
export const DAY_MS = 86_400_000;
/** What a district's crews can look at in a week, to choose from. */
export const AREA_SHARES = [0.005, 0.01, 0.02, 0.05];
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
 * @property {string[]} type codes of case types; none means all
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
 * @property {number} areaShare of the district that the crews can cover, for the backtest
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

/** A day of the calendar as it is written: the 31st of February is none. @param {string | null} text */
const isDay = (text) => {
  const ms = text && /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
  return Number.isFinite(ms) && new Date(ms).toISOString().slice(0, 10) === text;
};

/** @param {string | null} text `19-22` */
const isHours = (text) => (/^\d{1,2}-\d{1,2}$/.test(text ?? "") ? (text ?? "").split("-").every((hour) => Number(hour) < 24) : false);

/** Days as both are included: seven days end today and began six days ago. @param {number} days */
export const daysAgo = (days) => day(now() - (days - 1) * DAY_MS);
const MOST_DAYS = 3660;

/** The period of the address, or the last half year where it is none. */
function readPeriod() {
  const since = read("since");
  const until = read("until");
  const asked = { since: isDay(since) ? since ?? "" : daysAgo(FIRST_DAYS), until: isDay(until) ? until ?? "" : day(now()) };
  const length = (Date.parse(asked.until) - Date.parse(asked.since)) / DAY_MS;
  return length >= 0 && length < MOST_DAYS ? asked : { since: daysAgo(FIRST_DAYS), until: day(now()) };
}

/** @returns {State} */
export function readState() {
  return {
    measure: /** @type {Measure} */ (oneOf(MEASURES, "measure")),
    unit: /** @type {Unit} */ (oneOf(UNITS, "unit")),
    family: readList("family").filter((name) => FAMILIES.includes(/** @type {any} */ (name))),
    type: readList("type"),
    urgency: oneOf(["all", "urgent", "ordinary"], "urgency"),
    source: oneOf(["all", "reported", "found"], "source"),
    weekday: readList("weekday").filter((one) => /^[1-7]$/.test(one)),
    hours: isHours(read("hours")) ? read("hours") ?? "" : "",
    season: oneOf(["", ...Object.keys(SEASONS)], "season"),
    ...readPeriod(),
    bandwidthM: numberOf("bandwidth", 0, 25, 5000),
    halfLifeDays: numberOf("half_life", 0, 1, 3660),
    urgentWeight: numberOf("urgent_weight", 1, 1, 100),
    areaShare: AREA_SHARES.find((share) => String(share) === read("cover")) ?? AREA_SHARES[1],
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
    family: state.family, type: state.type, urgency: hide(state.urgency), source: hide(state.source), weekday: state.weekday,
    hours: state.hours, season: state.season, since: state.since, until: state.until,
    bandwidth: state.bandwidthM || "", half_life: state.halfLifeDays || "",
    urgent_weight: state.urgentWeight === 1 ? "" : state.urgentWeight,
    cover: state.areaShare === AREA_SHARES[1] ? "" : state.areaShare,
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
    family: state.family, type: state.type, urgency: hide(state.urgency), source: hide(state.source), weekday: state.weekday,
    hour: hoursOf(state.hours),
    month: state.season ? SEASONS[/** @type {keyof typeof SEASONS} */ (state.season)].map(String) : [],
  };
}

/** How much an incident counts. @param {State} state */
const weightQuery = (state) => ({ half_life_days: state.halfLifeDays || null, urgent_weight: state.urgentWeight === 1 ? null : state.urgentWeight });

/**
 * The whole question of a map.
 * @param {State} state
 * @param {number} bandwidthM in use
 */
export function mapQuery(state, bandwidthM) {
  return { ...placeQuery(state), measure: state.measure, bandwidth_m: bandwidthM };
}

/**
 * The question of a place: what the map shows, there.
 * @param {State} state
 */
export const placeQuery = (state) => ({ ...kindQuery(state), ...moments(state.since, state.until), ...weightQuery(state) });

/**
 * What of the question is no matter of course, in words.
 * @param {State} state
 * @param {(code: string) => string} nameOfType
 */
export function filterWords(state, nameOfType) {
  return [
    state.family.length ? state.family.map((name) => label("family", name)).join(" + ") : "",
    state.type.map(nameOfType).join(" + "),
    state.source === "all" ? "" : t(`risk.source_${state.source}`),
    state.urgency === "all" ? "" : t(`risk.urgency_${state.urgency}`),
    state.weekday.map((one) => t(`risk.weekday_${one}`)).join(" "),
    state.hours ? hoursText(state.hours) : "",
    state.season ? t(`risk.season_${state.season}`) : "",
  ].filter(Boolean);
}

/** @param {string} hours `18-22`: the last is included */
export function hoursText(hours) {
  const [from, to] = hours.split("-").map(Number);
  return t("risk.hours_is", { from, to: (to + 1) % 24 });
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
