/** From a place at risk to a case: a patrol, a pillar or a camera recommended, with the map as its reason. */

import { ApiError, newKey, post } from "./api.js";
import { fill, h } from "./dom.js";
import { page } from "./page.js";
import { t } from "./message.js";
import { toast } from "./toast.js";

const KINDS = ["patrol", "pillar", "camera"];

/**
 * Ask what is recommended at a place, and send it to the desk.
 * @param {{lon: number, lat: number}} at degrees, WGS-84
 * @param {string} reason what the map says of the place
 */
export function recommend(at, reason) {
  const key = newKey();
  const kinds = KINDS.map((kind, index) => h("label", { class: "check" }, h("input", { type: "radio", name: "kind", value: kind, checked: index === 0 }), h("span", null, t(`risk.kind_${kind}`))));
  const words = h("textarea", { class: "field", maxlength: 1000, rows: 4, "aria-label": t("risk.words") });
  words.value = reason;
  const problem = h("div", { class: "notice notice-bad", role: "alert", hidden: true });
  const send = h("button", { class: "btn btn-primary", type: "submit" }, t("risk.recommend_send"));
  const dialog = h("dialog", { class: "sheet", "aria-label": t("risk.recommend") });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (send.hasAttribute("aria-busy")) return;
    send.setAttribute("aria-busy", "true");
    const kind = new FormData(/** @type {HTMLFormElement} */ (event.target)).get("kind");
    try {
      const made = await post("risk/recommendations", { kind, words: words.value.trim(), location: { ...at, datum: "WGS-84" }, map: location.search ? location.pathname + location.search : null }, key);
      dialog.close();
      told(made);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(problem, ...error.lines.map((line) => h("p", null, line)));
      problem.hidden = false;
    } finally {
      send.removeAttribute("aria-busy");
    }
  };
  dialog.append(h("form", { class: "sheet-card recommend", on: { submit } },
    h("h2", null, t("risk.recommend")), h("p", { class: "muted small" }, t("risk.recommend_what")), problem,
    h("div", null, ...kinds), h("div", null, h("span", { class: "label" }, t("risk.words")), words),
    h("div", { class: "explain-acts" }, send, h("button", { class: "btn", type: "button", on: { click: () => dialog.close() } }, t("app.cancel")))));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {any} made the case */
function told(made) {
  const reaches = page.user?.permissions.includes("page.dispatch");
  toast(t("risk.recommended", { number: made.number }), { forMs: 10_000, action: reaches ? { text: t("risk.recommended_see"), run: () => location.assign(`/dispatch?case=${made.id}`) } : undefined });
}
