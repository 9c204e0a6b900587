/** The trust card: what the colours mean, on how much they rest, how well they foretell, how old they are. */

import { now } from "./clock.js";
import { fill, h } from "./dom.js";
import { ago, decimal, minuteTime, number, roughly } from "./format.js";
import { named, t } from "./message.js";
import { page } from "./page.js";
import { legendOf } from "./risk_legend.js";

/** @typedef {import("./risk_source.js").Facts} Facts */
/** @typedef {import("./risk_backtest.js").Backtest} Backtest */

/**
 * @param {HTMLElement} place
 * @param {Facts} facts
 * @param {{since: string, until: string, auto: boolean, filters: string[], backtest: Backtest | null, busy: boolean}} context
 */
export function showTrust(place, facts, context) {
  const at = Date.parse(facts.as_of);
  const rows = [
    [t("risk.bandwidth"), bandwidth(facts, context)],
    [t("risk.n"), basis(facts)],
    facts.raised === null ? null : [t("risk.sure"), t("risk.sure_is", { raised: number(facts.raised), lowered: number(facts.lowered ?? 0) })],
    facts.measure === "density" && facts.n ? [t("risk.backtest"), told(context.backtest, context.busy)] : null,
    context.filters.length ? [t("risk.filters"), context.filters.join(" · ")] : null,
    [t("risk.period"), t("risk.period_is", { since: context.since, until: context.until, days: Math.round(facts.days) })],
    [t("risk.edge"), t(facts.unit === "raster" && facts.measure === "density" ? "risk.edge_on" : "risk.edge_off")],
    [t("risk.age"), t("risk.age_is", { time: minuteTime(at), age: ago((now() - at) / 1000) })],
  ];
  fill(place,
    h("h2", null, t(`risk.measure_${facts.measure}`), " ", h("span", { class: "muted" }, unitOf(facts))),
    facts.legend.colors.length ? legendOf(facts) : null,
    h("dl", { class: "trust-facts num" }, ...rows.flatMap((row) => (row ? [h("dt", null, row[0]), h("dd", null, row[1])] : []))),
    ...facts.warnings.map((warning) => h("p", { class: "trust-warning" }, warningText(warning))));
}

/** What is measured: a mean is that of what one may see. @param {Facts} facts */
function unitOf(facts) {
  if (facts.measure === "relative" && page.user?.level !== "district") return t("risk.unit_relative_scope");
  return t(facts.weighted && facts.measure === "density" ? "risk.unit_weighted" : `risk.unit_${facts.measure}`);
}

/** @param {Facts} facts @param {{auto: boolean, backtest: Backtest | null, busy: boolean}} context */
function bandwidth(facts, { auto, backtest, busy }) {
  if (facts.unit !== "raster" || facts.measure === "outlier") return t("risk.bandwidth_none");
  const metres = number(facts.bandwidth_m);
  if (!backtest) return t(busy ? "risk.bandwidth_busy" : "risk.bandwidth_plain", { m: metres });
  const why = { m: metres, windows: number(backtest.windows), likelihood: backtest.likelihood_m ? `${number(backtest.likelihood_m)} m` : "—", chosen: number(backtest.chosen_m) };
  if (!auto) return t("risk.bandwidth_own", why);
  return t(facts.measure === "density" ? "risk.bandwidth_auto" : "risk.bandwidth_likelihood", why);
}

/** @param {Facts} facts */
function basis(facts) {
  const found = facts.found_share === null ? "" : ` · ${t("risk.found_is", { share: roughly(facts.found_share) })}`;
  return `${t("risk.n_is", { n: number(facts.n), effective: number(facts.effective_n) })}${found}`;
}

/** @param {Backtest | null} backtest @param {boolean} busy */
function told(backtest, busy) {
  if (!backtest) return t(busy ? "risk.backtest_busy" : "risk.backtest_none");
  const { chosen, counts } = backtest.models;
  return t("risk.backtest_is", {
    m: number(backtest.chosen_m), share: roughly(backtest.area_share), pai: decimal(chosen.pai, 1), low: decimal(chosen.pai_95[0], 1), high: decimal(chosen.pai_95[1], 1),
    counts: decimal(counts.pai, 1), random: decimal(backtest.models.random.pai, 1),
  });
}

/** @param {Facts["warnings"][number]} warning */
export function warningText(warning) {
  const names = named(warning.communities.join("、"), warning.communities_en.join(", "));
  return t(`risk.warning_${warning.code}`, { share: roughly(warning.share ?? 0), count: number(warning.count ?? 0), names });
}
