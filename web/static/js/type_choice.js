/** Choosing a type of case by two presses: the family, then the type among its own. */

import { all } from "./api.js";
import { fill, h } from "./dom.js";
import { label, named, t } from "./message.js";
import { shapeIcon } from "./shape.js";
import { toastError } from "./toast.js";

const FAMILIES = /** @type {const} */ (["hazard", "dispute", "service", "police"]);
/** @type {Promise<any[]> | null} */
let types = null;

/** @returns {{element: HTMLElement, value: () => string, focus: () => void}} */
export function typeChoice() {
  let chosen = "";
  const list = h("div", { class: "type-list" });
  const choose = (/** @type {string} */ code) => {
    chosen = code;
    for (const button of list.querySelectorAll("button")) button.setAttribute("aria-checked", String(button.dataset.type === code));
  };
  const buttons = FAMILIES.map((family) => h("button", { class: "choice", type: "button", "aria-pressed": "false", data: { family }, on: { click: () => show(family) } },
    shapeIcon(family), label("family", family)));
  const show = async (/** @type {string} */ family) => {
    choose("");
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.family === family));
    const ofFamily = (await readTypes()).filter((type) => type.family === family);
    fill(list, ofFamily.some((type) => type.parent_code) ? classes(ofFamily, choose) : chips(ofFamily, choose));
  };
  show("hazard");
  return {
    element: h("div", { class: "type-choice" }, h("div", { class: "segment" }, ...buttons), list),
    value: () => chosen,
    focus: () => buttons[0].focus(),
  };
}

/** The types of the district; asked once, again after a failure. */
function readTypes() {
  types ??= all("case-types", {});
  return types.catch((error) => {
    types = null;
    toastError(error);
    return [];
  });
}

/**
 * A short list: each type a button.
 * @param {any[]} ofFamily
 * @param {(code: string) => void} choose
 */
function chips(ofFamily, choose) {
  return h("div", { class: "chips", role: "radiogroup", "aria-label": t("new.type") }, ...ofFamily.map((type) => h("button", {
    class: "choice", type: "button", role: "radio", "aria-checked": "false", data: { type: type.code }, on: { click: () => choose(type.code) },
  }, type.urgent ? shapeIcon("urgent") : null, named(type.name, type.name_en))));
}

/**
 * A long list: types under their classes.
 * @param {any[]} ofFamily
 * @param {(code: string) => void} choose
 */
function classes(ofFamily, choose) {
  const leaves = ofFamily.filter((type) => type.parent_code);
  const select = h("select", { class: "field", "aria-label": t("new.type") }, h("option", { value: "" }, t("new.choose_type")),
    ...ofFamily.filter((type) => !type.parent_code).map((parent) => h("optgroup", { label: named(parent.name, parent.name_en) },
      ...leaves.filter((type) => type.parent_code === parent.code).map((type) => h("option", { value: type.code }, named(type.name, type.name_en))))));
  select.addEventListener("change", () => choose(select.value));
  return select;
}
