/** What can be done with all of the selected cases: asked of the server, or guessed for very many. */

import { get } from "./api.js";
import { page } from "./page.js";

/** @typedef {import("./worklist_row.js").Row} Row */
/** @typedef {{field: string, required: boolean, choices: string[] | null, labels?: Record<string, string>}} Need */
/** @typedef {{action: string, needs: Need[]}} Action */

/** So many are asked about one by one; beyond, the states say what may be tried. */
export const ASK_MOST = 20;
/** People are sent case by case; a rating is of one matter. */
const SINGLE = ["dispatch", "assist", "joint", "self_settle", "rate"];
/** In the order of the buttons; what is not here comes last. */
const ORDER = ["accept", "verify", "close", "resume", "approve_extension", "supervise", "escalate", "hand_down", "suspend", "acknowledge", "arrive", "finish", "fail_mediation", "undo", "return", "reject", "refuse_extension", "extend", "merge", "unmerge", "reopen", "void"];

const REASON = need("reason");
const NOTE = need("note");
const COLOUR = need("colour", ["yellow", "red"]);
const KIND = need("kind", ["substantive", "staged", "procedural"], false);
const RATING = need("rating", ["1", "2", "3", "4", "5"]);
/** What may be tried from a state where nobody was asked. @type {Record<string, Action[]>} */
const BY_STATE = {
  reported: [act("accept"), act("escalate", REASON), act("hand_down", REASON), act("void", REASON)],
  pending: [act("escalate", REASON), act("hand_down", REASON), act("suspend", REASON, need("until", null, false)), act("void", REASON)],
  assigned: [act("undo"), act("escalate", REASON), act("suspend", REASON, need("until", null, false))],
  acknowledged: [act("escalate", REASON), act("suspend", REASON, need("until", null, false))],
  arrived: [act("escalate", REASON), act("suspend", REASON, need("until", null, false))],
  suspended: [act("resume")],
  handled: [act("verify", RATING, need("note", null, false)), act("reject", REASON), act("close", NOTE, KIND)],
  verified: [act("close", NOTE, KIND)],
  closed: [act("reopen", REASON)],
  merged: [act("unmerge", REASON)],
};
const SUPERVISED = ["reported", "pending", "assigned", "acknowledged", "arrived", "suspended", "handled", "verified"];
const SUPERVISE = act("supervise", COLOUR, REASON);

/** The action that leads back, where the loop has one. @type {Record<string, Action>} */
export const BACK = {
  suspend: act("resume"),
  escalate: act("hand_down", REASON),
  hand_down: act("escalate", REASON),
  close: act("reopen", REASON),
  merge: act("unmerge", REASON),
};

/** @type {Map<string, Promise<Action[]>>} */
const known = new Map();

/**
 * Return the actions that all of these cases have in common.
 * @param {readonly Row[]} rows
 * @returns {Promise<Action[]>}
 */
export async function commonActions(rows) {
  const each = rows.length > ASK_MOST ? [...new Set(rows.map((row) => row.state))].map(guess) : await Promise.all(rows.map(askOne));
  const [first, ...rest] = each;
  const common = (first ?? []).filter((one) => !SINGLE.includes(one.action) && rest.every((other) => other.some((two) => two.action === one.action)));
  return common.map((one) => narrowed(one, rest)).sort((a, b) => place(a) - place(b));
}

/** @param {Action} one */
function place(one) {
  const at = ORDER.indexOf(one.action);
  return at < 0 ? ORDER.length : at;
}

/** Leave only the choices that are open for all. @param {Action} one @param {Action[][]} rest @returns {Action} */
function narrowed(one, rest) {
  const needs = one.needs.map((wanted) => {
    const others = rest.map((other) => other.find((two) => two.action === one.action)?.needs.find((two) => two.field === wanted.field)?.choices ?? null);
    const choices = wanted.choices?.filter((choice) => others.every((other) => other === null || other.includes(choice))) ?? null;
    return { ...wanted, choices };
  });
  return { ...one, needs };
}

/** @param {Row} row */
function askOne(row) {
  const key = `${row.id}:${row.version}`;
  let asked = known.get(key);
  if (!asked) {
    asked = get(`cases/${row.id}/actions`).then((answer) => answer.items, (error) => {
      known.delete(key);
      if (error.status === 404) return [];
      throw error;
    });
    known.set(key, asked);
  }
  return asked;
}

/** @param {string} state */
function guess(state) {
  const role = page.user?.role ?? "";
  const desk = role === "supervisor" ? (state === "closed" ? BY_STATE.closed : []) : BY_STATE[state] ?? [];
  const may = ["supervisor", "commander"].includes(role) && SUPERVISED.includes(state);
  return may ? [SUPERVISE, ...desk] : desk;
}

/** @param {string} action @param {...Need} needs @returns {Action} */
function act(action, ...needs) {
  return { action, needs };
}

/** @param {string} field @param {string[] | null} choices @param {boolean} required @returns {Need} */
function need(field, choices = null, required = true) {
  return { field, required, choices };
}
