/** Which rows are selected: by id, so that it outlives a list that is read again. */

import { read, readList, write } from "./url_state.js";

/** @typedef {import("./worklist_row.js").Row} Row */

export class Selection {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.ids = new Set(readList("sel").map(Number).filter(Number.isSafeInteger));
    /** The row that keys act on. */
    this.current = Number(read("at") ?? 0);
    /** Where a range begins. */
    this.anchor = this.current;
  }

  get size() {
    return this.ids.size;
  }

  /** @param {number} id */
  has(id) {
    return this.ids.has(id);
  }

  /** @param {number} id */
  toggle(id) {
    if (!this.ids.delete(id)) this.ids.add(id);
    this.anchor = id;
    this.tell();
  }

  /**
   * Select from where the range begins to a row.
   * @param {readonly Row[]} rows as they stand
   * @param {number} id
   */
  extend(rows, id) {
    const at = rows.findIndex((row) => row.id === id);
    const from = Math.max(0, rows.findIndex((row) => row.id === this.anchor));
    for (const row of rows.slice(Math.min(at, from), Math.max(at, from) + 1)) this.ids.add(row.id);
    this.tell();
  }

  /** @param {Iterable<number>} ids */
  set(ids) {
    this.ids = new Set(ids);
    this.tell();
  }

  clear() {
    this.set([]);
  }

  /** Forget what a list does not hold, as when it is restored from an address. @param {readonly Row[]} rows */
  keep(rows) {
    const known = new Set(rows.map((row) => row.id));
    const kept = [...this.ids].filter((id) => known.has(id));
    if (kept.length < this.ids.size) this.set(kept);
  }

  tell() {
    write({ sel: [...this.ids].map(String) });
    this.onChange();
  }
}
