/** The roster: a week of shifts and leave, changed with its consequences in sight. */

import { byId, markReady, page } from "./page.js";
import { showLink } from "./age.js";
import { ApiError, get } from "./api.js";
import { learn } from "./clock.js";
import { fill, h } from "./dom.js";
import { number } from "./format.js";
import { bindKeys, startKeys } from "./keys.js";
import { t } from "./message.js";
import { exportRoster, importRoster } from "./roster_file.js";
import { Grid } from "./roster_grid.js";
import { Panel } from "./roster_panel.js";
import { readRow } from "./roster_row.js";
import { Tools } from "./roster_tools.js";
import { View } from "./roster_view.js";
import { startSignOut } from "./sign_out.js";
import { listen } from "./stream.js";

/** @typedef {import("./roster_row.js").Row} Row */

const PAGE = 100;
const MOST_PAGE = 200;
const PAUSE_MS = 800;

const view = new View();
const tools = new Tools(view);
const grid = new Grid({ onOpen: (row, day) => openPerson(row.id, day), onEnd: () => more() });
const panel = new Panel({ week: () => view.is.week, onRow: adopt, onClose: closed });
/** @type {Row[]} */
let rows = [];
/** @type {string[]} */
let days = [];
/** @type {string | null} */
let next = null;
/** @type {number | null} */
let total = null;
/** How evenly the last 30 days were shared. @type {{given: number, median: number, most: number, gini: number | null} | null} */
let fairness = null;
let turn = 0;
let reading = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

view.onChange(() => { tools.show(); load(); });
startSignOut();
byId("import").hidden = !page.user?.permissions.includes("roster.edit");
byId("import").addEventListener("click", () => importRoster(() => load(true)));
byId("export").addEventListener("click", () => exportRoster(view.query(), /** @type {HTMLButtonElement} */ (byId("export"))));
bindKeys([
  { key: "ArrowDown", shown: "↑ ↓ ← →", says: t("roster.key_move"), run: () => grid.step(1, 0) },
  { key: "ArrowUp", shown: "", says: "", hidden: true, run: () => grid.step(-1, 0) },
  { key: "ArrowLeft", shown: "", says: "", hidden: true, run: () => grid.step(0, -1) },
  { key: "ArrowRight", shown: "", says: "", hidden: true, run: () => grid.step(0, 1) },
  { key: "PageDown", shown: "", says: "", hidden: true, run: () => grid.step(10, 0) },
  { key: "PageUp", shown: "", says: "", hidden: true, run: () => grid.step(-10, 0) },
  { key: "Enter", shown: "Enter", says: t("roster.key_open"), run: () => grid.enter() },
  { key: "s", shown: "s", says: t("roster.key_shift"), run: () => begin("shift") },
  { key: "l", shown: "l", says: t("roster.key_leave"), run: () => begin("leave") },
  { key: "[", shown: "[ ]", says: t("roster.key_week"), run: () => tools.go(-1) },
  { key: "]", shown: "]", says: "", hidden: true, run: () => tools.go(1) },
  { key: "t", shown: "t", says: t("roster.key_today"), run: () => view.set({ week: "" }) },
  { key: "/", shown: "/", says: t("roster.key_search"), run: () => tools.focus() },
  { key: "u", shown: "u", says: t("roster.key_undo"), run: () => panel.undo() },
  { key: "Escape", shown: "Esc", says: t("roster.key_close"), always: true, run: back },
]);
startKeys();

listen((message) => {
  if (message.what === "state") {
    showLink(message.state);
  } else if (message.kind === "hello") {
    learn(message.data.server_time);
  } else if (message.kind === "resync" || /^(person|assignment)\./.test(message.kind)) {
    clearTimeout(timer);
    timer = setTimeout(() => load(true), PAUSE_MS);
  }
});
new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) more(); }, { root: byId("scroll"), rootMargin: "600px" }).observe(grid.foot);
await load();
if (view.is.person) openPerson(Number(view.is.person), view.is.day || grid.day);
markReady();

/** Read the week. @param {boolean} [again] the same list: as many rows as are shown */
async function load(again = false) {
  const mine = ++turn;
  byId("main").setAttribute("aria-busy", "true");
  try {
    const wanted = again ? Math.max(PAGE, rows.length) : PAGE;
    const found = await read(null, Math.min(MOST_PAGE, wanted));
    let items = found.items, cursor = found.next;
    while (cursor && items.length < wanted) {
      const rest = await read(cursor, MOST_PAGE);
      items = [...items, ...rest.items];
      cursor = rest.next;
    }
    if (mine !== turn) return;
    ({ days, total, fairness } = found);
    learn(found.now);
    tools.learn(days, found.week);
    rows = items.map(readRow);
    next = cursor;
    if (!again) byId("scroll").scrollTop = 0;
    draw();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (mine === turn) failed(error);
  } finally {
    if (mine === turn) byId("main").setAttribute("aria-busy", "false");
  }
}

/** @param {string | null} cursor @param {number} limit */
function read(cursor, limit) {
  return get("roster", { ...view.query(), cursor, limit });
}

/** Read the next page. */
async function more() {
  if (!next || reading) return;
  reading = true;
  const mine = turn;
  try {
    const found = await read(next, PAGE);
    if (mine !== turn) return;
    rows = [...rows, ...found.items.map(readRow)];
    next = found.next;
    draw();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  } finally {
    reading = false;
  }
}

/** How evenly the cases of a month fell on these people. */
function shared() {
  if (!fairness || fairness.gini === null) return null;
  const values = { given: number(fairness.given), median: number(fairness.median), most: number(fairness.most), gini: fairness.gini.toFixed(2) };
  return h("span", { class: "rota-shared", title: t("roster.shared_why") }, t("roster.shared", values));
}

function draw() {
  grid.show(rows, days, total);
  fill(byId("total"), t("roster.total", { count: number(total ?? rows.length) }), shared());
  fill(grid.foot, ...foot());
}

function foot() {
  if (!rows.length) {
    return [h("div", { class: "empty" }, h("strong", null, t("roster.empty_title")), h("p", null, t(view.filtered ? "roster.empty_filtered" : "roster.empty_area")),
      view.filtered ? h("p", null, h("button", { class: "btn", type: "button", on: { click: () => view.clear() } }, t("roster.clear"))) : null)];
  }
  return [h("p", { class: "muted small" }, next ? h("button", { class: "btn", type: "button", on: { click: more } }, t("roster.more")) : null,
    ` ${t("roster.shown", { shown: number(rows.length), count: number(total ?? rows.length) })} · ${t("roster.pick_why")}`)];
}

/** @param {ApiError} error */
function failed(error) {
  fill(grid.foot, h("div", { class: "empty" }, ...error.lines.map((line) => h("p", null, line)),
    h("p", null, h("button", { class: "btn", type: "button", on: { click: () => load() } }, t("app.again")))));
}

/** @param {number} id @param {string} day @param {"shift" | "leave" | null} [form] */
function openPerson(id, day, form = null) {
  grid.open = id;
  grid.mark();
  view.keep({ person: String(id), day });
  return panel.show(id, day, form);
}

/** @param {"shift" | "leave"} form */
function begin(form) {
  const { row, day } = grid;
  if (row) openPerson(row.id, day, form);
}

/** Somebody's roster is known anew: show it in the grid too. @param {any} raw */
function adopt(raw) {
  const row = readRow(raw);
  const at = rows.findIndex((one) => one.id === row.id);
  if (at < 0) return;
  rows = rows.with(at, row);
  grid.show(rows, days, total);
}

function closed() {
  grid.open = 0;
  view.keep({ person: "", day: "" });
  grid.focus();
}

function back() {
  const active = document.activeElement;
  if (panel.back()) {
    if (panel.open) grid.focus();
  } else if (active instanceof HTMLElement) {
    active.blur();
  }
}
