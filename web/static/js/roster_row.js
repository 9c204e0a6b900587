/** A person as a row of the week: what stands on each of the seven days. */

import { minuteTime } from "./format.js";
import { label, t } from "./message.js";

/**
 * @typedef {{id: number, day: string, from: number, until: number}} Span
 * @typedef {{id: number, from: number, until: number, open: boolean, kind: string | null, reason: string | null}} Leave
 */

/**
 * @typedef {object} Row
 * @property {number} id
 * @property {string} name
 * @property {string} role
 * @property {string} roleLabel
 * @property {string | null} place where the home post is
 * @property {number} capacity
 * @property {number} load
 * @property {string} duty
 * @property {number} version of the roster
 * @property {boolean} editable
 * @property {boolean} byAppointment
 * @property {Span[]} shifts
 * @property {Leave[]} leaves
 * @property {number[]} termsFrom
 */

/**
 * @typedef {object} Piece a shift or a leave as far as it lies on a day
 * @property {"shift" | "leave"} what
 * @property {number} from part of the day, 0 to 1
 * @property {number} until
 * @property {string} text
 * @property {boolean} idle a shift that a leave covers
 * @property {number} id
 */

const DAY_MS = 86_400_000;
/** Midnight of a local day. The district's zone has no summer time. @param {string} day */
export const midnight = (day) => Date.parse(`${day}T00:00:00+08:00`);

/** @param {any} raw @returns {Row} */
export function readRow(raw) {
  return {
    id: raw.id,
    name: raw.name,
    role: raw.role,
    roleLabel: raw.role_label,
    place: raw.organisation ?? raw.home_name,
    capacity: raw.capacity,
    load: raw.load,
    duty: raw.duty,
    version: raw.version,
    editable: raw.editable,
    byAppointment: raw.by_appointment,
    shifts: raw.shifts.map((/** @type {any} */ one) => ({ id: one.id, day: one.day, from: Date.parse(one.from), until: Date.parse(one.until) })),
    leaves: raw.leaves.map((/** @type {any} */ one) => ({
      id: one.id, from: Date.parse(one.from), until: one.until ? Date.parse(one.until) : Infinity,
      open: one.until === null, kind: one.kind, reason: one.reason,
    })),
    termsFrom: raw.terms_from.map((/** @type {string} */ one) => Date.parse(one)),
  };
}

/** What lies on a day, leave first. @param {Row} row @param {string} day @returns {Piece[]} */
export function piecesOf(row, day) {
  const start = midnight(day), end = start + DAY_MS;
  const part = (/** @type {number} */ at) => Math.min(1, Math.max(0, (at - start) / DAY_MS));
  const leaves = row.leaves.filter((one) => one.from < end && one.until > start);
  const shifts = row.shifts.filter((one) => one.from < end && one.until > start);
  return [
    ...leaves.map((one) => ({ what: /** @type {const} */ ("leave"), from: part(one.from), until: part(one.until), text: leaveText(one, start, end), idle: false, id: one.id })),
    ...shifts.map((one) => ({
      what: /** @type {const} */ ("shift"), from: part(one.from), until: part(one.until), text: shiftText(one, start), id: one.id,
      idle: leaves.some((leave) => leave.from <= Math.max(one.from, start) && leave.until >= Math.min(one.until, end)),
    })),
  ];
}

/** @param {Span} span @param {number} start */
function shiftText(span, start) {
  if (span.from <= start && span.until >= start + DAY_MS) return t("roster.all_day");
  const until = span.until % DAY_MS === start % DAY_MS ? "24:00" : minuteTime(span.until);
  return span.from < start ? t("roster.until_hour", { at: until }) : `${minuteTime(span.from)}–${until}`;
}

/** @param {Leave} leave @param {number} start @param {number} end */
function leaveText(leave, start, end) {
  const word = leave.kind ? t(`roster.kind_${leave.kind}`) : t("roster.leave");
  const hours = [leave.from > start ? minuteTime(leave.from) : "", leave.until < end ? minuteTime(leave.until) : ""];
  return hours[0] || hours[1] ? `${word} ${hours[0]}–${hours[1]}` : word;
}

/** An area with its community, unless its name tells that already. @param {string} name @param {string | null} community */
export const placed = (name, community) => (community && !name.startsWith(community.slice(0, 2)) ? `${community} ${name}` : name);

/** The shape beside the word of a duty. @type {Record<string, string>} */
export const DUTY_SHAPE = { on_duty: "●", off_duty: "○", on_leave: "◇" };

/** @param {string} duty */
export const dutyWord = (duty) => label("roster", `duty_${duty}`, duty);
