/** The list as a table: one row a case, one of them current, any number selected. */

import { byId } from "./page.js";
import { everySecond, now } from "./clock.js";
import { fill, h, keyed, say } from "./dom.js";
import { clock, day, number, running } from "./format.js";
import { lightOf, lightShape, timeOf } from "./light.js";
import { label, named, t } from "./message.js";
import { shapeIcon, shapeOf } from "./shape.js";
import { cardShape } from "./worklist_row.js";

/** @typedef {import("./worklist_row.js").Row} Row */
/** @typedef {import("./worklist_selection.js").Selection} Selection */

const COLUMNS = ["light", "case", "place", "state", "holder", "lead", "hops", "card", "waits"];

export class Table {
  /**
   * @param {Selection} selection
   * @param {{onLead: (row: Row) => void}} options
   */
  constructor(selection, { onLead }) {
    this.selection = selection;
    this.onLead = onLead;
    /** @type {Row[]} */
    this.rows = [];
    this.all = h("input", { type: "checkbox", "aria-label": t("desk.select_page"), on: { change: () => this.selectPage(this.all.checked) } });
    this.body = h("tbody", { id: "rows" });
    this.table = h("table", { class: "cases" },
      h("thead", null, h("tr", null, h("th", { scope: "col", class: "c-select" }, this.all),
        ...COLUMNS.map((name) => h("th", { scope: "col", class: `c-${name}` }, t(`desk.column_${name}`))))), this.body);
    this.foot = h("div", { class: "work-foot" });
    fill(byId("scroll"), this.table, this.foot);
    everySecond((at) => this.tick(at));
  }

  /**
   * @param {Row[]} rows
   * @param {string} order
   */
  show(rows, order) {
    this.rows = rows;
    this.table.hidden = rows.length === 0;
    this.table.querySelector("th.c-light")?.setAttribute("aria-sort", order === "due" ? "ascending" : "none");
    keyed(this.body, rows, (row) => String(row.id), (row) => this.make(row), (element, row) => this.update(element, row));
    this.mark();
    this.tick(now());
  }

  /** @param {Row} row */
  make(row) {
    const cells = ["select", ...COLUMNS].map((name) => h(name === "case" ? "th" : "td", { class: `c-${name}`, scope: name === "case" ? "row" : null }));
    const box = h("input", { type: "checkbox", tabindex: -1, "aria-label": t("desk.select_is", { number: row.number }) });
    cells[0].append(box);
    const light = h("span", { class: "light" });
    cells[1].append(light, h("span", { class: "c-time num" }));
    cells[2].append(h("a", { class: "c-number num", href: `/cases/${row.id}`, tabindex: -1 }), h("span", { class: "c-type" }), h("span", { class: "c-words muted" }));
    cells[3].append(h("span"), h("span", { class: "c-more muted" }));
    cells[5].append(h("span"), h("span", { class: "c-more muted" }));
    cells[9].append(h("span", { class: "num" }), h("span", { class: "c-more muted num" }));
    return h("tr", { tabindex: -1, on: {
      click: (/** @type {MouseEvent} */ event) => this.click(event, row.id),
      focus: () => this.enter(row.id, false),
    } }, ...cells);
  }

  /**
   * @param {HTMLElement} element
   * @param {Row} row
   */
  update(element, row) {
    const [, , what, place, state, holder, lead, hops, card] = /** @type {HTMLElement[]} */ ([...element.children]);
    element.dataset.urgent = String(row.urgent);
    element.dataset.gone = String(row.gone);
    element.dataset.version = String(row.version);
    say(what.children[0], row.number);
    const type = what.children[1];
    const says = named(row.typeName, row.typeNameEn);
    if (type.textContent !== says || type.getAttribute("data-urgent") !== String(row.urgent)) {
      type.setAttribute("data-urgent", String(row.urgent));
      fill(type, shapeIcon(shapeOf(row)), h("span", null, says));
    }
    say(what.children[2], row.words);
    /** @type {HTMLElement} */ (what.children[2]).title = row.words;
    say(place.children[0], [row.community, row.gridCode.slice(-3)].filter(Boolean).join(" · "));
    say(place.children[1], row.address ?? row.street ?? "");
    say(state, row.gone ? t("desk.gone") : label("state", row.state));
    state.dataset.label = t("desk.column_state");
    say(holder.children[0], row.holder ?? row.holderCode);
    say(holder.children[1], label("level", row.level));
    this.lead(lead, row);
    say(hops, row.hops ? number(row.hops) : "");
    hops.dataset.label = t("desk.column_hops");
    if (card.dataset.card !== (row.card ?? "")) {
      card.dataset.card = row.card ?? "";
      fill(card, row.card ? h("span", { class: "light", data: { light: row.card } }, cardShape(row.card), t(`desk.card_${row.card}`)) : null);
    }
  }

  /** @param {HTMLElement} cell @param {Row} row */
  lead(cell, row) {
    const says = row.lead ?? row.leadRole ?? "";
    if (cell.dataset.lead === says) return;
    cell.dataset.lead = says;
    if (row.lead && row.leadId) fill(cell, h("button", { class: "link", type: "button", tabindex: -1, title: row.leadRole, on: { click: () => this.onLead(row) } }, row.lead));
    else fill(cell, says);
  }

  /** Keep lights and waiting times true. @param {number} at */
  tick(at) {
    for (const row of this.rows) {
      const element = /** @type {HTMLElement | null} */ (this.body.querySelector(`[data-key="${row.id}"]`));
      if (!element) continue;
      const [light, time] = /** @type {HTMLElement[]} */ ([...element.children[1].children]);
      const colour = lightOf(row, at);
      if (light.dataset.light !== String(colour)) {
        light.dataset.light = String(colour);
        element.dataset.light = String(colour);
        fill(light, colour ? lightShape(colour) : null, colour ? t(`desk.light_${colour}`) : "");
      }
      say(time, timeOf(row, at));
      const [waits, since] = element.children[9].children;
      say(waits, running((at - row.stateSince) / 1000));
      const sameDay = day(row.stateSince) === day(at);
      say(since, t("desk.waits_since", { at: sameDay ? clock(row.stateSince).slice(0, 5) : day(row.stateSince).slice(5) }));
    }
  }

  /** Show what is selected and current. */
  mark() {
    const { selection } = this;
    if (!this.rows.some((row) => row.id === selection.current)) selection.current = this.rows[0]?.id ?? 0;
    for (const child of this.body.children) {
      const element = /** @type {HTMLElement} */ (child);
      const id = Number(element.dataset.key);
      const chosen = selection.has(id);
      element.dataset.selected = String(chosen);
      /** @type {HTMLInputElement} */ (element.querySelector("input")).checked = chosen;
      element.tabIndex = id === selection.current ? 0 : -1;
      element.dataset.current = String(id === selection.current);
    }
    const count = this.rows.filter((row) => selection.has(row.id)).length;
    this.all.checked = count > 0 && count === this.rows.length;
    this.all.indeterminate = count > 0 && count < this.rows.length;
  }

  /** @param {MouseEvent} event @param {number} id */
  click(event, id) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.closest("a, button")) return;
    this.enter(id);
    if (event.shiftKey) {
      event.preventDefault();
      getSelection()?.removeAllRanges();
      this.selection.extend(this.rows, id);
    } else if (target.closest(".c-select") || event.ctrlKey || event.metaKey) {
      // The box follows the selection: the whole cell is its target.
      if (!target.matches("input")) event.preventDefault();
      this.selection.toggle(id);
    }
    this.mark();
  }

  /** Make a row the one that keys act on. @param {number} id @param {boolean} [focus] */
  enter(id, focus = true) {
    this.selection.current = id;
    this.mark();
    const element = /** @type {HTMLElement | null} */ (this.body.querySelector(`[data-key="${id}"]`));
    if (focus) element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} by @param {boolean} range */
  step(by, range) {
    const { selection } = this;
    const focused = this.body.contains(document.activeElement);
    const at = this.rows.findIndex((row) => row.id === selection.current);
    const next = this.rows[focused ? Math.min(this.rows.length - 1, Math.max(0, at + by)) : Math.max(0, at)];
    if (!next) return;
    if (range) {
      if (!selection.size) selection.anchor = selection.current;
      selection.extend(this.rows, next.id);
    }
    this.enter(next.id);
  }

  toggleCurrent() {
    if (this.selection.current) this.selection.toggle(this.selection.current);
  }

  /** @param {boolean} [on] */
  selectPage(on = true) {
    this.selection.set(on ? this.rows.map((row) => row.id) : []);
  }

  open() {
    if (this.selection.current) location.assign(`/cases/${this.selection.current}`);
  }
}
