/** The file of a case: its parties behind masks, read in clear for a purpose; and its documents. */

import { ApiError, ask, newKey, post } from "./api.js";
import { askText } from "./ask_text.js";
import { h } from "./dom.js";
import { number } from "./format.js";
import { t } from "./message.js";
import { page } from "./page.js";
import { openSheet } from "./sheet.js";
import { toastError } from "./toast.js";
import { when } from "./case_part.js";

const PARTS = ["applicant", "respondent", "witness"];
const MAX_BYTES = 700_000;
/** How long a clear number stays on the screen. */
const CLEAR_MS = 30_000;
/** What was read in clear, for as long as it is shown: the page may be drawn anew meanwhile. @type {Map<number, {name: string | null, phone: string | null}>} */
const clear = new Map();

/** @param {string} permission */
const may = (permission) => Boolean(page.user?.permissions.includes(permission));

/**
 * @param {any} one
 * @param {() => void} reload
 */
export function contactsOf(one, reload) {
  return [
    h("h3", null, t("file.contacts")),
    one.contacts.length ? null : h("p", { class: "muted" }, t("contact.none")),
    ...one.contacts.map((/** @type {any} */ who) => contact(one.id, who, reload)),
    may("contact.edit") ? h("p", null, h("button", { class: "btn", type: "button", on: { click: () => addContact(one, reload) } }, t("contact.add"))) : null,
  ];
}

/** @param {number} caseId @param {any} who @param {() => void} reload */
function contact(caseId, who, reload) {
  const shown = clear.get(who.id) ?? who;
  const name = h("strong", null, shown.name ?? "–");
  const phone = h("span", { class: "num" }, shown.phone ?? "");
  const read = async () => {
    const purpose = await askText(t("contact.purpose_title"), t("contact.purpose_label"), t("contact.read"));
    if (!purpose) return;
    try {
      clear.set(who.id, await post(`cases/${caseId}/contacts/${who.id}/read`, { purpose }));
      setTimeout(() => { clear.delete(who.id); reload(); }, CLEAR_MS);
    } catch (error) {
      toastError(error);
    }
    reload();
  };
  const remove = () => run(() => ask("DELETE", `cases/${caseId}/contacts/${who.id}`), reload);
  return h("div", { class: "file-person" },
    h("span", { class: "tag tag-quiet" }, t(`contact.part_${who.part}`)), " ", name, " ", phone, " ",
    may("contact.read") ? h("button", { class: "link", type: "button", on: { click: read } }, t("contact.read")) : null, " ",
    may("contact.edit") ? h("button", { class: "link", type: "button", on: { click: remove } }, t("contact.remove")) : null);
}

/** @param {any} one @param {() => void} reload */
async function addContact(one, reload) {
  const parts = one.contacts.some((/** @type {any} */ who) => who.part === "reporter") ? PARTS : ["reporter", ...PARTS];
  const part = h("select", { class: "field", id: "contact-part" }, ...parts.map((value) => h("option", { value }, t(`contact.part_${value}`))));
  const name = h("input", { class: "field", id: "contact-name", maxlength: 60, autocomplete: "off" });
  const phone = h("input", { class: "field", id: "contact-phone", inputmode: "tel", maxlength: 24, autocomplete: "off" });
  const back = h("button", { class: "btn", type: "button" }, t("app.back"));
  const form = h("form", { class: "sheet-card", method: "dialog" }, h("h2", null, t("contact.add")),
    h("label", { class: "label", for: "contact-part" }, t("contact.part")), part,
    h("label", { class: "label", for: "contact-name" }, t("contact.name")), name,
    h("label", { class: "label", for: "contact-phone" }, t("contact.phone")), phone,
    h("p", { class: "small muted" }, t("contact.masked")),
    h("p", { class: "sheet-buttons" }, h("button", { class: "btn btn-primary", type: "submit", value: "send" }, t("contact.add")), back));
  const { dialog, closed } = openSheet(t("contact.add"), form);
  back.addEventListener("click", () => dialog.close(""));
  name.focus();
  if (await closed !== "send") return;
  const body = { part: part.value, ...(name.value.trim() ? { name: name.value.trim() } : {}), ...(phone.value.trim() ? { phone: phone.value.trim() } : {}) };
  await run(() => post(`cases/${one.id}/contacts`, body, newKey()), reload);
}

/**
 * @param {any} one
 * @param {any[]} documents
 * @param {() => void} reload
 */
export function documentsOf(one, documents, reload) {
  const pick = h("input", { class: "file-pick", type: "file", id: "file-pick", accept: "image/jpeg,image/png,application/pdf" });
  pick.addEventListener("change", () => put(one.id, pick.files?.[0] ?? null, reload));
  return [
    h("h3", null, t("file.documents")),
    documents.length ? null : h("p", { class: "muted" }, t("document.none")),
    ...documents.map((doc) => h("div", { class: "file-person" },
      h("a", { href: `/api/v1/cases/${one.id}/documents/${doc.id}`, download: doc.name }, doc.name), " ",
      h("span", { class: "small muted num" }, `${number(Math.ceil(doc.size_bytes / 1024))} kB · ${when(doc.added_at)}`), " ",
      may("contact.edit") ? h("button", { class: "link", type: "button", on: { click: () => run(() => ask("DELETE", `cases/${one.id}/documents/${doc.id}`), reload) } }, t("contact.remove")) : null)),
    may("contact.edit") ? h("div", { class: "file-add" }, pick, h("label", { class: "btn", for: "file-pick" }, t("document.add"))) : null,
  ];
}

/** @param {number} caseId @param {File | null} chosen @param {() => void} reload */
async function put(caseId, chosen, reload) {
  if (!chosen) return;
  if (chosen.size > MAX_BYTES) {
    toastError(new ApiError({ status: 422, code: "invalid_input", detail: t("document.too_large", { kb: number(MAX_BYTES / 1000) }) }));
    return;
  }
  const bytes = new Uint8Array(await chosen.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  await run(() => post(`cases/${caseId}/documents`, { name: chosen.name, content: btoa(text) }, newKey()), reload);
}

/** @param {() => Promise<unknown>} work @param {() => void} reload */
async function run(work, reload) {
  try {
    await work();
  } catch (error) {
    toastError(error);
  }
  reload();
}
