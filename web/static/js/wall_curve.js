/** The day's curve at the foot of the wall: cases reported in each hour, the present one marked. */

import { byId } from "./page.js";
import { now } from "./clock.js";
import { fill, h, say } from "./dom.js";
import { minuteTime } from "./format.js";
import { t } from "./message.js";
import { bars } from "./spark.js";

/** @param {import("./figure.js").Figures} figures */
export function showCurve(figures) {
  const hour = Number(minuteTime(now()).slice(0, 2));
  const values = Array.from({ length: 24 }, (_, index) => (index <= hour ? figures.hourly[index] ?? 0 : null));
  say(byId("curve-title"), t("wall.curve_title", { n: values.reduce((/** @type {number} */ sum, n) => sum + (n ?? 0), 0) }));
  fill(byId("curve"),
    bars(values, { now: hour, labels: (index) => t("wall.curve_bar", { hour: index, n: values[index] ?? 0 }) }),
    h("div", { class: "curve-hours num", "aria-hidden": "true" }, ...["0", "6", "12", "18", "24"].map((text) => h("span", null, text))));
}
