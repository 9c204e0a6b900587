/** The run card of a case: each need with who has it, who is recommended, and what is missing. */

import { newKey, post } from "./api.js";
import { takeAction } from "./case_action.js";
import { h } from "./dom.js";
import { listed, minutes } from "./format.js";
import { label, named, t } from "./message.js";
import { toast } from "./toast.js";

/**
 * @typedef {object} Call
 * @property {number} need its place on the card
 * @property {number} step
 * @property {"lead" | "joint" | "alone"} part
 * @property {string | null} role_label
 * @property {string | null} skill
 * @property {number} count
 * @property {number | null} within_s
 * @property {number} filled
 * @property {any[]} people recommended, not yet sent
 * @property {{missing: number, text: string} | null} shortfall
 */

/** @typedef {{id: number, name: string, name_en: string, stage: string, complete: boolean, needs: Call[]}} Turnout */

/**
 * The card as a list of needs.
 * @param {Turnout} card
 */
export function turnoutOf(card) {
  return h("section", { class: "turnout", "aria-label": t("card.title") },
    h("div", { class: "case-part" },
      h("h3", null, t("card.title"), " · ", h("a", { href: `/run-cards?card=${card.id}` }, named(card.name, card.name_en))),
      card.complete ? h("span", { class: "small" }, t("card.complete")) : null),
    card.stage === "joint" ? h("p", { class: "notice notice-warn small" }, t("card.joint_notice")) : null,
    h("ol", { class: "needs" }, ...card.needs.map(row)));
}

/** @param {Call} call */
function row(call) {
  const state = call.filled >= call.count ? "filled" : call.shortfall ? "short" : "ready";
  return h("li", { class: "need", data: { state, need: call.need } },
    h("span", { class: "need-sign", "aria-hidden": "true" }, { filled: "✓", ready: "→", short: "!" }[state]),
    h("div", null,
      h("div", null, h("strong", null, whom(call.role_label, call.count)), " ", h("span", { class: "muted small" }, [t(`card.part_${call.part}`), terms(call)].filter(Boolean).join(" · "))),
      call.filled ? h("div", { class: "small" }, t("card.filled", { n: call.filled, count: call.count })) : null,
      call.people.length ? h("div", { class: "small" }, t("card.send_whom", { names: listed(call.people.map(who)) })) : null,
      call.shortfall ? h("div", { class: "small need-short" }, call.shortfall.text) : null));
}

/**
 * @param {string | null} role null: whom the ladder recommends
 * @param {number} count
 */
export function whom(role, count) {
  return t("card.count", { role: role ?? t("card.anybody"), n: count });
}

/** In which order and in what time. @param {{step: number, within_s: number | null, skill: string | null}} need */
export function terms(need) {
  return [
    need.skill ? label("skill", need.skill) : "",
    t("card.step", { n: need.step }),
    need.within_s ? t("card.within", { time: minutes(need.within_s) }) : "",
  ].filter(Boolean).join(" · ");
}

/** @param {any} one */
function who(one) {
  const name = one.name ?? one.role_label;
  return one.travel_s === null ? name : t("card.who_minutes", { name, time: minutes(one.travel_s) });
}

/** Whom to send for which need. @param {Turnout | null} card */
export function peopleOf(card) {
  if (!card) return [];
  return card.needs.flatMap((call) => call.people.map((one) => ({ need: call.need, person_id: /** @type {number} */ (one.person_id) })));
}

/**
 * Send the people of the card, all or nobody; a notice names them and offers to take them back.
 * @param {{id: number, version: number}} one the version looked at
 * @param {Turnout | null} card
 * @param {(work: () => Promise<void>) => void} onUndo runs the taking back as a change of the page
 * @param {(raw: any) => void} [onCase] gets the case after each change
 */
export async function sendCard({ id, version }, card, onUndo, onCase = () => {}) {
  const people = peopleOf(card);
  const made = await post(`cases/${id}/run-card`, { version, people }, newKey());
  onCase(made.case);
  const names = listed(made.assignments.map((/** @type {any} */ one) => one.name));
  const undo = { text: t("desk.action_undo"), run: () => onUndo(() => takeBack(made, onCase)) };
  toast(t("card.sent", { n: people.length, names }), { action: undo, forMs: 12_000 });
}

/** Take everybody back who was sent, those beside the lead first. @param {any} made @param {(raw: any) => void} onCase */
async function takeBack(made, onCase) {
  let raw = made.case;
  for (const { role, person_id } of [...made.assignments].reverse()) {
    raw = await takeAction(raw, "undo", role === "lead" ? { role } : { role, person_id });
  }
  onCase(raw);
  toast(t("file.done", { action: t("desk.action_undo") }));
}
