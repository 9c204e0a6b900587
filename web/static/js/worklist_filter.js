/** The filters: search words, choices, and a chip for each that is set and has no choice of its own. */

import { byId, page } from "./page.js";
import { all, get } from "./api.js";
import { fill, h } from "./dom.js";
import { shortCode } from "./format.js";
import { label, named, t } from "./message.js";
import { toastError } from "./toast.js";
import { FILTERS } from "./worklist_view.js";

/** @typedef {import("./worklist_view.js").View} View */
/** @typedef {import("./worklist_view.js").FilterName} FilterName */

const FAMILIES = ["dispute", "hazard", "service", "police", "recommendation"];
const LEVELS = ["grid", "community", "street", "district"];
const LIGHTS = ["green", "yellow", "red"];
const CARDS = ["yellow", "red"];
/** Hours after which a case is stuck; a day where nothing is chosen. */
const STUCK_H = ["72", "168"];
const TYPING_MS = 300;

export class Filters {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    this.input = /** @type {HTMLInputElement} */ (byId("work-search"));
    this.input.value = view.filters.q;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => view.set({ q: this.input.value.trim() }), TYPING_MS);
    });
    /** Names of areas and people that a chip speaks of. @type {Map<string, string>} */
    this.names = new Map();
    this.area = this.choice("area", t("desk.area"), []);
    /** @type {Partial<Record<FilterName, HTMLSelectElement>>} */
    this.choices = {
      family: this.choice("family", t("desk.family"), FAMILIES.map((one) => [one, label("family", one)])),
      light: this.choice("light", t("desk.light"), LIGHTS.map((one) => [one, t(`desk.light_${one}`)])),
      area: this.area,
      level: this.choice("level", t("desk.level"), LEVELS.map((one) => [one, label("level", one)])),
      card: this.choice("card", t("desk.card"), CARDS.map((one) => [one, t(`desk.card_${one}`)])),
      stuck: this.choice("stuck", t("desk.stuck_for", { n: 24 }), STUCK_H.map((one) => [one, t("desk.stuck_for", { n: one })])),
    };
    this.urgent = this.toggle(t("desk.urgent_only"), () => view.set({ urgent: view.filters.urgent ? "" : "1" }));
    this.ours = this.toggle(t("desk.ours"), () => view.set({ ours: !view.ours }));
    this.ours.title = t("desk.ours_why");
    this.ours.hidden = !view.narrow;
    this.order = h("div", { class: "segment", role: "group", "aria-label": t("desk.order") },
      ...["due", "newest"].map((one) => h("button", { class: "choice", type: "button", data: { order: one }, on: { click: () => view.set({ order: one }) } }, t(`desk.order_${one}`))));
    this.rest = h("span", { class: "chips" });
    fill(byId("filters"), this.ours, ...Object.values(this.choices), this.urgent, this.order, this.rest);
    this.readAreas();
    this.show();
  }

  /**
   * @param {FilterName} name
   * @param {string} says
   * @param {string[][]} options value and text
   */
  choice(name, says, options) {
    const select = h("select", { class: "choice", "aria-label": says, data: { filter: name }, on: { change: () => this.view.set({ [name]: select.value }) } },
      h("option", { value: "" }, says), ...options.map(([value, text]) => h("option", { value }, text)));
    return select;
  }

  /** @param {string} text @param {() => void} run */
  toggle(text, run) {
    return h("button", { class: "choice", type: "button", on: { click: run } }, text);
  }

  /** Offer the areas one level below one's own. */
  async readAreas() {
    const level = page.user?.level === "district" ? "street" : page.user?.level === "street" ? "community" : "grid";
    try {
      for (const code of page.user?.area_codes ?? []) {
        for (const one of await all("areas", { level, prefix: code, limit: 200 })) {
          this.names.set(one.code, named(one.name, one.name_en));
          this.area.append(h("option", { value: one.code }, level === "grid" ? `${label("level", "grid")} ${one.code.slice(-3)}` : named(one.name, one.name_en)));
        }
      }
    } catch (error) {
      toastError(error);
    }
    this.show();
  }

  /** Names for chips: of the desks in the list; another desk's is asked for. @param {Map<string, string>} names */
  learn(names) {
    for (const [code, name] of names) this.names.set(code, name);
  }

  /** Ask for the name of the desk a chip speaks of, where no list has told it. */
  async nameHolder() {
    const code = this.view.filters.holder;
    if (!code || this.names.has(code)) return;
    this.names.set(code, shortCode(code));
    const area = await get(`areas/${code}`).catch(() => null);
    if (area) this.names.set(code, named(area.name, area.name_en));
    this.show();
  }

  show() {
    const { filters } = this.view;
    for (const [name, select] of Object.entries(this.choices)) {
      const value = filters[name];
      if (value && ![...select.options].some((option) => option.value === value)) {
        select.append(h("option", { value }, this.names.get(value) ?? shortCode(value)));
      }
      select.value = value;
      select.dataset.set = String(Boolean(value));
    }
    this.urgent.setAttribute("aria-pressed", String(Boolean(filters.urgent)));
    this.ours.setAttribute("aria-pressed", String(this.view.ours));
    for (const button of this.order.children) {
      button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.order === this.view.order));
    }
    if (this.choices.stuck) this.choices.stuck.hidden = this.view.tab !== "stuck";
    this.order.hidden = this.view.tab === "ended";
    if (document.activeElement !== this.input) this.input.value = filters.q;
    fill(this.rest,
      filters.holder ? this.chip("holder", t("desk.held_by", { name: this.names.get(filters.holder) ?? shortCode(filters.holder) })) : null,
      filters.lead ? this.chip("lead", t("desk.lead_is", { name: this.names.get(`p:${filters.lead}`) ?? filters.lead })) : null,
      this.view.filtered ? h("button", { class: "link small clear", type: "button", on: { click: () => this.clear() } }, t("desk.clear")) : null);
  }

  /** @param {FilterName} name @param {string} text */
  chip(name, text) {
    return h("button", { class: "choice", type: "button", "aria-pressed": "true", "aria-label": t("desk.remove_filter", { what: text }),
      on: { click: () => this.view.set(name === "holder" ? { holder: "", level: "" } : { [name]: "" }) } }, text, " ✕");
  }

  clear() {
    this.input.value = "";
    this.view.set(Object.fromEntries(FILTERS.map((name) => [name, ""])));
  }

  focus() {
    this.input.focus();
    this.input.select();
  }
}
