/** What saving a change would do: duty, open cases, areas without anybody. */

import { now } from "./clock.js";
import { h } from "./dom.js";
import { day, minuteTime, number } from "./format.js";
import { named, t } from "./message.js";
import { placed } from "./roster_row.js";
import { dutyWord } from "./roster_row.js";

/** A moment as 11-25 08:00. @param {string} at */
export const moment = (at) => `${day(Date.parse(at)).slice(5)} ${minuteTime(Date.parse(at))}`;

/** @param {{from: string, until: string}} span */
export function spanText(span) {
  const from = Date.parse(span.from), until = Date.parse(span.until);
  const last = until - 1;
  const end = day(from) === day(last) ? (minuteTime(until) === "00:00" ? "24:00" : minuteTime(until)) : moment(span.until);
  return `${moment(span.from)}–${end}`;
}

/** @param {any} found as the API sends it @returns {HTMLElement} */
export function showConsequence(found) {
  const parts = [];
  if (found.duty_after) {
    parts.push(h("p", { class: "notice notice-warn" }, t("roster.preview_duty", { before: dutyWord(found.duty_before), after: dutyWord(found.duty_after) })));
  }
  if (found.cases.length) parts.push(cases(found.cases));
  if (found.gaps.length) parts.push(gaps(found.gaps));
  if (!found.cases.length && !found.gaps.length) parts.push(h("p", { class: "notice" }, t("roster.preview_none")));
  if (found.away_count) parts.push(h("p", { class: "small muted" }, t("roster.preview_away", { count: number(found.away_count), first: spanText(found.away[0]) })));
  return h("div", { class: "foreseen" }, ...parts);
}

/** @param {any[]} list */
function cases(list) {
  return h("section", { class: "notice notice-warn" },
    h("h4", null, t("roster.preview_cases", { count: number(list.length) })),
    h("ul", { class: "foreseen-list" }, ...list.map((one) => h("li", null,
      h("a", { class: "num", href: `/cases/${one.case_id}`, target: "_blank", rel: "noopener" }, one.number), " ",
      named(one.type_name, one.type_name_en),
      h("span", { class: "small muted" }, t(`roster.touched_${one.why}`, { what: one.what ? t(`roster.skill_${one.what}`) : "" }), " · ",
        dueText(one.due_at))))),
    h("p", { class: "small" }, t("roster.preview_cases_left")));
}

/** @param {string | null} at */
function dueText(at) {
  if (!at) return t("roster.no_due");
  return t(Date.parse(at) <= now() ? "roster.overdue" : "roster.due", { at: moment(at) });
}

/** @param {any[]} list */
function gaps(list) {
  return h("section", { class: "notice notice-warn" },
    h("h4", null, t("roster.preview_gaps", { count: number(list.length) })),
    h("ul", { class: "foreseen-list" }, ...list.map((one) => h("li", null,
      t("roster.preview_gap", { area: placed(one.area_name ?? one.area_code, one.community), role: one.role_label }),
      h("span", { class: "small muted num" }, one.spans.slice(0, 2).map(spanText).join(", ") + (one.count > 2 ? ` ${t("roster.preview_gap_more", { count: number(one.count) })}` : ""))))));
}
