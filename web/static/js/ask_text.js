/** A question that wants a sentence: why a case goes back, how it ended. */

import { h } from "./dom.js";
import { t } from "./message.js";

/**
 * Ask for a text in a dialog.
 * @param {string} title
 * @param {string} labelText
 * @param {string} submitText what the button does, in words that name it
 * @returns {Promise<string | null>} null when the person went back
 */
export function askText(title, labelText, submitText) {
  const field = h("textarea", { class: "field", required: true, maxlength: 2000, id: "ask-text" });
  const form = h("form", { class: "sheet-card", method: "dialog" },
    h("h2", null, title),
    h("label", { class: "label", for: "ask-text" }, labelText), field,
    h("p", { class: "sheet-buttons" },
      h("button", { class: "btn btn-primary", type: "submit", value: "send" }, submitText),
      h("button", { class: "btn", type: "button", data: { back: "" } }, t("app.back"))));
  const dialog = h("dialog", { class: "sheet", "aria-label": title }, form);
  document.body.append(dialog);
  dialog.showModal();
  field.focus();
  return new Promise((resolve) => {
    form.querySelector("[data-back]")?.addEventListener("click", () => dialog.close(""));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(form.querySelector("button[type=submit]"));
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "send" ? field.value.trim() || null : null);
    });
  });
}
