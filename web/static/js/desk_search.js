/** The search box: address, place, grid, person, case or a pair of coordinates. */

import { byId } from "./page.js";
import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { label, t } from "./message.js";
import { toastError } from "./toast.js";

const PAUSE_MS = 160;
const COORDINATES = /^\s*(-?\d{1,3}(?:\.\d+)?)\s*[,，\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/;

/** @typedef {{kind: string, id: string, title: string, subtitle: string, lon: number | null, lat: number | null}} Hit */

export class SearchBox {
  /**
   * @param {HTMLElement} place
   * @param {import("./desk_map.js").DeskMap} map
   * @param {{onCase: (id: number) => void}} options
   */
  constructor(place, map, { onCase }) {
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
      this.show([{ kind: "coordinate", id: q, title: `${point.lon}, ${point.lat}`, subtitle: "WGS-84", ...point }]);
      return;
    }
    this.asking = new AbortController();
    const signal = this.asking.signal;
    try {
      const answer = await get("search", { q, limit: 5 }, signal);
      this.show(answer.items);
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
      h("span", null, hit.title), h("small", { class: "muted" }, subtitle(hit)));
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
    if (hit.kind === "person") this.map.people.marked = Number(hit.id);
    if (hit.lon !== null && hit.lat !== null) this.map.pin({ lon: hit.lon, lat: hit.lat }, true);
  }
}

/**
 * What a hit is: a role for people, a level for areas, a kind for places.
 * @param {Hit} hit
 */
function subtitle(hit) {
  const more = { area: "search", place: "asset", case: "", person: "" }[hit.kind];
  const said = more ? label(more, hit.subtitle) : hit.subtitle;
  return said || label("search", hit.kind);
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
