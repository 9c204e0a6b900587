/**
 * The light of a case: green up to 80 % of the time allowed for its present step, yellow to 100 %,
 * red beyond (GB/T 30428 practice). Registering and dispatching is allowed 10 min for an urgent
 * case, 30 min for another; the way there 15 and 60 min; handling 2 h and 7 days (a dispute of
 * ordinary weight). Until the district's own limits are data, these are shown as typical ones.
 */

import { isPending } from "./contract.js";
import { svg } from "./dom.js";
import { t } from "./message.js";

/** @typedef {import("./contract.js").Case} Case */
/** @typedef {"green" | "yellow" | "red"} Light */

const MINUTE_S = 60;
const LIMIT_S = {
  pending: { urgent: 10 * MINUTE_S, other: 30 * MINUTE_S },
  underway: { urgent: 15 * MINUTE_S, other: 60 * MINUTE_S },
  handling: { urgent: 120 * MINUTE_S, other: 7 * 24 * 60 * MINUTE_S },
};
const YELLOW_FROM = 0.8;

/**
 * Seconds allowed for the present step.
 * @param {Case} one
 */
export function limitS(one) {
  const step = isPending(one) ? "pending" : one.state === "arrived" ? "handling" : "underway";
  return LIMIT_S[step][one.urgent ? "urgent" : "other"];
}

/**
 * Part of the time allowed that is used up, 0.. and beyond 1.
 * @param {Case} one
 * @param {number} nowMs
 */
export function used(one, nowMs) {
  return Math.max(0, nowMs - one.stateSince) / 1000 / limitS(one);
}

/**
 * @param {Case} one
 * @param {number} nowMs
 * @returns {Light}
 */
export function lightOf(one, nowMs) {
  const share = used(one, nowMs);
  return share > 1 ? "red" : share > YELLOW_FROM ? "yellow" : "green";
}

const PATHS = {
  green: "M12 2a10 10 0 1 1 0 20a10 10 0 0 1 0-20z",
  yellow: "M12 2L23 21H1z",
  red: "M3 3h18v18H3z",
};

/**
 * Show a light by shape, word and colour.
 * @param {HTMLElement} element an empty element of class `light`, or one filled before
 * @param {Case} one
 * @param {number} nowMs
 */
export function showLight(element, one, nowMs) {
  const light = lightOf(one, nowMs);
  const percent = Math.round(used(one, nowMs) * 100);
  if (element.dataset.light !== light) {
    element.dataset.light = light;
    element.replaceChildren(
      svg("svg", { class: "shape", viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: PATHS[light] })),
      "",
    );
  }
  const word = light === "red" ? t("light.red") : light === "yellow" ? t("light.yellow", { percent }) : t("light.green");
  const text = element.lastChild;
  if (text && text.nodeValue !== word) text.nodeValue = word;
}
