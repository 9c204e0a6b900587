/** The report that travels: the map as it is shown, as files for reading, printing, GIS and tables. */

import { ApiError, getRaw } from "./api.js";
import { h } from "./dom.js";
import { t } from "./message.js";
import { toast, toastError } from "./toast.js";

const FORMATS = ["html", "pdf", "png", "xlsx", "geojson", "tif"];

/**
 * @param {HTMLElement} place
 * @param {() => Record<string, any>} question
 */
export function showReports(place, question) {
  const menu = h("div", { class: "menu-list" }, ...FORMATS.map((format) => h("button", {
    class: "menu-item", type: "button", data: { format }, on: { click: (/** @type {Event} */ event) => fetchReport(/** @type {HTMLElement} */ (event.currentTarget), format, question()) },
  }, h("strong", null, t(`risk.report_${format}`)), h("small", { class: "muted" }, t(`risk.report_${format}_for`)))));
  place.append(h("details", { class: "menu" }, h("summary", { class: "btn" }, t("risk.report")), menu));
  place.addEventListener("keydown", (event) => {
    const details = place.querySelector("details");
    if (event.key !== "Escape" || !details?.open) return;
    event.stopPropagation();
    details.open = false;
    details.querySelector("summary")?.focus();
  });
  document.addEventListener("click", (event) => {
    const details = place.querySelector("details");
    if (details?.open && event.target instanceof Node && !place.contains(event.target)) details.open = false;
  });
}

/**
 * @param {HTMLElement} button
 * @param {string} format
 * @param {Record<string, any>} question
 */
async function fetchReport(button, format, question) {
  if (button.hasAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  const dismiss = toast(t("risk.report_busy"), { forMs: 120_000 });
  try {
    const answer = await getRaw(`risk/report.${format}`, question);
    keep(await answer.blob(), nameOf(answer, format));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toastError(error);
  } finally {
    dismiss();
    button.removeAttribute("aria-busy");
  }
}

/** @param {Response} answer @param {string} format */
function nameOf(answer, format) {
  const encoded = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
  return encoded ? decodeURIComponent(encoded) : `risk.${format}`;
}

/** @param {Blob} blob @param {string} name */
function keep(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
