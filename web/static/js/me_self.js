/** Myself: duty, what waits in the outbox, language, the way out. */

import { ask } from "./api.js";
import { page } from "./page.js";
import { fill, h } from "./dom.js";
import { minuteTime } from "./format.js";
import { label, t } from "./message.js";
import { toastError } from "./toast.js";

/** @typedef {import("./me_today.js").Phone} Phone */

/**
 * @param {HTMLElement} place
 * @param {Phone} phone
 */
export function showSelf(place, phone) {
  const on = phone.person?.duty === "on_duty";
  fill(place,
    h("section", { class: "self" }, h("h2", null, t("me.duty")),
      phone.person ? h("button", { class: "duty", type: "button", role: "switch", "aria-checked": String(on), on: { click: () => turnDuty(phone, !on) } },
        h("span", null, label("duty", phone.person.duty)), h("small", { class: "muted" }, t(on ? "me.duty_on_hint" : "me.duty_off_hint")))
        : h("p", { class: "muted" }, t("me.not_on_roster"))),
    h("section", { class: "self" }, h("h2", null, t("me.outbox")),
      phone.outbox.letters.length ? h("ul", { class: "letters" }, ...phone.outbox.letters.map((letter) => row(letter, phone))) : h("p", { class: "muted" }, t("me.outbox_empty"))),
    h("section", { class: "self" }, h("h2", null, t("me.language")),
      h("a", { class: "btn", href: `/locale/${page.locale === "zh" ? "en" : "zh"}?next=/me` }, page.locale === "zh" ? "English" : "中文")),
    h("section", { class: "self" },
      h("button", { class: "btn", type: "button", on: { click: () => { ask("DELETE", "session").then(() => location.assign("/sign-in"), toastError); } } }, t("nav.sign_out"))));
}

/**
 * @param {import("./outbox.js").Letter} letter
 * @param {Phone} phone
 */
function row(letter, phone) {
  return h("li", { class: letter.refused ? "notice notice-bad" : "notice" },
    h("p", null, h("strong", null, letter.says), " ", h("span", { class: "muted num" }, minuteTime(letter.at))),
    ...(letter.refused ?? [t("me.waits_for_network")]).map((line) => h("p", { class: "small" }, line)),
    letter.refused ? h("button", { class: "btn", type: "button", on: { click: () => { phone.outbox.drop(letter.key); phone.tasks.load(); } } }, t("me.understood")) : null);
}

/**
 * @param {Phone} phone
 * @param {boolean} on
 */
async function turnDuty(phone, on) {
  try {
    phone.person = { ...phone.person, ...await ask("PUT", `people/${page.user?.person_id}/duty`, { body: { duty: on ? "on_duty" : "off_duty" } }) };
  } catch (error) {
    toastError(error);
  }
  phone.go("self");
}
