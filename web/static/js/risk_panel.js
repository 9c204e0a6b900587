/** The panel of the risk map: what, where, when, how; the chart of the backtest; the units that stand out. */

import { fill, h } from "./dom.js";
import { decimal, number, roughly, shortCode } from "./format.js";
import { label, named, t } from "./message.js";
import { shapeIcon } from "./shape.js";
import { toast } from "./toast.js";
import { figure } from "./risk_legend.js";
import { AREA_SHARES, FAMILIES, MEASURES, SEASONS, UNITS, daysAgo, hoursText } from "./risk_state.js";
import { inOrder } from "./type_group.js";

/** @typedef {import("./risk_state.js").State} State */
/** @typedef {import("./risk_source.js").Row} Row */
/** @typedef {import("./risk_source.js").Facts} Facts */
/** @typedef {import("./type_group.js").CaseType} CaseType */

const PRESETS = [7, 30, 90, 180, 365];
const LISTED = 10;
/** Cases from which on a density is worth a place in the list: one case in a corner is none. */
const LEAST_LISTED = 3;
const LEAST_M = 75;
const MOST_M = 1500;
const SCALE = Math.log(MOST_M / LEAST_M);

/**
 * @typedef {object} Options
 * @property {(what: Partial<State>) => void} onChange
 * @property {(bandwidthM: number) => void} onSlide while the bandwidth is being dragged
 * @property {(days: number) => void} onPreset
 * @property {(code: string) => void} onUnit
 */

export class RiskPanel {
  /**
   * @param {HTMLElement} place
   * @param {Options} options
   */
  constructor(place, options) {
    this.options = options;
    this.element = place;
    this.measure = h("div", { class: "segment", role: "group", "aria-label": t("risk.what") });
    this.unit = h("div", { class: "segment", role: "group", "aria-label": t("risk.unit") });
    this.families = h("div", { class: "checks" });
    this.presets = h("div", { class: "segment" });
    this.band = this.makeBand();
    this.more = h("div", { class: "more-body" });
    this.curve = h("div", { class: "curve-place" });
    this.share = h("div", { class: "segment", role: "group", "aria-label": t("risk.area_share") });
    this.title = h("h2", null, t("risk.where"));
    this.list = h("ol", { class: "ranking" });
    this.note = h("div", null);
    this.saved = h("div", { id: "risk-saved" });
    /** @type {CaseType[]} */
    this.known = [];
    place.append(
      h("section", null, h("h2", null, t("risk.what")), this.measure),
      h("section", null, h("h2", null, t("risk.unit")), this.unit),
      h("section", null, h("h2", null, t("risk.kinds")), this.families,
        h("details", { class: "more" }, h("summary", null, t("risk.more")), this.more)),
      h("section", null, h("h2", null, t("risk.when")), this.presets),
      this.band,
      h("section", null, h("h2", null, t("risk.curve")), h("span", { class: "label" }, t("risk.area_share")), this.share, this.curve),
      h("section", null, this.title, this.list, this.note),
      h("section", null, h("h2", null, t("risk.maps")), this.saved));
  }

  /**
   * @param {State} state
   * @param {number} bandwidthM in use
   */
  showControls(state, bandwidthM) {
    const held = handleOf(this.element);
    const choose = (/** @type {string} */ name, /** @type {string} */ value, /** @type {string} */ text, /** @type {string} */ now) => h("button", {
      class: "choice", type: "button", data: { name, value }, "aria-pressed": String(value === now), on: { click: () => this.options.onChange({ [name]: value }) },
    }, text);
    fill(this.measure, ...MEASURES.map((one) => choose("measure", one, t(`risk.short_${one}`), state.measure)));
    fill(this.unit, ...UNITS.map((one) => choose("unit", one, t(`risk.unit_name_${one}`), state.unit)));
    fill(this.families, ...FAMILIES.map((name) => this.family(name, state.family)));
    fill(this.presets, ...PRESETS.map((days) => h("button", {
      class: "choice", type: "button", data: { name: "preset", value: days }, "aria-pressed": String(state.since === daysAgo(days) && state.until === daysAgo(1)), on: { click: () => this.options.onPreset(days) },
    }, t(`risk.days_${days}`))));
    this.showMore(state, choose);
    this.showShare(state.areaShare);
    this.showBand(state, bandwidthM);
    if (held) /** @type {HTMLElement | null} */ (this.element.querySelector(held))?.focus();
  }

  /**
   * @param {State} state
   * @param {(name: string, value: string, text: string, now: string) => HTMLElement} choose
   */
  showMore(state, choose) {
    const segment = (/** @type {string} */ name, /** @type {string[]} */ values, /** @type {string} */ now) => h("div", { class: "segment", role: "group", "aria-label": t(`risk.${name}`) },
      ...values.map((value) => choose(name, value, t(`risk.${name}_${value || "any"}`), now)));
    const days = ["1", "2", "3", "4", "5", "6", "7"].map((day) => h("button", {
      class: "choice", type: "button", data: { name: "weekday", value: day }, "aria-pressed": String(state.weekday.includes(day)), on: {
        click: () => this.options.onChange({ weekday: state.weekday.includes(day) ? state.weekday.filter((one) => one !== day) : [...state.weekday, day].sort() }),
      },
    }, t(`risk.weekday_${day}`)));
    fill(this.more,
      h("span", { class: "label" }, t("risk.types")), this.types(state),
      h("span", { class: "label" }, t("risk.source")), segment("source", ["all", "reported", "found"], state.source),
      h("span", { class: "label" }, t("risk.urgency")), segment("urgency", ["all", "urgent", "ordinary"], state.urgency),
      h("span", { class: "label" }, t("risk.weekday")), h("div", { class: "segment", role: "group", "aria-label": t("risk.weekday") }, ...days),
      h("span", { class: "label" }, t("risk.hours")), this.hours(state.hours),
      h("span", { class: "label" }, t("risk.season")), segment("season", ["", ...Object.keys(SEASONS)], state.season),
      this.slider("urgentWeight", t("risk.urgent_weight"), { min: 1, max: 10, step: 1 }, state.urgentWeight, (value) => t("risk.times", { n: value })),
      this.slider("halfLifeDays", t("risk.half_life"), { min: 0, max: 180, step: 15 }, state.halfLifeDays, (value) => (value ? t("risk.days", { n: value }) : t("risk.half_life_none"))));
  }

  /** The types asked for, each to be taken away, and one more to be chosen. @param {State} state */
  types(state) {
    const known = this.known.filter((one) => !state.family.length || state.family.includes(one.family));
    const groups = FAMILIES.map((family) => h("optgroup", { label: label("family", family) },
      ...inOrder(known.filter((one) => one.family === family)).filter((one) => !state.type.includes(one.code)).map((one) => h("option", { value: one.code }, one.parent_code ? "\u2003" : "", named(one.name, one.name_en)))));
    const select = h("select", { class: "field", id: "risk-type", "aria-label": t("risk.types"), on: { change: (/** @type {Event} */ event) => this.options.onChange({ type: [...state.type, /** @type {HTMLSelectElement} */ (event.target).value] }) } },
      h("option", { value: "" }, t("risk.type_add")), ...groups);
    const chips = state.type.map((code) => h("button", { class: "chip chip-off", type: "button", "aria-label": t("risk.type_remove", { name: this.nameOfType(code) }), on: { click: () => this.options.onChange({ type: state.type.filter((one) => one !== code) }) } }, this.nameOfType(code), " ✕"));
    return h("div", { class: "type-chips" }, ...chips, select);
  }

  /** @param {CaseType[]} types */
  know(types) {
    this.known = types;
  }

  /** @param {string} code */
  nameOfType(code) {
    const found = this.known.find((one) => one.code === code);
    return found ? named(found.name, found.name_en) : code;
  }

  /** @param {string} hours */
  hours(hours) {
    const choices = ["", "6-11", "12-17", "18-22", "23-5"];
    const all = hours && !choices.includes(hours) ? [...choices, hours] : choices;
    const select = h("select", { class: "field", id: "risk-hours", "aria-label": t("risk.hours"), on: { change: (/** @type {Event} */ event) => this.options.onChange({ hours: /** @type {HTMLSelectElement} */ (event.target).value }) } },
      ...all.map((one) => h("option", { value: one, selected: one === hours }, one ? hoursText(one) : t("risk.hours_any"))));
    return select;
  }

  /**
   * @param {keyof State} name
   * @param {string} title
   * @param {{min: number, max: number, step: number}} range
   * @param {number} value
   * @param {(value: number) => string} say
   */
  slider(name, title, range, value, say) {
    const told = h("output", { class: "num" }, say(value));
    const input = h("input", { type: "range", id: `risk-${name}`, ...range, value, "aria-label": title });
    input.addEventListener("input", () => { told.textContent = say(Number(input.value)); });
    input.addEventListener("change", () => this.options.onChange({ [name]: Number(input.value) }));
    return h("label", { class: "slide" }, h("span", null, title), input, told);
  }

  /** @param {number} areaShare that the backtest is judged at */
  showShare(areaShare) {
    fill(this.share, ...AREA_SHARES.map((share) => h("button", {
      class: "choice", type: "button", data: { name: "cover", value: share }, "aria-pressed": String(share === areaShare), on: { click: () => this.options.onChange({ areaShare: share }) },
    }, roughly(share))));
  }

  /** The slider of the bandwidth: made once, so that it keeps the focus while it is moved. */
  makeBand() {
    this.bandTold = h("output", { class: "num" });
    this.bandNote = h("div", null);
    this.bandInput = h("input", { type: "range", id: "risk-bandwidth", min: 0, max: 100, "aria-label": t("risk.bandwidth") });
    const metres = () => Math.round((LEAST_M * Math.exp((SCALE * Number(this.bandInput?.value)) / 100)) / 5) * 5;
    this.bandInput.addEventListener("input", () => { this.tellBand(metres()); this.options.onSlide(metres()); });
    this.bandInput.addEventListener("change", () => this.options.onChange({ bandwidthM: metres() }));
    return h("section", { class: "band" }, h("h2", null, t("risk.bandwidth")), h("label", { class: "slide" }, this.bandInput, this.bandTold), this.bandNote);
  }

  /** @param {number} bandwidthM */
  tellBand(bandwidthM) {
    if (this.bandTold) this.bandTold.textContent = `${number(bandwidthM)} m`;
  }

  /** @param {State} state @param {number} bandwidthM */
  showBand(state, bandwidthM) {
    this.band.hidden = state.unit !== "raster" || state.measure === "outlier";
    if (!this.bandInput || !this.bandNote) return;
    if (document.activeElement !== this.bandInput) this.bandInput.value = String(Math.round((100 * Math.log(bandwidthM / LEAST_M)) / SCALE));
    this.tellBand(bandwidthM);
    fill(this.bandNote, state.bandwidthM
      ? h("button", { class: "link small", type: "button", on: { click: () => this.options.onChange({ bandwidthM: 0 }) } }, t("risk.bandwidth_back"))
      : h("p", { class: "muted small" }, t("risk.bandwidth_chosen")));
  }

  /**
   * The units that stand out, with the same selection as on the map.
   * @param {Facts} facts
   * @param {Row[]} rows
   * @param {string} chosen code
   */
  showList(facts, rows, chosen) {
    const told = rows.filter((row) => row.value !== null && (facts.measure === "density" ? row.count >= LEAST_LISTED : (row.sign ?? 0) > 0));
    const top = told.sort((a, b) => (b.value ?? 0) - (a.value ?? 0) || b.count - a.count).slice(0, LISTED);
    this.title.textContent = t(`risk.where_${facts.measure}`);
    fill(this.list, ...top.map((row, index) => h("li", null, h("button", {
      class: "rank", type: "button", data: { code: row.code }, "aria-current": String(row.code === chosen), on: { click: () => this.options.onUnit(row.code) },
    }, h("span", { class: "num muted" }, String(index + 1)), h("span", null, nameOf(facts.unit, row)),
    h("span", { class: "num" }, h("strong", null, valueOf(facts, row)), h("small", { class: "muted" }, ` · ${t("risk.cases", { n: number(row.count) })}`))))));
    fill(this.note, top.length ? null : h("div", { class: "empty" }, h("strong", null, t(facts.n ? `risk.none_${facts.measure}` : "risk.empty")), h("span", null, t("risk.empty_next")),
      h("button", { class: "btn", type: "button", on: { click: () => this.options.onPreset(365) } }, t("risk.days_365"))));
  }

  /**
   * @param {(typeof FAMILIES)[number]} name
   * @param {string[]} chosen
   */
  family(name, chosen) {
    const box = h("input", { type: "checkbox", id: `risk-family-${name}` });
    box.checked = !chosen.length || chosen.includes(name);
    box.addEventListener("change", () => {
      const now = FAMILIES.filter((one) => (one === name ? box.checked : !chosen.length || chosen.includes(one)));
      if (!now.length) {
        box.checked = true;
        toast(t("risk.family_one"));
        return;
      }
      this.options.onChange({ family: now.length === FAMILIES.length ? [] : [...now] });
    });
    return h("label", { class: "check" }, box, shapeIcon(name), h("span", null, label("family", name)));
  }

  /** @param {string} code */
  mark(code) {
    for (const button of this.list.querySelectorAll("button")) button.setAttribute("aria-current", String(button.dataset.code === code));
  }
}

/**
 * How to find again what has the focus, after its part of the panel was made anew.
 * @param {HTMLElement} place
 * @returns {string | null} a selector
 */
function handleOf(place) {
  const one = document.activeElement;
  if (!(one instanceof HTMLElement) || !place.contains(one)) return null;
  if (one.id) return `#${one.id}`;
  return one.dataset.name ? `[data-name="${one.dataset.name}"][data-value="${one.dataset.value}"]` : null;
}

/** @param {string} unit @param {Row} row */
export function nameOf(unit, row) {
  if (unit === "hexagon") return t("risk.hexagon_name", { code: row.code.slice(3, 10) });
  const name = named(row.name, row.name_en);
  return unit === "grid" ? h("span", null, name, " ", h("small", { class: "muted num" }, shortCode(row.code))) : name;
}

/** @param {Facts} facts @param {Row} row */
export function valueOf(facts, row) {
  if (row.value === null) return "—";
  if (facts.measure === "relative") return `×${decimal(row.value, 1)}`;
  if (facts.measure === "outlier") return t(`risk.quadrant_${row.value}`);
  return facts.measure === "significance" ? `z ${decimal(row.value, 1)}` : figure(row.value);
}
