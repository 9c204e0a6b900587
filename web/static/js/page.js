/** What the server told this page about itself: who is signed in, where, in which language. */

/**
 * @typedef {object} User
 * @property {number} id
 * @property {string} display_name
 * @property {string} role
 * @property {string} level
 * @property {string[]} area_codes
 * @property {number | null} person_id
 * @property {string[]} permissions
 */

/**
 * @typedef {object} District
 * @property {string} code
 * @property {string} name
 * @property {string} name_en
 * @property {boolean} synthetic
 * @property {[number, number, number, number]} bbox west, south, east, north in degrees
 */

/**
 * @typedef {object} PageContext
 * @property {"zh" | "en"} locale
 * @property {string} csrf_token
 * @property {User | null} user
 * @property {District | null} district
 * @property {string} messages_url
 * @property {string} vendor_url where maplibre-gl.mjs and its worker are
 */

/** @type {PageContext} */
export const page = JSON.parse(document.body.dataset.context ?? "{}");

/**
 * Mark the page as shown with its first data, for tests and screenshots.
 */
export function markReady() {
  document.documentElement.dataset.ready = "true";
}

/**
 * Find an element that the template promises.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element #${id}`);
  return found;
}

/**
 * Read a design token as the page now has it.
 * @param {string} name with its two dashes
 */
export function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Tell whether the person asked the machine for less motion. */
export function wantsStill() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
