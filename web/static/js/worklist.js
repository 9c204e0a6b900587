/** The desk of a level: its cases by what is to be done, with bulk actions, filters and export. */

import { byId, markReady, page } from "./page.js";
import { showLink } from "./age.js";
import { ApiError, get } from "./api.js";
import { learn, now } from "./clock.js";
import { fill, h, say } from "./dom.js";
import { clock, number } from "./format.js";
import { bindKeys, startKeys } from "./keys.js";
import { named, t } from "./message.js";
import { startSignOut } from "./sign_out.js";
import { listen } from "./stream.js";
import { toastError } from "./toast.js";
import { BulkBar } from "./worklist_bulk.js";
import { exportList } from "./worklist_export.js";
import { Filters } from "./worklist_filter.js";
import { Holders } from "./worklist_holders.js";
import { readRow } from "./worklist_row.js";
import { SavedFilters } from "./worklist_saved.js";
import { Selection } from "./worklist_selection.js";
import { Table } from "./worklist_table.js";
import { Tabs } from "./worklist_tabs.js";
import { View } from "./worklist_view.js";

/** @typedef {import("./worklist_row.js").Row} Row */

/** Rows read at a time. */
const PAGE = 50;
const MOST_AT_ONCE = 200;
/** Events come in bursts: the list is read again when they pause, and after a while at the latest. */
const PAUSE_MS = 500;
/** Lights change without an event. */
const AGAIN_MS = 60_000;

const view = new View();
const selection = new Selection(() => { table.mark(); bulk.show(); });
const table = new Table(selection, { onLead: (row) => { filters.learn(new Map([[`p:${row.leadId}`, row.lead ?? ""]])); view.set({ lead: String(row.leadId) }); } });
const bulk = new BulkBar(selection, { rows: () => table.rows, onDone: () => load({ fresh: true }) });
const tabs = new Tabs(view);
const filters = new Filters(view);
const holders = new Holders(view);
new SavedFilters();
/** @type {Record<string, number> | null} */
let counts = null;
/** @type {string | null} */
let next = null;
let turn = 0;
let loaded = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

view.onChange(() => {
  selection.ids.clear();
  selection.tell();
  filters.show();
  tabs.show(counts);
  load({ fresh: true, from: PAGE });
});
byId("export").hidden = !page.user?.permissions.includes("case.export");
byId("export").addEventListener("click", startExport);
startSignOut();
nameArea();
bindKeys([
  { key: "j", shown: "j", says: t("desk.key_next"), run: (event) => table.step(1, event.shiftKey) },
  { key: "k", shown: "k", says: t("desk.key_previous"), run: (event) => table.step(-1, event.shiftKey) },
  { key: "ArrowDown", shown: "↓", says: "", hidden: true, run: (event) => table.step(1, event.shiftKey) },
  { key: "ArrowUp", shown: "↑", says: "", hidden: true, run: (event) => table.step(-1, event.shiftKey) },
  { key: "x", shown: "x", says: t("desk.key_select"), run: () => table.toggleCurrent() },
  { key: "range", shown: "Shift ↓", says: t("desk.key_range"), run: () => {} },
  { key: "page", shown: "Ctrl A", says: t("desk.key_page"), run: () => {} },
  { key: "Enter", shown: "Enter", says: t("desk.key_open"), run: () => table.open() },
  { key: "[", shown: "[ ]", says: t("desk.key_tab"), run: () => tabs.step(-1) },
  { key: "]", shown: "]", says: "", hidden: true, run: () => tabs.step(1) },
  { key: "/", shown: "/", says: t("desk.key_search"), run: () => filters.focus() },
  { key: "e", shown: "e", says: t("desk.key_export"), run: startExport },
  { key: "Escape", shown: "Esc", says: t("keys.back"), always: true, run: back },
]);
startKeys();
document.addEventListener("keydown", selectPage);

listen((message) => {
  if (message.what === "state") {
    showLink(message.state);
    if (message.state === "live" && loaded) load();
  } else if (message.kind === "hello") {
    learn(message.data.server_time);
  } else if (message.kind === "resync" || /^(case|assignment|clock)\./.test(message.kind)) {
    soon();
  }
});
setInterval(() => load(), AGAIN_MS);
await load({ fresh: true });
markReady();

function soon() {
  clearTimeout(timer);
  timer = setTimeout(() => load(), PAUSE_MS);
}

/**
 * Read figures and list.
 * @param {{fresh?: boolean, from?: number}} [options] fresh: forget what has left the list; from: how many rows
 */
async function load({ fresh = false, from = Math.max(PAGE, table.rows.length) } = {}) {
  const mine = ++turn;
  byId("list").setAttribute("aria-busy", "true");
  try {
    const figures = await get("desk", view.filterQuery());
    if (mine !== turn) return;
    counts = figures.tabs;
    if (view.settle(figures.tabs)) filters.show();
    const found = view.impossible ? { rows: [], next: null } : await read(from);
    if (mine !== turn) return;
    next = found.next;
    adopt(found.rows, fresh);
    filters.learn(new Map(figures.holders.map((/** @type {any} */ one) => [one.code, one.name ?? one.code])));
    filters.show();
    filters.nameHolder();
    tabs.show(figures.tabs);
    holders.show(figures.holders);
    fill(table.foot, await footOf(found.rows.length));
    loaded = true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (mine === turn) failed(error);
  } finally {
    if (mine === turn) byId("list").setAttribute("aria-busy", "false");
  }
}

/**
 * Read the first so many rows, page by page.
 * @param {number} wanted
 */
async function read(wanted) {
  /** @type {Row[]} */
  const rows = [];
  /** @type {string | null} */
  let cursor = null;
  do {
    const limit = Math.min(MOST_AT_ONCE, wanted - rows.length);
    const answer = await get("cases", { ...view.query(), masked: true, limit, cursor });
    rows.push(...answer.items.map(readRow));
    cursor = answer.next;
  } while (cursor && rows.length < wanted);
  return { rows, next: cursor };
}

/**
 * Show the rows; what is selected and has left the list stays where it was until it is let go.
 * @param {Row[]} rows
 * @param {boolean} fresh
 */
function adopt(rows, fresh) {
  const here = new Set(rows.map((row) => row.id));
  if (!fresh) {
    table.rows.forEach((row, at) => {
      if (selection.has(row.id) && !here.has(row.id)) rows.splice(Math.min(at, rows.length), 0, { ...row, gone: true });
    });
  }
  selection.keep(rows);
  table.show(rows, view.order);
  bulk.show();
}

/** @param {number} shown */
async function footOf(shown) {
  if (!shown) return empty();
  const total = counts?.[view.tab];
  const says = total === undefined ? "" : t("desk.shown", { shown: number(shown), total: number(Math.max(total, shown)) });
  const more = next ? h("button", { class: "btn", type: "button", on: { click: () => load({ from: table.rows.length + PAGE }) } }, t("desk.more", { n: PAGE })) : null;
  return h("div", { class: "work-more" }, h("span", { class: "muted small num" }, says), more);
}

/** Say why there is nothing, and what to do next. */
async function empty() {
  const others = Object.entries(counts ?? {}).find(([name, count]) => count > 0 && name !== view.tab);
  const above = view.ours && !view.filtered ? await heldAbove() : 0;
  return h("div", { class: "empty" },
    h("strong", null, view.filtered ? t("desk.empty_filtered") : t(`desk.empty_${view.tab}`)),
    h("span", null, above ? t("desk.empty_ours", { n: number(above) }) : t(view.filtered ? "desk.empty_filtered_next" : "desk.empty_next")),
    view.filtered ? h("button", { class: "btn", type: "button", on: { click: () => filters.clear() } }, t("desk.clear")) : null,
    above ? h("button", { class: "btn", type: "button", on: { click: () => view.set({ ours: false }) } }, t("desk.show_all")) : null,
    others ? h("button", { class: "btn", type: "button", on: { click: () => view.set({ tab: others[0] }) } }, t("desk.go_to", { tab: t(`desk.tab_${others[0]}`), n: number(others[1]) })) : null);
}

async function heldAbove() {
  const answer = await get("desk", { ...view.filterQuery(), holder: null }).catch(() => null);
  return answer?.tabs[view.tab] ?? 0;
}

/** @param {ApiError} error */
function failed(error) {
  if (!loaded) {
    fill(table.foot, h("div", { class: "notice notice-bad", role: "alert" }, ...error.lines.map((line) => h("p", null, line)),
      h("p", null, h("button", { class: "btn", type: "button", on: { click: () => load({ fresh: true }) } }, t("app.again")))));
    if (!error.passing) toastError(error);
    return;
  }
  fill(table.foot, h("p", { class: "notice notice-warn" }, t("desk.stale", { at: clock(now()).slice(0, 5) })));
  toastError(error);
}

function startExport() {
  if (byId("export").hidden || document.querySelector("dialog[open]")) return;
  exportList(view.query(), counts?.[view.tab] ?? table.rows.length);
}

/** Say in the heading whose desk it is. */
async function nameArea() {
  const code = page.user?.area_codes[0];
  if (!code || page.user?.level === "district") return;
  const area = await get(`areas/${code}`).catch(() => null);
  if (area) say(byId("work-area"), `· ${named(area.name, area.name_en)}`);
}

/** @param {KeyboardEvent} event */
function selectPage(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "a" || target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
  event.preventDefault();
  table.selectPage();
}

function back() {
  const field = /** @type {HTMLElement | null} */ (document.activeElement);
  if (field?.matches("input, select")) field.blur();
  else if (selection.size) selection.clear();
}
