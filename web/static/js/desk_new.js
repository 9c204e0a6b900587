/** Taking in a case: what, where (typed or pressed on the map), is it known already, save. */

import { ApiError, get, newKey, post } from "./api.js";
import { readCase } from "./contract.js";
import { fill, h } from "./dom.js";
import { distance } from "./format.js";
import { label, named, t } from "./message.js";
import { gradeFields } from "./grade.js";
import { coordinatesIn } from "./desk_search.js";
import { typeChoice } from "./type_choice.js";
import { toastError } from "./toast.js";

/** @typedef {import("./contract.js").Case} Case */
/** @typedef {{lon: number, lat: number, address: string | null}} Place */

const PAUSE_MS = 160;
const KNOWN_RADIUS_M = 200;
const KNOWN_HOURS = 48;

export class NewCase {
  /**
   * @param {HTMLElement} place
   * @param {import("./desk_map.js").DeskMap} map
   * @param {{onSaved: (one: Case) => void, onCancel: () => void, onOther: (id: number) => void}} options
   */
  constructor(place, map, { onSaved, onCancel, onOther }) {
    this.host = place;
    this.map = map;
    this.onSaved = onSaved;
    this.onCancel = onCancel;
    this.onOther = onOther;
    this.open = false;
    /** @type {Place | null} */
    this.place = null;
    this.key = "";
    this.turn = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    // On the document: after a press on the map no field of the form has the focus.
    this.onSendKey = (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.send();
    };
  }

  start() {
    if (this.open) this.close();
    this.open = true;
    this.place = null;
    this.key = newKey();
    this.types = typeChoice();
    this.grade = gradeFields({ level: null, scale: null }, "new");
    this.words = h("textarea", { class: "field", id: "new-words", maxlength: 2000, placeholder: t("new.words_hint") });
    this.address = h("input", { class: "field", id: "new-address", autocomplete: "off", spellcheck: "false", placeholder: t("new.address_hint"), maxlength: 200 });
    this.hits = h("ul", { class: "hits", hidden: true });
    this.where = h("p", { class: "muted small num", role: "status" }, t("new.where_none"));
    this.known = h("div", null);
    this.problem = h("div", { class: "notice notice-bad", role: "alert", hidden: true });
    this.save = h("button", { class: "btn btn-primary", type: "submit" }, t("new.save"), h("kbd", null, "Ctrl Enter"));
    const form = h("form", { class: "new-case", novalidate: true, on: { submit: (/** @type {Event} */ event) => { event.preventDefault(); this.send(); } } },
      h("div", { class: "case-scroll" },
        h("h2", null, t("new.title")), this.problem,
        h("div", null, h("span", { class: "label" }, t("new.type")), this.types.element),
        h("div", null, h("label", { class: "label", for: "new-words" }, t("new.words")), this.words),
        this.grade.element,
        h("div", { class: "new-where" }, h("label", { class: "label", for: "new-address" }, t("new.where")), this.address, this.hits, this.where),
        this.known),
      h("footer", { class: "case-foot" }, this.save,
        h("button", { class: "btn", type: "button", on: { click: () => this.cancel() } }, t("app.cancel"))));
    document.addEventListener("keydown", this.onSendKey);
    this.address.addEventListener("input", () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.look(), PAUSE_MS); });
    this.address.addEventListener("keydown", (event) => this.onKey(event));
    fill(this.host, form);
    this.map.pick((at) => this.put({ ...at, address: this.address?.value.trim() || null }, false));
    this.types.focus();
  }

  close() {
    document.removeEventListener("keydown", this.onSendKey);
    this.open = false;
    this.turn += 1;
    this.map.pick(null);
    this.map.pin(null);
    this.map.showGrid?.([]);
  }

  cancel() {
    this.close();
    this.onCancel();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key !== "Enter" || event.ctrlKey) return;
    event.preventDefault();
    /** @type {HTMLButtonElement | null} */ (this.hits?.querySelector("button") ?? null)?.click();
  }

  /** Look for what has been typed. */
  async look() {
    const q = this.address?.value.trim() ?? "";
    const turn = ++this.turn;
    if (!q || !this.hits) return;
    const point = coordinatesIn(q);
    if (point) {
      this.put({ ...point, address: null }, true);
      return;
    }
    try {
      const answer = await get("addresses", { q, limit: 8 });
      if (turn !== this.turn) return;
      const rows = answer.items.map((/** @type {any} */ hit) => h("li", null, h("button", {
        class: "link", type: "button", on: { click: () => this.put({ lon: hit.lon, lat: hit.lat, address: hit.full_text }, true) },
      }, hit.full_text)));
      fill(this.hits, ...(rows.length ? rows : [h("li", { class: "muted small" }, t("new.address_none"))]));
      this.hits.hidden = false;
    } catch (error) {
      toastError(error);
    }
  }

  /**
   * Take a place: mark it, say its grid, look whether the matter is known.
   * @param {Place} place
   * @param {boolean} fly
   */
  async put(place, fly) {
    this.place = place;
    const turn = ++this.turn;
    if (this.hits) this.hits.hidden = true;
    if (this.address && place.address) this.address.value = place.address;
    if (this.address && document.activeElement === document.body) this.address.focus();
    this.map.pin(place, fly);
    const at = { lon: place.lon, lat: place.lat, datum: "WGS-84" };
    try {
      const [grid, known] = await Promise.all([get("locate", at), get("cases/nearby", { ...at, radius_m: KNOWN_RADIUS_M, hours: KNOWN_HOURS })]);
      if (turn !== this.turn || !this.open) return;
      this.map.drawGrids(grid.code, grid.runner_up);
      if (this.where) {
        this.where.textContent = t("new.where_is", {
          street: grid.street ?? "", community: grid.community ?? "", grid: grid.code.slice(-3), edge: distance(grid.edge_m),
        });
      }
      this.showKnown(known.items);
    } catch (error) {
      if (turn !== this.turn) return;
      this.place = null;
      if (this.where) this.where.textContent = error instanceof ApiError ? error.message : String(error);
    }
  }

  /** @param {any[]} items */
  showKnown(items) {
    if (!this.known) return;
    fill(this.known, items.length ? h("div", { class: "notice notice-warn" },
      h("strong", null, t("new.known", { n: items.length })),
      ...items.slice(0, 4).map((one) => h("p", null, h("button", { class: "link case-double", type: "button", on: { click: () => this.onOther(one.id) } },
        t("case.double", { distance: distance(one.distance_m), what: named(one.type_name, one.type_name_en), state: label("state", one.state), words: one.description.slice(0, 24) }))))) : null);
  }

  async send() {
    const type = this.types?.value();
    const description = this.words?.value.trim() ?? "";
    const address = this.address?.value.trim() || null;
    if (!type || !description || (!this.place && !address)) {
      this.refuse([t(!type ? "new.need_type" : !description ? "new.need_words" : "new.need_where")]);
      return;
    }
    if (this.save?.hasAttribute("aria-busy")) return;
    this.save?.setAttribute("aria-busy", "true");
    const where = this.place ? { location: { lon: this.place.lon, lat: this.place.lat, datum: "WGS-84" }, address } : { address };
    try {
      const made = await post("cases", { type, description, ...this.grade?.read(), ...where }, this.key);
      this.close();
      this.onSaved(readCase(made));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!error.passing) this.key = newKey();
      this.refuse(error.lines);
    } finally {
      this.save?.removeAttribute("aria-busy");
    }
  }

  /** @param {string[]} lines */
  refuse(lines) {
    if (!this.problem) return;
    fill(this.problem, ...lines.map((line) => h("p", null, line)));
    this.problem.hidden = false;
    this.problem.scrollIntoView({ block: "nearest" });
  }
}
