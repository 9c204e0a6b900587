/** The planner's map: how many cases per square kilometre, where, in which period, of which kind. */

import { byId, markReady, page } from "./page.js";
import { get, ApiError } from "./api.js";
import { now } from "./clock.js";
import { say } from "./dom.js";
import { day } from "./format.js";
import { label, t } from "./message.js";
import { bindKeys, startKeys } from "./keys.js";
import { read, readList, write } from "./url_state.js";
import { startSignOut } from "./sign_out.js";
import { toastError } from "./toast.js";
import { DensityMap } from "./risk_map.js";
import { showTrust } from "./risk_trust.js";
import { TimeLine } from "./risk_time.js";
import { RiskPanel } from "./risk_panel.js";
import { explain, hideExplain } from "./risk_explain.js";
import { makeBreaks, readDensity } from "./density.js";

/** @typedef {import("./density.js").Density} Density */

const DAY_MS = 86_400_000;
const FIRST_DAYS = 180;
const HISTORY_DAYS = 400;

const frame = byId("map");
/** @type {{families: string[], since: string, until: string, grid: string}} */
const asked = {
  families: readList("family"),
  since: read("since") ?? day(now() - FIRST_DAYS * DAY_MS),
  until: read("until") ?? day(now()),
  grid: read("grid") ?? "",
};
/** @type {Density | null} */
let density = null;
/** @type {number[] | null} */
let breaks = null;
/** @type {AbortController | null} */
let asking = null;

const map = new DensityMap(frame, { onChoose: chooseGrid });
const panel = new RiskPanel(byId("side"), {
  onFamilies: (families) => change({ families }),
  onPreset: (days) => change({ since: day(now() - days * DAY_MS), until: day(now()) }),
  onGrid: chooseGrid,
});
const time = new TimeLine(byId("timeline"), {
  onBrush: (since, until) => change({ since, until }),
  onPlay: (since, until) => play(since, until),
  onStop: () => refresh(),
});

startSignOut();
bindKeys([
  { key: " ", shown: t("key.space"), says: t("risk.key_play"), run: () => time.toggle() },
  { key: "Escape", shown: "Esc", says: t("keys.back"), run: () => chooseGrid("") },
]);
startKeys();
await map.start();
await Promise.all([refresh(), loadDays()]);
map.onceIdle(() => markReady());

/** @param {Partial<typeof asked>} what */
function change(what) {
  Object.assign(asked, what);
  write({ family: asked.families, since: asked.since, until: asked.until });
  refresh();
  if (what.families) loadDays();
}

/** Read the density of the period chosen and show it everywhere. */
async function refresh() {
  const found = await measure(asked.since, asked.until);
  if (!found) return;
  density = found;
  breaks = makeBreaks(found);
  map.show(found, breaks);
  panel.show(found, asked);
  showTrust(byId("trust"), found, breaks, asked);
  time.mark(asked.since, asked.until);
  say(byId("risk-period"), `${asked.since} — ${asked.until}`);
  say(byId("risk-family"), asked.families.length ? asked.families.map((name) => label("family", name)).join(" + ") : t("risk.all_families"));
  if (asked.grid) chooseGrid(asked.grid);
}

/**
 * Show one step of a playing slider; colours keep the meaning they had when it began.
 * @param {string} since
 * @param {string} until
 */
async function play(since, until) {
  const found = await measure(since, until);
  if (!found || !breaks) return;
  map.show(found, breaks);
  showTrust(byId("trust"), found, breaks, { ...asked, since, until });
  say(byId("risk-period"), `${since} — ${until}`);
}

/**
 * @param {string} since
 * @param {string} until both days are included
 * @returns {Promise<Density | null>}
 */
async function measure(since, until) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  frame.setAttribute("aria-busy", "true");
  try {
    return readDensity(await get("risk/grids", { ...period(since, until), family: asked.families }, signal));
  } catch (error) {
    if (signal.aborted) return null;
    if (error instanceof ApiError) toastError(error, { text: t("app.again"), run: () => refresh() });
    else throw error;
    return null;
  } finally {
    if (!signal.aborted) frame.setAttribute("aria-busy", "false");
  }
}

/** Cases of each day over the history, for the time line. */
async function loadDays() {
  const since = day(now() - HISTORY_DAYS * DAY_MS);
  try {
    const answer = await get("risk/days", { ...period(since, day(now())), family: asked.families });
    time.show(answer.items.map((/** @type {any} */ one) => ({ day: one.day, n: one.count })));
    time.mark(asked.since, asked.until);
  } catch (error) {
    toastError(error);
  }
}

/**
 * The moments at which a period of days begins and ends in the district.
 * @param {string} since
 * @param {string} until
 */
function period(since, until) {
  const end = new Date(Date.parse(`${until}T00:00:00+08:00`) + DAY_MS);
  return { since: new Date(`${since}T00:00:00+08:00`).toISOString(), until: end.toISOString() };
}

/** @param {string} code */
function chooseGrid(code) {
  asked.grid = code;
  write({ grid: code });
  map.select(code);
  panel.mark(code);
  const row = density?.rows.find((one) => one.code === code);
  if (!row || !density) {
    hideExplain(byId("explain"));
    return;
  }
  explain(byId("explain"), row, density, { ...period(asked.since, asked.until), families: asked.families }, {
    reaches: Boolean(page.user?.permissions.includes("page.dispatch")), onClose: () => chooseGrid(""),
  });
}
