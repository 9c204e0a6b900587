/** The proposal for the whole queue: who goes where together, accepted line by line or all. */

import { ApiError, get, newKey, post } from "./api.js";
import { fill, h } from "./dom.js";
import { clock, minutes, number } from "./format.js";
import { named, t } from "./message.js";
import { openSheet } from "./sheet.js";
import { write } from "./url_state.js";
import { gainOf } from "./proposal_gain.js";

/**
 * @typedef {object} Line
 * @property {number} case_id
 * @property {string} number
 * @property {string} type_name
 * @property {string} type_name_en
 * @property {boolean} urgent
 * @property {string | null} address
 * @property {number} version
 * @property {{name: string | null, role_label: string} | null} person
 * @property {number | null} travel_s
 * @property {number} cost
 * @property {{code: string, text: string}[]} reasons
 * @property {boolean} differs
 * @property {{name: string | null, role_label: string} | null} instead
 * @property {"open" | "accepted" | "stale" | "refused" | "left" | "undone"} state
 * @property {{code: string, text: string} | null} why
 */

/** Cases accepted by one request: each is a dispatch of its own, up to a tenth of a second. */
const AT_ONCE = 20;
/** What the columns beside them say already. */
const SAID_ELSEWHERE = new Set(["load", "meets_limit", "not_travelling"]);
const SIGNS = { accepted: "✓", stale: "!", refused: "!", left: "–", undone: "↺", open: "" };

/** @param {{name: string | null, role_label: string} | null} one */
const nameOf = (one) => one?.name ?? one?.role_label ?? "";

export class ProposalSheet {
  /** @param {{onCase: (id: number) => void}} options */
  constructor({ onCase }) {
    this.onCase = onCase;
    this.busy = false;
    /** @type {any} */
    this.found = null;
    /** @type {Line[]} */
    this.lines = [];
    /** @type {Set<number>} */
    this.chosen = new Set();
    /** Accepted by the last step, to be taken back. @type {Line[]} */
    this.last = [];
    this.sheet = /** @type {ReturnType<typeof openSheet> | null} */ (null);
    this.card = h("div", { class: "sheet-card proposal" });
  }

  /** Show the proposal of an address, or solve the queue now. @param {number} [id] */
  async open(id = 0) {
    if (this.sheet) return;
    this.sheet = openSheet(t("proposal.title"), this.card);
    this.sheet.dialog.addEventListener("keydown", (event) => this.onKey(event));
    this.sheet.closed.then(() => { this.sheet = null; write({ proposal: null }); });
    if (id) await this.load(() => get(`queue/proposals/${id}`));
    else await this.solve();
  }

  /** Solve the queue now. */
  solve() {
    return this.load(() => post("queue/proposals", undefined, newKey()));
  }

  /** A case changed: what is proposed may no longer be the best. @param {{id: number, version: number}} one */
  changed(one) {
    if (!this.sheet || this.busy || !this.found) return;
    const known = this.lines.find((line) => line.case_id === one.id);
    if (known && one.version <= known.version) return;
    fill(this.part("changed"), h("p", { class: "notice notice-warn small" }, t("proposal.changed")));
  }

  /** @param {() => Promise<any>} ask */
  async load(ask) {
    if (this.busy) return;
    this.busy = true;
    this.found = null;
    this.frame(h("p", { class: "muted", role: "status" }, t("proposal.solving")), h("div", { class: "progress" }));
    this.card.setAttribute("aria-busy", "true");
    try {
      this.found = await ask();
      this.lines = this.found.lines;
      this.chosen = new Set(this.openLines().map((line) => line.case_id));
      this.last = [];
      write({ proposal: this.found.id });
      this.busy = false;
      this.draw();
    } catch (error) {
      this.fail(error);
    } finally {
      this.busy = false;
      this.card.setAttribute("aria-busy", "false");
    }
  }

  openLines() {
    return this.lines.filter((line) => line.state === "open");
  }

  /** @param {unknown} error */
  fail(error) {
    if (!(error instanceof ApiError)) throw error;
    this.frame(h("div", { class: "notice notice-bad", role: "alert" }, ...error.lines.map((line) => h("p", null, line))));
  }

  /** Title, what is shown, and the foot that is always there. @param {...(Node | null)} parts */
  frame(...parts) {
    const again = h("button", { class: "btn", type: "button", id: "proposal-again", on: { click: () => this.solve() } }, t("proposal.again"), h("kbd", null, "r"));
    const close = h("button", { class: "btn", type: "button", on: { click: () => this.sheet?.dialog.close() } }, t("app.close"), h("kbd", null, "Esc"));
    fill(this.card, h("h2", null, t("proposal.title")), ...parts,
      h("div", { class: "sheet-buttons" }, h("span", { class: "proposal-take", data: { part: "take" } }), again, close));
  }

  /** @param {string} name */
  part(name) {
    return /** @type {HTMLElement} */ (this.card.querySelector(`[data-part="${name}"]`) ?? h("div", null));
  }

  /** Give the focus to the first of these that is there. @param {...string} where */
  focus(...where) {
    const found = where.map((one) => this.card.querySelector(one)).find(Boolean);
    if (found instanceof HTMLElement) found.focus();
  }

  draw() {
    if (!this.lines.length) {
      this.frame(h("div", { class: "empty" }, h("strong", null, t("proposal.empty")), h("span", null, t("proposal.empty_next"))));
      this.focus("#proposal-again");
      return;
    }
    const sent = this.lines.filter((line) => line.person).length;
    const differs = this.lines.filter((line) => line.differs).length;
    const cut = this.found.waiting > this.lines.length ? t("proposal.cut", { n: number(this.lines.length) }) : "";
    this.frame(
      h("p", null, t("proposal.cases", { n: number(this.found.waiting), sent: number(sent), differs: number(differs) }), cut),
      gainOf(this.found),
      h("p", { class: "muted small" }, t("proposal.nobody_taken", { at: clock(Date.parse(this.found.holds_until)) })),
      h("div", { data: { part: "changed" } }),
      h("div", { role: "status", data: { part: "done" } }),
      h("div", { class: "proposal-lines", tabindex: "0", role: "region", "aria-label": t("proposal.lines") }, this.table()));
    this.drawTake();
    this.focus("input[data-case]", "#proposal-again");
  }

  table() {
    const all = h("input", { type: "checkbox", id: "proposal-all", "aria-label": t("proposal.select_all"), on: { change: () => this.chooseAll(all.checked) } });
    all.checked = true;
    all.disabled = !this.openLines().length;
    const head = ["case", "person", "minutes", "why"].map((name) => h("th", { scope: "col" }, t(`proposal.${name}`)));
    const rows = [...this.lines].sort((a, b) => Number(b.differs) - Number(a.differs));
    return h("table", { class: "proposal-table" },
      h("thead", null, h("tr", null, h("td", null, all), ...head)),
      h("tbody", null, ...rows.map((line) => this.row(line))));
  }

  /** @param {Line} line */
  row(line) {
    const box = line.state === "open" ? h("input", { type: "checkbox", "aria-label": t("proposal.select", { number: line.number }), data: { case: line.case_id }, on: { change: () => this.choose(line.case_id, box?.checked ?? false) } }) : null;
    if (box) box.checked = this.chosen.has(line.case_id);
    return h("tr", { data: { line: line.case_id, state: line.state, differs: String(line.differs) } },
      h("td", null, box ?? h("span", { class: "proposal-sign", "aria-hidden": "true" }, SIGNS[line.state])),
      h("td", null,
        h("button", { class: "link", type: "button", on: { click: () => this.go(line.case_id) } }, named(line.type_name, line.type_name_en)), " ",
        line.urgent ? h("span", { class: "tag proposal-urgent" }, t("family.urgent")) : null,
        h("div", { class: "muted small num" }, line.number.split("-").slice(1).join("-"), line.address ? ` · ${line.address}` : "")),
      h("td", null, line.person ? h("strong", null, nameOf(line.person)) : h("span", { class: "muted" }, t("proposal.nobody")),
        line.person?.name ? h("div", { class: "muted small" }, line.person.role_label) : null),
      h("td", { class: "num proposal-min" }, !line.person ? "–" : line.travel_s === null ? t("candidate.no_travel") : minutes(line.travel_s)),
      h("td", null, ...this.why(line)));
  }

  /** @param {Line} line */
  why(line) {
    const told = line.reasons.filter((reason) => !SAID_ELSEWHERE.has(reason.code)).map((reason) => h("div", { class: "small" }, reason.text));
    const state = line.state === "open" ? null : h("div", { class: "proposal-state small", data: { state: line.state } },
      h("strong", null, t(`proposal.state_${line.state}`)), line.why ? t("proposal.because", { why: line.why.text }) : "");
    const other = line.differs ? h("div", { class: "small" }, h("span", { class: "tag proposal-differs" }, "⇄ ", t("proposal.differs")), " ",
      line.instead ? t("proposal.instead", { name: nameOf(line.instead) }) : t("proposal.instead_nobody")) : null;
    return [state, ...told, other];
  }

  drawTake() {
    const open = this.openLines().length;
    const chosen = this.openLines().filter((line) => this.chosen.has(line.case_id)).length;
    fill(this.part("take"),
      h("button", { class: "btn btn-primary", type: "button", id: "proposal-accept", disabled: !chosen || this.busy, on: { click: () => this.accept() } }, t("proposal.accept", { n: number(chosen) }), h("kbd", null, "Ctrl+Enter")),
      h("button", { class: "btn", type: "button", id: "proposal-accept-all", disabled: !open || this.busy, on: { click: () => { this.chooseAll(true); this.accept(); } } }, t("proposal.accept_all", { n: number(open) })));
    const all = /** @type {HTMLInputElement | null} */ (this.card.querySelector("#proposal-all"));
    if (!all) return;
    all.checked = open > 0 && chosen === open;
    all.indeterminate = chosen > 0 && chosen < open;
    all.disabled = !open;
  }

  /** @param {number} id @param {boolean} on */
  choose(id, on) {
    if (on) this.chosen.add(id);
    else this.chosen.delete(id);
    this.drawTake();
  }

  /** @param {boolean} on */
  chooseAll(on) {
    this.chosen = new Set(on ? this.openLines().map((line) => line.case_id) : []);
    for (const box of this.card.querySelectorAll("input[data-case]")) /** @type {HTMLInputElement} */ (box).checked = on;
    this.drawTake();
  }

  /** Accept what is chosen, some at a time; what no longer holds says why in its row. */
  async accept() {
    const wanted = this.openLines().filter((line) => this.chosen.has(line.case_id)).map((line) => line.case_id);
    if (!wanted.length || this.busy) return;
    this.last = [];
    let refused = 0;
    await this.change(async () => {
      for (let at = 0; at < wanted.length; at += AT_ONCE) {
        fill(this.part("done"), h("p", { class: "notice small" }, t("proposal.progress", { n: number(at), total: number(wanted.length) })));
        const answer = await post(`queue/proposals/${this.found.id}/accept`, { cases: wanted.slice(at, at + AT_ONCE) });
        answer.items.forEach((/** @type {Line} */ line) => this.replace(line));
        this.last.push(...answer.items.filter((/** @type {Line} */ line) => line.state === "accepted"));
        refused += answer.refused;
      }
    });
    this.sayDone(refused);
  }

  /** @param {number} refused */
  sayDone(refused) {
    const sent = this.last.length;
    if (!sent && !refused) return;
    const undo = sent ? h("button", { class: "btn", type: "button", id: "proposal-undo", on: { click: () => this.undo() } }, t("desk.action_undo"), h("kbd", null, "u")) : null;
    fill(this.part("done"), h("div", { class: refused ? "notice notice-warn proposal-done" : "notice proposal-done" },
      h("span", null, [sent ? t("proposal.done", { n: number(sent) }) : "", refused ? t("proposal.refused", { n: number(refused) }) : ""].filter(Boolean).join(" ")), undo));
    this.focus("#proposal-undo", "#proposal-again");
  }

  /** Take back what the last step sent, as far as nobody has acknowledged it. */
  async undo() {
    const back = this.last;
    if (!back.length || this.busy) return;
    this.last = [];
    let done = 0, kept = 0;
    await this.change(async () => {
      for (const line of back) {
        try {
          const raw = await post(`cases/${line.case_id}/actions`, { action: "undo", role: "lead", version: line.version }, newKey());
          this.replace({ ...line, state: "undone", version: raw.version, why: null });
          done += 1;
        } catch (error) {
          if (!(error instanceof ApiError) || error.passing) throw error;
          kept += 1;
        }
      }
    });
    fill(this.part("done"), h("p", { class: kept ? "notice notice-warn" : "notice" },
      [t("proposal.undone", { n: number(done) }), kept ? t("proposal.kept", { n: number(kept) }) : ""].filter(Boolean).join(" ")));
    this.focus("#proposal-again");
  }

  /** @param {() => Promise<void>} run */
  async change(run) {
    this.busy = true;
    this.card.setAttribute("aria-busy", "true");
    this.drawTake();
    try {
      await run();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(this.part("changed"), h("div", { class: "notice notice-bad", role: "alert" }, ...error.lines.map((line) => h("p", null, line))));
    } finally {
      this.busy = false;
      this.card.setAttribute("aria-busy", "false");
      this.drawTake();
    }
  }

  /** @param {Line} line as it stands now */
  replace(line) {
    this.lines = this.lines.map((one) => (one.case_id === line.case_id ? line : one));
    this.card.querySelector(`tr[data-line="${line.case_id}"]`)?.replaceWith(this.row(line));
  }

  /** @param {number} id */
  go(id) {
    this.sheet?.dialog.close();
    this.onCase(id);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.altKey || event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.accept();
    else if (event.ctrlKey || event.metaKey) return;
    else if (event.key === "r") this.solve();
    else if (event.key === "u") this.undo();
    else return;
    event.preventDefault();
  }
}

