/** Which week, which people: the line of tools over the grid. */

import { byId, page } from "./page.js";
import { all } from "./api.js";
import { fill, h } from "./dom.js";
import { shortCode } from "./format.js";
import { label, named, t } from "./message.js";
import { toastError } from "./toast.js";

/** @typedef {import("./roster_view.js").View} View */

const ROLES = ["grid_worker", "info_officer", "mediator", "judge", "lawyer", "cadre", "community_worker", "fire_clerk",
  "admin_post", "institutional_post", "police_officer", "justice_officer", "firefighter", "urban_officer", "gas_fitter"];
export const SKILLS = ["fire", "front_line", "gas", "street_order"];
const TYPING_MS = 300;
const DAY_MS = 86_400_000;

export class Tools {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    this.monday = "";
    this.label = h("strong", { class: "num", "aria-live": "polite" });
    fill(byId("week"),
      h("button", { class: "btn", type: "button", id: "week-previous", "aria-label": t("roster.week_previous"), title: t("roster.week_previous"), on: { click: () => this.go(-1) } }, "‹"),
      this.label,
      h("button", { class: "btn", type: "button", id: "week-next", "aria-label": t("roster.week_next"), title: t("roster.week_next"), on: { click: () => this.go(1) } }, "›"),
      h("button", { class: "btn", type: "button", id: "week-this", on: { click: () => view.set({ week: "" }) } }, t("roster.week_this")));
    this.input = /** @type {HTMLInputElement} */ (byId("search"));
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => view.set({ q: this.input.value.trim() }), TYPING_MS);
    });
    this.first = this.choice("area", this.firstLevel === "street" ? t("roster.filter_street") : t("roster.filter_community"), []);
    this.second = this.choice("community", t("roster.filter_community"), []);
    this.first.addEventListener("change", () => view.set({ area: this.first.value }));
    this.second.addEventListener("change", () => view.set({ area: this.second.value || this.first.value }));
    this.role = this.choice("role", t("roster.filter_role"), ROLES.map((one) => [one, label("role", one)]));
    this.role.addEventListener("change", () => view.set({ role: this.role.value }));
    this.skill = this.choice("skill", t("roster.filter_skill"), SKILLS.map((one) => [one, t(`roster.skill_${one}`)]));
    this.skill.addEventListener("change", () => view.set({ skill: this.skill.value }));
    this.clear = h("button", { class: "link small", type: "button", on: { click: () => { this.input.value = ""; view.clear(); } } }, t("roster.clear"));
    fill(byId("filters"), this.first, this.second, this.role, this.skill, this.clear);
    this.readFirst();
    this.show();
  }

  get firstLevel() {
    return page.user?.level === "district" ? "street" : "community";
  }

  /** @param {string} name @param {string} says @param {string[][]} options */
  choice(name, says, options) {
    return h("select", { class: "choice", "aria-label": says, data: { filter: name } },
      h("option", { value: "" }, says), ...options.map(([value, text]) => h("option", { value }, text)));
  }

  async readFirst() {
    for (const code of page.user?.area_codes ?? []) await this.read(this.first, this.firstLevel, code);
    this.show();
  }

  /** @param {HTMLSelectElement} select @param {string} level @param {string} prefix */
  async read(select, level, prefix) {
    try {
      for (const one of await all("areas", { level, prefix, limit: 200 })) select.append(h("option", { value: one.code }, named(one.name, one.name_en)));
    } catch (error) {
      toastError(error);
    }
  }

  /** Offer the communities of the street that is chosen. @param {string} street */
  async offer(street) {
    if (this.second.dataset.of === street) return;
    this.second.dataset.of = street;
    this.second.length = 1;
    if (street) await this.read(this.second, "community", street);
    this.show();
  }

  /** The Monday of the week shown, once the list has told it. @param {string[]} days @param {string} week */
  learn(days, week) {
    this.monday = days[0];
    const [year, number] = week.split("-W");
    this.label.textContent = `${t("roster.week", { year, week: Number(number) })} · ${days[0].slice(5)} – ${days[6].slice(5)}`;
  }

  /** @param {number} weeks */
  go(weeks) {
    if (this.monday) this.view.set({ week: weekOf(Date.parse(`${this.monday}T00:00:00Z`) + weeks * 7 * DAY_MS) });
  }

  show() {
    const { area, role, skill, q } = this.view.is;
    const street = this.firstLevel === "street" ? area.slice(0, 9) : area;
    if (this.firstLevel === "street") this.offer(area.length >= 9 ? street : "");
    this.second.hidden = this.firstLevel !== "street" || area.length < 9;
    for (const [select, value] of /** @type {[HTMLSelectElement, string][]} */ ([[this.first, area && street], [this.second, area.length > 9 ? area : ""], [this.role, role], [this.skill, skill]])) {
      if (value && ![...select.options].some((one) => one.value === value)) select.append(h("option", { value }, shortCode(value)));
      select.value = value;
      select.dataset.set = String(Boolean(value));
    }
    this.clear.hidden = !this.view.filtered;
    if (document.activeElement !== this.input) this.input.value = q;
  }

  focus() {
    this.input.focus();
    this.input.select();
  }
}

/** The ISO week of a Monday. @param {number} mondayMs midnight UTC */
export function weekOf(mondayMs) {
  const thursday = new Date(mondayMs + 3 * DAY_MS);
  const year = thursday.getUTCFullYear();
  const first = Date.UTC(year, 0, 1);
  const week = Math.floor((thursday.getTime() - first) / DAY_MS / 7) + 1;
  return `${year}-W${String(week).padStart(2, "0")}`;
}
