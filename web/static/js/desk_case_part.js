/** Parts of the case pane that only show: the heading, who has the case, who won a race. */

import { isPending } from "./contract.js";
import { h } from "./dom.js";
import { distance, number } from "./format.js";
import { label, named, t } from "./message.js";
import { gradeWords } from "./grade.js";
import { shapeIcon, shapeOf } from "./shape.js";

/** @typedef {import("./contract.js").Case} Case */

/**
 * What it is, where, since when, from whom.
 * @param {Case} one
 * @param {any | null} raw
 */
export function heading(one, raw) {
  const place = raw ? [raw.grid.street, raw.grid.community].filter(Boolean).join(" ") : "";
  return h("header", { class: "case-head" },
    h("h2", null, shapeIcon(shapeOf(one)), " ", named(one.typeName, one.typeNameEn),
      one.urgent ? h("span", { class: "tag" }, t("family.urgent")) : null,
      h("span", { class: isPending(one) ? "tag" : "tag tag-quiet" }, label("state", one.state))),
    h("p", { class: "muted" }, [place, one.address].filter(Boolean).join(" ")),
    h("p", { class: "muted num" }, h("span", { class: "case-wait" }), ` ${t("case.ago")} · ${label("channel", one.channel)} · `, h("a", { href: `/cases/${one.id}`, title: t("case.page") }, one.number)),
    raw ? h("p", { class: "muted small num" }, source(raw)) : null,
    raw && gradeWords(raw) ? h("p", { class: "small case-grade" }, gradeWords(raw)) : null,
    one.description ? h("p", { class: "case-words" }, ...wordsOf(one.description)) : null);
}

/**
 * Who has a case now.
 * @param {import("./contract.js").Assignment[]} assignments
 * @param {Case} one
 */
export function people(assignments, one) {
  const shown = assignments.filter((assignment) => assignment.live);
  return h("section", { "aria-label": t("case.who") },
    h("div", { class: "case-part" }, h("h3", null, t("case.who"))),
    ...shown.map((assignment) => h("div", { class: "assigned" },
      h("div", null, h("strong", null, assignment.name ?? t("candidate.beyond")), " ", h("span", { class: "muted" }, assignment.roleLabel),
        h("div", { class: "small muted" }, [label("assignment_role", assignment.role, ""), ...assignment.reasons.slice(0, 1)].filter(Boolean).join(" · "))),
      h("div", { class: "assigned-state" }, h("strong", null, label("state", assignment.state)),
        assignment.phone ? h("div", { class: "small num muted" }, assignment.phone) : null))),
    shown.length ? null : h("p", { class: "muted" }, label("state", one.state)));
}

/**
 * Who was first, as the refusal tells it.
 * @param {import("./api.js").ApiError} error
 */
export function winner(error) {
  const first = error.problem.winner;
  const name = first?.name ?? first?.person_name ?? first?.assigned_to;
  const state = first?.state ? label("state", first.state) : "";
  const told = name ? t("race.winner", { name, state }) : error.message;
  return first?.by_name ? t("race.by", { told, by: first.by_name }) : told;
}

/** @param {any} raw */
function source(raw) {
  const accuracy = raw.source.accuracy_m ? ` ±${number(raw.source.accuracy_m)} m` : "";
  const datum = `${raw.source.datum}${accuracy}`;
  return t(raw.source.datum === "WGS-84" || raw.source.datum === "CGCS2000" ? "case.source" : "case.source_converted", { datum });
}

/** @param {number} metres */
export const distanceFine = (metres) => (metres < 100 ? `${metres.toFixed(metres < 10 ? 1 : 0)} m` : distance(metres));

/** A path of the risk map at the end of a recommendation, and nothing else, becomes a link. */
const MAP_LINK = /\/risk\?[\w\-.~!$&'()*+,;=:@/?%]+$/;

/** @param {string} words */
function wordsOf(words) {
  const found = MAP_LINK.exec(words);
  return found ? [words.slice(0, found.index), h("a", { href: found[0] }, t("case.map"))] : [words];
}
