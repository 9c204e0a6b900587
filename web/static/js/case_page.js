/** The page of one case: what happened, who held it how long, and what may be done with it now. */

import { byId, markReady, page } from "./page.js";
import { showLink } from "./age.js";
import { ApiError, ask, get, newKey } from "./api.js";
import { everySecond, learn } from "./clock.js";
import { callsPeople, isOpen } from "./contract.js";
import { alertOf, fill, h } from "./dom.js";
import { bindKeys, startKeys } from "./keys.js";
import { t } from "./message.js";
import { startSignOut } from "./sign_out.js";
import { listen } from "./stream.js";
import { toast, toastError } from "./toast.js";
import { actionButtons, askAction, readActions, takeAction, wayBack } from "./case_action.js";
import { contactsOf, documentsOf } from "./case_file.js";
import { showMap } from "./case_map.js";
import { clocksOf, headOf, heldOf, peopleOf, wordsOf } from "./case_part.js";
import { timelineOf } from "./desk_timeline.js";
import { askGrade, gradeWords } from "./grade.js";
import { peopleOf as calledBy, sendCard, turnoutOf } from "./turnout.js";

/** @typedef {import("./case_action.js").Allowed} Allowed */

const PAUSE_MS = 400;

const id = Number(byId("file").dataset.case);
/** @type {any} */
let shown = null;
/** @type {Allowed[]} */
let allowed = [];
/** @type {import("./turnout.js").Turnout | null} */
let card = null;
const mayAssign = Boolean(page.user?.permissions.includes("case.assign"));
let busy = false;
/** Takes the last notice away: what it offers is over with the next step. */
let forget = () => {};
let turn = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {((atMs: number) => void)[]} what changes with the time, without asking */
let ticking = [];

startSignOut();
bindKeys([
  { key: "a", shown: "a", says: t("file.key_actions"), run: () => { /** @type {HTMLElement | null} */ (byId("file-actions").querySelector("button"))?.focus(); } },
  { key: "1", shown: "1 … 9", says: t("file.key_number"), run: () => take(0) },
  ...[2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({ key: String(n), shown: String(n), says: "", hidden: true, run: () => take(n - 1) })),
]);
startKeys();
everySecond((atMs) => ticking.forEach((tick) => tick(atMs)));
listen((message) => {
  if (message.what === "state") {
    showLink(message.state);
    if (message.state === "live" && shown) load();
  } else if (message.kind === "hello") {
    learn(message.data.server_time);
  } else if (message.kind === "resync" || message.data?.case_id === id) {
    clearTimeout(timer);
    timer = setTimeout(load, PAUSE_MS);
  }
});
await load();
markReady();

/** Read all of the case and draw it; several calls in a row end with the last. */
async function load() {
  const mine = ++turn;
  const main = byId("main");
  main.setAttribute("aria-busy", "true");
  try {
    const asked = get(`cases/${id}`);
    const [one, timeline, actions, documents, found] = await Promise.all([
      asked, get(`cases/${id}/timeline`), readActions(id), get(`cases/${id}/documents`), asked.then(readCard),
    ]);
    if (mine !== turn) return;
    shown = one;
    card = found;
    allowed = actions;
    draw(one, timeline, documents.items);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (mine !== turn) return;
    if (shown) toastError(error);
    else fill(byId("file-head"), alertOf(error.lines,
      h("p", null, h("button", { class: "btn", type: "button", on: { click: load } }, t("app.again")))));
  } finally {
    if (mine === turn) main.setAttribute("aria-busy", "false");
  }
}

/** @param {any} one @param {any} timeline @param {any[]} documents */
function draw(one, timeline, documents) {
  document.title = `${one.number} · ${document.title.split(" · ").at(-1)}`;
  ticking = [];
  fill(byId("file-head"), ...headOf(one, one.merged, ticking));
  fill(byId("file-actions"), ...(allowed.length ? actionButtons(allowed, take) : [h("p", { class: "muted" }, t("file.nothing"))]));
  fill(byId("file-words"), ...wordsOf(one));
  fill(byId("file-timeline"), timelineOf(timeline.items));
  fill(byId("file-clocks"), ...clocksOf(timeline.clocks, ticking));
  fill(byId("file-held"), ...heldOf(timeline.custody));
  fill(byId("file-people"), ...peopleOf(one));
  drawCard();
  fill(byId("file-contacts"), ...contactsOf(one, load));
  fill(byId("file-documents"), ...documentsOf(one, documents, load));
  showMap(byId("file-map"), one);
  const now = Date.now();
  ticking.forEach((tick) => tick(now));
}

/** The run card of a case to which people may still be sent. @param {any} one */
async function readCard(one) {
  return mayAssign && callsPeople(one) ? (await get(`cases/${id}/candidates`)).card : null;
}

/** The run card, with what it is chosen by; nobody but the desk sees whom it calls for. */
function drawCard() {
  const people = calledBy(card);
  const open = isOpen(shown);
  fill(byId("file-card"),
    h("h3", null, t("grade.title")),
    h("p", null, gradeWords(shown) || t("grade.none")),
    mayAssign && open ? h("p", null, h("button", { class: "btn", type: "button", id: "grade-edit", on: { click: grade } }, t("grade.edit"))) : null,
    card ? turnoutOf(card) : mayAssign && open ? h("p", { class: "muted small" }, t("card.none")) : null,
    people.length ? h("p", null, h("button", { class: "btn btn-primary case-card", type: "button", on: { click: () => change(() => sendCard({ id, version: shown.version }, card, change)) } }, t("card.send", { n: people.length }))) : null);
}

/** Say of what level and scale the case is. */
async function grade() {
  const wanted = await askGrade(shown);
  if (wanted) await change(async () => { await ask("PUT", `cases/${id}/grade`, { body: { version: shown.version, ...wanted }, idempotencyKey: newKey() }); toast(t("grade.saved")); });
}

/** Run a change, one at a time, and read the case again. @param {() => Promise<void>} work */
async function change(work) {
  if (busy) return;
  busy = true;
  byId("main").setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    toastError(error);
  } finally {
    busy = false;
  }
  await load();
}

/** Ask for what an action needs, and take it. @param {number} at its place among the buttons */
async function take(at) {
  const one = allowed[at];
  if (!one || busy || document.querySelector("dialog[open]")) return;
  const needs = await askAction({ id, number: shown.number }, one);
  if (needs) await carryOut(one.action, needs, wayBack(one.action));
}

/** @param {string} action @param {Record<string, unknown>} needs @param {string | null} back */
function carryOut(action, needs, back) {
  return change(async () => {
    await takeAction({ id, version: shown.version }, action, needs);
    forget();
    forget = toast(t("file.done", { action: t(`desk.action_${action}`) }), back
      ? { action: { text: t(`desk.action_${back}`), key: "u", run: () => carryOut(back, {}, null) }, forMs: 12_000 } : {});
  });
}
