/** The candidates of a case as a list of choices, the number of each on its key. */

import { h } from "./dom.js";
import { distance, minutes } from "./format.js";
import { label, t } from "./message.js";

/** @typedef {import("./contract.js").Candidate} Candidate */

/** Reasons that say what the columns beside them say already. */
const SAID_ELSEWHERE = new Set(["load", "meets_limit", "not_travelling", "beyond_scope"]);
const KEYS = 9;

/**
 * @param {Candidate[]} candidates
 * @param {number} chosen
 * @param {(index: number) => void} onChoose
 */
export function candidateList(candidates, chosen, onChoose) {
  const rows = candidates.map((candidate, index) => row(candidate, index, index === chosen, () => onChoose(index)));
  const list = h("div", { class: "candidates", role: "radiogroup", "aria-label": t("candidate.title") }, ...rows.slice(0, KEYS));
  const rest = rows.slice(KEYS);
  if (!rest.length) return list;
  const more = h("button", { class: "btn", type: "button", on: { click: () => { more.remove(); list.append(...rest); } } }, t("candidate.more", { n: rest.length }));
  return h("div", { class: "candidates" }, list, more);
}

/**
 * @param {Candidate} candidate
 * @param {number} index
 * @param {boolean} chosen
 * @param {() => void} choose
 */
function row(candidate, index, chosen, choose) {
  const minutesSaid = candidate.travelS === null ? t("candidate.no_travel") : minutes(candidate.travelS);
  return h("button", { class: "candidate", type: "button", role: "radio", "aria-checked": String(chosen), data: { person: candidate.personId ?? "" }, on: { click: choose } },
    h("kbd", null, index < KEYS ? String(index + 1) : "·"),
    h("span", { class: "candidate-who" },
      h("span", null, candidate.name ? h("strong", null, candidate.name) : h("span", { class: "tag tag-quiet" }, t("candidate.beyond")), " ",
        h("span", { class: "muted" }, candidate.roleLabel),
        candidate.assignmentRole === "lead" ? null : h("span", { class: "tag tag-quiet" }, label("assignment_role", candidate.assignmentRole))),
      ...reasons(candidate).map((text) => h("span", { class: "candidate-why" }, text))),
    h("span", { class: "candidate-road num" },
      h("strong", null, minutesSaid),
      h("span", null, road(candidate)),
      h("span", null, duty(candidate))));
}

/** @param {Candidate} candidate */
function reasons(candidate) {
  const told = candidate.reasons.filter((reason) => !SAID_ELSEWHERE.has(reason.code));
  return (told.length ? told : candidate.reasons.slice(0, 1)).map((reason) => reason.text);
}

/** @param {Candidate} candidate */
function road(candidate) {
  const parts = [candidate.distanceM === null ? "" : distance(candidate.distanceM), candidate.mode && candidate.mode !== "none" ? label("mode", candidate.mode) : ""];
  return parts.filter(Boolean).join(" · ");
}

/** @param {Candidate} candidate */
function duty(candidate) {
  const load = candidate.load === null ? "" : t("candidate.load", { n: candidate.load, capacity: candidate.capacity ?? "–" });
  return [load, label("duty", candidate.duty)].filter(Boolean).join(" · ");
}
