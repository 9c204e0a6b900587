/** Small charts in SVG: a sparkline for a figure, bars for a day. */

import { svg } from "./dom.js";

/**
 * Draw a line of the last values, its end marked.
 * @param {readonly number[]} values at least two
 */
export function sparkline(values) {
  const width = 100;
  const height = 28;
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const x = (/** @type {number} */ index) => 2 + (index / (values.length - 1)) * (width - 6);
  const y = (/** @type {number} */ value) => height - 4 - ((value - low) / span) * (height - 8);
  const path = values.map((value, index) => `${index ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const last = values.length - 1;
  return svg("svg", { class: "spark", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("path", { d: path, class: "spark-line", "vector-effect": "non-scaling-stroke" }),
    svg("circle", { cx: x(last).toFixed(1), cy: y(values[last]).toFixed(1), r: 2.2, class: "spark-end" }));
}

/**
 * Draw bars from a base line; values not there yet (null) leave a gap.
 * @param {readonly (number | null)[]} values
 * @param {{now?: number, height?: number, labels?: (index: number) => string}} [options] `now` is marked
 */
export function bars(values, { now = -1, height = 60, labels } = {}) {
  const top = Math.max(1, ...values.map((value) => value ?? 0));
  const step = 10;
  const chart = svg("svg", { class: "bars", viewBox: `0 0 ${values.length * step} ${height}`, preserveAspectRatio: "none" });
  values.forEach((value, index) => {
    if (value === null) return;
    const tall = value > 0 ? Math.max(2, (value / top) * (height - 3)) : 0.8;
    const bar = svg("rect", {
      x: index * step + 1, y: (height - 1 - tall).toFixed(1), width: step - 2, height: tall.toFixed(1),
      class: index === now ? "bar-now" : "bar-was",
    });
    if (labels) bar.append(svg("title", null, labels(index)));
    chart.append(bar);
  });
  chart.append(svg("rect", { x: 0, y: height - 1, width: values.length * step, height: 1, class: "bar-base" }));
  return chart;
}
