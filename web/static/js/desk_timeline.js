/** What has happened to a case, in order, in words. */

import { h } from "./dom.js";
import { clock, day } from "./format.js";
import { label, t } from "./message.js";
import { page } from "./page.js";
import { now } from "./clock.js";

/** @param {any[]} events */
export function timelineOf(events) {
  return h("section", { "aria-label": t("case.timeline") },
    h("div", { class: "case-part" }, h("h3", null, t("case.timeline"))),
    h("ol", { class: "timeline num" }, ...events.map((event) => line(event))));
}

/** @param {any} event */
function line(event) {
  const at = Date.parse(event.at);
  const when = day(at) === day(now()) ? clock(at) : `${day(at)} ${clock(at)}`;
  const words = [label("event", event.kind, event.kind), about(event), details(event), who(event)];
  return h("li", { data: { kind: event.kind } }, h("time", null, when), " ", words.filter(Boolean).join(" · "),
    event.words ? h("div", { class: "timeline-words" }, event.words) : null);
}

/** What an event tells beside its kind: level, step, rating, card. @param {any} event */
function details(event) {
  const told = event.payload ?? {};
  const level = ["case.escalated", "case.handed_down"].includes(event.kind) ? t(`level.${levelOf(told.holder ?? "")}`) : "";
  const step = event.kind.startsWith("clock.") && told.step ? t(`clock.step_${told.step}`) : "";
  const rating = told.rating ? t("file.rated", { n: told.rating }) : "";
  const card = told.colour ? t(`desk.card_${told.colour}`) : "";
  const ended = told.closure ? t(`desk.kind_${told.closure}`) : "";
  return [level, step, rating, card, ended].filter(Boolean).join(" · ");
}

/** @param {string} code */
const levelOf = (code) => ({ 6: "district", 9: "street", 12: "community" })[code.length] ?? "grid";

/** Whom it is about, if that is somebody else than who acted. @param {any} event */
const about = (event) => (event.actor === `p:${event.person_id}` ? "" : event.person_name ?? "");

/** Who acted: `u:12`, `p:345`, `system:demo`; nobody is told beyond reach. @param {any} event */
function who({ actor, actor_name: name }) {
  if (!actor) return "";
  if (page.user && actor === `u:${page.user.id}`) return t("actor.you");
  if (name) return name;
  const [kind, id] = actor.split(":");
  return kind === "system" ? t("actor.system") : t(kind === "u" ? "actor.user" : "actor.person", { id });
}
