/** “Why not…?”: finds a person and says which rule keeps them from being the first to be sent. */

import { ApiError, get } from "./api.js";
import { fill, h } from "./dom.js";
import { t } from "./message.js";

const PAUSE_MS = 160;
const MOST = 6;

export class WhyNot {
  constructor() {
    this.caseId = 0;
    this.turn = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.input = h("input", { class: "field", id: "why-input", type: "search", autocomplete: "off", spellcheck: "false", maxlength: 50, placeholder: t("why.hint") });
    this.hits = h("ul", { class: "hits", id: "why-hits", hidden: true });
    this.answer = h("div", { id: "why-answer", role: "status" });
    this.element = h("section", { class: "why", "aria-label": t("why.title") },
      h("label", { class: "label", for: "why-input" }, t("why.title"), " ", h("kbd", { "aria-hidden": "true" }, "w")),
      this.input, this.hits, this.answer);
    this.input.addEventListener("input", () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.look(), PAUSE_MS); });
    this.input.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** Ask about another case from now on. @param {number} id */
  about(id) {
    if (id === this.caseId) return;
    this.caseId = id;
    this.turn += 1;
    this.input.value = "";
    this.hits.hidden = true;
    fill(this.answer);
  }

  focus() {
    this.input.focus();
    this.input.select();
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const hits = /** @type {HTMLButtonElement[]} */ ([...this.hits.querySelectorAll("button")]);
    if (event.key === "Enter" && hits.length) {
      event.preventDefault();
      hits[0].click();
    } else if (event.key === "ArrowDown" && hits.length) {
      event.preventDefault();
      hits[0].focus();
    }
  }

  /** Look for who has been typed. */
  async look() {
    const q = this.input.value.trim();
    const turn = ++this.turn;
    this.hits.hidden = true;
    fill(this.answer);
    if (!q) return;
    try {
      const found = await get("people", { q, limit: MOST });
      if (turn !== this.turn) return;
      if (found.items.length) this.show(found.items);
      else if (/^\d{1,12}$/.test(q)) await this.ask(Number(q));
      else fill(this.answer, h("p", { class: "muted small" }, t("why.nobody")));
    } catch (error) {
      if (turn === this.turn) this.refuse(error);
    }
  }

  /** @param {any[]} people */
  show(people) {
    fill(this.hits, ...people.map((one) => h("li", null, h("button", {
      class: "link", type: "button", data: { person: one.id }, on: { click: () => this.ask(one.id) },
    }, `${one.name} · ${one.role_label} · ${one.id}`))));
    this.hits.hidden = false;
  }

  /** @param {number} person */
  async ask(person) {
    const turn = ++this.turn;
    try {
      const found = await get(`cases/${this.caseId}/why-not`, { person });
      if (turn !== this.turn) return;
      this.hits.hidden = true;
      fill(this.answer, h("p", { class: found.verdict === "recommended" ? "notice" : "notice notice-warn", data: { verdict: found.verdict } }, found.text));
    } catch (error) {
      if (turn === this.turn) this.refuse(error);
    }
  }

  /** @param {unknown} error */
  refuse(error) {
    if (!(error instanceof ApiError)) throw error;
    fill(this.answer, h("p", { class: "muted small" }, error.status === 404 ? t("why.nobody") : error.lines.join(" ")));
  }
}
