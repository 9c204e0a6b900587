/** The queue: filters with counts, open cases with running clocks and lights, one selected. */

import { byId } from "./page.js";
import { all, get } from "./api.js";
import { everySecond, now } from "./clock.js";
import { isPending, readCase } from "./contract.js";
import { fill, h, keyed, say } from "./dom.js";
import { day, number, running, shortCode } from "./format.js";
import { lightMark, lightOf, timeOf } from "./light.js";
import { label, named, t } from "./message.js";
import { shapeIcon, shapeOf } from "./shape.js";
import { read, write } from "./url_state.js";
import { toastError } from "./toast.js";
import { byUrgency } from "./wall_cases.js";

/** @typedef {import("./contract.js").Case} Case */
/** @typedef {import("./live.js").Live} Live */

/** @param {string} moment */
const dayOf = (moment) => day(Date.parse(moment));

/** @typedef {"pending" | "underway" | "overdue" | "open" | "mine" | "closed" | "all"} Show */

/** @type {Show[]} */
const SHOWS = ["pending", "underway", "overdue", "mine", "open", "closed"];
/** What the living picture holds; the rest is asked of the server. */
const LIVING = ["pending", "underway", "overdue", "open"];
const PAGE = 50;
const FAMILIES = ["dispute", "hazard", "service", "police", "recommendation"];

export class Queue {
  /**
   * @param {Live} live
   * @param {{onChoose: (id: number) => void}} options
   */
  constructor(live, { onChoose }) {
    this.live = live;
    this.onChoose = onChoose;
    this.place = byId("queue-items");
    this.selected = 0;
    this.shows = /** @type {Show} */ (read("show") ?? "open");
    this.family = read("family") ?? "";
    this.street = read("street") ?? "";
    /** Period of the report, as another page asked for it; moments. */
    this.since = read("since");
    this.until = read("until");
    /** @type {Case[]} */
    this.asked = [];
    /** @type {string | null} */
    this.next = null;
    this.turn = 0;
    this.drawFilters();
    everySecond((at) => this.tick(at));
    if (!LIVING.includes(this.shows)) this.ask();
  }

  drawFilters() {
    const place = byId("filters");
    const buttons = SHOWS.map((name) => h("button", {
      class: "choice", type: "button", data: { show: name }, on: { click: () => this.filter({ show: name }) },
    }, t(`queue.${name}`), " ", h("span", { class: "num" })));
    const family = h("select", { class: "choice", "aria-label": t("queue.family"), on: { change: () => this.filter({ family: family.value }) } },
      h("option", { value: "" }, t("queue.all_families")),
      ...FAMILIES.map((name) => h("option", { value: name }, label("family", name))));
    const street = h("select", { class: "choice", "aria-label": t("queue.street"), on: { change: () => this.filter({ street: street.value }) } },
      h("option", { value: "" }, t("queue.all_streets")));
    family.value = this.family;
    all("areas", { level: "street", limit: 200 }).then((areas) => {
      for (const area of areas) street.append(h("option", { value: area.code }, named(area.name, area.name_en)));
      // Another page may have asked for a community or a grid.
      if (this.street && !areas.some((area) => area.code === this.street)) {
        street.append(h("option", { value: this.street }, shortCode(this.street)));
      }
      street.value = this.street;
    }, toastError);
    const period = this.since && this.until ? h("button", { class: "choice", type: "button", "aria-pressed": "true", on: { click: () => this.anyTime(period) } },
      h("span", { class: "num" }, `${dayOf(this.since)} — ${dayOf(this.until)} ✕`)) : null;
    fill(place, ...buttons, family, street, period);
    this.filterPlace = place;
  }

  /** @param {{show?: Show, family?: string, street?: string}} change */
  filter({ show = this.shows, family = this.family, street = this.street }) {
    this.shows = show;
    this.family = family;
    this.street = street;
    write({ show: show === "open" ? null : show, family, street });
    if (LIVING.includes(show)) this.show();
    else this.ask();
  }

  /** Ask the server for what the living picture does not hold. */
  async ask(cursor = /** @type {string | null} */ (null)) {
    const turn = ++this.turn;
    byId("queue").setAttribute("aria-busy", "true");
    const query = {
      limit: PAGE, cursor, family: this.family || null, area: this.street || null,
      state: this.shows === "closed" ? "closed" : null, mine: this.shows === "mine" ? "true" : null,
      reported_since: this.since, reported_until: this.until,
    };
    try {
      const answer = await get("cases", query);
      if (turn !== this.turn) return;
      const items = answer.items.map(readCase);
      this.asked = cursor ? [...this.asked, ...items] : items;
      this.next = answer.next;
      this.show();
    } catch (error) {
      toastError(error);
    }
    byId("queue").setAttribute("aria-busy", "false");
  }

  /** The cases shown, in order. */
  rows() {
    const known = LIVING.includes(this.shows) ? [...this.live.cases.values()] : this.asked.map((one) => this.live.cases.get(one.id) ?? this.live.closed.get(one.id) ?? one);
    const fits = known.filter((one) => this.fits(one, this.shows));
    return LIVING.includes(this.shows) ? byUrgency(fits) : fits;
  }

  /**
   * @param {Case} one
   * @param {Show} show
   */
  fits(one, show) {
    if (this.family && one.family !== this.family) return false;
    if (this.street && !one.gridCode.startsWith(this.street)) return false;
    if (show === "pending") return isPending(one);
    if (show === "underway") return ["assigned", "acknowledged", "arrived"].includes(one.state);
    if (show === "overdue") return lightOf(one, now()) === "red";
    return true;
  }

  show() {
    const rows = this.rows();
    byId("queue").setAttribute("aria-busy", String(!this.live.loaded));
    keyed(this.place, rows, (one) => String(one.id), (one) => this.make(one), (element, one) => this.update(element, one));
    this.showCounts();
    this.showFoot(rows.length);
    this.tick(now());
  }

  showCounts() {
    const open = [...this.live.cases.values()];
    for (const button of this.filterPlace?.querySelectorAll("[data-show]") ?? []) {
      const name = /** @type {Show} */ (/** @type {HTMLElement} */ (button).dataset.show);
      button.setAttribute("aria-pressed", String(name === this.shows));
      const count = LIVING.includes(name) ? number(open.filter((one) => this.fits(one, name)).length) : "";
      say(/** @type {Element} */ (button.lastElementChild), count);
    }
  }

  /** @param {number} shown */
  showFoot(shown) {
    const place = byId("queue-empty");
    if (shown === 0 && this.live.loaded) {
      const filtered = this.family || this.street || this.shows !== "open";
      fill(place, h("div", { class: "empty" },
        h("strong", null, t(filtered ? "queue.empty_filtered" : "queue.empty")),
        h("span", null, t(filtered ? "queue.empty_filtered_next" : "queue.empty_next")),
        filtered ? h("button", { class: "btn", type: "button", on: { click: () => this.clear() } }, t("queue.clear")) : null));
    } else if (!LIVING.includes(this.shows) && this.next) {
      fill(place, h("button", { class: "btn queue-next", type: "button", on: { click: () => this.ask(this.next) } }, t("queue.more")));
    } else {
      fill(place);
    }
  }

  /** @param {HTMLElement | null} button */
  anyTime(button) {
    this.since = this.until = null;
    write({ since: null, until: null });
    button?.remove();
    this.filter({});
  }

  clear() {
    for (const select of this.filterPlace?.querySelectorAll("select") ?? []) select.value = "";
    this.filter({ show: "open", family: "", street: "" });
  }

  /** @param {Case} one */
  make(one) {
    return h("li", null, h("button", { class: "row", type: "button", on: { click: () => this.onChoose(one.id) } },
      h("span", { class: "row-shape" }, shapeIcon(shapeOf(one))),
      h("span", { class: "row-what" }), h("span", { class: "row-wait num" }),
      h("span", { class: "row-where" }), h("span", { class: "row-state" })));
  }

  /**
   * @param {HTMLElement} element
   * @param {Case} one
   */
  update(element, one) {
    const row = /** @type {HTMLElement} */ (element.firstElementChild);
    const [, what, wait, where, state] = /** @type {HTMLElement[]} */ ([...row.children]);
    row.dataset.urgent = String(one.urgent);
    row.setAttribute("aria-current", String(one.id === this.selected));
    say(what, named(one.typeName, one.typeNameEn));
    say(where, one.address ?? one.number);
    wait.dataset.since = String(one.reportedAt);
    const closed = one.state === "closed" || one.state === "void";
    const light = closed ? null : lightOf(one, now());
    const words = [label("state", one.state), closed ? "" : one.lead?.name].filter(Boolean).join(" ");
    if (light && (isPending(one) || light !== "green")) fill(state, lightMark(light, timeOf(one, now())), isPending(one) ? null : ` ${words}`);
    else say(state, words);
    wait.hidden = closed;
  }

  /** @param {number} at */
  tick(at) {
    for (const wait of /** @type {NodeListOf<HTMLElement>} */ (this.place.querySelectorAll(".row-wait"))) {
      say(wait, running((at - Number(wait.dataset.since)) / 1000));
    }
    if (Math.floor(at / 1000) % 5 !== 0) return;
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (this.place.querySelectorAll("li"))) {
      const one = this.live.cases.get(Number(element.dataset.key));
      if (one) this.update(element, one);
    }
  }

  /** @param {number} id */
  mark(id) {
    this.selected = id;
    for (const element of this.place.children) {
      const isIt = /** @type {HTMLElement} */ (element).dataset.key === String(id);
      element.firstElementChild?.setAttribute("aria-current", String(isIt));
      if (isIt) element.scrollIntoView({ block: "nearest" });
    }
  }

  /**
   * The case `by` places on from the selected one; the first where none is selected.
   * @param {number} id
   * @param {number} by
   */
  neighbour(id, by) {
    const rows = this.rows();
    const at = rows.findIndex((one) => one.id === id);
    if (at < 0) return rows[0]?.id ?? 0;
    return rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.id ?? 0;
  }
}
