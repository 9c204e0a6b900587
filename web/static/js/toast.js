/** Short notices at the foot of the page, some with one thing to do. */

import { byId } from "./page.js";
import { h } from "./dom.js";
import { ApiError } from "./api.js";
import { t } from "./message.js";

/**
 * @typedef {object} Action
 * @property {string} text
 * @property {string} [key]
 * @property {() => void} run
 */

/** What stands at the foot of the page now with a key, oldest first. @type {Set<{key: string, run: () => void}>} */
const offers = new Set();

/**
 * Do what the newest notice offers under this key.
 * @param {string} key
 * @returns {boolean} whether there was one
 */
export function takeOffer(key) {
  const offer = [...offers].reverse().find((one) => one.key === key);
  offer?.run();
  return Boolean(offer);
}

/**
 * Say something for a while.
 * @param {string} text
 * @param {{action?: Action, bad?: boolean, forMs?: number}} [options]
 * @returns {() => void} takes it away
 */
export function toast(text, { action, bad = false, forMs = bad ? 12_000 : 6_000 } = {}) {
  const element = h("div", { class: bad ? "toast toast-bad" : "toast", role: bad ? "alert" : null },
    h("span", null, text));
  const offer = { key: action?.key ?? "", run: () => { dismiss(); action?.run(); } };
  const dismiss = () => { element.remove(); offers.delete(offer); };
  if (action) {
    const { run } = offer;
    if (action.key) offers.add(offer);
    element.append(h("button", { class: "btn", type: "button", on: { click: run } },
      action.text, action.key ? h("kbd", null, action.key) : null));
  }
  byId("toasts").append(element);
  setTimeout(dismiss, forMs);
  return dismiss;
}

/**
 * Say what went wrong, what is safe and what to do.
 * @param {unknown} error
 * @param {Action} [action]
 */
export function toastError(error, action) {
  if (!(error instanceof ApiError)) throw error;
  toast(error.lines.join(" "), { bad: true, action: action ?? retryHint(error) });
}

/** @param {ApiError} error */
function retryHint(error) {
  if (error.status !== 401) return undefined;
  return { text: t("nav.sign_in"), run: () => location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`) };
}
