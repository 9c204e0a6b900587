/** Choosing a type of case in two steps: the family by one press, the type from its list. */

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
  const select = h("select", { class: "field", "aria-label": t("new.type") });
  const buttons = FAMILIES.map((family) => h("button", { class: "choice", type: "button", "aria-pressed": "false", data: { family }, on: { click: () => show(family) } },
    shapeIcon(family), label("family", family)));
  types ??= all("case-types", {});
  const show = async (/** @type {string} */ family) => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.family === family));
    const found = await (types ?? Promise.resolve([])).catch((error) => {
      types = null;
      toastError(error);
      return [];
    });
    const ofFamily = found.filter((type) => type.family === family);
    const parents = new Map(ofFamily.filter((type) => !type.parent_code).map((type) => [type.code, type]));
    const leaves = ofFamily.filter((type) => type.parent_code);
    fill(select, ...(leaves.length ? [...parents.values()].map((parent) => h("optgroup", { label: named(parent.name, parent.name_en) },
      ...leaves.filter((type) => type.parent_code === parent.code).map(option))) : ofFamily.map(option)));
  };
  show("hazard");
  return {
    element: h("div", { class: "type-choice" }, h("div", { class: "segment" }, ...buttons), select),
    value: () => select.value,
    focus: () => buttons[0].focus(),
  };
}

/** @param {any} type */
function option(type) {
  const urgent = type.urgent ? ` · ${t("family.urgent")}` : "";
  return h("option", { value: type.code }, named(type.name, type.name_en) + urgent);
}
