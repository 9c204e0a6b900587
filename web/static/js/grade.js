/** Level and scale of a case: in words, and asked for in a dialog. Both decide its run card. */

import { h } from "./dom.js";
import { t } from "./message.js";
import { openSheet } from "./sheet.js";

export const LEVELS = /** @type {const} */ ([1, 2, 3, 4]);
export const SCALES = /** @type {const} */ ([1, 2, 3]);

/** @param {number | null} level */
export const levelText = (level) => t(level ? `grade.level_${level}` : "grade.unknown");
/** @param {number | null} scale */
export const scaleText = (scale) => t(scale ? `grade.scale_${scale}` : "grade.unknown");

/** In one line, empty where nobody has said anything. @param {any} one a case of the API */
export function gradeWords(one) {
  return [
    one.level ? t("grade.level_is", { level: levelText(one.level) }) : "",
    one.scale ? t("grade.scale_is", { scale: scaleText(one.scale) }) : "",
    one.failed_mediations ? t("grade.failed", { n: one.failed_mediations }) : "",
  ].filter(Boolean).join(" · ");
}

/**
 * Two choices: level and scale.
 * @param {{level: number | null, scale: number | null}} now
 * @param {string} prefix of the ids
 */
export function gradeFields(now, prefix) {
  const choice = (/** @type {string} */ name, /** @type {readonly number[]} */ values, /** @type {number | null} */ value, /** @type {(value: number | null) => string} */ words) => {
    const select = h("select", { class: "field", id: `${prefix}-${name}` },
      h("option", { value: "" }, t("grade.unknown")),
      ...values.map((one) => h("option", { value: one, selected: one === value }, words(one))));
    return { select, element: h("div", null, h("label", { class: "label", for: `${prefix}-${name}` }, t(`grade.${name}`)), select) };
  };
  const level = choice("level", LEVELS, now.level, levelText);
  const scale = choice("scale", SCALES, now.scale, scaleText);
  return {
    element: h("div", { class: "grade-fields" }, level.element, scale.element),
    read: () => ({ level: Number(level.select.value) || null, scale: Number(scale.select.value) || null }),
  };
}

/**
 * Ask for level and scale.
 * @param {any} one
 * @returns {Promise<{level: number | null, scale: number | null} | null>} null when the person went back
 */
export async function askGrade(one) {
  const fields = gradeFields(one, "grade");
  const back = h("button", { class: "btn", type: "button" }, t("app.back"));
  const form = h("form", { class: "sheet-card", method: "dialog" },
    h("h2", null, t("grade.title")), h("p", { class: "small muted" }, t("grade.why")), fields.element,
    h("p", { class: "sheet-buttons" }, h("button", { class: "btn btn-primary", type: "submit", value: "send" }, t("grade.save")), back));
  const { dialog, closed } = openSheet(t("grade.title"), form);
  back.addEventListener("click", () => dialog.close(""));
  form.querySelector("select")?.focus();
  return await closed === "send" ? fields.read() : null;
}
