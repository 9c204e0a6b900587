/** The roster as a file: out as a workbook, in after every row was checked. */

import { ApiError, newKey, post, postRaw } from "./api.js";
import { alertOf, fill, h } from "./dom.js";
import { number } from "./format.js";
import { label, t } from "./message.js";
import { openSheet } from "./sheet.js";
import { toast, toastError } from "./toast.js";

const TIMEOUT_MS = 120_000;
const MOST_SHOWN = 200;

/** @param {Record<string, any>} query @param {HTMLButtonElement} button */
export async function exportRoster(query, button) {
  const body = Object.fromEntries(Object.entries(query).filter(([name, value]) => name !== "week" && value));
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await postRaw("roster/export", body, new AbortController().signal, TIMEOUT_MS);
    const encoded = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
    const link = h("a", { href: URL.createObjectURL(await answer.blob()), download: encoded ? decodeURIComponent(encoded) : "roster.xlsx" });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    toastError(error);
  } finally {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

/** Ask for a file, show what is wrong row by row, and write what is good. @param {() => void} onDone */
export async function importRoster(onDone) {
  const choose = h("input", { type: "file", class: "field", accept: ".xlsx,.csv,.tsv,.txt", id: "import-file" });
  const found = h("div", { class: "rota-found", "aria-live": "polite" });
  const buttons = h("p", { class: "sheet-buttons" });
  const back = h("button", { class: "btn", type: "button" }, t("app.close"));
  const card = h("div", { class: "sheet-card rota-import" }, h("h2", null, t("roster.import_title")), h("p", { class: "small" }, t("roster.import_how")),
    h("label", { class: "label", for: "import-file" }, t("roster.import_choose")), choose, found, buttons);
  const { dialog, closed } = openSheet(t("roster.import_title"), card);
  fill(buttons, back);
  back.addEventListener("click", () => dialog.close(""));
  let content = "";
  choose.addEventListener("change", async () => {
    const file = choose.files?.[0];
    if (!file) return;
    fill(found, h("p", { class: "muted" }, t("roster.import_checking")));
    fill(buttons, back);
    content = await base64(file);
    await run("check");
  });
  /** @param {"check" | "all" | "good"} mode */
  async function run(mode) {
    try {
      const answer = await post("roster/import", { content, mode }, newKey());
      if (mode !== "check") {
        dialog.close("");
        toast(t("roster.import_done", { count: number(answer.written) }));
        onDone();
        return;
      }
      fill(found, ...show(answer));
      const all = answer.problems.length === 0;
      if (answer.good) {
        fill(buttons, h("button", { class: "btn btn-primary", type: "button", id: "import-write", on: { click: () => run(all ? "all" : "good") } },
          t(all ? "roster.import_all" : "roster.import_good", { good: number(answer.good) })), back);
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(found, alertOf(error.lines));
    }
  }
  await closed;
}

/** @param {any} answer */
function show(answer) {
  const { rows, good, unchanged, problems } = answer;
  return [
    h("p", { class: "num" }, t("roster.import_found", { rows: number(rows), good: number(good), unchanged: number(unchanged), bad: number(problems.length) })),
    problems.length ? h("ul", { class: "rota-bad", tabindex: 0 }, ...problems.slice(0, MOST_SHOWN).map((/** @type {any} */ one) => h("li", null,
      h("b", { class: "num" }, t("roster.import_row", { row: one.row })), " · ",
      one.field ? label("roster_file", one.field) : t("roster.import_whole"), ": ", one.message))) : null,
  ];
}

/** @param {File} file @returns {Promise<string>} */
async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let n = 0; n < bytes.length; n += 0x8000) text += String.fromCharCode(...bytes.subarray(n, n + 0x8000));
  return btoa(text);
}
