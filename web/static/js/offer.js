/** A case on its ladder: how many were asked, when the next one is, and why nobody is left. */

import { h } from "./dom.js";
import { clock } from "./format.js";
import { t } from "./message.js";

/**
 * @param {any} one a case as the server tells it
 * @returns {HTMLElement | null}
 */
export function offerOf({ state, offer }) {
  if (offer?.state === "running") {
    const next = offer.next_at ? t("offer.next", { at: clock(Date.parse(offer.next_at)) }) : "";
    return h("p", { class: "notice", data: { offer: offer.state } }, h("strong", null, t("offer.running", { n: offer.asked })), " ", next);
  }
  if (offer?.state !== "exhausted" || state !== "pending") return null;
  return h("div", { class: "notice notice-warn", data: { offer: offer.state } },
    h("p", null, h("strong", null, t("offer.exhausted", { n: offer.asked }))), h("p", null, offer.text));
}
