/** Every text on the screen by its id; zh and en have the same ids (a test looks). */

import { page } from "./page.js";

/** @type {Record<string, string>} */
const catalogue = await fetch(page.messages_url).then((answer) => answer.json());

/**
 * Return a text, its {names} replaced by values.
 * @param {string} id
 * @param {Record<string, string | number>} [values]
 */
export function t(id, values = {}) {
  const text = catalogue[id];
  if (text === undefined) throw new Error(`No message ${id}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/**
 * Return the text of a code that the server may know and we may not yet: a role, a state, a rung.
 * @param {string} group as `role`
 * @param {string | null | undefined} code
 * @param {string} [otherwise] said where there is no message for the code
 */
export function label(group, code, otherwise = code ?? "") {
  return catalogue[`${group}.${code}`] ?? otherwise;
}

/**
 * Choose the name in the language of the page.
 * @param {string} name
 * @param {string | null | undefined} nameEn
 */
export function named(name, nameEn) {
  return page.locale === "en" && nameEn ? nameEn : name;
}
