/** Key figures as the API sends them, read once for the pages that show them. */

/**
 * @typedef {object} Figures
 * @property {number} reported
 * @property {number} closed
 * @property {number | null} closedToday
 * @property {number | null} closingRate 0..1; null before the first case
 * @property {number} onDuty
 * @property {number | null} people
 * @property {number | null} dispatchS mean seconds from report to assignment
 * @property {number | null} reportedToday
 * @property {number | null} reportedYesterday up to the same time of day
 * @property {(number | null)[]} hourly cases reported in each hour of the district's day, null for those to come
 */

/**
 * @param {any} raw
 * @returns {Figures}
 */
export function readFigures(raw) {
  const hourly = Array(24).fill(null);
  for (const hour of raw.hours ?? []) hourly[hour.hour] = hour.reported ?? hour.count ?? 0;
  return {
    reported: raw.reported,
    reportedToday: raw.today?.reported ?? null,
    reportedYesterday: raw.yesterday?.reported ?? null,
    closed: raw.closed,
    closedToday: raw.today?.closed ?? null,
    closingRate: raw.closing_rate,
    onDuty: raw.on_duty,
    people: raw.people ?? null,
    dispatchS: raw.average_dispatch_s,
    hourly,
  };
}
