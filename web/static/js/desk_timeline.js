/** What has happened to a case, in order, in words. */

import { h } from "./dom.js";
import { clock, day } from "./format.js";
import { label, t } from "./message.js";
import { page } from "./page.js";
import { now } from "./clock.js";

/**
 * @param {any[]} events
 * @param {import("./live.js").Live} live
 */
export function timelineOf(events, live) {
  void live;
  return h("section", { "aria-label": t("case.timeline") },
    h("div", { class: "case-part" }, h("h3", null, t("case.timeline"))),
    h("ol", { class: "timeline num" }, ...events.map((event) => line(event))));
}

/** @param {any} event */
function line(event) {
  const at = Date.parse(event.at);
  const when = day(at) === day(now()) ? clock(at) : `${day(at)} ${clock(at)}`;
  const words = [label("event", event.kind, event.kind), who(event.actor), event.payload?.reason ?? event.payload?.note ?? ""];
  return h("li", null, h("time", null, when), " ", words.filter(Boolean).join(" · "));
}

/** @param {string | null} actor `u:12`, `p:345`, `system:demo`; null beyond reach */
function who(actor) {
  if (!actor) return "";
  if (page.user && actor === `u:${page.user.id}`) return t("actor.you");
  const [kind, id] = actor.split(":");
  return kind === "system" ? t("actor.system") : t(kind === "u" ? "actor.user" : "actor.person", { id });
}
