/** The case pane of the desk: what happened where, who could go and why, one key to send them. */

import { page } from "./page.js";
import { get, newKey, post, ApiError } from "./api.js";
import { everySecond } from "./clock.js";
import { callsPeople, isPending, readAssignment, readCandidate, readCase } from "./contract.js";
import { alertOf, fill, h, say } from "./dom.js";
import { distance, minutes, running } from "./format.js";
import { label, named, t } from "./message.js";
import { takeOffer, toast, toastError } from "./toast.js";
import { actionName, askAction, chooseAction, leadsOn, readActions, takeAction, wayBack } from "./case_action.js";
import { candidateList } from "./desk_candidates.js";
import { distanceFine, heading, people, winner } from "./desk_case_part.js";
import { timelineOf } from "./desk_timeline.js";
import { offerOf } from "./offer.js";
import { peopleOf, sendCard, turnoutOf } from "./turnout.js";
import { WhyNot } from "./why_not.js";

/** @typedef {import("./contract.js").Case} Case */
/** @typedef {import("./contract.js").Candidate} Candidate */
/** @typedef {import("./contract.js").Assignment} Assignment */
/** @typedef {import("./case_action.js").Allowed} Allowed */

const DUPLICATE_RADIUS_M = 150;
const DUPLICATE_HOURS = 24;

export class CasePane {
  /**
   * @param {HTMLElement} place
   * @param {import("./live.js").Live} live
   * @param {import("./desk_map.js").DeskMap} map
   * @param {{onGone: () => void, onOther: (id: number) => void}} options
   */
  constructor(place, live, map, { onGone, onOther }) {
    this.place = place;
    this.live = live;
    this.map = map;
    this.onGone = onGone;
    this.onOther = onOther;
    this.id = 0;
    this.version = 0;
    this.chosen = 0;
    this.busy = false;
    /** @type {Candidate[]} */
    this.candidates = [];
    /** @type {Assignment[]} */
    this.assignments = [];
    /** @type {Allowed[]} */
    this.allowed = [];
    /** @type {import("./turnout.js").Turnout | null} */
    this.card = null;
    this.why = new WhyNot();
    /** @type {Case | null} */
    this.one = null;
    /** @type {AbortController | null} */
    this.asking = null;
    this.mayAssign = Boolean(page.user?.permissions.includes("case.assign"));
    everySecond((at) => {
      const wait = this.place.querySelector(".case-wait");
      if (wait && this.one) say(wait, running((at - this.one.reportedAt) / 1000));
    });
    this.showEmpty();
  }

  showEmpty() {
    fill(this.place, h("div", { class: "empty case-empty" },
      h("strong", null, t("case.choose")),
      h("span", null, t("case.choose_next")),
      h("p", null, h("kbd", null, "j"), " ", h("kbd", null, "k"), " ", t("case.choose_keys"))));
  }

  /** Stop working on a case without showing another. */
  leave() {
    this.asking?.abort();
    this.id = 0;
    this.one = null;
    this.candidates = [];
    this.card = null;
  }

  /** @param {number} id */
  async open(id) {
    this.asking?.abort();
    this.id = id;
    this.chosen = 0;
    this.candidates = [];
    this.assignments = [];
    this.allowed = [];
    this.card = null;
    this.why.about(id);
    this.one = this.live.cases.get(id) ?? null;
    if (!id) {
      this.showEmpty();
      return;
    }
    if (this.one) this.draw(null);
    await this.load();
  }

  /** Read all of the case and draw it; several calls in a row end with the last. */
  async load() {
    this.asking?.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const id = this.id;
    this.place.setAttribute("aria-busy", "true");
    try {
      const raw = await get(`cases/${id}`, {}, signal);
      this.one = readCase(raw);
      this.version = raw.version;
      this.assignments = raw.assignments.map(readAssignment);
      this.live.upsert(this.one);
      this.map.select(this.one, false);
      this.map.drawGrids(raw.grid.code, raw.grid.runner_up);
      const wants = this.mayAssign && callsPeople(this.one);
      const [found, allowed] = await Promise.all([wants ? get(`cases/${id}/candidates`, {}, signal) : { items: [], card: null }, readActions(id, signal)]);
      this.candidates = isPending(this.one) ? found.items.map(readCandidate) : [];
      this.card = found.card;
      this.allowed = allowed;
      this.draw(raw);
      this.drawChoice();
      this.loadRest(raw, signal);
    } catch (error) {
      if (!signal.aborted) this.showError(error);
    } finally {
      if (!signal.aborted) this.place.setAttribute("aria-busy", "false");
    }
  }

  /**
   * What may come later than the candidates: duplicates, things near, history.
   * @param {any} raw
   * @param {AbortSignal} signal
   */
  async loadRest(raw, signal) {
    const at = { lon: raw.lon, lat: raw.lat };
    const near = { near: `${at.lon},${at.lat}`, kind: "camera,alarm_pillar,fuel_station,gas_firm,hazchem_firm", radius_m: 1000, per_kind: 3 };
    const [events, assets, cases] = await Promise.all([
      get(`cases/${raw.id}/timeline`, {}, signal).then((answer) => answer.items, () => []),
      get("assets", near, signal).then((answer) => answer.items, () => []),
      get("cases/nearby", { ...at, datum: "WGS-84", radius_m: DUPLICATE_RADIUS_M, hours: DUPLICATE_HOURS }, signal).then((answer) => answer.items, () => []),
    ]);
    if (signal.aborted) return;
    this.drawNear(raw, assets, cases.filter((/** @type {any} */ one) => one.id !== raw.id));
    fill(this.part("timeline"), timelineOf(events));
  }

  /** @param {unknown} error */
  showError(error) {
    if (!(error instanceof ApiError)) throw error;
    fill(this.place, alertOf(error.lines),
      h("p", { class: "case-again" }, h("button", { class: "btn", type: "button", on: { click: () => this.load() } }, t("app.again")),
        " ", h("button", { class: "btn", type: "button", on: { click: () => this.onGone() } }, t("app.close"))));
  }

  /**
   * A change came by the stream: read again unless we know that version.
   * @param {Case} one
   */
  changed(one) {
    if (one.id === this.id && one.version > this.version && !this.busy) this.load();
  }

  /** @param {string} name */
  part(name) {
    const found = this.place.querySelector(`[data-part="${name}"]`);
    return /** @type {HTMLElement} */ (found ?? document.createElement("div"));
  }

  /** @param {any | null} raw the whole answer, null while only the living picture is known */
  draw(raw) {
    const one = /** @type {Case} */ (this.one);
    const kept = this.place.querySelector('[data-part="notice"]');
    const asking = this.why.element.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
    fill(this.place, h("div", { class: "progress" }),
      h("div", { class: "case-scroll" },
        heading(one, raw),
        kept && kept instanceof HTMLElement && kept.dataset.case === String(one.id) ? kept : h("div", { data: { part: "notice", case: one.id } }),
        raw ? offerOf(raw) : null,
        h("div", { data: { part: "near" } }),
        raw && this.card ? turnoutOf(this.card) : null,
        raw ? this.middle(one, raw) : h("p", { class: "muted small" }, t("case.loading")),
        raw && this.mayAssign && isPending(one) ? this.why.element : null,
        h("div", { data: { part: "timeline" } })),
      raw ? this.foot(one) : null);
    asking?.focus();
  }

  /**
   * @param {Case} one
   * @param {any} raw
   */
  middle(one, raw) {
    if (raw.closing_note) return h("div", { class: "notice" }, h("strong", null, t("case.closed_with")), h("p", null, raw.closing_note));
    if (!isPending(one)) return people(this.assignments, one);
    if (!this.mayAssign) return h("p", { class: "notice" }, t("case.waits"));
    if (!this.candidates.length) {
      return h("div", { class: "notice notice-warn" }, h("p", null, h("strong", null, t("candidate.none"))), h("p", null, t("candidate.none_next")));
    }
    return h("section", { "aria-label": t("candidate.title") },
      h("div", { class: "case-part" }, h("h3", null, t("candidate.title")), h("span", { class: "muted small" }, t("candidate.rule"))),
      candidateList(this.candidates, this.chosen, (index) => this.choose(index)));
  }

  /** The next step as the large button, all others behind a key. @param {Case} one */
  foot(one) {
    if (!this.allowed.length) return null;
    const sends = isPending(one) && this.mayAssign && this.candidates.length > 0;
    const undo = this.canUndo();
    const next = this.allowed.filter((allowed) => allowed !== undo && leadsOn(allowed)).slice(0, 1);
    const button = (/** @type {Allowed} */ allowed, kind = "btn") => h("button",
      { class: kind, type: "button", data: { action: allowed.action }, on: { click: () => this.take(allowed) } }, actionName(allowed), allowed === undo ? h("kbd", null, "u") : null);
    const first = sends ? h("button", { class: "btn btn-primary case-assign", type: "button", on: { click: () => this.assign() } })
      : undo ? button(undo, "btn btn-primary") : null;
    const called = peopleOf(this.card);
    const card = called.length && this.mayAssign ? h("button", { class: "btn case-card", type: "button", on: { click: () => this.sendCard() } }, t("card.send", { n: called.length }), h("kbd", null, "c")) : null;
    return h("footer", { class: "case-foot" }, first, card,
      ...(sends ? [] : next.map((allowed) => button(allowed, first ? "btn" : "btn btn-primary"))),
      h("button", { class: "btn", type: "button", data: { more: "" }, on: { click: () => this.more() } }, t("case.more"), h("kbd", null, "a")));
  }

  canUndo() {
    return this.allowed.find((allowed) => allowed.action === "undo");
  }

  /**
   * @param {any} raw
   * @param {any[]} assets
   * @param {any[]} doubles
   */
  drawNear(raw, assets, doubles) {
    const nearest = new Map();
    for (const asset of assets) if (!nearest.has(asset.kind)) nearest.set(asset.kind, asset);
    const say1 = assets.length ? [...nearest.values()].map((asset) => t("case.near", { what: label("asset", asset.kind), distance: distance(asset.distance_m) })).join(" · ") : t("case.near_none");
    this.map.say([
      h("div", null, h("strong", null, `${t("level.grid")} ${raw.grid.code.slice(0, -3)}`, h("b", null, raw.grid.code.slice(-3))), ` ${raw.grid.community ?? ""}`),
      h("div", null, t(raw.grid.ambiguous ? "case.edge_unsure" : "case.edge", { distance: distanceFine(raw.grid.edge_m) }),
        raw.grid.runner_up ? t("case.runner_up", { code: `…${raw.grid.runner_up.slice(-3)}` }) : ""),
      h("div", { class: "muted" }, say1),
    ]);
    if (!doubles.length) return;
    fill(this.part("near"), h("div", { class: "notice" }, h("strong", null, t("case.doubles")),
      ...doubles.slice(0, 3).map((one) => h("p", null,
        h("button", { class: "link case-double", type: "button", on: { click: () => this.onOther(one.id) } },
          t("case.double", { distance: distance(one.distance_m), what: named(one.type_name, one.type_name_en), state: label("state", one.state), words: one.description.slice(0, 24) }))))));
  }

  /** @param {number} index */
  choose(index) {
    if (index < 0 || index >= this.candidates.length) return;
    this.chosen = index;
    const rows = this.place.querySelectorAll(".candidate");
    rows.forEach((row, at) => row.setAttribute("aria-checked", String(at === index)));
    rows[index]?.scrollIntoView({ block: "nearest" });
    this.drawChoice();
  }

  async drawChoice() {
    const chosen = this.candidates[this.chosen];
    this.map.showCandidates(this.candidates, this.chosen);
    const button = /** @type {HTMLButtonElement | null} */ (this.place.querySelector(".case-assign"));
    if (button && chosen) {
      const to = chosen.name ?? chosen.roleLabel;
      button.disabled = chosen.personId === null;
      fill(button, chosen.personId === null ? t("candidate.not_from_here") : t("case.assign_to", { name: to }), h("kbd", null, "Enter"));
    }
    this.map.route(null);
    if (!chosen || chosen.personId === null || chosen.beyond || chosen.travelS === null) return;
    const { id } = this;
    const found = await get(`cases/${id}/candidates/${chosen.personId}/route`, {}, this.asking?.signal).catch(() => null);
    if (found && this.id === id && this.candidates[this.chosen] === chosen) this.map.route(found.geometry);
  }

  /** Send the chosen candidate. */
  async assign() {
    const chosen = this.candidates[this.chosen];
    if (!chosen || chosen.personId === null || this.busy || !this.one || !isPending(this.one)) return;
    const { id } = this;
    await this.change(async () => {
      const made = await post(`cases/${id}/assignments`, { person_id: chosen.personId, version: this.version, role: chosen.assignmentRole }, newKey());
      this.keep(made.case);
      const undo = { text: t("desk.action_undo"), key: "u", run: () => this.carryOut(made.case, "undo") };
      toast(t("case.assigned_to", { name: chosen.name ?? chosen.roleLabel, what: named(made.case.type_name, made.case.type_name_en) }), { action: undo, forMs: 12_000 });
    });
  }

  /** Send the people of the run card, all or nobody. */
  async sendCard() {
    if (!peopleOf(this.card).length || this.busy) return;
    const { id, version, card } = this;
    await this.change(() => sendCard({ id, version }, card, (work) => this.change(work), (raw) => this.keep(raw)));
  }

  /** Take back the assignment of this case before it is acknowledged, else what a notice offers to. */
  async undo() {
    const undo = this.canUndo();
    if (undo) await this.take(undo);
    else takeOffer("u");
  }

  /** Let somebody choose among all that is open to them. */
  async more() {
    if (!this.one || this.busy) return;
    const chosen = await chooseAction(this.allowed);
    if (chosen) await this.take(chosen);
  }

  /**
   * Ask for what an action needs, and take it.
   * @param {Allowed} allowed
   */
  async take(allowed) {
    if (!this.one || this.busy) return;
    const { id, number } = this.one;
    const { version } = this;
    const needs = await askAction({ id, number }, allowed);
    if (needs) await this.carryOut({ id, version }, allowed.action, needs, wayBack(allowed.action));
  }

  /**
   * @param {{id: number, version: number}} one
   * @param {string} action
   * @param {Record<string, unknown>} [needs]
   * @param {string | null} [back] the action that takes it back
   */
  async carryOut(one, action, needs = {}, back = null) {
    await this.change(async () => {
      const raw = await takeAction(one, action, needs);
      this.keep(raw);
      const again = back && { text: t(`desk.action_${back}`), key: "u", run: () => this.carryOut(raw, back) };
      toast(t("file.done", { action: t(`desk.action_${action}`) }), again ? { action: again, forMs: 12_000 } : {});
    });
  }

  /**
   * Run a change: one at a time, its button busy, a lost race explained.
   * @param {() => Promise<void>} run
   */
  async change(run) {
    if (this.busy) return;
    this.busy = true;
    this.place.setAttribute("aria-busy", "true");
    const { id } = this;
    try {
      await run();
      this.clearNotice();
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) await this.lostRace(error);
      else toastError(error);
    } finally {
      this.busy = false;
      this.place.setAttribute("aria-busy", "false");
    }
    if (this.id === id && id) await this.load();
  }

  /** @param {any} raw the case after a change */
  keep(raw) {
    const one = readCase(raw);
    this.live.upsert(one, "own");
  }

  clearNotice() {
    fill(this.part("notice"));
  }

  /**
   * Say who was first and what is next best; the case is read again afterwards.
   * @param {ApiError} error
   */
  async lostRace(error) {
    const { id } = this;
    await this.load();
    if (this.id !== id) return;
    const best = this.candidates[0];
    const next = best && this.one && isPending(this.one)
      ? t("race.next_best", { name: best.name ?? best.roleLabel, minutes: best.travelS === null ? "–" : minutes(best.travelS) })
      : t("race.taken_care");
    fill(this.part("notice"), h("div", { class: "notice notice-warn", role: "alert" },
      h("p", null, h("strong", null, t("race.lost"))), h("p", null, winner(error)), h("p", null, next)));
  }
}
