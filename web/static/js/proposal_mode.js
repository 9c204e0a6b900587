/** What is done with proposals by type: off, advised, or sent without asking. */

import { ApiError, all, ask, get, newKey } from "./api.js";
import { alertOf, fill, h } from "./dom.js";
import { label, named, t } from "./message.js";
import { inOrder } from "./type_group.js";

/** @typedef {import("./type_group.js").CaseType} CaseType */
/** @typedef {{type: string | null, family: string | null, mode: string}} Row */

const MODES = ["off", "advise", "automatic"];
const FAMILIES = ["hazard", "dispute", "service", "police", "recommendation"];

export class ModeSection {
  /** @param {boolean} mayEdit else it is only told */
  constructor(mayEdit) {
    this.mayEdit = mayEdit;
    /** @type {Row[]} */
    this.rows = [];
    /** @type {CaseType[]} */
    this.types = [];
    this.summary = h("summary", null, t("proposal.modes"));
    this.list = h("ul", { class: "proposal-mode-list" });
    this.said = h("div", { role: "status" });
    this.form = h("div", { class: "proposal-mode-form" });
    this.element = h("details", { class: "proposal-modes", id: "proposal-modes" }, this.summary,
      h("p", { class: "muted small" }, t("proposal.modes_rule")), this.list, this.form, this.said);
    this.element.hidden = true;
    this.element.addEventListener("toggle", () => { if (this.element.open) this.readTypes(); });
  }

  /** Read what is set, and show it. */
  async load() {
    await this.attempt(async () => this.adopt(await get("queue/modes")));
  }

  /** Open it, or close it, from the keyboard. */
  toggle() {
    if (this.element.hidden) return;
    this.element.open = !this.element.open;
    if (this.element.open) this.element.scrollIntoView({ block: "nearest" });
    this.summary.focus();
  }

  /** @param {{items: Row[]}} answer */
  adopt({ items }) {
    this.rows = items;
    this.element.hidden = !this.mayEdit && !items.length;
    const count = (/** @type {string} */ mode) => items.filter((row) => row.mode === mode).length;
    fill(this.summary, t("proposal.modes"), " ", h("span", { class: "muted" }, items.length
      ? t("proposal.modes_set", { off: count("off"), automatic: count("automatic") }) : t("proposal.modes_none")), " ", h("kbd", null, "m"));
    this.draw();
  }

  /** Read the types once, for their names. */
  async readTypes() {
    if (this.types.length) return;
    await this.attempt(async () => {
      const types = (await all("case-types", {})).filter((/** @type {CaseType} */ type) => type.active);
      this.types = FAMILIES.flatMap((family) => inOrder(types.filter((/** @type {CaseType} */ type) => type.family === family)));
      this.draw();
    });
  }

  draw() {
    fill(this.list, ...this.rows.map((row) => this.item(row)));
    if (!this.mayEdit || !this.types.length) return;
    const what = h("select", { class: "field", id: "proposal-mode-what", "aria-label": t("proposal.mode_what") }, ...this.choices());
    const mode = this.modes("automatic", t("proposal.mode"));
    mode.id = "proposal-mode-is";
    fill(this.form, what, mode, h("button", { class: "btn", type: "button", id: "proposal-mode-set", on: { click: () => this.set(what.value, mode.value) } }, t("proposal.mode_set")));
  }

  choices() {
    return FAMILIES.map((family) => h("optgroup", { label: label("family", family) },
      h("option", { value: `family:${family}` }, t("proposal.mode_family", { family: label("family", family) })),
      ...this.types.filter((type) => type.family === family).map((type) => h("option", { value: `type:${type.code}` }, named(type.name, type.name_en)))));
  }

  /** @param {Row} row */
  item(row) {
    const key = row.family ? `family:${row.family}` : `type:${row.type}`;
    const name = this.nameOf(row);
    if (!this.mayEdit) return h("li", null, h("span", null, name), h("strong", null, t(`proposal.mode_${row.mode}`)));
    const mode = this.modes(row.mode, t("proposal.mode_of", { name }));
    mode.addEventListener("change", () => this.set(key, mode.value));
    const clear = h("button", { class: "btn", type: "button", "aria-label": t("proposal.mode_clear_of", { name }), on: { click: () => this.set(key, null) } }, t("proposal.mode_clear"));
    return h("li", { data: { mode: row.mode, of: key } }, h("span", null, name), mode, clear);
  }

  /** @param {Row} row */
  nameOf(row) {
    if (row.family) return t("proposal.mode_family", { family: label("family", row.family) });
    const type = this.types.find((one) => one.code === row.type);
    return type ? named(type.name, type.name_en) : row.type ?? "";
  }

  /** @param {string} now @param {string} says */
  modes(now, says) {
    const select = h("select", { class: "field", "aria-label": says }, ...MODES.map((mode) => h("option", { value: mode }, t(`proposal.mode_${mode}`))));
    select.value = now;
    return select;
  }

  /** @param {string} key as `type:H05` @param {string | null} mode null takes it away */
  set(key, mode) {
    const [kind, code] = key.split(":");
    return this.attempt(async () => {
      this.adopt(await ask("PUT", "queue/modes", { body: { [kind]: code, mode }, idempotencyKey: newKey() }));
      const name = this.nameOf({ type: kind === "type" ? code : null, family: kind === "family" ? code : null, mode: "" });
      fill(this.said, h("p", { class: "notice small" }, mode ? t("proposal.mode_done", { name, mode: t(`proposal.mode_${mode}`) }) : t("proposal.mode_gone", { name })));
      /** @type {HTMLElement | null} */ (this.list.querySelector(`[data-of="${key}"] select`) ?? this.form.querySelector("select"))?.focus();
    });
  }

  /** @param {() => Promise<void>} run */
  async attempt(run) {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.element.hidden = false;
      fill(this.said, alertOf(error.lines));
    }
  }
}
