/** One place explained: its numbers against the district, when and what, who and what is near, what to do. */

import { ApiError, get } from "./api.js";
import { fill, h } from "./dom.js";
import { day, decimal, distance, listed, number, roughly, shortCode } from "./format.js";
import { label, named, t } from "./message.js";
import { page } from "./page.js";
import { shapeIcon, shapeOf } from "./shape.js";
import { bars } from "./spark.js";
import { recommend } from "./risk_recommend.js";
import { nameOf } from "./risk_panel.js";

/** @typedef {{unit: string, code: string} | {lon: number, lat: number} | {ring: string}} Where */

const RADIUS_M = 300;

export class Explain {
  /**
   * @param {HTMLElement} place
   * @param {{question: () => Record<string, any>, filters: () => string[], onClose: () => void, onOutline: (geometry: GeoJSON.Geometry) => void}} options
   */
  constructor(place, { question, filters, onClose, onOutline }) {
    this.place = place;
    this.question = question;
    this.filters = filters;
    this.onClose = onClose;
    this.onOutline = onOutline;
    this.turn = 0;
  }

  hide() {
    this.turn += 1;
    this.place.hidden = true;
  }

  /**
   * @param {Where} where
   * @param {import("./risk_source.js").Row | null} [row] of a unit: its names
   */
  async show(where, row = null) {
    const mine = ++this.turn;
    this.place.hidden = false;
    this.place.setAttribute("aria-busy", "true");
    try {
      const radius = "lon" in where ? { radius_m: RADIUS_M } : {};
      const found = await get("risk/place", { ...this.question(), ...where, ...radius });
      if (mine !== this.turn) return;
      if (found.geometry) this.onOutline(found.geometry);
      this.tell(found, where, row);
      if (this.place.getBoundingClientRect().top < 0) this.place.scrollIntoView({ block: "start" });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (mine === this.turn) fill(this.place, this.head(t("risk.explain")), h("div", { class: "notice notice-bad" }, ...refusal(error).map((line) => h("p", null, line))));
    } finally {
      if (mine === this.turn) this.place.removeAttribute("aria-busy");
    }
  }

  /** @param {string | Node} title @param {...(string | Node | null)} more */
  head(title, ...more) {
    return h("header", null, h("h2", null, title, ...more), h("button", { class: "btn", type: "button", "aria-label": t("app.close"), on: { click: this.onClose } }, "✕"));
  }

  /** @param {any} found of /risk/place @param {Where} where @param {import("./risk_source.js").Row | null} row */
  tell(found, where, row) {
    const at = { lon: found.lon, lat: found.lat };
    const query = this.question();
    fill(this.place, titleOf(this, where, row),
      h("p", { class: "num" }, t("risk.place_n", { n: number(found.n), month: decimal((found.n * 30) / found.days, 1), per: decimal(found.per_km2, 1), km2: decimal(found.area_km2, 2) })),
      perHead(found),
      types(found),
      when(found),
      found.found_share === null ? null : h("p", { class: "num small" }, t("risk.found_here", { share: roughly(found.found_share) })),
      h("ul", { class: "explain-near small" }, ...found.coverage.map(coverage), people(found), ...assets(found)),
      h("div", { class: "explain-acts" },
        page.user?.permissions.includes("case.recommend") ? h("button", { class: "btn btn-primary", type: "button", id: "risk-recommend", on: { click: () => recommend(at, reason(found, this.filters())) } }, t("risk.recommend")) : null,
        "code" in where && where.unit !== "hexagon" && page.user?.permissions.includes("page.dispatch") ? h("a", { class: "btn", href: `/dispatch?${new URLSearchParams({ show: "all", street: where.code, since: query.since, until: query.until })}` }, t("risk.see_cases")) : null),
      cases(found));
  }
}

/** What is wrong with a place, in the page's words where they are known. @param {ApiError} error */
function refusal(error) {
  if (error.status === 404) return [t("risk.place_beyond")];
  return error.status === 422 && error.problem.field === "ring" ? [t("risk.ring_bad")] : error.lines;
}

/** @param {Explain} self @param {Where} where @param {import("./risk_source.js").Row | null} row */
function titleOf(self, where, row) {
  if ("ring" in where) return self.head(t("risk.place_area"));
  if ("lon" in where) return self.head(t("risk.place_here", { m: RADIUS_M }));
  return self.head(row ? nameOf(where.unit, row) : shortCode(where.code));
}

/** @param {any} found */
function perHead(found) {
  const { times_mean: times } = found;
  if (!times) return h("p", { class: "muted small" }, t("risk.place_nobody"));
  const word = times.low > 1 ? "above" : times.high < 1 ? "below" : "like";
  return h("p", { class: "num" }, h("strong", null, t(`risk.place_${word}`, { times: decimal(times.value, 1), low: decimal(times.low, 1), high: decimal(times.high, 1) })),
    h("span", { class: "muted small" }, ` · ${t("risk.residents", { n: number(found.residents), per: decimal(found.per_1000, 1) })}`));
}

/** @param {any} found */
function types(found) {
  if (!found.types.items.length) return null;
  const { items, rest } = found.types;
  return h("p", { class: "explain-types num small" }, ...items.map((/** @type {any} */ one) => h("span", null, `${named(one.name, one.name_en)} ${number(one.n)}`)), rest ? h("span", { class: "muted" }, t("risk.place_rest", { n: number(rest) })) : null);
}

/** When it happens: bars over the week and the day, and whether it grows. @param {any} found */
function when(found) {
  const { trend, later, earlier, days } = found.change;
  return h("div", null,
    h("div", { class: "explain-pair", role: "img", "aria-label": t("risk.place_when") },
      small(bars(found.weekdays, { height: 40, labels: (index) => `${t(`risk.weekday_${index + 1}`)} ${found.weekdays[index]}` })),
      small(bars(found.hours, { height: 40, labels: (index) => `${index}:00 ${found.hours[index]}` }))),
    h("div", { class: "explain-pair small muted" }, h("span", null, t("risk.place_week")), h("span", null, t("risk.place_day"))),
    trend === "unknown" ? null : h("p", { class: "num small" }, t(`risk.trend_${trend}`, { later: number(later), earlier: number(earlier), days: Math.round(days) })));
}

/** @param {SVGElement} chart */
function small(chart) {
  chart.setAttribute("class", "bars-small");
  return chart;
}

/** @param {any} one */
function coverage(one) {
  const name = named(one.zh, one.en);
  const near = one.nearest ? t("risk.near_is", { name, m: distance(one.nearest.distance_m) }) : t("risk.near_none", { name });
  return h("li", { class: "num" }, one.gap === null ? near : `${near} · ${t("risk.gap_is", { share: roughly(one.gap), m: number(one.reach_m) })}`);
}

/** Who is there by a fresh position; how fresh is said. @param {any} found */
function people(found) {
  const list = found.people.map((/** @type {any} */ one) => `${label("role", one.role, one.role_label)} ${number(one.n)}`);
  const told = list.length ? t("risk.people_are", { list: listed(list) }) : t("risk.people_none");
  return h("li", { class: "num" }, t("risk.people_within", { people: told, n: number(found.people_within_s / 60) }));
}

/** @param {any} found */
function assets(found) {
  const there = found.assets.filter((/** @type {any} */ one) => one.count > 0);
  return there.length ? [h("li", { class: "num" }, t("risk.assets_are", { list: listed(there.map((/** @type {any} */ one) => `${named(one.zh, one.en)} ${number(one.count)}`)) }))] : [];
}

/** @param {any} found */
function cases(found) {
  if (!found.cases.length) return h("p", { class: "muted small" }, t("risk.no_cases"));
  return h("div", { class: "explain-cases" }, h("ol", null, ...found.cases.map((/** @type {any} */ one) => h("li", null, shapeIcon(shapeOf({ ...one, family: one.family ?? familyOf(one.type) })),
    h("span", null, named(one.type_name, one.type_name_en)), h("span", { class: "muted num" }, day(Date.parse(one.reported_at))), h("span", { class: "muted" }, label("state", one.state))))));
}

const FAMILY = /** @type {Record<string, string>} */ ({ D: "dispute", H: "hazard", S: "service", P: "police" });
/** @param {string} type code */
const familyOf = (type) => FAMILY[type[0]] ?? "dispute";

/** What the map says of the place, as the first words of a recommendation. @param {any} found @param {string[]} filters */
function reason(found, filters) {
  const times = found.times_mean ? t("risk.reason_times", { times: decimal(found.times_mean.value, 1), low: decimal(found.times_mean.low, 1), high: decimal(found.times_mean.high, 1) }) : "";
  const most = listed(found.types.items.slice(0, 3).map((/** @type {any} */ one) => `${named(one.name, one.name_en)} ${number(one.n)}`));
  return [filters.length ? t("risk.reason_of", { filters: filters.join(" · ") }) : "", t("risk.reason", { days: Math.round(found.days), n: number(found.n), most }), times].filter(Boolean).join(" ");
}
