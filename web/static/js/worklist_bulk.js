/** The bar of bulk actions: how many are selected, and what can be done with all of them. */

import { byId, page } from "./page.js";
import { ApiError } from "./api.js";
import { fill, h } from "./dom.js";
import { number } from "./format.js";
import { t } from "./message.js";
import { toastError } from "./toast.js";
import { ASK_MOST, commonActions } from "./worklist_action.js";
import { askNeeds } from "./worklist_form.js";
import { runAll } from "./worklist_run.js";

/** @typedef {import("./worklist_row.js").Row} Row */
/** @typedef {import("./worklist_action.js").Action} Action */
/** @typedef {import("./worklist_run.js").Seen} Seen */
/** @typedef {import("./worklist_selection.js").Selection} Selection */

const MOST = 500;
const WAIT_MS = 150;
/** What a desk does with a case of a state, when all goes well. @type {Record<string, string>} */
const MAIN = { reported: "accept", suspended: "resume", handled: "verify", verified: "close" };

export class BulkBar {
  /**
   * @param {Selection} selection
   * @param {{rows: () => Row[], onDone: () => void}} options
   */
  constructor(selection, { rows, onDone }) {
    this.selection = selection;
    this.rows = rows;
    this.onDone = onDone;
    this.place = byId("bulk");
    this.count = h("strong", { class: "num", role: "status" });
    this.buttons = h("div", { class: "bulk-buttons" });
    this.note = h("span", { class: "small muted" });
    fill(this.place, this.count, this.buttons, this.note, h("span", { class: "bar-space" }),
      h("button", { class: "btn", type: "button", id: "unselect", on: { click: () => selection.clear() } }, t("desk.unselect"), h("kbd", null, "Esc")));
    this.turn = 0;
    this.busy = false;
    this.shown = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** The selected rows, as they stand in the list. */
  chosen() {
    return this.rows().filter((row) => this.selection.has(row.id));
  }

  show() {
    const chosen = this.chosen();
    this.place.hidden = chosen.length === 0;
    fill(this.count, t("desk.selected", { n: number(chosen.length) }));
    const key = chosen.map((row) => `${row.id}:${row.version}`).join();
    if (key === this.shown) return;
    this.shown = key;
    this.turn += 1;
    clearTimeout(this.timer);
    if (!chosen.length) {
      fill(this.buttons);
      return;
    }
    this.place.setAttribute("aria-busy", "true");
    this.timer = setTimeout(() => this.ask(chosen, this.turn), WAIT_MS);
  }

  /** @param {Row[]} chosen @param {number} turn */
  async ask(chosen, turn) {
    try {
      const actions = await commonActions(chosen.filter((row) => !row.gone));
      if (turn === this.turn) this.offer(actions, chosen);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (turn !== this.turn) return;
      this.shown = "";
      fill(this.note, error.lines[0] ?? "");
    }
    if (turn === this.turn) this.place.setAttribute("aria-busy", "false");
  }

  /** @param {Action[]} actions @param {Row[]} chosen */
  offer(actions, chosen) {
    const states = [...new Set(chosen.map((row) => row.state))];
    const main = page.user?.role === "supervisor" ? "supervise" : states.length === 1 ? MAIN[states[0]] : "";
    const button = (/** @type {Action} */ one) => h("button", {
      class: one.action === main ? "btn btn-primary" : "btn", type: "button", data: { action: one.action }, disabled: chosen.length > MOST, on: { click: () => this.start(one, this.chosen()) },
    }, t(`desk.action_${one.action}`));
    fill(this.buttons, ...actions.map(button));
    const note = chosen.length > MOST ? t("desk.bulk_most", { n: number(MOST) })
      : !actions.length ? t("desk.bulk_none")
        : chosen.length > ASK_MOST ? t("desk.bulk_guess") : "";
    fill(this.note, note);
  }

  /** @param {Action} action @param {readonly Seen[]} seen */
  async start(action, seen) {
    if (this.busy) return;
    this.busy = true;
    try {
      const needs = await askNeeds(action, seen.map((one) => one.number));
      if (!needs) return;
      /** @type {[Action, Seen[]] | null} */
      let next = null;
      /** @type {number[]} */
      let again = [];
      await runAll(action, seen, needs, { onBack: (back, done) => { next = [back, done]; }, onSelect: (ids) => { again = ids; } });
      this.selection.set(again);
      this.onDone();
      this.busy = false;
      if (next) await this.start(...(/** @type {[Action, Seen[]]} */ (next)));
    } catch (error) {
      toastError(error);
    } finally {
      this.busy = false;
    }
  }
}
