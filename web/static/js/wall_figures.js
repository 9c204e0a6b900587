/** The six key figures of the wall, large, with their change and a sparkline where there is one. */

import { page } from "./page.js";
import { get } from "./api.js";
import { everySecond, now } from "./clock.js";
import { readFigures } from "./figure.js";
import { isPending } from "./contract.js";
import { fill, h } from "./dom.js";
import { duration, number, running } from "./format.js";
import { t } from "./message.js";
import { sparkline } from "./spark.js";
import { showCurve } from "./wall_curve.js";

/** @typedef {import("./live.js").Live} Live */
/** @typedef {import("./figure.js").Figures} Figures */

const EVERY_MS = 15_000;
const SOON_MS = 400;

/**
 * Keep the figures true: read at intervals, and soon after anything happened to a case.
 * @param {HTMLElement} place
 * @param {Live} live
 */
export function showFigures(place, live) {
  /** @type {Figures | null} */
  let figures = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const cards = new Map(["reported", "closing", "on_duty", "dispatch", "pending", "police"]
    .map((name) => [name, card(name)]));
  place.append(...cards.values());

  const draw = () => {
    for (const [name, element] of cards) show(element, name, figures, live);
  };
  const refresh = async () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, EVERY_MS);
    try {
      figures = readFigures(await get("figures"));
      showCurve(figures);
    } catch {
      // The chip of the bar says that the link is down; the figures keep their last value.
    }
    draw();
  };
  everySecond(() => { if (live.loaded) show(/** @type {HTMLElement} */ (cards.get("pending")), "pending", figures, live); });
  return {
    refresh,
    soon() {
      clearTimeout(timer);
      timer = setTimeout(refresh, SOON_MS);
      draw();
    },
  };
}

/** @param {string} name */
function card(name) {
  const reaches = page.user?.permissions.includes("page.dispatch");
  const link = reaches ? LINKS[name] : undefined;
  return h(link ? "a" : "div", { class: "figure", href: link, data: { figure: name } },
    h("h2", null, t(`figure.${name}`)),
    h("p", { class: "figure-value num" }, "–"),
    h("p", { class: "figure-more num" }, " "));
}

/** @type {Record<string, string>} */
const LINKS = {
  reported: "/dispatch?show=all",
  closing: "/dispatch?show=closed",
  dispatch: "/dispatch?show=underway",
  pending: "/dispatch?show=pending",
  police: "/dispatch?show=open&family=police",
};

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {Figures | null} figures
 * @param {Live} live
 */
function show(element, name, figures, live) {
  const { value, more, trend, waiting } = SAYS[name](figures, live);
  const [, big, small] = [...element.children];
  if (element.dataset.value !== value) {
    element.dataset.value = value;
    fill(big, ...units(value));
  }
  if (small.textContent !== more) small.textContent = more || " ";
  if (waiting !== undefined) element.dataset.waiting = String(waiting);
  element.querySelector(".spark")?.remove();
  if (trend && trend.length > 1) element.append(sparkline(trend));
}

/**
 * Set the units of a figure smaller than its digits.
 * @param {string} value
 */
function units(value) {
  return value.split(/([^\d.,%–-]+)/).filter(Boolean)
    .map((part) => (/^[\d.,%–-]+$/.test(part) ? part : h("small", null, part)));
}

/**
 * @typedef {{value: string, more: string, trend?: number[], waiting?: boolean}} Said
 * @type {Record<string, (figures: Figures | null, live: Live) => Said>}
 */
const SAYS = {
  reported: (figures) => ({
    value: figures ? number(figures.reported) : "–",
    more: figures?.reportedToday == null ? "" : today(figures.reportedToday, figures.reportedYesterday),
    trend: figures ? hoursSoFar(figures) : [],
  }),
  closing: (figures) => ({
    value: figures?.closingRate == null ? "–" : `${(figures.closingRate * 100).toFixed(2)}%`,
    more: figures ? t("figure.closed", { n: number(figures.closed) })
      + (figures.closedToday == null ? "" : ` · ${t("figure.today", { n: signed(figures.closedToday) })}`) : "",
  }),
  on_duty: (figures, live) => ({
    value: number(figures?.onDuty ?? live.people.size),
    more: t("figure.moving", { n: number(live.people.countMoving()) }),
  }),
  dispatch: (figures) => ({
    value: figures?.dispatchS == null ? "–" : duration(figures.dispatchS),
    more: figures?.dispatchS == null ? t("figure.dispatch_none") : t("figure.dispatch_target"),
  }),
  pending: (_, live) => {
    const waiting = [...live.cases.values()].filter(isPending);
    const oldest = Math.min(...waiting.map((one) => one.reportedAt));
    return {
      value: number(waiting.length),
      more: waiting.length ? t("figure.oldest", { time: running((now() - oldest) / 1000) }) : t("figure.none_waiting"),
      waiting: waiting.length > 0,
    };
  },
  police: (_, live) => {
    const linked = [...live.cases.values()].filter((one) => one.family === "police" || one.channel === "police");
    const unsigned = linked.filter((one) => isPending(one) || one.state === "assigned").length;
    return { value: number(linked.length), more: unsigned ? t("figure.unsigned", { n: unsigned }) : t("figure.all_signed") };
  },
};

/**
 * Today's number beside yesterday's up to the same time of day.
 * @param {number} n
 * @param {number | null} yesterday
 */
function today(n, yesterday) {
  const said = t("figure.today", { n: signed(n) });
  return yesterday === null ? said : `${said} · ${t("figure.yesterday", { n: number(yesterday) })}`;
}

/** @param {Figures} figures */
function hoursSoFar(figures) {
  let sum = 0;
  return figures.hourly.filter((n) => n !== null).map((n) => (sum += n ?? 0));
}

/** @param {number} n */
const signed = (n) => (n > 0 ? `+${number(n)}` : number(n));
