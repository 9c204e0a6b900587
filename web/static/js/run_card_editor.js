/** One run card: read by everybody, edited by the administrator; a contradiction side by side. */

import { alertOf, fill, h } from "./dom.js";
import { number } from "./format.js";
import { LEVELS, SCALES, levelText, scaleText } from "./grade.js";
import { label, named, t } from "./message.js";
import { inOrder } from "./type_group.js";
import { levelsWords, needLine, scalesWords, stageWords, typeWords } from "./run_card_words.js";

/** @typedef {import("./run_card_words.js").Card} Card */
/** @typedef {import("./run_card_words.js").Match} Match */
/** @typedef {import("./run_card_words.js").Need} Need */

const FAMILIES = /** @type {const} */ (["hazard", "dispute", "service", "police", "recommendation"]);
const PARTS = /** @type {const} */ (["lead", "joint", "alone"]);
const ROLES = /** @type {const} */ (["grid_worker", "info_officer", "mediator", "judge", "prosecutor", "lawyer", "cadre", "community_worker", "fire_clerk", "admin_post", "institutional_post", "police_officer", "justice_officer", "firefighter", "urban_officer", "gas_fitter"]);
const SKILLS = /** @type {const} */ (["fire", "front_line", "gas", "street_order"]);
/** @type {Need} */
const LEAD = { part: "lead", role: null, skill: null, count: 1, step: 1, within_s: null };
/** @type {Need} */
const HELP = { part: "alone", role: "grid_worker", skill: null, count: 1, step: 1, within_s: null };

export class Editor {
  /**
   * @param {HTMLElement} place
   * @param {Map<string, any>} types
   * @param {{mayEdit: boolean, onSave: (before: Card | null, body: Record<string, unknown>) => Promise<void>, onRemove: (card: Card) => Promise<void>,
   *   onClose: () => void, onCard: (id: number) => void}} options
   */
  constructor(place, types, { mayEdit, onSave, onRemove, onClose, onCard }) {
    this.place = place;
    this.types = types;
    this.mayEdit = mayEdit;
    this.onSave = onSave;
    this.onRemove = onRemove;
    this.onClose = onClose;
    this.onCard = onCard;
    /** @type {Card | null} */
    this.card = null;
    this.problem = h("div", { id: "card-problem" });
  }

  empty() {
    fill(this.place, h("div", { class: "empty" }, h("strong", null, t("cards.choose")), h("span", null, t(this.mayEdit ? "cards.choose_edit" : "cards.choose_read")),
      h("p", null, h("kbd", null, "j"), " ", h("kbd", null, "k"), " ", this.mayEdit ? h("kbd", null, "n") : null)));
  }

  /** @param {Card | null} card null: a new one */
  open(card) {
    this.card = card;
    this.problem = h("div", { id: "card-problem" });
    fill(this.place, this.mayEdit ? this.form(card) : this.view(/** @type {Card} */ (card)));
  }

  /** @param {Card} card */
  view(card) {
    return h("div", { class: "card-view" }, h("h2", null, named(card.name, card.name_en)),
      h("table", { class: "card-table" }, h("tbody", null, ...rows(card, card.needs, this.types).map(([head, ...cells]) => h("tr", null, h("th", { scope: "row" }, head), ...cells.map((cell) => h("td", null, cell)))))),
      h("p", { class: "muted small" }, t("cards.source", { source: card.source })));
  }

  /** @param {Card | null} card */
  form(card) {
    this.name = text("card-name", card?.name ?? "", 60);
    this.nameEn = text("card-name-en", card?.name_en ?? "", 60);
    this.about = h("select", { class: "field", id: "card-about" }, ...this.abouts(card));
    this.joint = h("input", { type: "checkbox", id: "card-joint", checked: card?.stage === "joint" });
    this.levels = LEVELS.map((level) => box("level", level, card?.levels.includes(level) ?? false, levelText(level)));
    this.scales = SCALES.map((scale) => box("scale", scale, card?.scales.includes(scale) ?? false, scaleText(scale)));
    this.needs = h("tbody", { id: "needs" }, ...(card?.needs ?? [LEAD, HELP]).map((need) => this.need(need)));
    const form = h("form", { class: "card-form", novalidate: true, on: { submit: (/** @type {Event} */ event) => { event.preventDefault(); this.save(); } } },
      h("h2", null, card ? named(card.name, card.name_en) : t("cards.new")),
      this.problem,
      h("div", { class: "card-names" }, field("card-name", t("cards.name"), this.name), field("card-name-en", t("cards.name_en"), this.nameEn)),
      field("card-about", t("cards.about"), this.about),
      group(t("grade.level"), t("cards.any_hint"), this.levels), group(t("grade.scale"), t("cards.any_hint"), this.scales),
      h("label", { class: "card-check" }, this.joint, " ", t("cards.stage_joint")),
      h("h3", null, t("cards.needs")),
      h("div", { class: "card-scroll" }, h("table", { class: "card-table" },
        h("thead", null, h("tr", null, ...["part", "role", "count", "step", "within", "skill", "remove"].map((name) => h("th", { scope: "col" }, t(`cards.head_${name}`))))), this.needs)),
      h("p", null, h("button", { class: "btn", type: "button", on: { click: () => this.add() } }, t("cards.add"))),
      h("p", { class: "card-buttons" }, h("button", { class: "btn btn-primary", type: "submit" }, t("cards.save"), h("kbd", null, "Ctrl Enter")),
        h("button", { class: "btn", type: "button", on: { click: () => this.onClose() } }, t("app.close")),
        card ? h("button", { class: "btn", type: "button", id: "card-remove", on: { click: () => this.onRemove(card) } }, t("cards.remove")) : null),
      card ? h("p", { class: "muted small" }, t("cards.source", { source: card.source })) : null);
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.save();
    });
    return form;
  }

  /** What a card may be about: everything, a family, a class, a type. @param {Card | null} card */
  abouts(card) {
    const value = card ? (card.type ? `t:${card.type}` : card.family ? `f:${card.family}` : "") : "f:dispute";
    const option = (/** @type {string} */ key, /** @type {string} */ words) => h("option", { value: key, selected: key === value }, words);
    return [option("", t("cards.every_type")), ...FAMILIES.map((family) => h("optgroup", { label: label("family", family) },
      option(`f:${family}`, t("cards.whole_family", { family: label("family", family) })),
      ...inOrder([...this.types.values()].filter((type) => type.family === family)).map((type) => option(`t:${type.code}`, `${type.parent_code ? "  " : ""}${type.code} ${named(type.name, type.name_en)}`))))];
  }

  /** @param {Need} need */
  need(need) {
    const part = select(t("cards.head_part"), PARTS.map((name) => [name, t(`card.part_${name}`)]), need.part);
    const role = select(t("cards.head_role"), [["", t("card.anybody")], ...ROLES.map((name) => /** @type {[string, string]} */ ([name, label("role", name)]))], need.role ?? "");
    const skill = select(t("cards.head_skill"), [["", "–"], ...SKILLS.map((name) => /** @type {[string, string]} */ ([name, label("skill", name)]))], need.skill ?? "");
    const amount = (/** @type {string} */ name, /** @type {number | null} */ value, /** @type {number} */ most) => h("input", { class: "field num", type: "number", min: 1, max: most, value: value ?? "", "aria-label": t(`cards.head_${name}`), data: { field: name } });
    const row = h("tr", { class: "need-row" },
      ...[part, role].map((one) => h("td", null, one)),
      h("td", null, amount("count", need.count, 20)), h("td", null, amount("step", need.step, 9)),
      h("td", null, amount("within", need.within_s ? Math.round(need.within_s / 60) : null, 10080)),
      h("td", null, skill),
      h("td", null, h("button", { class: "btn", type: "button", "aria-label": t("cards.remove_need"), on: { click: () => row.remove() } }, "×")));
    part.dataset.field = "part";
    role.dataset.field = "role";
    skill.dataset.field = "skill";
    return row;
  }

  add() {
    const row = this.need(HELP);
    this.needs?.append(row);
    row.querySelector("select")?.focus();
  }

  /** The card as it stands in the form. @returns {Record<string, unknown>} */
  body() {
    const [kind, code] = (this.about?.value ?? "").split(":");
    const chosen = (/** @type {HTMLLabelElement[] | undefined} */ boxes) => (boxes ?? []).map((one) => /** @type {HTMLInputElement} */ (one.querySelector("input"))).filter((one) => one.checked).map((one) => Number(one.value));
    return {
      name: this.name?.value.trim(), name_en: this.nameEn?.value.trim() || this.name?.value.trim(),
      stage: this.joint?.checked ? "joint" : "ordinary",
      family: kind === "f" ? code : null, type: kind === "t" ? code : null,
      levels: chosen(this.levels), scales: chosen(this.scales),
      needs: [...(this.needs?.querySelectorAll("tr") ?? [])].map(readNeed),
    };
  }

  async save() {
    const body = this.body();
    if (!body.name) {
      this.say([t("cards.need_name")]);
      this.name?.focus();
      return;
    }
    fill(this.problem);
    await this.onSave(this.card, body);
  }

  /** @param {import("./api.js").ApiError} error */
  refuse(error) {
    this.say(error.lines);
  }

  /** @param {string[]} lines */
  say(lines) {
    fill(this.problem, alertOf(lines));
    this.problem.scrollIntoView({ block: "nearest" });
  }

  /**
   * Show which card this one contradicts, both side by side, with the cases that both fit.
   * @param {any} other
   */
  showConflict(other) {
    const own = /** @type {any} */ (this.body());
    const mine = rows(own, own.needs, this.types);
    const theirs = rows(other.match, other.needs, this.types);
    const both = rows(other.both, null, this.types);
    fill(this.problem, h("div", { class: "notice notice-bad", role: "alert" },
      h("p", null, h("strong", null, t("cards.conflict", { name: named(other.name, other.name_en) }))),
      h("p", null, t("cards.conflict_next")),
      h("div", { class: "card-scroll" }, h("table", { class: "card-table card-conflict" },
        h("thead", null, h("tr", null, h("td", null), h("th", { scope: "col" }, t("cards.this_card")),
          h("th", { scope: "col" }, h("button", { class: "link", type: "button", on: { click: () => this.onCard(other.card) } }, named(other.name, other.name_en))),
          h("th", { scope: "col" }, t("cards.both_fit")))),
        h("tbody", null, ...mine.map(([head, cell], at) => h("tr", null, h("th", { scope: "row" }, head), h("td", null, cell), h("td", null, theirs[at][1]), h("td", null, at < both.length ? h("strong", null, both[at][1]) : "–"))))))));
    this.problem.scrollIntoView({ block: "nearest" });
  }
}

/**
 * A card in rows: heading and content.
 * @param {Match} match
 * @param {Need[] | null} needs
 * @param {Map<string, any>} types
 * @returns {[string, string | HTMLElement][]}
 */
function rows(match, needs, types) {
  /** @type {[string, string | HTMLElement][]} */
  const found = [
    [t("cards.about"), typeWords(match, types)],
    [t("grade.level"), levelsWords(match.levels)],
    [t("grade.scale"), scalesWords(match.scales)],
    [t("cards.stage"), stageWords(match.stage)],
  ];
  if (needs) found.push([t("cards.needs"), h("ul", null, ...needs.map((need) => h("li", null, needLine(need))))]);
  return found;
}

/** @param {Element} row @returns {Need} */
function readNeed(row) {
  const value = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (row.querySelector(`[data-field="${name}"]`)).value;
  const within = Number(value("within"));
  return {
    part: /** @type {Need["part"]} */ (value("part")), role: value("role") || null, skill: value("skill") || null,
    count: Number(value("count")), step: Number(value("step")), within_s: within ? within * 60 : null,
  };
}

/** @param {string} id @param {string} value @param {number} most */
const text = (id, value, most) => h("input", { class: "field", id, maxlength: most, value, required: true, autocomplete: "off" });

/** @param {string} id @param {string} words @param {HTMLElement} control */
const field = (id, words, control) => h("div", null, h("label", { class: "label", for: id }, words), control);

/** @param {string} name @param {number} value @param {boolean} checked @param {string} words */
const box = (name, value, checked, words) => h("label", { class: "card-check" }, h("input", { type: "checkbox", name, value, checked }), ` ${number(value)} ${words}`);

/** @param {string} title @param {string} hint @param {HTMLElement[]} boxes */
const group = (title, hint, boxes) => h("fieldset", { class: "card-group" }, h("legend", { class: "label" }, `${title} · ${hint}`), ...boxes);

/** @param {string} words @param {(readonly [string, string])[]} options @param {string} value */
const select = (words, options, value) => h("select", { class: "field", "aria-label": words }, ...options.map(([key, shown]) => h("option", { value: key, selected: key === value }, shown)));
