/** Run cards in words: for which cases, and what they need. */

import { listed } from "./format.js";
import { levelText, scaleText } from "./grade.js";
import { label, named, t } from "./message.js";
import { terms, whom } from "./turnout.js";

/**
 * @typedef {{part: "lead" | "joint" | "alone", role: string | null, skill: string | null, count: number,
 *   step: number, within_s: number | null}} Need
 * @typedef {{stage: string, family: string | null, type: string | null, levels: number[], scales: number[]}} Match
 * @typedef {Match & {id: number, code: string | null, name: string, name_en: string, needs: Need[],
 *   source: string, version: number, edited: boolean}} Card
 */

/**
 * What the cases are about. @param {Match} match @param {Map<string, any>} types
 */
export function typeWords(match, types) {
  if (match.family) return label("family", match.family);
  if (!match.type) return t("cards.every_type");
  const type = types.get(match.type);
  return type ? `${named(type.name, type.name_en)} ${match.type}` : match.type;
}

/** @param {number[]} levels */
export const levelsWords = (levels) => (levels.length ? listed(levels.map(levelText)) : t("cards.any_level"));
/** @param {number[]} scales */
export const scalesWords = (scales) => (scales.length ? listed(scales.map(scaleText)) : t("cards.any_scale"));
/** @param {string} stage */
export const stageWords = (stage) => t(`cards.stage_${stage}`);

/** In one line. @param {Match} match @param {Map<string, any>} types */
export function matchWords(match, types) {
  return [
    typeWords(match, types), match.levels.length ? levelsWords(match.levels) : "", match.scales.length ? scalesWords(match.scales) : "",
    match.stage === "joint" ? stageWords(match.stage) : "",
  ].filter(Boolean).join(" · ");
}

/** @param {Need[]} needs */
export const needWords = (needs) => listed(needs.map((need) => t("cards.need", { who: whom(need.role ? label("role", need.role) : null, need.count), part: t(`card.part_${need.part}`) })));

/** One need with its step and time. @param {Need} need */
export const needLine = (need) => `${whom(need.role ? label("role", need.role) : null, need.count)} · ${t(`card.part_${need.part}`)} · ${terms(need)}`;
