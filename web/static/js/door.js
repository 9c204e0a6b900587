/** The drawing beside the sign-in form: blocks cut along a grain, a case and who is on the way. */

import { svg } from "./dom.js";

/** @typedef {[number, number]} Point */

const GRAIN = 0.72;
const DEPTH = 5;

/** @param {Element} place an svg element with the box 0 0 100 100 */
export function drawDoor(place) {
  const outline = /** @type {Point[]} */ ([[18, 40], [34, 26], [52, 30], [70, 12], [84, 22], [78, 40], [92, 52], [74, 66], [66, 90], [48, 82], [30, 70], [10, 62]]);
  for (const block of divide(outline, DEPTH)) place.append(svg("path", { d: path(block), class: "door-block" }));
  place.append(svg("path", { d: path(outline), class: "door-outline" }),
    svg("path", { d: "M38 62L47 55L55 61L63 52", class: "door-way" }),
    svg("circle", { cx: 38, cy: 62, r: 1.7, class: "door-person" }),
    svg("circle", { cx: 63, cy: 52, r: 6, class: "door-ring" }),
    svg("path", { d: "M63 49L66 52L63 55L60 52Z", class: "door-case" }));
}

/**
 * Cut a polygon along the grain and across it in turn.
 * @param {Point[]} polygon
 * @param {number} depth
 * @returns {Point[][]}
 */
function divide(polygon, depth) {
  if (depth === 0) return [polygon];
  const angle = GRAIN + (depth % 2 ? Math.PI / 2 : 0) + (depth % 3) * 0.05;
  const [nx, ny] = [Math.cos(angle), Math.sin(angle)];
  const along = polygon.map(([x, y]) => x * nx + y * ny);
  const cut = Math.min(...along) + (Math.max(...along) - Math.min(...along)) * (0.44 + 0.03 * depth);
  const halves = [half(polygon, along, cut, 1), half(polygon, along, cut, -1)];
  return halves.filter((part) => part.length > 2).flatMap((part) => divide(part, depth - 1));
}

/**
 * The part of a polygon on one side of a cut.
 * @param {Point[]} polygon
 * @param {number[]} along
 * @param {number} cut
 * @param {1 | -1} side
 */
function half(polygon, along, cut, side) {
  /** @type {Point[]} */
  const kept = [];
  polygon.forEach((point, index) => {
    const next = (index + 1) % polygon.length;
    const here = side * (along[index] - cut);
    const there = side * (along[next] - cut);
    if (here >= 0) kept.push(point);
    if (here * there < 0) {
      const part = here / (here - there);
      kept.push([point[0] + (polygon[next][0] - point[0]) * part, point[1] + (polygon[next][1] - point[1]) * part]);
    }
  });
  return kept;
}

/** @param {Point[]} points */
const path = (points) => `M${points.map(([x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`).join("L")}Z`;
