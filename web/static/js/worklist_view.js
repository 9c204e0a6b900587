/** What the desk shows: tab, filters, order. All of it is in the address, and becomes the question. */

import { page } from "./page.js";
import { read, write } from "./url_state.js";

/** @typedef {Record<string, string | number | boolean | null | undefined | readonly string[]>} Query */

const ENDED = ["closed", "void", "merged"];

/** Tabs by what is to be done or what is amiss, and the question of each. @type {Record<string, Query>} */
export const TABS = {
  accept: { state: ["reported"] },
  dispatch: { state: ["pending"] },
  in_hand: { state: ["assigned", "acknowledged", "arrived"] },
  suspended: { state: ["suspended"] },
  verify: { state: ["handled"] },
  close: { state: ["verified"] },
  late: { state: ["open"], light: ["red"] },
  carded: { state: ["open"], card: ["yellow", "red"] },
  returned: { state: ["open"], returned: true },
  stuck: { state: ["open"], stuck: true },
  open: { state: ["open"] },
  ended: { state: ENDED },
};
const BY_DESK = ["accept", "dispatch", "in_hand", "suspended", "verify", "close", "late", "carded", "returned", "stuck", "open", "ended"];
const BY_SUPERVISOR = ["late", "returned", "stuck", "carded", "open", "accept", "dispatch", "in_hand", "suspended", "verify", "close", "ended"];
/** What somebody who comes without an address is shown: the first of these that holds anything. */
const FIRST = { desk: ["accept", "dispatch", "verify", "close", "in_hand", "open"], supervisor: ["late", "returned", "stuck", "carded", "open"] };

/** Filters that stand in the address under their own names. */
export const FILTERS = /** @type {const} */ (["q", "family", "urgent", "area", "level", "light", "card", "holder", "lead", "stuck"]);
/** @typedef {typeof FILTERS[number]} FilterName */

const supervises = page.user?.role === "supervisor";
export const TAB_NAMES = supervises ? BY_SUPERVISOR : BY_DESK;

export class View {
  constructor() {
    const tab = read("tab") ?? "";
    /** Empty until the first figures say which tab holds anything. */
    this.tab = tab in TABS ? tab : "";
    this.order = read("order") === "newest" ? "newest" : "due";
    /** District accounts have nothing above them: all of it is theirs. */
    this.narrow = Boolean(page.user && page.user.level !== "district");
    this.ours = this.narrow && read("held") !== "all";
    /** @type {Record<string, string>} */
    this.filters = Object.fromEntries(FILTERS.map((name) => [name, read(name) ?? ""]));
    /** @type {Set<() => void>} */
    this.listeners = new Set();
  }

  /** @param {() => void} listener */
  onChange(listener) {
    this.listeners.add(listener);
  }

  /**
   * @param {{tab?: string, order?: string, ours?: boolean} & Partial<Record<FilterName, string>>} change
   */
  set({ tab = this.tab, order = this.order, ours = this.ours, ...filters }) {
    this.tab = tab;
    this.order = order === "newest" ? "newest" : "due";
    this.ours = ours && this.narrow;
    Object.assign(this.filters, filters);
    this.write();
    for (const listener of this.listeners) listener();
  }

  /** Choose a tab for somebody who came without one. @param {Record<string, number>} counts */
  settle(counts) {
    if (this.tab) return false;
    const first = FIRST[supervises ? "supervisor" : "desk"];
    this.tab = first.find((name) => counts[name] > 0) ?? first[0];
    this.write();
    return true;
  }

  write() {
    write({
      tab: this.tab, order: this.order === "due" ? null : this.order,
      held: this.narrow && !this.ours ? "all" : null, ...this.filters,
    });
  }

  get filtered() {
    return FILTERS.some((name) => this.filters[name]);
  }

  /** The question of the filters, without the tab. @returns {Query} */
  filterQuery() {
    const { q, family, urgent, area, level, light, card, holder, lead, stuck } = this.filters;
    const ours = this.ours ? page.user?.area_codes : null;
    return {
      q: q.trim(), family, urgent: urgent ? true : null, area, level, light, card, lead, stuck_hours: stuck,
      holder: holder ? [holder] : ours,
    };
  }

  /** The whole question of the list. @returns {Query} */
  query() {
    const tab = TABS[this.tab];
    /** @type {Query} */
    const query = { ...this.filterQuery(), ...tab, order: this.tab === "ended" ? "newest" : this.order };
    // A tab that asks for lights or cards of its own leaves what the filter narrows.
    for (const name of /** @type {const} */ (["light", "card"])) {
      if (this.filters[name] && tab[name]) query[name] = /** @type {string[]} */ (tab[name]).filter((one) => one === this.filters[name]);
    }
    return query;
  }

  /** Whether tab and filter exclude one another: late and green. */
  get impossible() {
    return ["light", "card"].some((name) => Array.isArray(this.query()[name]) && /** @type {string[]} */ (this.query()[name]).length === 0);
  }
}
