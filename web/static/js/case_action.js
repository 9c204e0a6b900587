/** The actions of one case that are open to me: in order, by name, asked for what they need, taken. */

import { get, newKey, post } from "./api.js";
import { h } from "./dom.js";
import { t } from "./message.js";
import { openSheet } from "./sheet.js";
import { BACK } from "./worklist_action.js";
import { askNeeds } from "./worklist_form.js";

/** @typedef {{action: string, role: string, needs: import("./worklist_action.js").Need[]}} Allowed */

/** What leads on comes first and is the button people look for. */
const FORWARD = ["accept", "dispatch", "acknowledge", "arrive", "finish", "fail_mediation", "verify", "close", "resume", "approve_extension", "self_settle", "reopen", "unmerge"];
const NUMBERED = 9;

/** Read them, what leads on first. @param {number} caseId @param {AbortSignal} [signal] @returns {Promise<Allowed[]>} */
export async function readActions(caseId, signal) {
  const { items } = await get(`cases/${caseId}/actions`, {}, signal);
  const place = (/** @type {Allowed} */ one) => (leadsOn(one) ? FORWARD.indexOf(one.action) : FORWARD.length);
  return items.sort((/** @type {Allowed} */ a, /** @type {Allowed} */ b) => place(a) - place(b));
}

/** @param {Allowed} one */
export const leadsOn = (one) => FORWARD.includes(one.action);

/** @param {Allowed} one */
export function actionName(one) {
  const action = t(`desk.action_${one.action}`);
  return one.role === "lead" ? action : t("file.own_part", { action });
}

/**
 * A button for each, the first nine with their number.
 * @param {Allowed[]} actions
 * @param {(at: number) => void} onTake
 */
export const actionButtons = (actions, onTake) => actions.map((one, at) => h("button", {
  class: at === 0 && leadsOn(one) ? "btn btn-primary" : "btn", type: "button", data: { action: one.action }, on: { click: () => onTake(at) },
}, actionName(one), at < NUMBERED ? h("kbd", { "aria-hidden": "true" }, String(at + 1)) : null));

/**
 * Let somebody choose one of all; a number chooses, too.
 * @param {Allowed[]} actions
 * @returns {Promise<Allowed | null>}
 */
export async function chooseAction(actions) {
  const title = t("file.actions");
  const card = h("div", { class: "sheet-card" }, h("h2", null, title),
    actions.length ? h("div", { class: "sheet-choices" }, ...actionButtons(actions, (at) => dialog.close(String(at))))
      : h("p", { class: "muted" }, t("file.nothing")),
    h("p", { class: "sheet-buttons" }, h("button", { class: "btn", type: "button", on: { click: () => dialog.close("") } }, t("app.back"))));
  const { dialog, closed } = openSheet(title, card);
  card.addEventListener("keydown", ({ key }) => {
    if (/^[1-9]$/.test(key) && Number(key) <= actions.length) dialog.close(String(Number(key) - 1));
  });
  card.querySelector("button")?.focus();
  const chosen = await closed;
  return chosen === "" ? null : actions[Number(chosen)] ?? null;
}

/**
 * Ask for what an action needs.
 * @param {{id: number, number: string}} one
 * @param {Allowed} allowed
 * @returns {Promise<Record<string, unknown> | null>} null when the person went back
 */
export async function askAction(one, allowed) {
  const role = allowed.role === "lead" ? {} : { role: allowed.role };
  if (!allowed.needs.length) return role;
  const needs = await askNeeds(await withPeople(one.id, allowed), [one.number]);
  return needs && { ...needs, ...role };
}

/**
 * @param {{id: number, version: number}} one the version looked at
 * @param {string} action
 * @param {Record<string, unknown>} [needs]
 */
export const takeAction = ({ id, version }, action, needs = {}) => post(`cases/${id}/actions`, { action, version, ...needs }, newKey());

/** The action that takes one back without asking for more, if the loop has it. @param {string} action */
export function wayBack(action) {
  if (action === "dispatch") return "undo";
  const back = BACK[action];
  return back && !back.needs.length ? back.action : null;
}

/**
 * Who could be sent stands in the form, the recommended one first.
 * @param {number} caseId
 * @param {Allowed} allowed
 */
async function withPeople(caseId, allowed) {
  if (!allowed.needs.some((need) => need.field === "person_id")) return allowed;
  const found = await get(`cases/${caseId}/candidates`).catch(() => ({ items: [] }));
  const people = found.items.filter((/** @type {any} */ who) => who.person_id !== null);
  const labels = Object.fromEntries(people.map((/** @type {any} */ who) => [String(who.person_id), [who.name, who.role_label, who.reasons[0]?.text].filter(Boolean).join(" · ")]));
  const needs = allowed.needs.map((need) => (need.field === "person_id" ? { ...need, choices: people.map((/** @type {any} */ who) => String(who.person_id)), labels } : need));
  return { ...allowed, needs };
}
