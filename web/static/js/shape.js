/** The shapes of cases, the same in lists (SVG) and on the map (canvas): shape first, then colour. */

import { svg } from "./dom.js";

/** @typedef {import("./contract.js").Case} Case */

/** Outlines in a box from -1 to 1, y down. A null outline is the disc. */
const OUTLINES = /** @type {const} */ ({
  urgent: [[0, -1.12], [1.12, 0], [0, 1.12], [-1.12, 0]],
  hazard: [[0, -1.05], [1.08, 0.86], [-1.08, 0.86]],
  dispute: null,
  service: null,
  police: [[-0.88, -0.88], [0.88, -0.88], [0.88, 0.88], [-0.88, 0.88]],
  recommendation: [[-0.35, -1], [0.35, -1], [0.35, -0.35], [1, -0.35], [1, 0.35], [0.35, 0.35],
    [0.35, 1], [-0.35, 1], [-0.35, 0.35], [-1, 0.35], [-1, -0.35], [-0.35, -0.35]],
});

/** @typedef {keyof typeof OUTLINES} ShapeName */

/** Names in the order of legends. */
export const SHAPES = /** @type {ShapeName[]} */ (["urgent", "hazard", "dispute", "service", "police"]);

/**
 * @param {Pick<Case, "urgent" | "family">} one
 * @returns {ShapeName}
 */
export function shapeOf(one) {
  if (one.urgent) return "urgent";
  return one.family in OUTLINES ? /** @type {ShapeName} */ (one.family) : "dispute";
}

/**
 * Draw a shape as inline SVG in the colour of the text.
 * @param {ShapeName} name
 */
export function shapeIcon(name) {
  const outline = OUTLINES[name];
  const hollow = name === "service";
  const drawn = outline
    ? svg("path", { d: `M${outline.map((point) => point.join(" ")).join("L")}Z` })
    : svg("circle", { r: hollow ? 0.8 : 0.95, fill: hollow ? "none" : null, stroke: hollow ? "currentColor" : null, "stroke-width": hollow ? 0.32 : null });
  return svg("svg", { class: "shape", viewBox: "-1.2 -1.2 2.4 2.4", "aria-hidden": "true" }, drawn);
}

/**
 * Trace a shape on a canvas; the caller fills and strokes.
 * @param {CanvasRenderingContext2D} context
 * @param {ShapeName} name
 * @param {number} x
 * @param {number} y
 * @param {number} size half its width, in pixels
 */
export function traceShape(context, name, x, y, size) {
  const outline = OUTLINES[name];
  context.beginPath();
  if (!outline) {
    context.arc(x, y, size * 0.95, 0, Math.PI * 2);
    return;
  }
  outline.forEach(([dx, dy], index) => {
    if (index === 0) context.moveTo(x + dx * size, y + dy * size);
    else context.lineTo(x + dx * size, y + dy * size);
  });
  context.closePath();
}
