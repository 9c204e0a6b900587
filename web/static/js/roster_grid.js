/** The week as a grid: people down, days across; one cell is current, keys and the editor act on it. */

import { byId } from "./page.js";
import { everySecond, now } from "./clock.js";
import { fill, h, keyed, say } from "./dom.js";
import { day as localDay, minuteTime } from "./format.js";
import { t } from "./message.js";
import { DUTY_SHAPE, dutyWord, midnight, piecesOf } from "./roster_row.js";

/** @typedef {import("./roster_row.js").Row} Row */

const DAY_MS = 86_400_000;

export class Grid {
  /** @param {{onOpen: (row: Row, day: string) => void, onEnd: () => void}} options onEnd: the last row was reached */
  constructor({ onOpen, onEnd }) {
    this.onOpen = onOpen;
    this.onEnd = onEnd;
    /** @type {Row[]} */
    this.rows = [];
    /** @type {string[]} */
    this.days = [];
    this.current = { id: 0, column: 0 };
    this.open = 0;
    this.heads = h("div", { class: "rota-row rota-heads", role: "row" });
    this.body = h("div", { class: "rota-rows", role: "rowgroup" });
    this.table = h("div", { class: "rota-grid", id: "grid", role: "grid", "aria-label": t("roster.grid") },
      h("div", { role: "rowgroup", class: "rota-top" }, this.heads), this.body);
    this.foot = h("div", { class: "rota-foot" });
    fill(byId("scroll"), this.table, this.foot);
    this.body.addEventListener("click", (event) => this.click(event));
    everySecond((at) => this.tick(at));
  }

  /** @param {Row[]} rows @param {string[]} days @param {number | null} total */
  show(rows, days, total) {
    const moved = days[0] !== this.days[0];
    this.rows = rows;
    this.days = days;
    this.table.hidden = rows.length === 0;
    this.table.setAttribute("aria-rowcount", String(total === null ? -1 : total + 1));
    if (moved) this.head();
    keyed(this.body, rows, (row) => String(row.id), () => this.make(), (element, row) => this.update(element, row));
    if (!rows.some((row) => row.id === this.current.id)) this.current = { id: rows[0]?.id ?? 0, column: this.startColumn() };
    this.mark();
    this.tick(now());
  }

  /** Today's column, or Monday. */
  startColumn() {
    const at = this.days.indexOf(localDay(now()));
    return at < 0 ? 1 : at + 1;
  }

  head() {
    const today = localDay(now());
    fill(this.heads, h("div", { role: "columnheader", class: "rota-who" }, t("roster.person")),
      ...this.days.map((day, n) => h("div", { role: "columnheader", class: "rota-head", data: { day, today: String(day === today) } },
        h("span", null, t(`roster.day_head_${n + 1}`)), " ", h("span", { class: "num" }, day.slice(5)),
        day === today ? h("span", { class: "rota-today" }, t("roster.today")) : null)));
  }

  make() {
    const who = h("div", { class: "rota-who", role: "rowheader", tabindex: -1 },
      h("span", { class: "rota-name" }, h("b"), h("span", { class: "muted small" })),
      h("span", { class: "rota-duty small" }));
    const cells = Array.from({ length: 7 }, () => h("div", { class: "rota-cell", role: "gridcell", tabindex: -1 }));
    return h("div", { class: "rota-row", role: "row" }, who, ...cells);
  }

  /** @param {HTMLElement} element @param {Row} row */
  update(element, row) {
    const key = JSON.stringify([row, this.days[0]]);
    if (element.dataset.shown === key) return;
    element.dataset.shown = key;
    const [who, ...cells] = /** @type {HTMLElement[]} */ ([...element.children]);
    say(who.children[0].children[0], row.name);
    say(who.children[0].children[1], [row.roleLabel, row.place].filter(Boolean).join(" · "));
    fill(who.children[1], h("span", { class: "rota-state", data: { duty: row.duty } }, h("span", { "aria-hidden": "true" }, DUTY_SHAPE[row.duty] ?? ""), dutyWord(row.duty)),
      h("span", { class: "num muted" }, t("roster.load", { load: row.load, capacity: row.capacity })));
    who.dataset.editable = String(row.editable);
    cells.forEach((cell, n) => this.fillCell(cell, row, this.days[n]));
  }

  /** @param {HTMLElement} cell @param {Row} row @param {string} day */
  fillCell(cell, row, day) {
    const pieces = piecesOf(row, day);
    const away = pieces.find((one) => one.what === "leave" && one.from === 0 && one.until === 1);
    cell.dataset.day = day;
    cell.dataset.today = String(day === localDay(now()));
    cell.dataset.away = String(Boolean(away));
    const terms = row.termsFrom.filter((at) => at >= midnight(day) && at < midnight(day) + DAY_MS);
    const track = h("div", { class: "rota-track", "aria-hidden": "true" });
    for (const piece of pieces) {
      const bar = h("span", { class: "rota-bar", data: { what: piece.what, idle: String(piece.idle) } });
      bar.style.left = `${piece.from * 100}%`;
      bar.style.width = `${(piece.until - piece.from) * 100}%`;
      track.append(bar);
    }
    const said = pieces.map((piece) => h("span", { class: "rota-says num", data: { what: piece.what, idle: String(piece.idle) } },
      piece.what === "shift" ? h("span", { class: "visually-hidden" }, `${t("roster.shift")} `) : null, piece.text));
    if (!said.length && row.byAppointment) said.push(h("span", { class: "rota-says", data: { what: "call" } }, t("roster.by_appointment_short")));
    if (!said.length) said.push(h("span", { class: "visually-hidden" }, t("roster.no_work")));
    for (const at of terms) said.push(h("span", { class: "rota-says num", data: { what: "terms" } }, `${t("roster.terms_begin")} ${minuteTime(at)}`));
    fill(cell, h("div", { class: "rota-texts" }, ...said), track);
  }

  /** Move the line of the present. @param {number} at */
  tick(at) {
    const today = localDay(at);
    const part = (at - midnight(today)) / DAY_MS;
    this.table.style.setProperty("--now", `${(part * 100).toFixed(2)}%`);
    const seen = this.heads.querySelector('[data-today="true"]');
    const should = this.days.includes(today) ? today : undefined;
    if (this.days.length && seen?.getAttribute("data-day") !== should && (seen || should)) {
      this.head();
      for (const cell of this.body.querySelectorAll(".rota-cell")) {
        const one = /** @type {HTMLElement} */ (cell);
        one.dataset.today = String(one.dataset.day === today);
      }
    }
  }

  /** Show which cell is current and whose editor is open. */
  mark() {
    for (const child of this.body.children) {
      const element = /** @type {HTMLElement} */ (child);
      const here = Number(element.dataset.key) === this.current.id;
      element.dataset.open = String(Number(element.dataset.key) === this.open);
      [...element.children].forEach((cell, n) => {
        const is = here && n === this.current.column;
        /** @type {HTMLElement} */ (cell).tabIndex = is ? 0 : -1;
        if (is) cell.setAttribute("aria-selected", "true");
        else cell.removeAttribute("aria-selected");
      });
    }
  }

  /** @param {MouseEvent} event */
  click(event) {
    const cell = /** @type {HTMLElement} */ (event.target).closest("[role=gridcell], [role=rowheader]");
    const line = cell?.parentElement;
    if (!cell || !line) return;
    this.current = { id: Number(line.dataset.key), column: [...line.children].indexOf(cell) };
    this.focus();
    this.enter();
  }

  get row() {
    return this.rows.find((row) => row.id === this.current.id);
  }

  /** The day of the current cell; today's or Monday in the column of names. */
  get day() {
    return this.days[Math.max(0, (this.current.column || this.startColumn()) - 1)];
  }

  enter() {
    if (this.row) this.onOpen(this.row, this.day);
  }

  /** @param {number} down @param {number} across */
  step(down, across) {
    if (!this.rows.length) return;
    if (this.body.contains(document.activeElement)) {
      const at = this.rows.findIndex((row) => row.id === this.current.id);
      const next = Math.min(this.rows.length - 1, Math.max(0, at + down));
      if (down > 0 && at + down >= this.rows.length - 1) this.onEnd();
      this.current = { id: this.rows[next].id, column: Math.min(7, Math.max(0, this.current.column + across)) };
    }
    this.focus();
  }

  focus() {
    this.mark();
    const line = /** @type {HTMLElement | null} */ (this.body.querySelector(`[data-key="${this.current.id}"]`));
    const cell = /** @type {HTMLElement | undefined} */ (line?.children[this.current.column]);
    cell?.focus({ preventScroll: true });
    cell?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}
