/** Doing it: in small parts, so that progress is seen and can be stopped; then what became of each. */

import { ApiError, newKey, post } from "./api.js";
import { fill, h, say } from "./dom.js";
import { number } from "./format.js";
import { label, t } from "./message.js";
import { openSheet } from "./sheet.js";
import { BACK } from "./worklist_action.js";

/** @typedef {import("./worklist_row.js").Row} Row */
/** @typedef {import("./worklist_action.js").Action} Action */
/** @typedef {Pick<Row, "id" | "number" | "version">} Seen */
/** @typedef {{id: number, number: string, done: boolean, version: number, why: string}} Outcome */

const PART = 10;
/** Refusals with words of their own; another says what it has to say. */
const WHY = ["conflict", "forbidden", "not_found"];

/**
 * Take an action on each case and show what became of it.
 * @param {Action} action
 * @param {readonly Seen[]} seen
 * @param {Record<string, unknown>} needs
 * @param {{onBack: (action: Action, seen: Seen[]) => void, onSelect: (ids: number[]) => void}} then
 * @returns {Promise<void>} when the person has seen it
 */
export async function runAll(action, seen, needs, then) {
  const says = t(`desk.action_${action.action}`);
  const bar = h("progress", { max: seen.length, value: 0, "aria-label": says });
  const count = h("span", { class: "num" }, t("desk.bulk_progress", { done: 0, n: number(seen.length) }));
  const stop = h("button", { class: "btn", type: "button" }, t("desk.bulk_stop"));
  const card = h("div", { class: "sheet-card bulk-result", "aria-live": "polite" }, h("h2", null, t("desk.bulk_do", { action: says, n: number(seen.length) })), h("p", { class: "bulk-bar" }, bar, count), stop);
  const { dialog, closed } = openSheet(says, card);
  let going = true;
  stop.addEventListener("click", () => { going = false; });
  dialog.addEventListener("cancel", () => { going = false; });
  stop.focus();
  /** @type {Outcome[]} */
  const outcomes = [];
  for (let at = 0; at < seen.length && going; at += PART) {
    outcomes.push(...await runPart(action.action, seen.slice(at, at + PART), needs));
    bar.value = outcomes.length;
    say(count, t("desk.bulk_progress", { done: number(outcomes.length), n: number(seen.length) }));
  }
  const close = () => dialog.close("");
  showOutcomes(card, action, outcomes, seen.length - outcomes.length, {
    close,
    back: (back, done) => { close(); then.onBack(back, done); },
    select: (ids) => { close(); then.onSelect(ids); },
  });
  await closed;
}

/**
 * @param {string} action
 * @param {readonly Seen[]} seen
 * @param {Record<string, unknown>} needs
 * @returns {Promise<Outcome[]>}
 */
async function runPart(action, seen, needs) {
  const cases = seen.map(({ id, version }) => ({ id, version }));
  const numbers = new Map(seen.map((one) => [one.id, one.number]));
  try {
    const answer = await post("cases/bulk", { action, cases, ...needs }, newKey());
    return answer.items.map((/** @type {any} */ item) => ({
      id: item.id, number: numbers.get(item.id) ?? "", done: item.done, version: item.version ?? 0, why: item.done ? "" : why(item.problem),
    }));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return seen.map((one) => ({ id: one.id, number: one.number, done: false, version: 0, why: error.lines[0] ?? error.message }));
  }
}

/** @param {any} problem */
function why(problem) {
  const name = problem.winner?.name ?? problem.winner?.by_name;
  const state = problem.winner?.state;
  return [
    WHY.includes(problem.code) ? t(`desk.why_${problem.code}`) : problem.detail,
    name ? t("desk.bulk_by", { name }) : "",
    state && problem.code === "conflict" ? label("state", state) : "",
  ].filter(Boolean).join(" · ");
}

/**
 * @param {HTMLElement} card
 * @param {Action} action
 * @param {Outcome[]} outcomes
 * @param {number} left
 * @param {{close: () => void, back: (back: Action, done: Seen[]) => void, select: (ids: number[]) => void}} then
 */
function showOutcomes(card, action, outcomes, left, then) {
  const done = outcomes.filter((one) => one.done);
  const failed = outcomes.filter((one) => !one.done);
  const back = BACK[action.action];
  const says = t("desk.bulk_result", { action: t(`desk.action_${action.action}`), done: number(done.length), failed: number(failed.length) });
  const close = h("button", { class: "btn btn-primary", type: "button", on: { click: then.close } }, t("app.close"));
  fill(card, h("h2", { role: "status" }, says),
    left ? h("p", { class: "notice notice-warn" }, t("desk.bulk_stopped", { n: number(left) })) : null,
    h("ul", { class: "outcomes" }, ...[...failed, ...done].map((one) => h("li", { data: { done: String(one.done) } },
      h("b", { class: one.done ? "ok" : "not" }, one.done ? `✓ ${t("desk.bulk_done")}` : `✕ ${t("desk.bulk_failed")}`),
      h("a", { class: "num", href: `/cases/${one.id}` }, one.number), one.why ? h("span", { class: "small" }, one.why) : null))),
    h("p", { class: "sheet-buttons" }, close,
      back && done.length ? h("button", { class: "btn", type: "button", on: { click: () => then.back(back, done) } }, t("desk.bulk_back", { action: t(`desk.action_${back.action}`) })) : null,
      failed.length ? h("button", { class: "btn", type: "button", on: { click: () => then.select(failed.map((one) => one.id)) } }, t("desk.bulk_again")) : null));
  close.focus();
}
