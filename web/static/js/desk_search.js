/** The search box: address, place, grid, person, case or a pair of coordinates. */

import { byId } from "./page.js";
import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { label, t } from "./message.js";
import { toastError } from "./toast.js";

const PAUSE_MS = 160;
const COORDINATES = /^\s*(-?\d{1,3}(?:\.\d+)?)\s*[,，\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/;

/** @typedef {{kind: string, id?: number | string, label: string, lon: number | null, lat: number | null, code?: string}} Hit */

export class SearchBox {
  /**
   * @param {HTMLElement} place
   * @param {import("./live.js").Live} live
   * @param {import("./desk_map.js").DeskMap} map
   * @param {{onCase: (id: number) => void}} options
   */
  constructor(place, live, map, { onCase }) {
    this.live = live;
    this.map = map;
    this.onCase = onCase;
    this.input = /** @type {HTMLInputElement} */ (byId("search-input"));
    this.list = byId("search-results");
    /** @type {Hit[]} */
    this.hits = [];
    this.at = -1;
    /** @type {AbortController | null} */
    this.asking = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), PAUSE_MS);
    });
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    place.addEventListener("focusout", (event) => {
      if (!place.contains(/** @type {Node | null} */ (event.relatedTarget))) this.close();
    });
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  /** @returns {boolean} whether there was something to close */
  close() {
    const open = !this.list.hidden;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.map.pin(null);
    return open;
  }

  async ask() {
    const q = this.input.value.trim();
    this.asking?.abort();
    if (!q) {
      this.close();
      return;
    }
    const point = coordinatesIn(q);
    if (point) {
      this.show([{ kind: "point", label: `${point.lon}, ${point.lat}`, ...point }]);
      return;
    }
    this.asking = new AbortController();
    const signal = this.asking.signal;
    try {
      const answer = await get("search", { q, limit: 12 }, signal);
      this.show(answer.items.map(readHit));
    } catch (error) {
      if (!signal.aborted) toastError(error);
    }
  }

  /** @param {Hit[]} hits */
  show(hits) {
    this.hits = hits;
    this.at = hits.length ? 0 : -1;
    fill(this.list, ...(hits.length ? hits.map((hit, index) => this.row(hit, index)) : [h("li", { class: "empty" }, t("search.none"))]));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark();
  }

  /**
   * @param {Hit} hit
   * @param {number} index
   */
  row(hit, index) {
    return h("li", { role: "option", id: `hit-${index}`, on: { mousedown: (/** @type {Event} */ event) => { event.preventDefault(); this.take(hit); } } },
      h("span", null, hit.label), h("small", { class: "muted" }, label("search", hit.kind)));
  }

  mark() {
    [...this.list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === this.at)));
    this.input.setAttribute("aria-activedescendant", this.at < 0 ? "" : `hit-${this.at}`);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const by = event.key === "ArrowDown" ? 1 : -1;
      this.at = Math.max(0, Math.min(this.hits.length - 1, this.at + by));
      this.mark();
    } else if (event.key === "Enter" && this.hits[this.at]) {
      event.preventDefault();
      this.take(this.hits[this.at]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.close();
      this.input.blur();
    }
  }

  /** @param {Hit} hit */
  take(hit) {
    this.close();
    this.input.blur();
    if (hit.kind === "case") {
      this.onCase(Number(hit.id));
      return;
    }
    if (hit.kind === "person") {
      const row = this.live.people.rowOf.get(Number(hit.id));
      this.map.people.marked = Number(hit.id);
      if (row === undefined && hit.lon === null) return;
    }
    if (hit.lon !== null && hit.lat !== null) this.map.pin({ lon: hit.lon, lat: hit.lat }, true);
  }
}

/**
 * A hit of the API in one form.
 * @param {any} raw
 * @returns {Hit}
 */
function readHit(raw) {
  return {
    kind: raw.kind, id: raw.id ?? raw.code, label: raw.label ?? raw.name ?? raw.full_text ?? "",
    lon: raw.lon ?? null, lat: raw.lat ?? null, code: raw.code,
  };
}

/**
 * A pair of coordinates as people paste them, lon first or lat first.
 * @param {string} text
 */
export function coordinatesIn(text) {
  const found = COORDINATES.exec(text);
  if (!found) return null;
  const [a, b] = [Number(found[1]), Number(found[2])];
  const [lon, lat] = Math.abs(a) > 90 ? [a, b] : Math.abs(b) > 90 ? [b, a] : [a, b];
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? { lon, lat } : null;
}
