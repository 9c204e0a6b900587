/** The fields of each kind of change, and the change they make. */

import { get } from "./api.js";
import { now } from "./clock.js";
import { fill, h } from "./dom.js";
import { day as localDay, minuteTime } from "./format.js";
import { named, t } from "./message.js";
import { placed } from "./roster_row.js";
import { SKILLS } from "./roster_tools.js";

/**
 * @typedef {object} Fields
 * @property {HTMLElement[]} parts
 * @property {() => any} change what the API takes; null while a field is wanting
 */

const LEAVE_KINDS = ["annual", "sick", "personal", "training", "other", "left"];
const MODES = ["walk", "ebike", "car", "none"];
const WHYS = ["party", "relative", "former_case", "other"];
const DAY_MS = 86_400_000;

/** A local moment as a field takes it. @param {string | number} at */
const fieldMoment = (at) => {
  const ms = typeof at === "number" ? at : Date.parse(at);
  return `${localDay(ms)}T${minuteTime(ms)}`;
};
/** A field's moment as the API takes it: local, with its offset. @param {string} text */
const sent = (text) => (text ? `${text}:00+08:00` : null);
const later = (/** @type {string} */ day) => (day > localDay(now()) ? day : localDay(now()));

/** @param {string} id @param {string} text @param {HTMLElement} field */
function labelled(id, text, field) {
  field.id = `roster-${id}`;
  return h("div", { class: "rota-field" }, h("label", { class: "label", for: field.id }, text), field);
}

/** @param {string} type @param {Record<string, any>} more */
const input = (type, more) => h("input", { class: "field", type, ...more });

/** @param {string[]} values @param {string} group @param {string} chosen */
function select(values, group, chosen) {
  const field = h("select", { class: "field" }, ...values.map((one) => h("option", { value: one }, t(`roster.${group}_${one}`))));
  field.value = chosen;
  return field;
}

/** @param {readonly (string | number)[]} values @param {(one: string | number) => string} says @param {(string | number)[]} chosen @param {string} legend */
function boxes(values, says, chosen, legend) {
  const all = values.map((one) => h("input", { type: "checkbox", value: one, checked: chosen.includes(one) }));
  const element = h("fieldset", { class: "rota-field rota-boxes" }, h("legend", { class: "label" }, legend),
    ...all.map((box, n) => h("label", { class: "rota-box" }, box, says(values[n]))));
  return { element, value: () => all.filter((box) => box.checked).map((box) => box.value) };
}

/** @param {any} pattern the shift that is changed, or null @param {string} day */
export function shiftFields(pattern, day) {
  const weekday = ((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7) + 1;
  const days = boxes([1, 2, 3, 4, 5, 6, 7], (one) => t(`roster.days_${one}`), pattern?.weekdays ?? [weekday], t("roster.field_weekdays"));
  const starts = input("time", { required: true, value: pattern?.starts ?? "08:00" });
  const ends = input("time", { required: true, value: pattern?.ends ?? "18:00" });
  const from = input("date", { required: true, value: later(day), min: localDay(now()) });
  const until = input("date", { value: pattern?.until_day ?? "", min: localDay(now()) });
  const endLabel = labelled("ends", t("roster.field_ends"), ends);
  const tell = () => { endLabel.children[0].textContent = t(ends.value <= starts.value ? "roster.field_ends_next" : "roster.field_ends"); };
  starts.addEventListener("input", tell);
  ends.addEventListener("input", tell);
  tell();
  return {
    parts: [days.element, h("div", { class: "rota-pair" }, labelled("starts", t("roster.field_starts"), starts), endLabel),
      h("div", { class: "rota-pair" }, labelled("from_day", t("roster.field_from_day"), from), labelled("until_day", t("roster.field_until_day"), until))],
    change: () => (starts.value && ends.value && from.value && days.value().length ? {
      kind: "shift", weekdays: days.value().map(Number), starts: starts.value, ends: ends.value, from_day: from.value,
      until_day: until.value || null, replaces: pattern?.id ?? null,
    } : null),
  };
}

/** @param {any} leave the leave that is changed, or null @param {string} day */
export function leaveFields(leave, day) {
  const start = Date.parse(`${later(day)}T00:00:00+08:00`);
  const kind = select(LEAVE_KINDS, "kind", leave?.kind ?? "annual");
  const from = input("datetime-local", { required: true, value: fieldMoment(leave?.from ?? start) });
  const until = input("datetime-local", { value: leave ? (leave.until ? fieldMoment(leave.until) : "") : fieldMoment(start + DAY_MS) });
  const reason = h("textarea", { class: "field", maxlength: 500, rows: 2 }, leave?.reason ?? "");
  kind.addEventListener("change", () => {
    until.disabled = kind.value === "left";
    if (until.disabled) until.value = "";
  });
  return {
    parts: [labelled("kind", t("roster.field_kind"), kind),
      labelled("from", t("roster.field_from"), from), labelled("until", t("roster.field_until"), until),
      labelled("reason", t("roster.field_reason"), reason)],
    change: () => (from.value ? {
      kind: "leave", from: sent(from.value), until: sent(until.value), leave_kind: kind.value, reason: reason.value, replaces: leave?.id ?? null,
    } : null),
  };
}

/** @param {any} held the terms that hold */
export function termsFields(held) {
  const from = input("datetime-local", { min: fieldMoment(now()) });
  const capacity = input("number", { required: true, min: 0, max: 20, step: 1, value: held.capacity });
  const mode = select(MODES, "travel_mode", held.travel_mode);
  const skills = boxes(SKILLS, (one) => t(`roster.skill_${one}`), held.skills, t("roster.field_skills"));
  const areas = areaField(held.area_codes);
  return {
    parts: [labelled("from", t("roster.field_from_now"), from),
      h("div", { class: "rota-pair" }, labelled("capacity", t("roster.field_capacity"), capacity), labelled("travel_mode", t("roster.field_travel_mode"), mode)),
      skills.element, areas.element],
    change: () => {
      const asked = { capacity: Number(capacity.value), travel_mode: mode.value, skills: skills.value(), area_codes: areas.value() };
      const changed = Object.entries(asked).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(held[name]));
      return changed.length && capacity.checkValidity() ? { kind: "terms", from: sent(from.value), ...Object.fromEntries(changed) } : null;
    },
  };
}

/** Areas as chips that can be taken away, and a field for one more. @param {string[]} codes */
function areaField(codes) {
  let held = [...codes];
  const list = h("span", { class: "chips" });
  const more = h("input", { class: "field", inputmode: "numeric", maxlength: 17, placeholder: t("roster.field_area_add"), "aria-label": t("roster.field_area_add") });
  const element = h("fieldset", { class: "rota-field" }, h("legend", { class: "label" }, t("roster.field_areas")), list,
    h("div", { class: "rota-more" }, more, h("button", { class: "btn", type: "button", on: { click: add } }, t("roster.area_add"))));
  function add() {
    const code = more.value.trim();
    if (!/^\d{6}(\d{3}){0,3}$/.test(code) || held.includes(code)) return;
    held = [...held, code].sort();
    more.value = "";
    draw();
  }
  function draw() {
    fill(list, ...held.map((code) => {
      const chip = h("button", { class: "choice", type: "button", "aria-label": t("roster.area_remove", { name: code }), on: { click: () => { held = held.filter((one) => one !== code); draw(); } } }, code, " ✕");
      nameOf(code).then((name) => { fill(chip, name, " ✕"); chip.setAttribute("aria-label", t("roster.area_remove", { name })); });
      return chip;
    }));
    element.dispatchEvent(new Event("input", { bubbles: true }));
  }
  more.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    add();
  });
  draw();
  return { element, value: () => held };
}

/** @type {Map<string, Promise<string>>} */
const names = new Map();

/** The name of an area, a grid with its community. @param {string} code @returns {Promise<string>} */
export function nameOf(code) {
  let found = names.get(code);
  if (!found) {
    found = read(code);
    names.set(code, found);
  }
  return found;
}

/** @param {string} code */
async function read(code) {
  const area = await get(`areas/${code}`).catch(() => null);
  if (!area) return code;
  const name = named(area.name, area.name_en);
  return code.length > 12 ? placed(name, await nameOf(code.slice(0, 12))) : name;
}

export function recusalFields() {
  const number = input("text", { required: true, maxlength: 40, autocomplete: "off", placeholder: "210211-20261120-000123" });
  const why = select(WHYS, "why", "relative");
  const reason = h("textarea", { class: "field", maxlength: 500, rows: 2 });
  return {
    parts: [labelled("case_number", t("roster.field_case"), number), labelled("why", t("roster.field_why"), why), labelled("reason", t("roster.field_reason"), reason)],
    change: () => (number.value.trim() ? { kind: "recusal", case_number: number.value.trim(), why: why.value, reason: reason.value } : null),
  };
}

/** @param {any} pattern @param {string} day */
export function endFields(pattern, day) {
  const from = input("date", { required: true, value: later(day), min: localDay(now()) });
  return {
    parts: [labelled("from_day", t("roster.field_from_day"), from)],
    change: () => (from.value ? { kind: "shift_end", id: pattern.id, from_day: from.value } : null),
  };
}

/** A change that has nothing to fill in. @param {any} change @param {string} says */
export const plainFields = (change, says) => ({ parts: [h("p", null, says)], change: () => change });
