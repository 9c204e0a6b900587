/** Choosing a type of case: the family, then by two presses its class and the type among its own. */

import { all } from "./api.js";
import { fill, h } from "./dom.js";
import { label, named, t } from "./message.js";
import { shapeIcon } from "./shape.js";
import { toastError } from "./toast.js";
import { groupTypes } from "./type_group.js";

/** @typedef {import("./type_group.js").CaseType} CaseType */
/** @typedef {import("./type_group.js").TypeGroup} TypeGroup */

const FAMILIES = /** @type {const} */ (["hazard", "dispute", "service", "police"]);
/** @type {Promise<CaseType[]> | null} */
let types = null;

/** @returns {{element: HTMLElement, value: () => string, focus: () => void}} */
export function typeChoice() {
  let chosen = "";
  const list = h("div", { class: "type-list" });
  const choose = (/** @type {string} */ code) => {
    chosen = code;
    for (const button of list.querySelectorAll("button[data-type]")) button.setAttribute("aria-checked", String(/** @type {HTMLElement} */ (button).dataset.type === code));
  };
  const buttons = FAMILIES.map((family) => h("button", { class: "choice", type: "button", "aria-pressed": "false", data: { family }, on: { click: () => show(family) } },
    shapeIcon(family), label("family", family)));
  const show = async (/** @type {string} */ family) => {
    choose("");
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.family === family));
    const groups = groupTypes((await readTypes()).filter((type) => type.family === family));
    fill(list, ...(groups.length > 1 ? classes(groups, choose) : groups.map((group) => chips(group.types, choose))));
  };
  show("hazard");
  return {
    element: h("div", { class: "type-choice" }, h("div", { class: "segment" }, ...buttons), list),
    value: () => chosen,
    focus: () => buttons[0].focus(),
  };
}

/** The types that the district uses; asked once, again after a failure. */
function readTypes() {
  types ??= all("case-types", {}).then((/** @type {CaseType[]} */ found) => found.filter((type) => type.active));
  return types.catch((error) => {
    types = null;
    toastError(error);
    return /** @type {CaseType[]} */ ([]);
  });
}

/**
 * Types as buttons, of which one is chosen.
 * @param {CaseType[]} some
 * @param {(code: string) => void} choose
 */
function chips(some, choose) {
  return h("div", { class: "chips", role: "radiogroup", "aria-label": t("new.type") }, ...some.map((type) => h("button", {
    class: "choice", type: "button", role: "radio", "aria-checked": "false", data: { type: type.code }, on: { click: () => choose(type.code) },
  }, type.urgent ? shapeIcon("urgent") : null, named(type.name, type.name_en))));
}

/**
 * Classes as buttons, and below them the types of the one that is open; the first is.
 * @param {TypeGroup[]} groups
 * @param {(code: string) => void} choose
 */
function classes(groups, choose) {
  const own = h("div", { class: "type-own" });
  const open = (/** @type {TypeGroup} */ group) => {
    choose("");
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.class === group.key));
    fill(own, chips(group.types, choose));
  };
  const press = (/** @type {TypeGroup} */ group) => {
    open(group);
    if (group.types.length === 1) choose(group.types[0].code);
  };
  const buttons = groups.map((group) => h("button", { class: "choice", type: "button", "aria-pressed": "false", data: { class: group.key }, on: { click: () => press(group) } }, group.name));
  open(groups[0]);
  return [h("div", { class: "chips type-classes", role: "group", "aria-label": t("new.class") }, ...buttons), own];
}
