/** What the roster shows: week, filters, whose editor is open. All of it is in the address. */

import { read, write } from "./url_state.js";

const FILTERS = /** @type {const} */ (["area", "role", "skill", "q"]);
/** @typedef {"week" | "area" | "role" | "skill" | "q" | "person" | "day"} Name */

export class View {
  constructor() {
    /** @type {Record<Name, string>} */
    this.is = { week: "", area: "", role: "", skill: "", q: "", person: "", day: "" };
    for (const name of /** @type {Name[]} */ (Object.keys(this.is))) this.is[name] = read(name) ?? "";
    if (!/^\d{4}-W\d{2}$/.test(this.is.week)) this.is.week = "";
    if (!/^\d{1,15}$/.test(this.is.person)) this.is.person = "";
    if (!/^\d{4}-\d{2}-\d{2}$/.test(this.is.day)) this.is.day = "";
    /** @type {Set<() => void>} */
    this.listeners = new Set();
  }

  /** Call when another list is asked for. @param {() => void} listener */
  onChange(listener) {
    this.listeners.add(listener);
  }

  /** Ask for another week or other people. @param {Partial<Record<Name, string>>} change */
  set(change) {
    this.keep(change);
    for (const listener of this.listeners) listener();
  }

  /** Write down what is open; the list stays. @param {Partial<Record<Name, string>>} change */
  keep(change) {
    Object.assign(this.is, change);
    write(this.is);
  }

  get filtered() {
    return FILTERS.some((name) => this.is[name]);
  }

  clear() {
    this.set({ area: "", role: "", skill: "", q: "" });
  }

  /** The question of the list. */
  query() {
    const { week, area, role, skill, q } = this.is;
    return { week, area, role: role ? [role] : null, skill, q: q.trim() };
  }
}
