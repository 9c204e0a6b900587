/** Parts of the page of a case that only show: head, words, clocks, who held it, who works on it. */

import { h } from "./dom.js";
import { clock, day, number, running } from "./format.js";
import { lightOf, lightShape, readTimed, timeOf } from "./light.js";
import { label, named, t } from "./message.js";
import { offerOf } from "./offer.js";
import { shapeIcon, shapeOf } from "./shape.js";
import { readCase } from "./contract.js";
import { cardShape, readRow } from "./worklist_row.js";

/** @typedef {((atMs: number) => void)[]} Ticking */

/** @param {string | null} iso */
export const when = (iso) => (iso ? `${day(Date.parse(iso))} ${clock(Date.parse(iso)).slice(0, 5)}` : "–");

/**
 * @param {any} one
 * @param {any[]} merged cases that became part of it
 * @param {Ticking} ticking
 */
export function headOf(one, merged, ticking) {
  const row = readRow(one);
  const light = h("span", { class: "file-light num" });
  ticking.push((atMs) => {
    const is = lightOf(row, atMs);
    light.dataset.light = is ?? "none";
    light.replaceChildren(...(is ? [lightShape(is), ` ${t(`desk.light_${is}`)} `] : []), timeOf(row, atMs));
  });
  const held = [one.holder.name, t(`level.${one.holder.level}`)].filter(Boolean).join(" · ");
  return [
    h("div", { class: "file-name" },
      h("h2", null, shapeIcon(shapeOf(readCase(one))), " ", named(one.type_name, one.type_name_en)),
      one.urgent ? h("span", { class: "tag" }, t("family.urgent")) : null,
      h("span", { class: "tag file-state" }, label("state", one.state)),
      one.card ? h("span", { class: "tag" }, cardShape(one.card), " ", t(`desk.card_${one.card}`)) : null),
    h("p", { class: "file-facts num" },
      h("span", { class: "file-number" }, one.number), light,
      h("span", null, t("file.holder", { holder: held })),
      h("span", null, t("file.hops", { n: number(one.hops) })),
      one.closing_kind ? h("span", null, t(`desk.kind_${one.closing_kind}`)) : null),
    one.merged_into ? h("p", { class: "notice" }, t("file.merged_into"), " ", h("a", { href: `/cases/${one.merged_into}` }, `#${one.merged_into}`)) : null,
    merged.length ? h("p", { class: "notice" }, t("file.merged_here"), " ", ...merged.flatMap((other) => [h("a", { class: "num", href: `/cases/${other.id}` }, other.number), " "])) : null,
  ];
}

/** @param {any} one */
export function wordsOf(one) {
  const place = [one.grid.street, one.grid.community, one.address].filter(Boolean).join(" ");
  return [
    h("h3", null, t("file.words")),
    h("p", { class: "file-text" }, one.description),
    h("p", { class: "muted num" }, `${place} · ${t("level.grid")} ${one.grid.code.slice(-3)}`),
    h("p", { class: "muted small num" }, `${label("channel", one.channel)} · ${when(one.reported_at)}`),
    one.closing_note ? h("div", { class: "notice" }, h("strong", null, t("case.closed_with")), h("p", null, one.closing_note)) : null,
  ];
}

/** @param {any[]} clocks @param {Ticking} ticking */
export function clocksOf(clocks, ticking) {
  const rows = clocks.map((one) => h("tr", { data: { live: String(!one.stopped_at) } },
    h("th", { scope: "row" }, t(`clock.step_${one.step}`), h("div", { class: "small muted" }, t(`level.${one.level}`))),
    h("td", null, one.step === "suspension" ? "–" : t("clock.limit", { n: number(one.amount), unit: t(`desk.unit_${one.unit}`) })),
    h("td", { class: "num" }, when(one.due_at), one.provisional ? h("div", { class: "small" }, t("clock.provisional")) : null,
      when(one.due_at) !== when(one.first_due_at) ? h("div", { class: "small muted" }, t("clock.first_due", { at: when(one.first_due_at) })) : null),
    lightCell(one, ticking)));
  return [
    h("h3", null, t("file.clocks")),
    clocks.length ? h("table", { class: "file-table" },
      h("thead", null, h("tr", null, ...["step", "allowed", "due", "now"].map((name) => h("th", { scope: "col" }, t(`clock.head_${name}`))))),
      h("tbody", null, ...rows)) : h("p", { class: "muted" }, t("clock.none")),
  ];
}

/** @param {any} one @param {Ticking} ticking */
function lightCell(one, ticking) {
  const cell = h("td", { class: "num" });
  const late = one.late_s > 0 ? t("clock.late", { time: running(one.late_s) }) : "";
  if (one.stopped_at) {
    cell.append(late ? lightShape("red") : "✓", ` ${late || t("clock.in_time")}`);
  } else if (one.paused_at) {
    cell.append(t("clock.paused", { at: when(one.paused_at) }), late ? ` · ${late}` : "");
  } else {
    const timed = readTimed(one);
    ticking.push((atMs) => {
      const is = lightOf(timed, atMs);
      cell.replaceChildren(...(is ? [lightShape(is)] : []), ` ${timeOf(timed, atMs)}`);
    });
  }
  return cell;
}

/** One bar of the whole life, cut by who held it; and the same as a table. @param {any[]} custody */
export function heldOf(custody) {
  const levels = new Map();
  for (const one of custody) levels.set(one.level, (levels.get(one.level) ?? 0) + one.held_s);
  const total = [...levels.values()].reduce((sum, s) => sum + s, 0) || 1;
  const bar = h("div", { class: "held-bar", role: "img", "aria-label": [...levels].map(([level, s]) => `${t(`level.${level}`)} ${running(s)}`).join(", ") },
    ...runs(custody).map((run) => {
      const part = h("span", { class: "held-part", data: { level: run.level } }, h("b", null, t(`level.${run.level}`)));
      part.style.flexGrow = String(Math.max(run.s / total, 0.02));
      return part;
    }));
  return [
    h("h3", null, t("file.held")), bar,
    h("table", { class: "file-table" },
      h("thead", null, h("tr", null, ...["level", "state", "since", "held"].map((name) => h("th", { scope: "col" }, t(`held.head_${name}`))))),
      h("tbody", null, ...custody.map((one) => h("tr", { data: { live: String(!one.until) } },
        h("th", { scope: "row" }, t(`level.${one.level}`), h("div", { class: "small muted" }, one.name ?? "")),
        h("td", null, label("state", one.state)), h("td", { class: "num" }, when(one.since)),
        h("td", { class: "num" }, running(one.held_s), one.until ? "" : ` ${t("held.now")}`)))),
      h("tfoot", null, ...[...levels].map(([level, s]) => h("tr", null, h("th", { scope: "row", colspan: 3 }, t("held.sum", { level: t(`level.${level}`) })), h("td", { class: "num" }, running(s)))))),
  ];
}

/** Join stretches of one level that follow each other. @param {any[]} custody */
function runs(custody) {
  /** @type {{level: string, s: number}[]} */
  const found = [];
  for (const one of custody) {
    const last = found.at(-1);
    if (last && last.level === one.level) last.s += one.held_s;
    else found.push({ level: one.level, s: one.held_s });
  }
  return found;
}

/** @param {any} one */
export function peopleOf(one) {
  const { assignments } = one;
  return [
    h("h3", null, t("file.people")),
    offerOf(one),
    assignments.length ? null : h("p", { class: "muted" }, t("file.nobody")),
    ...assignments.map((/** @type {any} */ part) => h("div", { class: "file-person", data: { live: String(part.live) } },
      h("div", null, h("strong", null, part.name ?? t("candidate.beyond")), " ", h("span", { class: "muted" }, part.role_label), " ", h("span", { class: "tag tag-quiet" }, label("assignment_role", part.role, part.role))),
      h("div", { class: "small num" }, `${label("state", part.state, t(`part.${part.state}`))} · ${when(part.assigned_at)}${part.ended_at ? ` – ${when(part.ended_at)}` : ""}`),
      part.return_reason ? h("div", { class: "small" }, t("file.returned", { reason: part.return_reason })) : null,
      part.result ? h("div", { class: "small" }, t("file.result", { words: part.result })) : null)),
  ];
}
