/** The form of an action on many cases: names them, and asks for what the action needs. */

import { h } from "./dom.js";
import { number } from "./format.js";
import { t } from "./message.js";
import { openSheet } from "./sheet.js";

/** @typedef {import("./worklist_action.js").Action} Action */
/** @typedef {import("./worklist_action.js").Need} Need */

const NAMED = 8;
const ZONE = "+08:00";
const UNITS = ["working_days", "working_hours", "days", "hours", "minutes"];

/**
 * Ask whether to do it, and for what it needs.
 * @param {Action} action
 * @param {readonly string[]} numbers of the cases
 * @returns {Promise<Record<string, unknown> | null>} null when the person went back
 */
export async function askNeeds({ action, needs }, numbers) {
  const title = t("desk.bulk_do", { action: t(`desk.action_${action}`), n: number(numbers.length) });
  const fields = needs.map((need) => field(need));
  const back = h("button", { class: "btn", type: "button" }, t("app.back"));
  const form = h("form", { class: "sheet-card bulk-form", method: "dialog" },
    h("h2", null, title),
    h("p", { class: "small muted" }, t("desk.bulk_these", { n: number(numbers.length) })),
    h("p", { class: "small num bulk-numbers" }, numbers.slice(0, NAMED).join("  "), numbers.length > NAMED ? ` … ${t("desk.bulk_and")}` : ""),
    ...fields.map((one) => one.element),
    h("p", { class: "small muted" }, t("desk.bulk_each")),
    h("p", { class: "sheet-buttons" }, h("button", { class: "btn btn-primary", type: "submit", value: "send" }, title), back));
  const { dialog, closed } = openSheet(title, form);
  back.addEventListener("click", () => dialog.close(""));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(form.querySelector("button[type=submit]"));
  });
  /** @type {HTMLElement | null} */ (form.querySelector("input, textarea, select, button"))?.focus();
  if (await closed !== "send") return null;
  return Object.fromEntries(fields.map((one) => [one.name, one.read()]).filter(([, value]) => value !== null && value !== ""));
}

/**
 * @param {Need} need
 * @returns {{name: string, element: HTMLElement, read: () => unknown}}
 */
function field({ field: name, required, choices, labels }) {
  const id = `need-${name}`;
  const shared = { class: "field", id, name, required };
  const says = h("label", { class: "label", for: id }, t(`desk.need_${name}`), required ? "" : ` (${t("desk.optional")})`);
  const wrap = (/** @type {HTMLElement} */ control) => h("div", { class: "bulk-need" }, says, control);
  if (name === "unit" || choices) {
    const select = h("select", shared, required ? null : h("option", { value: "" }, "–"),
      ...(choices ?? UNITS).map((value) => h("option", { value }, labels?.[value] ?? choiceText(name, value))));
    return { name, element: wrap(select), read: () => (["rating", "person_id"].includes(name) ? Number(select.value) || null : select.value) };
  }
  if (name === "amount") {
    const input = h("input", { ...shared, type: "number", min: 1, max: 10000, value: 1 });
    return { name, element: wrap(input), read: () => Number(input.value) };
  }
  if (name === "until") {
    const input = h("input", { ...shared, type: "datetime-local" });
    return { name, element: wrap(input), read: () => (input.value ? `${input.value}:00${ZONE}` : null) };
  }
  if (name === "into") {
    const input = h("input", { ...shared, inputmode: "numeric", pattern: "[0-9-]{1,24}" });
    return { name, element: wrap(input), read: () => Number(input.value.split("-").at(-1)) || null };
  }
  const area = h("textarea", { ...shared, maxlength: 2000 });
  return { name, element: wrap(area), read: () => area.value.trim() || null };
}

/** @param {string} name @param {string} value */
function choiceText(name, value) {
  if (name === "kind") return t(`desk.kind_${value}`);
  if (name === "colour") return t(`desk.card_${value}`);
  if (name === "unit") return t(`desk.unit_${value}`);
  return value;
}
