/**
 * The light of a case or of one of its clocks: green up to 80 % of the time allowed, yellow to
 * 100 %, red beyond. The server tells when it turns, by the district's limits and work calendar.
 */

import { h, svg } from "./dom.js";
import { running } from "./format.js";
import { t } from "./message.js";

/** @typedef {"green" | "yellow" | "red"} Light */
/**
 * @typedef {object} Timed
 * @property {number | null} yellowAt milliseconds since 1970
 * @property {number | null} dueAt milliseconds since 1970; null where no clock runs
 */

/** @param {string | null} iso */
const moment = (iso) => (iso ? Date.parse(iso) : null);

/** Read when a light turns. @param {any} raw @returns {Timed} */
export const readTimed = (raw) => ({ yellowAt: moment(raw.yellow_at), dueAt: moment(raw.due_at) });

/** @param {Timed} one @param {number} nowMs @returns {Light | null} null where no clock runs */
export function lightOf({ yellowAt, dueAt }, nowMs) {
  if (dueAt === null) return null;
  if (dueAt <= nowMs) return "red";
  return yellowAt !== null && yellowAt <= nowMs ? "yellow" : "green";
}

/** Time left or late, in words. @param {Timed} one @param {number} nowMs */
export function timeOf({ dueAt }, nowMs) {
  if (dueAt === null) return t("desk.no_clock");
  const seconds = (dueAt - nowMs) / 1000;
  return seconds > 0 ? t("desk.left", { time: running(seconds) }) : t("desk.late_by", { time: running(-seconds) });
}

const PATHS = {
  green: "M12 2a10 10 0 1 1 0 20a10 10 0 0 1 0-20z",
  yellow: "M12 2L23 21H1z",
  red: "M3 3h18v18H3z",
};

/** The shape of a light: disc, triangle, square. @param {Light} light */
export const lightShape = (light) => svg("svg", { class: "shape", viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: PATHS[light] }));

/** A light in shape, colour and words. @param {Light} light @param {string} [words] */
export const lightMark = (light, words = t(`desk.light_${light}`)) => h("span", { class: "light num", data: { light } }, lightShape(light), words);
