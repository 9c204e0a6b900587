/** The proposal for the whole queue: who goes where together, accepted line by line or all. */

import { page } from "./page.js";
import { ApiError, ask, get, newKey, post } from "./api.js";
import { alertOf, fill, h } from "./dom.js";
import { clock, number } from "./format.js";
import { t } from "./message.js";
import { openSheet } from "./sheet.js";
import { write } from "./url_state.js";
import { gainOf } from "./proposal_gain.js";
import { renew } from "./proposal_line.js";
import { ModeSection } from "./proposal_mode.js";
import { ProposalTable } from "./proposal_table.js";
import { Watch } from "./proposal_watch.js";

/** @typedef {import("./proposal_line.js").Line} Line */

/** Cases accepted by one request: each is a dispatch of its own, up to a tenth of a second. */
const AT_ONCE = 20;

/** 2,000 cases take some seconds, several times that on a machine that is busy. */
const SOLVE_MS = 60_000;

/** Solve the queue now. @param {number} [after] the proposal to stay with where nothing is gained */
const make = (after) => ask("POST", "queue/proposals", { body: { after: after ?? null }, idempotencyKey: newKey(), timeoutMs: SOLVE_MS });

/** One that nobody decided anything of is not kept for long. @param {unknown} error */
function orSolve(error) {
  if (error instanceof ApiError && error.status === 404) return make();
  throw error;
}

export class ProposalSheet {
  /** @param {{onCase: (id: number) => void, waiting: () => number}} options `waiting`: cases that wait in the live picture */
  constructor({ onCase, waiting }) {
    this.onCase = onCase;
    this.waiting = waiting;
    this.busy = false;
    /** @type {any} */
    this.found = null;
    /** Accepted by the last step, to be taken back. @type {Line[]} */
    this.last = [];
    this.sheet = /** @type {ReturnType<typeof openSheet> | null} */ (null);
    this.card = h("div", { class: "sheet-card proposal" });
    this.watch = new Watch(() => this.follow());
    this.table = new ProposalTable({ onMark: () => this.drawTake(), onCase: (one) => this.go(one) });
    this.modes = new ModeSection(Boolean(page.user?.permissions.includes("queue.edit")));
  }

  /** Show the proposal of an address, or solve the queue now. @param {number} [id] */
  async open(id = 0) {
    if (this.sheet) return;
    this.sheet = openSheet(t("proposal.title"), this.card);
    this.sheet.dialog.addEventListener("keydown", (event) => this.onKey(event));
    this.sheet.closed.then(() => { this.sheet = null; this.watch.stop(); write({ proposal: null }); });
    this.modes.load();
    if (id) await this.load(() => get(`queue/proposals/${id}`).catch(orSolve));
    else await this.solve();
  }

  /** Solve the queue now. */
  solve() {
    return this.load(() => make());
  }

  /** Something happened: what is proposed may no longer be the best. @param {string} kind */
  heard(kind) {
    this.watch.heard(kind);
  }

  /** @param {() => Promise<any>} read */
  async load(read) {
    if (this.busy) return;
    this.busy = true;
    this.found = null;
    this.watch.stop();
    this.card.setAttribute("aria-busy", "true");
    const done = this.sayWaiting();
    const begun = performance.now();
    try {
      this.found = await read();
      this.last = [];
      write({ proposal: this.found.id });
      this.busy = false;
      this.draw();
      if (this.sheet) this.watch.start(performance.now() - begun);
    } catch (error) {
      this.fail(error);
    } finally {
      done();
      this.busy = false;
      this.card.setAttribute("aria-busy", "false");
    }
  }

  /** Tell what is being done and for how long; returns what ends it. */
  sayWaiting() {
    const seconds = h("span", { class: "num", "aria-hidden": "true" });
    this.frame(h("p", { class: "muted" }, h("span", { role: "status" }, t("proposal.solving", { n: number(this.waiting()) })), " ", seconds), h("div", { class: "progress" }));
    const begun = performance.now();
    const timer = setInterval(() => { seconds.textContent = t("proposal.seconds", { n: Math.floor((performance.now() - begun) / 1000) }); }, 1000);
    return () => clearInterval(timer);
  }

  /** Solve anew behind what is shown, and put the answer in its place; not while something is decided. */
  async follow() {
    if (this.busy || !this.found) return false;
    const before = this.found, begun = performance.now();
    let found;
    try {
      found = await make(before.id);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(this.part("changed"), h("p", { class: "notice notice-warn small" }, t("proposal.old")));
      this.watch.start(performance.now() - begun);
      return true;
    }
    this.watch.start(performance.now() - begun);
    if (this.busy || this.found !== before || !this.sheet) return false;
    this.adopt(found);
    return true;
  }

  /** @param {any} found a newer proposal than the one that is shown */
  adopt(found) {
    const empty = !this.table.lines.length;
    this.found = found;
    write({ proposal: found.id });
    if (empty) return void this.draw();
    const now = renew(this.table.lines, this.table.chosen, found.lines);
    this.drawHead();
    this.table.show(now.lines, now.chosen);
    const told = now.fresh || now.gone ? t("proposal.renewed", { at: clock(Date.parse(found.made_at)), fresh: number(now.fresh), gone: number(now.gone) })
      : t("proposal.renewed_same", { at: clock(Date.parse(found.made_at)) });
    fill(this.part("changed"), h("p", { class: "muted small" }, told));
    return undefined;
  }

  /** @param {unknown} error */
  fail(error) {
    if (!(error instanceof ApiError)) throw error;
    this.frame(alertOf(error.lines));
  }

  /** Title, what is shown, and the foot that is always there. @param {...(Node | null)} parts */
  frame(...parts) {
    const again = h("button", { class: "btn", type: "button", id: "proposal-again", on: { click: () => this.solve() } }, t("proposal.again"), h("kbd", null, "r"));
    const close = h("button", { class: "btn", type: "button", on: { click: () => this.sheet?.dialog.close() } }, t("app.close"), h("kbd", null, "Esc"));
    fill(this.card, h("h2", null, t("proposal.title")), ...parts, this.modes.element,
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
    /** @type {Line[]} */
    const lines = [...this.found.lines].sort((a, b) => Number(b.differs) - Number(a.differs));
    const open = lines.filter((line) => line.state === "open").map((line) => line.case_id);
    if (lines.length) {
      this.frame(h("div", { class: "proposal-head", data: { part: "head" } }),
        h("div", { role: "status", data: { part: "changed" } }), h("div", { role: "status", data: { part: "done" } }), this.table.element);
      this.drawHead();
    } else {
      this.frame(h("div", { class: "empty" }, h("strong", null, t("proposal.empty")), h("span", null, t("proposal.empty_next"))));
    }
    this.table.show(lines, new Set(open));
    this.focus("input[data-case]", "#proposal-again");
  }

  drawHead() {
    const { lines, waiting, holds_until: until } = this.found;
    const sent = lines.filter((/** @type {Line} */ line) => line.person).length;
    const differs = lines.filter((/** @type {Line} */ line) => line.differs).length;
    const cut = waiting > lines.length ? t("proposal.cut", { n: number(lines.length) }) : "";
    fill(this.part("head"), h("p", null, t("proposal.cases", { n: number(waiting), sent: number(sent), differs: number(differs) }), cut),
      gainOf(this.found), h("p", { class: "muted small" }, t("proposal.nobody_taken", { at: clock(Date.parse(until)) })));
  }

  drawTake() {
    const open = this.table.open.length, chosen = this.table.marked.length;
    if (!this.found?.lines.length && !open) return void fill(this.part("take"));
    const accept = /** @type {HTMLButtonElement} */ (this.card.querySelector("#proposal-accept")
      ?? h("button", { class: "btn btn-primary", type: "button", id: "proposal-accept", on: { click: () => this.accept() } }));
    const every = /** @type {HTMLButtonElement} */ (this.card.querySelector("#proposal-accept-all")
      ?? h("button", { class: "btn", type: "button", id: "proposal-accept-all", on: { click: () => { this.table.chooseAll(true); this.accept(); } } }));
    fill(accept, t("proposal.accept", { n: number(chosen) }), h("kbd", null, "Ctrl+Enter"));
    fill(every, t("proposal.accept_all", { n: number(open) }));
    accept.disabled = !chosen || this.busy;
    every.disabled = !open || this.busy;
    if (!accept.isConnected) fill(this.part("take"), accept, every);
    return undefined;
  }

  /** Accept what is chosen, some at a time; what no longer holds says why in its row. */
  async accept() {
    const wanted = this.table.marked.map((line) => line.case_id);
    if (!wanted.length || this.busy) return;
    const id = this.found.id;
    this.last = [];
    let refused = 0;
    await this.change(async () => {
      for (let at = 0; at < wanted.length; at += AT_ONCE) {
        fill(this.part("done"), h("p", { class: "notice small" }, t("proposal.progress", { n: number(at), total: number(wanted.length) })));
        const answer = await post(`queue/proposals/${id}/accept`, { cases: wanted.slice(at, at + AT_ONCE) });
        answer.items.forEach((/** @type {Line} */ line) => this.table.replace(line));
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
          this.table.replace({ ...line, state: "undone", version: raw.version, why: null });
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
      fill(this.part("changed"), alertOf(error.lines));
    } finally {
      this.busy = false;
      this.card.setAttribute("aria-busy", "false");
      this.table.mark();
    }
  }

  /** @param {number} id */
  go(id) {
    this.sheet?.dialog.close();
    this.onCase(id);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.altKey || event.isComposing || (event.target instanceof HTMLSelectElement)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.accept();
    else if (event.ctrlKey || event.metaKey) return;
    else if (event.key === "r") this.solve();
    else if (event.key === "u") this.undo();
    else if (event.key === "m") this.modes.toggle();
    else return;
    event.preventDefault();
  }
}
