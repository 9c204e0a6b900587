/** What lies under the pointer on the map: cases and people, told in a small box; a click chooses. */

import { h, fill } from "./dom.js";
import { now } from "./clock.js";
import { get } from "./api.js";
import { ago, running } from "./format.js";
import { label, named, t } from "./message.js";
import { shapeIcon, shapeOf } from "./shape.js";

/** @typedef {import("./contract.js").Case} Case */

/**
 * @typedef {object} Under
 * @property {import("./people_canvas.js").PeopleCanvas} people
 * @property {import("./case_canvas.js").CaseCanvas} cases
 * @property {import("./live.js").Live} live
 * @property {(one: Case) => void} onChoose
 * @property {() => boolean} [busy] while true the map's clicks mean something else
 */

/** @type {Map<number, string>} */
const names = new Map();

/**
 * @param {HTMLElement} frame
 * @param {import("./map.js").Map} map
 * @param {import("./map_canvas.js").MapCanvas} canvas
 * @param {Under} under
 */
export function showTip(frame, map, canvas, under) {
  const tip = h("div", { class: "map-tip", hidden: true });
  frame.append(tip);
  const hide = () => {
    tip.hidden = true;
    map.getCanvas().style.cursor = "";
    if (under.cases.hovered) {
      under.cases.hovered = 0;
      canvas.wake();
    }
  };
  map.on("mousemove", ({ point }) => {
    if (under.busy?.()) return;
    const view = canvas.view();
    const one = under.cases.hit(view, point.x, point.y);
    const row = one ? -1 : under.people.hit(view, point.x, point.y);
    if (!one && row < 0) {
      hide();
      return;
    }
    if (one) tellCase(tip, one);
    else tellPerson(tip, under.live.people, row);
    place(tip, frame, point.x, point.y);
    map.getCanvas().style.cursor = one ? "pointer" : "";
    if (under.cases.hovered !== (one?.id ?? 0)) {
      under.cases.hovered = one?.id ?? 0;
      canvas.wake();
    }
  });
  map.on("mouseout", hide);
  map.on("movestart", hide);
  map.on("click", ({ point }) => {
    if (under.busy?.()) return;
    const one = under.cases.hit(canvas.view(), point.x, point.y, 20);
    if (one) under.onChoose(one);
  });
}

/**
 * @param {HTMLElement} tip
 * @param {Case} one
 */
function tellCase(tip, one) {
  fill(tip, h("strong", null, shapeIcon(shapeOf(one)), " ", named(one.typeName, one.typeNameEn)),
    h("div", null, one.address ?? ""),
    h("div", { class: "num" }, `${label("state", one.state)} · ${running((now() - one.reportedAt) / 1000)}`),
    one.lead?.name ? h("div", null, `${one.lead.name} ${label("role", one.lead.role)}`) : null);
}

/**
 * @param {HTMLElement} tip
 * @param {import("./people.js").People} people
 * @param {number} row
 */
function tellPerson(tip, people, row) {
  const id = people.id[row];
  const name = h("strong", null, names.get(id) ?? "…");
  fill(tip, name, ` ${label("role", people.roles[people.role[row]])}`,
    h("div", { class: "num" }, t("age.fix", { age: ago((now() - people.fixAt[row]) / 1000) }),
      people.busy[row] ? ` · ${t("person.busy")}` : ""));
  if (names.has(id)) return;
  names.set(id, "…");
  get(`people/${id}`).then((person) => {
    names.set(id, person.name);
    name.textContent = person.name;
  }, () => names.delete(id));
}

/**
 * @param {HTMLElement} tip
 * @param {HTMLElement} frame
 * @param {number} x
 * @param {number} y
 */
function place(tip, frame, x, y) {
  tip.hidden = false;
  const right = x + 16 + tip.offsetWidth > frame.clientWidth;
  const low = y + 16 + tip.offsetHeight > frame.clientHeight;
  tip.style.left = `${right ? x - 16 - tip.offsetWidth : x + 16}px`;
  tip.style.top = `${low ? y - 16 - tip.offsetHeight : y + 16}px`;
}
