/** What the shapes on the wall mean. */

import { h, svg } from "./dom.js";
import { label, t } from "./message.js";
import { SHAPES, shapeIcon } from "./shape.js";

/** @param {HTMLElement} place */
export function showLegend(place) {
  const cases = SHAPES.map((name) => h("li", null, shapeIcon(name), label("family", name)));
  const people = [
    ["disc", svg("circle", { r: 0.7 })],
    ["square", svg("rect", { x: -0.65, y: -0.65, width: 1.3, height: 1.3 })],
    ["post", svg("path", { d: "M.85 0L.42 .74L-.42 .74L-.85 0L-.42 -.74L.42 -.74Z" })],
  ];
  place.append(h("ul", null, ...cases, ...people.map(([name, shape]) => h("li", null,
    svg("svg", { class: "shape legend-person", viewBox: "-1.2 -1.2 2.4 2.4", "aria-hidden": "true" }, shape),
    t(`legend.${name}`)))),
  h("p", null, t("legend.hollow")));
}
