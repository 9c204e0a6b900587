/** The editor of one person: what is on the roster, and the change being made. */

import { byId } from "./page.js";
import { ApiError, get, newKey, post } from "./api.js";
import { now } from "./clock.js";
import { fill, h } from "./dom.js";
import { day as localDay } from "./format.js";
import { label, t } from "./message.js";
import { Form } from "./roster_form.js";
import { endFields, leaveFields, nameOf, plainFields, recusalFields, shiftFields, termsFields } from "./roster_field.js";
import { moment } from "./roster_preview.js";
import { DUTY_SHAPE, dutyWord } from "./roster_row.js";
import { toast, toastError } from "./toast.js";

/** @typedef {import("./roster_field.js").Fields} Fields */

export class Panel {
  /**
   * @param {{week: () => string, onRow: (raw: any) => void, onClose: () => void}} options onRow: somebody's roster is known anew
   */
  constructor(options) {
    this.options = options;
    this.element = byId("panel");
    /** @type {any} */
    this.person = null;
    this.day = "";
    /** @type {Form | null} */
    this.form = null;
    this.turn = 0;
    /** Takes the last notice away. */
    this.unsay = () => {};
  }

  get open() {
    return !this.element.hidden;
  }

  /** @param {number} id @param {string} day @param {"shift" | "leave" | null} [begin] the form to begin with */
  async show(id, day, begin = null) {
    const mine = ++this.turn;
    const same = this.person?.id === id;
    this.day = day;
    this.element.hidden = false;
    if (!same || !begin) this.form = null;
    if (!same) fill(this.element, h("div", { class: "progress" }));
    this.element.setAttribute("aria-busy", "true");
    try {
      const person = await get(`roster/people/${id}`, { week: this.options.week() });
      if (mine !== this.turn) return;
      this.learn(person);
      this.element.setAttribute("aria-busy", "false");
      if (begin && person.editable) this.begin(begin);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (mine !== this.turn) return;
      this.element.setAttribute("aria-busy", "false");
      fill(this.element, h("div", { class: "notice notice-bad" }, ...error.lines.map((line) => h("p", null, line))));
    }
  }

  /** @param {any} person */
  learn(person) {
    this.person = person;
    this.options.onRow(person);
    this.draw();
  }

  close() {
    this.turn++;
    this.element.hidden = true;
    this.person = null;
    this.form = null;
    this.options.onClose();
  }

  /** One step back: the form, then the panel. @returns {boolean} whether there was one */
  back() {
    if (!this.open) return false;
    if (this.form) {
      this.form = null;
      this.draw();
    } else {
      this.close();
    }
    return true;
  }

  draw() {
    const { person } = this;
    const held = person.terms.find((/** @type {any} */ one) => one.state === "now");
    fill(this.element,
      h("header", { class: "rota-panel-head" },
        h("div", null, h("h2", null, person.name, " ", h("span", { class: "muted" }, person.role_label)),
          h("p", { class: "small" }, h("span", { class: "rota-state", data: { duty: person.duty } }, h("span", { "aria-hidden": "true" }, DUTY_SHAPE[person.duty] ?? ""), dutyWord(person.duty)),
            " · ", t("roster.load", { load: person.load, capacity: person.capacity }), person.organisation ? ` · ${person.organisation}` : "")),
        h("button", { class: "btn", type: "button", "aria-label": t("app.close"), on: { click: () => this.close() } }, "✕")),
      person.editable ? null : h("p", { class: "notice small" }, t("roster.read_only")),
      this.form?.element ?? null,
      this.section("shifts", "add_shift", "s", () => this.begin("shift"), person.patterns.map((/** @type {any} */ one) => this.pattern(one))),
      this.section("leaves", "add_leave", "l", () => this.begin("leave"), person.leaves.map((/** @type {any} */ one) => this.leave(one))),
      this.section("terms", "change_terms", "", () => this.start("form_terms", termsFields(held)), person.terms.map((/** @type {any} */ one) => this.terms(one)).reverse()),
      this.section("recusals", "add_recusal", "", () => this.start("form_recusal", recusalFields()), person.recusals.map((/** @type {any} */ one) => this.recusal(one))),
      this.changes());
  }

  /** @param {string} name @param {string} action @param {string} key @param {() => void} run @param {HTMLElement[]} items */
  section(name, action, key, run, items) {
    return h("section", { class: "rota-section", "aria-label": t(`roster.${name}`) },
      h("header", null, h("h3", null, t(`roster.${name}`)),
        this.person.editable ? h("button", { class: "choice", type: "button", data: { begin: action }, on: { click: run } }, t(`roster.${action}`), key ? h("kbd", null, key) : null) : null),
      items.length ? h("ul", { class: "rota-list" }, ...items) : h("p", { class: "muted small" }, t(`roster.none_${name}`)));
  }

  /** @param {any} one */
  pattern(one) {
    const over = one.until_day && one.until_day < localDay(now());
    const on = this.person.shifts.some((/** @type {any} */ span) => span.id === one.id && span.day === this.day) && this.day >= localDay(now());
    return this.item(over, [
      h("b", { class: "num" }, `${weekdays(one.weekdays)} ${hours(one)}`),
      h("span", { class: "small muted num" }, one.until_day ? t("roster.from_to", { from: one.from_day, until: one.until_day }) : t("roster.from_only", { from: one.from_day }),
        one.except_days.length ? ` · ${t("roster.except", { days: one.except_days.map((/** @type {string} */ day) => day.slice(5)).join(", ") })}` : ""),
    ], over ? [] : [
      ["edit", () => this.start("form_shift_edit", shiftFields(one, this.day))],
      on ? ["shift_skip", () => this.start("form_shift_skip", plainFields({ kind: "shift_skip", id: one.id, day: this.day }, t("roster.shift_skip", { day: this.day })))] : null,
      ["shift_end", () => this.start("form_shift_end", endFields(one, this.day))],
    ]);
  }

  /** @param {any} one */
  leave(one) {
    const over = one.until && Date.parse(one.until) <= now();
    const began = Date.parse(one.from) <= now();
    return this.item(over, [
      h("b", null, one.kind ? t(`roster.kind_${one.kind}`) : t("roster.leave")),
      h("span", { class: "small muted num" }, t("roster.from_to", { from: moment(one.from), until: one.until ? moment(one.until) : t("roster.until_open") })),
      one.reason ? h("span", { class: "small" }, one.reason) : null,
    ], over ? [] : [
      ["edit", () => this.start("form_leave_edit", leaveFields(one, this.day))],
      [began ? "leave_end" : "leave_drop", () => this.start("form_leave_end", plainFields({ kind: "leave_end", id: one.id }, t(began ? "roster.leave_end" : "roster.leave_drop")))],
    ]);
  }

  /** @param {any} one */
  terms(one) {
    const areas = h("span", { class: "small muted" }, one.area_codes.join(", "));
    Promise.all(one.area_codes.slice(0, 8).map(nameOf)).then((names) => { areas.textContent = names.join(" · ") + (one.area_codes.length > 8 ? " …" : ""); });
    return this.item(one.state === "past", [
      h("b", null, t(`roster.state_${one.state}`), " ", h("span", { class: "num muted" }, one.from ? t("roster.from_only", { from: moment(one.from) }) : t("roster.since_ever"))),
      h("span", { class: "small" }, [t("roster.capacity_is", { n: one.capacity }), t(`roster.travel_mode_${one.travel_mode}`),
        one.skills.length ? one.skills.map((/** @type {string} */ skill) => label("roster", `skill_${skill}`, skill)).join(", ") : t("roster.no_skill")].join(" · ")),
      areas,
    ], one.state === "to_come" ? [["terms_drop", () => this.start("form_terms_end", plainFields({ kind: "terms_end", id: one.id }, t("roster.form_terms_end")))]] : []);
  }

  /** @param {any} one */
  recusal(one) {
    return this.item(false, [
      one.number ? h("a", { class: "num", href: `/cases/${one.case_id}` }, one.number) : h("span", null, "…"),
      h("span", { class: "small muted" }, t(`roster.why_${one.why}`)),
      one.reason ? h("span", { class: "small" }, one.reason) : null,
    ], one.case_id ? [["recusal_end", () => this.start("form_recusal_end", plainFields({ kind: "recusal_end", case_id: one.case_id }, one.number))]] : []);
  }

  changes() {
    const { person } = this;
    return h("section", { class: "rota-section", "aria-label": t("roster.changes") },
      h("header", null, h("h3", null, t("roster.changes")),
        person.undo ? h("button", { class: "choice", type: "button", id: "undo", on: { click: () => this.undo() } }, t("roster.undo"), h("kbd", null, "u")) : null),
      person.changes.length ? h("ul", { class: "rota-list" }, ...person.changes.map((/** @type {any} */ one) => h("li", { class: "small" },
        h("span", { class: "num muted" }, moment(one.at)), " ", t(`roster.log_${one.kind}`), " ", h("span", { class: "muted" }, one.by_name ?? "")))) : h("p", { class: "muted small" }, t("roster.none_changes")));
  }

  /** @param {boolean} over @param {(HTMLElement | null)[]} parts @param {([string, () => void] | null)[]} actions */
  item(over, parts, actions) {
    return h("li", { data: { over: String(Boolean(over)) } }, h("div", { class: "rota-item" }, ...parts),
      this.person.editable ? h("div", { class: "rota-acts" }, ...actions.map((one) => (one ? h("button", { class: "link small", type: "button", data: { act: one[0] }, on: { click: one[1] } },
        one[0] === "shift_skip" ? t("roster.shift_skip", { day: this.day.slice(5) }) : t(`roster.${one[0]}`)) : null))) : null);
  }

  /** @param {"shift" | "leave"} kind */
  begin(kind) {
    if (!this.person?.editable) return;
    this.start(`form_${kind}`, kind === "shift" ? shiftFields(null, this.day) : leaveFields(null, this.day));
  }

  /** @param {string} name @param {Fields} fields */
  start(name, fields) {
    const { person } = this;
    this.form = new Form(t(`roster.${name}`), fields, {
      personId: person.id,
      version: () => this.person.version,
      onSaved: (answer, what) => this.saved(answer, what),
      onStale: (error) => this.stale(error),
      onClose: () => { this.form = null; this.draw(); },
    });
    this.draw();
    this.element.scrollTop = 0;
    this.form.focus();
  }

  /** @param {any} answer @param {string} what */
  async saved(answer, what) {
    this.form = null;
    await this.show(answer.person.id, this.day);
    this.unsay();
    this.unsay = toast(t("roster.saved", { what }), answer.person.undo ? { action: { text: t("app.undo"), key: "u", run: () => this.undo() } } : {});
  }

  /** @param {ApiError} error */
  async stale(error) {
    toast(t("roster.conflict", { name: error.problem.winner?.by_name ?? t("roster.somebody") }), { bad: true });
    const form = this.form;
    await this.show(this.person.id, this.day);
    this.form = form;
    this.draw();
  }

  async undo() {
    if (!this.person?.undo) return;
    const { id, version } = this.person;
    try {
      await post(`roster/people/${id}/undo`, { version }, newKey());
      await this.show(id, this.day);
      this.unsay();
      toast(t("roster.undone"));
    } catch (error) {
      toastError(error);
      await this.show(id, this.day);
    }
  }
}

/** @param {{starts: string, ends: string}} shift */
function hours({ starts, ends }) {
  if (ends === "00:00") return starts === ends ? t("roster.all_day") : `${starts}–24:00`;
  return `${starts}–${ends <= starts ? `${t("roster.next_day")} ` : ""}${ends}`;
}

/** @param {number[]} days */
function weekdays(days) {
  if (days.length === 7) return t("roster.daily");
  if (days.join() === "1,2,3,4,5") return t("roster.workdays");
  return t("roster.on_days", { days: days.map((one) => t(`roster.days_${one}`)).join(t("roster.days_between")) });
}
