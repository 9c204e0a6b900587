/** One grid explained: its numbers against the district, and the cases behind them. */

import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { day, decimal, number, shortCode } from "./format.js";
import { label, named, t } from "./message.js";
import { shapeIcon, shapeOf } from "./shape.js";

const LISTED = 6;
let turn = 0;

/** @param {HTMLElement} place */
export function hideExplain(place) {
  turn += 1;
  place.hidden = true;
}

/**
 * @param {HTMLElement} place
 * @param {import("./density.js").DensityRow} row
 * @param {import("./density.js").Density} density
 * @param {{since: string, until: string, families: string[]}} period
 * @param {{reaches: boolean, onClose: () => void}} options
 */
export async function explain(place, row, density, period, { reaches, onClose }) {
  const mine = ++turn;
  const area = density.rows.reduce((sum, one) => sum + one.areaKm2, 0);
  const mean = area ? density.n / area : 0;
  const rank = density.rows.filter((one) => one.perKm2 > row.perKm2).length + 1;
  const cases = h("div", { class: "explain-cases" }, h("p", { class: "muted small" }, t("case.loading")));
  fill(place,
    h("header", null, h("h2", null, row.name, " ", h("small", { class: "muted num" }, shortCode(row.code))),
      h("button", { class: "btn", type: "button", "aria-label": t("app.close"), on: { click: onClose } }, "✕")),
    h("p", { class: "num" }, t("risk.is", { n: number(row.count), per: decimal(row.perKm2, 1) })),
    h("p", { class: "num" }, mean ? t("risk.against", { times: decimal(row.perKm2 / mean, 1), rank: number(rank), all: number(density.rows.length) }) : ""),
    row.residents ? h("p", { class: "num muted small" }, t("risk.residents", { n: number(row.residents), per: decimal((1000 * row.count) / row.residents, 1) })) : null,
    cases,
    reaches ? h("p", null, h("a", { class: "btn btn-primary", href: `/dispatch?${new URLSearchParams({ show: "all", street: row.code, since: period.since, until: period.until })}` }, t("risk.see_cases", { n: number(row.count) }))) : null);
  place.hidden = false;
  try {
    const answer = await get("cases", { area: row.code, reported_since: period.since, reported_until: period.until, family: period.families, limit: LISTED });
    if (mine !== turn) return;
    fill(cases, answer.items.length ? h("ol", null, ...answer.items.map((/** @type {any} */ one) => h("li", null, shapeIcon(shapeOf(one)),
      h("span", null, named(one.type_name, one.type_name_en)), h("span", { class: "muted num" }, day(Date.parse(one.reported_at))),
      h("span", { class: "muted" }, label("state", one.state))))) : h("p", { class: "muted small" }, t("risk.no_cases")));
  } catch {
    if (mine === turn) fill(cases, h("p", { class: "muted small" }, t("risk.cases_later")));
  }
}
