/** The planner's map: where risk is, measured how, how sure, how well it would have foretold. */

import { byId, markReady, page } from "./page.js";
import { ApiError, get } from "./api.js";
import { now } from "./clock.js";
import { h, say } from "./dom.js";
import { day, number } from "./format.js";
import { t } from "./message.js";
import { bindKeys, startKeys } from "./keys.js";
import { startSignOut } from "./sign_out.js";
import { toastError } from "./toast.js";
import { RiskMap } from "./risk_map.js";
import { showTrust } from "./risk_trust.js";
import { showBacktest } from "./risk_backtest.js";
import { TimeLine } from "./risk_time.js";
import { RiskPanel, nameOf, valueOf } from "./risk_panel.js";
import { Explain } from "./risk_explain.js";
import { Draw, polygonOf, readRing, writeRing } from "./risk_draw.js";
import { Swipe } from "./risk_swipe.js";
import { SavedMaps, share } from "./risk_saved.js";
import { showReports } from "./risk_report.js";
import { askMap, askShapes } from "./risk_source.js";
import { DAY_MS, FIRST_BANDWIDTH_M, daysAgo, filterWords, kindQuery, mapQuery, moments, otherPeriod, placeQuery, readState, writeState } from "./risk_state.js";

/** @typedef {import("./risk_state.js").State} State */
/** @typedef {import("./risk_source.js").Answer} Answer */

const HISTORY_DAYS = 400;
/** Of a community's code; a grid's is longer. */
const COMMUNITY_DIGITS = 12;
/** Cells while something is being dragged: three to the bandwidth draw as well, for less work. */
const quickCellM = (/** @type {number} */ bandwidthM) => (bandwidthM >= 300 ? 100 : 50);
const CELL_M = 25;

const frame = byId("map");
/** @type {State} */
let state = readState();
writeState(state);
/** @type {import("./risk_backtest.js").Backtest | null} */
let backtest = null;
let backtestKey = "";
let backtestBusy = false;
/** @type {Answer | null} */
let shown = null;
/** Limits that stay while something is dragged or played, so that colours keep their meaning. @type {number[] | null} */
let limits = null;
/** @type {AbortController | null} */
let asking = null;
/** The newest picture wanted while another is being made. @type {(() => Promise<void>) | null} */
let wanted = null;
let drawing = false;
/** The units listed in the panel, by code. @type {Map<string, import("./risk_source.js").Row>} */
let listed = new Map();

const map = new RiskMap(frame, { onPress: press, tell: (row) => (shown ? [h("strong", null, nameOf(shown.facts.unit, row)), h("div", null, `${valueOf(shown.facts, row)} · ${t("risk.cases", { n: number(row.count) })}`)] : []) });
const panel = new RiskPanel(byId("side"), {
  onChange: change,
  onSlide: (bandwidthM) => slide({ bandwidthM }),
  onPreset: (days) => change({ since: daysAgo(days), until: daysAgo(1) }),
  onUnit: (code) => explainUnit(code),
});
const time = new TimeLine(byId("timeline"), {
  onBrush: (since, until) => change({ since, until }),
  onSlide: (since, until) => slide({ since, until }),
  onPlay: (since, until) => slide({ since, until }),
  onStop: () => refresh(),
});
const explain = new Explain(byId("explain"), {
  question: () => placeQuery(state),
  filters: () => filterWords(state, (code) => panel.nameOfType(code)),
  onClose: () => choose({ grid: "", spot: "", ring: "" }),
  onOutline: (geometry) => map.choose(geometry),
});
const saved = new SavedMaps(panel.saved);
/** @type {Swipe | null} */
let swipe = null;
/** @type {Draw | null} */
let draw = null;

startSignOut();
byId("risk-share").addEventListener("click", share);
// Whatever the map shows, the surface of a report is a density.
showReports(byId("risk-reports"), () => ({ ...mapQuery(state, bandwidth("density")), unit: state.unit, locale: page.locale }));
showVersus();
panel.showControls(state, bandwidth());
bindKeys([
  { key: " ", shown: t("key.space"), says: t("risk.key_play"), run: () => time.toggle() },
  { key: "a", shown: "a", says: t("risk.key_draw"), run: () => draw?.toggle() },
  { key: "c", shown: "c", says: t("risk.key_swipe"), run: () => change({ versus: state.versus ? "" : "before" }) },
  { key: "Enter", shown: "Enter", says: t("risk.key_close_area"), run: () => draw?.close() },
  { key: "Escape", shown: "Esc", says: t("keys.back"), run: () => { if (!draw?.stop()) choose({ grid: "", spot: "", ring: "" }); } },
]);
startKeys();
await map.start();
if (map.map) {
  swipe = new Swipe(frame, map);
  draw = new Draw(frame, map.map, { onArea: (ring) => choose({ grid: "", spot: "", ring: writeRing(ring) }), button: byId("risk-draw") });
}
byId("risk-draw").addEventListener("click", () => draw?.toggle());
await Promise.all([refresh(), loadDays(), loadTypes(), saved.load()]);
showChosen();
map.onceIdle(() => markReady());
loadBacktest();

/**
 * The bandwidth in use: the planner's own; else for a density what would have caught most, and for
 * what is compared with chance what fits the cases best.
 */
function bandwidth(measure = state.measure) {
  const chosen = measure === "density" ? backtest?.chosen_m : backtest?.likelihood_m;
  return state.bandwidthM || chosen || FIRST_BANDWIDTH_M;
}

/** @param {Partial<State>} what */
function change(what) {
  const kind = JSON.stringify(kindQuery(state));
  // A code is of one unit: another unit knows it not.
  const left = what.unit && what.unit !== state.unit ? { grid: "" } : {};
  state = { ...state, ...what, ...left };
  writeState(state);
  panel.showControls(state, bandwidth());
  limits = null;
  refresh();
  if (JSON.stringify(kindQuery(state)) !== kind) loadDays();
  showVersus();
  showChosen();
  loadBacktest();
}

/** Ask for the map as it is wanted now, and show it everywhere. */
async function refresh() {
  wanted = null;
  const answer = await ask(mapQuery(state, bandwidth()), { cell_m: CELL_M });
  if (!answer) return;
  shown = answer;
  limits = answer.facts.legend.limits;
  await show(answer);
  tellAll(answer);
  await Promise.all([compare(), listUnits(answer)]);
}

/**
 * Show a passing state quickly while something is dragged or played: one request at a time, then
 * the newest wanted; classes keep their limits.
 * @param {Partial<State>} what
 */
function slide(what) {
  const passing = { ...state, ...what };
  wanted = async () => {
    const bandwidthM = what.bandwidthM ?? bandwidth();
    const answer = await ask(mapQuery(passing, bandwidthM), { cell_m: quickCellM(bandwidthM), limits: state.measure === "density" ? limits ?? [] : [] });
    if (!answer) return;
    await show(answer);
    tellAll(answer, passing);
  };
  if (!drawing) drawWanted();
}

async function drawWanted() {
  drawing = true;
  while (wanted) {
    const next = wanted;
    wanted = null;
    await next();
  }
  drawing = false;
}

/**
 * @param {Record<string, any>} query
 * @param {Record<string, any>} more
 * @returns {Promise<Answer | null>} null where it was not wanted any more, or failed
 */
async function ask(query, more) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  frame.setAttribute("aria-busy", "true");
  try {
    return await askMap(state.unit, { ...query, ...more }, signal);
  } catch (error) {
    if (signal.aborted) return null;
    if (error instanceof ApiError) toastError(error, error.passing ? { text: t("app.again"), run: () => refresh() } : undefined);
    else throw error;
    return null;
  } finally {
    if (!signal.aborted) frame.setAttribute("aria-busy", "false");
  }
}

/** @param {Answer} answer */
async function show(answer) {
  map.show(answer, answer.rows ? await askShapes(answer.facts.unit) : null);
}

/**
 * @param {Answer} answer
 * @param {State} [at] what it is of
 */
function tellAll(answer, at = state) {
  showTrust(byId("trust"), answer.facts, { since: at.since, until: at.until, auto: !at.bandwidthM, filters: filterWords(at, (code) => panel.nameOfType(code)).slice(at.family.length ? 1 : 0), backtest, busy: backtestBusy });
  time.mark(at.since, at.until);
  say(byId("risk-period"), `${at.since} — ${at.until}`);
  const filters = filterWords(at, (code) => panel.nameOfType(code));
  say(byId("risk-family"), [at.family.length ? "" : t("risk.all_families"), ...filters].filter(Boolean).join(" · "));
}

/** The units that stand out: those on the map, the communities beside a raster. @param {Answer} answer */
async function listUnits(answer) {
  try {
    const beside = answer.rows ? answer : await askMap("community", mapQuery(state, bandwidth()));
    listed = new Map((beside.rows ?? []).map((row) => [row.code, row]));
    panel.showList(beside.facts, beside.rows ?? [], state.grid);
  } catch (error) {
    toastError(error);
  }
}

/** Show the other period beside this one, or take it away. */
async function compare() {
  if (!state.versus || !swipe || !shown) {
    swipe?.hide();
    return;
  }
  const other = otherPeriod(state);
  const query = { ...mapQuery({ ...state, ...other }, bandwidth()), cell_m: CELL_M, limits: state.measure === "density" ? limits ?? [] : [] };
  try {
    const answer = await askMap(state.unit, query);
    await swipe.show(answer, answer.rows ? await askShapes(answer.facts.unit) : null, { left: `${other.since} — ${other.until}`, right: `${state.since} — ${state.until}` });
  } catch (error) {
    toastError(error);
  }
}

/** Cases of each day over the history, for the time line. */
async function loadDays() {
  const since = day(now() - HISTORY_DAYS * DAY_MS);
  try {
    const answer = await get("risk/days", { ...kindQuery(state), ...moments(since, day(now())) });
    time.show(answer.items.map((/** @type {any} */ one) => ({ day: one.day, n: one.count })));
    time.mark(state.since, state.until);
  } catch (error) {
    toastError(error);
  }
}

/** The names of case types, for the filter. */
async function loadTypes() {
  try {
    const answer = await get("case-types");
    panel.know(answer.items.filter((/** @type {any} */ one) => one.family !== "recommendation"));
    panel.showControls(state, bandwidth());
  } catch (error) {
    toastError(error);
  }
}

/** Have the bandwidth chosen by going back week by week; the map waits for nothing. */
async function loadBacktest() {
  const query = { ...kindQuery(state), half_life_days: state.halfLifeDays || null, area_share: state.areaShare === 0.01 ? null : state.areaShare };
  const key = JSON.stringify(query);
  if (key === backtestKey) return;
  backtestKey = key;
  backtestBusy = true;
  showBacktest(panel.curve, null, { busy: true, failed: "" });
  let failed = "";
  /** @type {import("./risk_backtest.js").Backtest | null} */
  let found = null;
  try {
    const answer = await get("risk/backtest", query);
    found = answer.backtest;
    if (!found) failed = t("risk.backtest_short", { days: number(answer.days), needed: number(answer.needed_days) });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    failed = error.lines.join(" ");
  }
  if (key !== backtestKey) return;
  const before = bandwidth();
  backtest = found;
  backtestBusy = false;
  showBacktest(panel.curve, backtest, { busy: false, failed });
  panel.showControls(state, bandwidth());
  if (bandwidth() !== before && state.unit === "raster") await refresh();
  else if (shown) tellAll(shown);
  document.documentElement.dataset.backtest = backtest ? "shown" : "none";
}

/** A press on the map: the area under it, or the place itself. @param {{lon: number, lat: number, code: string | null}} at */
function press({ lon, lat, code }) {
  if (draw?.on) return;
  if (code) explainUnit(code);
  else choose({ grid: "", ring: "", spot: `${lon.toFixed(5)},${lat.toFixed(5)}` });
}

/** @param {string} code of a unit as shown, or of a community beside a raster */
function explainUnit(code) {
  choose({ grid: code, spot: "", ring: "" });
}

/** @param {Pick<State, "grid" | "spot" | "ring">} what */
function choose(what) {
  state = { ...state, ...what };
  writeState(state);
  panel.mark(state.grid);
  showChosen();
}

/** Explain what is chosen, as the address says. */
async function showChosen() {
  const ring = readRing(state.ring);
  const [lon, lat] = state.spot.split(",").map(Number);
  if (state.grid) {
    const unit = state.unit === "raster" ? (state.grid.length > COMMUNITY_DIGITS ? "grid" : "community") : state.unit;
    const shapes = await askShapes(unit).catch(() => null);
    const found = shapes?.features.find((one) => one.properties?.code === state.grid);
    map.choose(found?.geometry ?? null);
    explain.show({ unit, code: state.grid }, listed.get(state.grid) ?? null);
  } else if (ring.length) {
    map.choose(polygonOf(ring));
    explain.show({ ring: state.ring });
  } else if (state.spot && Number.isFinite(lon) && Number.isFinite(lat)) {
    explain.show({ lon, lat });
  } else {
    map.choose(null);
    explain.hide();
  }
}

/** The choice of what to compare with, at the end of the time line. */
function showVersus() {
  const select = h("select", { class: "field", id: "risk-versus", "aria-label": t("risk.versus"), on: { change: (/** @type {Event} */ event) => change({ versus: /** @type {HTMLSelectElement} */ (event.target).value }) } },
    ...["", "before", "year"].map((one) => h("option", { value: one, selected: one === state.versus }, t(`risk.versus_${one || "none"}`))));
  time.side.replaceChildren(select);
}
