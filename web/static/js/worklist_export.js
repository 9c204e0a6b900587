/** The list as a workbook: for a purpose, which is recorded. */

import { ApiError, postRaw } from "./api.js";
import { fill, h } from "./dom.js";
import { number } from "./format.js";
import { t } from "./message.js";
import { openSheet } from "./sheet.js";
import { toast } from "./toast.js";

const MOST = 10_000;
const TIMEOUT_MS = 120_000;

/**
 * Ask for the purpose and fetch the file.
 * @param {import("./worklist_view.js").Query} query
 * @param {number} total cases that fit, as far as known
 */
export async function exportList(query, total) {
  const purpose = h("textarea", { class: "field", id: "export-purpose", required: true, maxlength: 500 });
  const send = h("button", { class: "btn btn-primary", type: "submit" }, t("desk.export_do"));
  const back = h("button", { class: "btn", type: "button" }, t("app.back"));
  const state = h("p", { class: "export-state", role: "status" });
  const title = t("desk.export_title", { n: number(Math.min(total, MOST)) });
  const form = h("form", { class: "sheet-card", method: "dialog" }, h("h2", null, title),
    h("label", { class: "label", for: "export-purpose" }, t("desk.export_purpose")), purpose,
    h("p", { class: "notice small" }, t("desk.export_why")), total > MOST ? h("p", { class: "notice notice-warn small" }, t("desk.export_cut")) : null,
    state, h("p", { class: "sheet-buttons" }, send, back));
  const { dialog, closed } = openSheet(title, form);
  const asking = new AbortController();
  purpose.focus();
  back.addEventListener("click", () => dialog.close(""));
  dialog.addEventListener("close", () => asking.abort());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = purpose.value.trim();
    if (!words) {
      purpose.value = "";
      purpose.reportValidity();
      return;
    }
    fetchFile({ ...plain(query), purpose: words }, { dialog, send, state, asking });
  });
  await closed;
}

/**
 * @param {Record<string, unknown>} body
 * @param {{dialog: HTMLDialogElement, send: HTMLButtonElement, state: HTMLElement, asking: AbortController}} parts
 */
async function fetchFile(body, { dialog, send, state, asking }) {
  send.disabled = true;
  send.setAttribute("aria-busy", "true");
  fill(state, h("progress", { "aria-label": t("desk.export_busy") }), " ", t("desk.export_busy"));
  try {
    const answer = await postRaw("cases/export", body, asking.signal, TIMEOUT_MS);
    keep(await answer.blob(), nameOf(answer));
    const n = number(Number(answer.headers.get("Ganxin-Rows")));
    dialog.close("");
    toast(t(answer.headers.get("Ganxin-Cut") === "true" ? "desk.export_done_cut" : "desk.export_done", { n }));
  } catch (error) {
    if (asking.signal.aborted) return;
    if (!(error instanceof ApiError)) throw error;
    fill(state, h("span", { class: "notice notice-bad" }, error.lines.join(" ")));
  } finally {
    send.disabled = false;
    send.removeAttribute("aria-busy");
  }
}

/** The question as a body: what is not asked is left out. @param {import("./worklist_view.js").Query} query */
function plain(query) {
  const said = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const lists = ["family", "level", "light", "card"];
  return Object.fromEntries(said.map(([name, value]) => {
    if (name === "lead" || name === "stuck_hours") return [name, Number(value)];
    return [name, lists.includes(name) && !Array.isArray(value) ? [value] : value];
  }));
}

/** @param {Response} answer */
function nameOf(answer) {
  const encoded = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
  return encoded ? decodeURIComponent(encoded) : "cases.xlsx";
}

/** @param {Blob} blob @param {string} name */
function keep(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
