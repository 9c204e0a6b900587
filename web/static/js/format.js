/** Numbers, lengths, durations and times as people read them. Times are those of the district. */

import { page } from "./page.js";
import { t } from "./message.js";

const LANGUAGE = page.locale === "en" ? "en-GB" : "zh-CN";
const ZONE = "Asia/Shanghai";

const whole = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 0 });
const clockTime = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const shortTime = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const isoDay = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE });

/** @param {number} value */
export const number = (value) => whole.format(value);

/**
 * @param {number} value
 * @param {number} digits
 */
export const decimal = (value, digits) => value.toLocaleString(LANGUAGE, {
  minimumFractionDigits: digits, maximumFractionDigits: digits,
});

/** @param {number} share 0..1 */
export const percent = (share) => `${decimal(share * 100, share >= 0.9 ? 2 : 1)}%`;

/** @param {number} share 0..1, in whole percent where that says enough */
export const roughly = (share) => `${decimal(share * 100, share > 0 && share < 0.095 && Math.abs(share * 100 - Math.round(share * 100)) > 0.05 ? 1 : 0)}%`;

/** @param {number} ms */
export const clock = (ms) => clockTime.format(ms);

/** @param {number} ms */
export const minuteTime = (ms) => shortTime.format(ms);

/** @param {number} ms milliseconds since 1970; gives YYYY-MM-DD of the district's day */
export const day = (ms) => isoDay.format(ms);

/**
 * A running clock: 02:15, 1:02:15, then days.
 * @param {number} seconds
 */
export function running(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s >= 86400) {
    const days = Math.floor(s / 86400);
    return t("time.days_hours", { days, hours: Math.floor((s % 86400) / 3600) });
  }
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const rest = `${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
  return s >= 3600 ? `${Math.floor(s / 3600)}:${rest}` : rest;
}

/**
 * How long ago, in one unit: 12 s, 4 min, 3 h, 2 d.
 * @param {number} seconds
 */
export function ago(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 90) return t("time.s", { n: s });
  if (s < 5400) return t("time.min", { n: Math.round(s / 60) });
  if (s < 129600) return t("time.h", { n: Math.round(s / 3600) });
  return t("time.d", { n: Math.round(s / 86400) });
}

/**
 * A duration of a figure: 1分12秒, 1 min 12 s.
 * @param {number} seconds
 */
export function duration(seconds) {
  const s = Math.round(seconds);
  if (s < 60) return t("time.s", { n: s });
  if (s < 3600) return t("time.min_s", { min: Math.floor(s / 60), s: s % 60 });
  return t("time.h_min", { h: Math.floor(s / 3600), min: Math.round((s % 3600) / 60) });
}

/**
 * Minutes on the road, rounded up as arrivals are promised.
 * @param {number} seconds
 */
export const minutes = (seconds) => t("time.min", { n: Math.max(1, Math.ceil(seconds / 60)) });

/** @param {readonly string[]} parts */
export const listed = (parts) => parts.join(page.locale === "en" ? ", " : "、");

/** @param {number} metres */
export function distance(metres) {
  if (metres < 950) return `${Math.max(0, Math.round(metres / 10) * 10)} m`;
  return `${decimal(metres / 1000, 1)} km`;
}

/**
 * The end of an area code, enough to tell it from its neighbours.
 * @param {string} code
 */
export const shortCode = (code) => (code.length > 6 ? `…${code.slice(-6)}` : code);
