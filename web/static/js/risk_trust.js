/** The trust card: what the colours mean, on how much they rest, how old they are, what they are not. */

import { now } from "./clock.js";
import { fill, h } from "./dom.js";
import { ago, minuteTime, number } from "./format.js";
import { t } from "./message.js";

/**
 * @param {HTMLElement} place
 * @param {import("./density.js").Density} density
 * @param {readonly number[]} breaks
 * @param {{since: string, until: string}} period
 */
export function showTrust(place, density, breaks, period) {
  const days = Math.round((Date.parse(period.until) - Date.parse(period.since)) / 86_400_000) + 1;
  const withCases = density.rows.filter((row) => row.count > 0).length;
  fill(place,
    h("h2", null, t("risk.density"), " ", h("span", { class: "muted" }, t("risk.unit"))),
    legend(breaks),
    h("dl", { class: "trust-facts num" },
      h("dt", null, t("risk.n")), h("dd", null, t("risk.n_is", { n: number(density.n), grids: number(withCases), all: number(density.rows.length) })),
      h("dt", null, t("risk.period")), h("dd", null, t("risk.period_is", { since: period.since, until: period.until, days })),
      h("dt", null, t("risk.method")), h("dd", null, t("risk.method_is")),
      h("dt", null, t("risk.age")), h("dd", null, t("risk.age_is", { time: minuteTime(density.at), age: ago((now() - density.at) / 1000) }))),
    h("p", { class: "small muted" }, t("risk.warning")));
}

/** @param {readonly number[]} breaks */
function legend(breaks) {
  const limits = ["0", ...breaks.map((limit) => (limit >= 10 ? number(limit) : String(Number(limit.toPrecision(2)))))];
  return h("div", { class: "ramp", role: "img", "aria-label": t("risk.legend", { limits: limits.join(", ") }) },
    h("div", { class: "ramp-bar" }, ...limits.map((_, index) => h("span", { class: `ramp-${index + 1}` }))),
    h("div", { class: "ramp-limits num" }, ...limits.map((limit, index) => h("span", null, index === limits.length - 1 ? `≥${limit}` : index === 0 ? `>${limit}` : limit))));
}
