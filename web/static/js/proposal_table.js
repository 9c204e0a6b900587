/** The table of a proposal: one row a case; rows that stay the same are left alone. */

import { h } from "./dom.js";
import { minutes } from "./format.js";
import { named, t } from "./message.js";
import { nameOf } from "./proposal_line.js";

/** @typedef {import("./proposal_line.js").Line} Line */

/** What the columns beside them say already. */
const SAID_ELSEWHERE = new Set(["load", "meets_limit", "not_travelling"]);
const SIGNS = { accepted: "✓", stale: "!", refused: "!", left: "–", undone: "↺", open: "" };
/** Rows drawn at once: more than fit on a screen; the others follow while it is read. */
const AT_ONCE = 150;

export class ProposalTable {
  /** @param {{onMark: () => void, onCase: (id: number) => void}} options */
  constructor({ onMark, onCase }) {
    this.onMark = onMark;
    this.onCase = onCase;
    /** @type {Line[]} */
    this.lines = [];
    /** @type {Set<number>} */
    this.chosen = new Set();
    /** @type {Map<number, {said: string, row: HTMLElement}>} */
    this.rows = new Map();
    this.turn = 0;
    this.all = h("input", { type: "checkbox", id: "proposal-all", "aria-label": t("proposal.select_all"), on: { change: () => this.chooseAll(this.all.checked) } });
    this.body = h("tbody", null);
    const head = ["case", "person", "minutes", "why"].map((name) => h("th", { scope: "col" }, t(`proposal.${name}`)));
    this.element = h("div", { class: "proposal-lines", tabindex: "0", role: "region", "aria-label": t("proposal.lines") },
      h("table", { class: "proposal-table" }, h("thead", null, h("tr", null, h("td", null, this.all), ...head)), this.body));
  }

  get open() {
    return this.lines.filter((line) => line.state === "open");
  }

  get marked() {
    return this.open.filter((line) => this.chosen.has(line.case_id));
  }

  /** @param {Line[]} lines in their order @param {Set<number>} chosen */
  show(lines, chosen) {
    this.lines = lines;
    this.chosen = chosen;
    const there = new Set(lines.map((line) => line.case_id));
    for (const [id, { row }] of this.rows) {
      if (there.has(id)) continue;
      if (row.contains(document.activeElement)) this.element.focus();
      row.remove();
      this.rows.delete(id);
    }
    this.turn += 1;
    this.place(this.turn, 0);
    this.mark();
  }

  /**
   * Draw some rows, the others a little later.
   * @param {number} turn @param {number} from
   */
  place(turn, from) {
    if (turn !== this.turn) return;
    const part = this.lines.slice(from, from + AT_ONCE);
    part.forEach((line, at) => {
      const row = this.row(line);
      const there = this.body.children[from + at];
      if (there !== row) this.body.insertBefore(row, there ?? null);
    });
    if (from + AT_ONCE < this.lines.length) setTimeout(() => this.place(turn, from + AT_ONCE));
  }

  /** The row of a line: the one that is there if it says the same. @param {Line} line */
  row(line) {
    const said = JSON.stringify(line);
    const known = this.rows.get(line.case_id);
    const row = known?.said === said ? known.row : this.draw(line);
    if (known && known.row !== row) stand(row, known.row);
    this.rows.set(line.case_id, { said, row });
    const box = row.querySelector("input");
    if (box) box.checked = this.chosen.has(line.case_id);
    return row;
  }

  /** @param {Line} line as it stands now */
  replace(line) {
    const { fresh, was } = this.lines.find((one) => one.case_id === line.case_id) ?? {};
    const now = { fresh, was, ...line };
    this.lines = this.lines.map((one) => (one.case_id === line.case_id ? now : one));
    if (this.rows.has(line.case_id)) this.row(now);
  }

  /** Say in the head what is marked, and tell. */
  mark() {
    const open = this.open.length, marked = this.marked.length;
    this.all.checked = open > 0 && marked === open;
    this.all.indeterminate = marked > 0 && marked < open;
    this.all.disabled = !open;
    this.onMark();
  }

  /** @param {Line} line @param {boolean} on */
  choose(line, on) {
    if (on) this.chosen.add(line.case_id);
    else this.chosen.delete(line.case_id);
    this.mark();
  }

  /** @param {boolean} on */
  chooseAll(on) {
    this.chosen = new Set(on ? this.open.map((line) => line.case_id) : []);
    for (const box of this.body.querySelectorAll("input")) box.checked = on;
    this.mark();
  }

  /** @param {Line} line */
  draw(line) {
    const box = line.state === "open" ? h("input", { type: "checkbox", "aria-label": t("proposal.select", { number: line.number }), data: { case: line.case_id }, on: { change: () => this.choose(line, box?.checked ?? false) } }) : null;
    return h("tr", { data: { line: line.case_id, state: line.state, differs: String(line.differs), fresh: line.fresh ?? "" } },
      h("td", null, box ?? h("span", { class: "proposal-sign", "aria-hidden": "true" }, SIGNS[line.state])),
      h("td", null,
        h("button", { class: "link", type: "button", on: { click: () => this.onCase(line.case_id) } }, named(line.type_name, line.type_name_en)), " ",
        line.urgent ? h("span", { class: "tag proposal-urgent" }, t("family.urgent")) : null,
        h("div", { class: "muted small num" }, line.number.split("-").slice(1).join("-"), line.address ? ` · ${line.address}` : "")),
      h("td", null, ...who(line)),
      h("td", { class: "num proposal-min" }, !line.person ? "–" : line.travel_s === null ? t("candidate.no_travel") : minutes(line.travel_s)),
      h("td", null, ...why(line)));
  }
}

/**
 * Put a row where another stood, the focus with it.
 * @param {HTMLElement} row @param {HTMLElement} before
 */
function stand(row, before) {
  const focused = before.contains(document.activeElement);
  before.replaceWith(row);
  if (focused) (row.querySelector("input") ?? row.querySelector("button"))?.focus({ preventScroll: true });
}

/** @param {Line} line */
function who(line) {
  const fresh = line.fresh && ["open", "left"].includes(line.state) ? h("span", { class: "tag proposal-fresh" }, t(`proposal.fresh_${line.fresh}`)) : null;
  const name = line.person ? h("strong", null, nameOf(line.person)) : h("span", { class: "muted" }, t("proposal.nobody"));
  return [name, fresh && " ", fresh, line.person?.name ? h("div", { class: "muted small" }, line.person.role_label) : null];
}

/** @param {Line} line */
function why(line) {
  const told = line.reasons.filter((reason) => !SAID_ELSEWHERE.has(reason.code)).map((reason) => h("div", { class: "small" }, reason.text));
  const state = line.state === "open" ? null : h("div", { class: "proposal-state small", data: { state: line.state } },
    h("strong", null, t(`proposal.state_${line.state}`)), line.why ? t("proposal.because", { why: line.why.text }) : "");
  const other = line.differs ? h("div", { class: "small" }, h("span", { class: "tag proposal-differs" }, "⇄ ", t("proposal.differs")), " ",
    line.instead ? t("proposal.instead", { name: nameOf(line.instead) }) : t("proposal.instead_nobody")) : null;
  const was = line.was && line.state === "open" ? h("div", { class: "muted small" }, t("proposal.was", { why: line.was })) : null;
  return [state, ...told, other, was];
}
