/** A change being made: its fields, what it would do, and the button that saves it. */

import { ApiError, newKey, post } from "./api.js";
import { alertOf, fill, h } from "./dom.js";
import { t } from "./message.js";
import { showConsequence } from "./roster_preview.js";

/** @typedef {import("./roster_field.js").Fields} Fields */

const PAUSE_MS = 300;

export class Form {
  /**
   * @param {string} title
   * @param {Fields} fields
   * @param {{personId: number, version: () => number, onSaved: (answer: any, what: string) => void, onStale: (error: ApiError) => Promise<void>, onClose: () => void}} options
   */
  constructor(title, fields, options) {
    this.title = title;
    this.fields = fields;
    this.options = options;
    this.turn = 0;
    this.key = newKey();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.save = h("button", { class: "btn btn-primary", type: "submit", disabled: true }, t("roster.save"));
    this.effect = h("div", { class: "rota-effect", "aria-live": "polite" });
    this.element = h("form", { class: "rota-form", id: "roster-form", novalidate: true, "aria-label": title, on: { submit: (/** @type {Event} */ event) => this.submit(event) } },
      h("h3", null, title), ...fields.parts,
      h("h4", { class: "label" }, t("roster.preview")), this.effect,
      h("p", { class: "sheet-buttons" }, this.save, h("button", { class: "btn", type: "button", on: { click: options.onClose } }, t("app.cancel"))));
    this.element.addEventListener("input", () => this.soon());
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.element.requestSubmit();
    });
    this.look();
  }

  focus() {
    /** @type {HTMLElement | null} */ (this.element.querySelector("input, select, textarea, button"))?.focus();
  }

  soon() {
    this.save.disabled = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), PAUSE_MS);
  }

  /** Ask what the change would do; only what was looked at can be saved. */
  async look() {
    const mine = ++this.turn;
    const change = this.fields.change();
    this.save.disabled = true;
    this.element.dataset.state = "looking";
    if (!change) {
      fill(this.effect, h("p", { class: "muted small" }, t("roster.preview_wait")));
      return;
    }
    this.effect.setAttribute("aria-busy", "true");
    if (!this.effect.childElementCount) fill(this.effect, h("p", { class: "muted small" }, t("roster.preview_busy")));
    try {
      const found = await post(`roster/people/${this.options.personId}/preview`, { change });
      if (mine !== this.turn) return;
      fill(this.effect, showConsequence(found));
      this.mark(null);
      this.save.disabled = false;
      this.element.dataset.state = "ready";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (mine === this.turn) this.refuse(error);
    } finally {
      if (mine === this.turn) this.effect.removeAttribute("aria-busy");
    }
  }

  /** @param {ApiError} error */
  refuse(error) {
    this.mark(error.problem.field?.split(".").at(-1) ?? null);
    fill(this.effect, alertOf(error.lines));
  }

  /** Say which field is wrong. @param {string | null} name */
  mark(name) {
    for (const field of this.element.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    if (name) this.element.querySelector(`#roster-${CSS.escape(name)}`)?.setAttribute("aria-invalid", "true");
  }

  /** @param {Event} event */
  async submit(event) {
    event.preventDefault();
    const change = this.fields.change();
    if (!change || this.save.disabled) return;
    this.save.disabled = true;
    this.save.setAttribute("aria-busy", "true");
    try {
      const answer = await post(`roster/people/${this.options.personId}/changes`, { version: this.options.version(), change }, this.key);
      this.options.onSaved(answer, this.title);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.key = newKey();
      if (error.status === 409 && error.problem.field === "version") {
        await this.options.onStale(error);
        await this.look();
      } else {
        this.refuse(error);
      }
    } finally {
      this.save.removeAttribute("aria-busy");
    }
  }
}
