/** The last events in words, newest first. */

import { get } from "./api.js";
import { h } from "./dom.js";
import { minuteTime, shortCode } from "./format.js";
import { label, named } from "./message.js";

/** @typedef {import("./live.js").Live} Live */

const KEPT = 3;
const LOOK_BACK = 30;

export class Ticker {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.begun = false;
    /** The newest event shown: one told twice is shown once. */
    this.seq = 0;
  }

  /**
   * Begin with what happened last before this page was opened.
   * @param {Live} live
   */
  async begin(live) {
    if (this.begun) return;
    this.begun = true;
    const answer = await get("events", { since: Math.max(0, live.seq - LOOK_BACK), limit: LOOK_BACK }).catch(() => null);
    if (!answer || this.place.children.length) return;
    for (const event of answer.items.filter((/** @type {any} */ one) => one.case_id).slice(-KEPT)) this.add(event, live);
  }

  /**
   * @param {any} event as the stream sent it
   * @param {Live} live
   */
  add(event, live) {
    if (!event.case_id || event.seq <= this.seq) return;
    this.seq = event.seq;
    const at = Date.parse(event.at);
    const line = h("span", null);
    this.place.prepend(h("li", null, h("time", { class: "num" }, minuteTime(at)), line));
    while (this.place.children.length > KEPT) this.place.lastElementChild?.remove();
    const say = () => { line.textContent = words(event, live); };
    say();
    if (!live.cases.has(event.case_id) && !live.closed.has(event.case_id)) live.refresh(event.case_id, "asked");
    // What the event is about may be known only when its case has been read.
    for (const laterMs of [700, 3000]) setTimeout(say, laterMs);
  }
}

/**
 * @param {any} event
 * @param {Live} live
 */
function words(event, live) {
  const one = live.cases.get(event.case_id) ?? live.closed.get(event.case_id);
  const what = one ? [named(one.typeName, one.typeNameEn), one.address].filter(Boolean).join(" ") : `#${event.case_id}`;
  const who = event.kind.startsWith("assignment.") && one?.lead?.name ? one.lead.name : "";
  const grid = event.kind === "case.reported" && one ? `→ ${label("level", "grid")} ${shortCode(one.gridCode)}` : "";
  return [what, label("event", event.kind, event.kind), who, grid].filter(Boolean).join(" ");
}
