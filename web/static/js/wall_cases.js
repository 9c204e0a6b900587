/** Open cases on the right of the wall: by urgency, newest first, at most ten, clocks running. */

import { byId } from "./page.js";
import { everySecond, now } from "./clock.js";
import { isPending } from "./contract.js";
import { h, keyed, say } from "./dom.js";
import { minutes, running } from "./format.js";
import { label, named, t } from "./message.js";
import { shapeIcon, shapeOf } from "./shape.js";

/** @typedef {import("./contract.js").Case} Case */
/** @typedef {import("./live.js").Live} Live */

const MOST = 10;

export class WallCases {
  /**
   * @param {Live} live
   * @param {{onChoose: (one: Case) => void}} options
   */
  constructor(live, { onChoose }) {
    this.live = live;
    this.onChoose = onChoose;
    this.place = byId("cases");
    this.marked = 0;
    everySecond((at) => this.tick(at));
    addEventListener("resize", () => this.show());
  }

  /** Draw the list anew. */
  show() {
    const open = byUrgency([...this.live.cases.values()]);
    keyed(this.place, open.slice(0, this.room()), (one) => String(one.id),
      (one) => this.make(one), (element, one) => this.update(element, one));
    const hidden = open.length - Math.min(open.length, this.room());
    const more = byId("cases-more");
    more.hidden = hidden <= 0 && open.length > 0;
    say(more, open.length === 0 ? t("wall.calm") : t("wall.more", { n: hidden }));
    this.tick(now());
  }

  /** How many cards there is room for. */
  room() {
    const frame = this.place.parentElement;
    const card = /** @type {HTMLElement | null} */ (this.place.firstElementChild);
    if (!frame || !card) return MOST;
    const gap = parseFloat(getComputedStyle(this.place).rowGap) || 0;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const free = frame.clientHeight - 2 * rem;
    if (getComputedStyle(frame).position !== "absolute") return MOST;
    return Math.max(1, Math.min(MOST, Math.floor((free + gap) / (card.offsetHeight + gap))));
  }

  /** @param {number} id */
  mark(id) {
    this.marked = id;
    for (const child of this.place.children) {
      child.firstElementChild?.setAttribute("aria-current", String(/** @type {HTMLElement} */ (child).dataset.key === String(id)));
    }
  }

  /** @param {Case} one */
  make(one) {
    const choose = () => {
      const known = this.live.cases.get(one.id);
      if (known) this.onChoose(known);
    };
    return h("li", null, h("button", { class: "card", type: "button", on: { click: choose } },
      h("span", { class: "card-kind" }, shapeIcon(shapeOf(one)),
        h("span", null, one.urgent ? t("family.urgent") : label("family", one.family)),
        one.family === "police" || one.channel === "police" ? h("span", { class: "card-110", title: t("wall.police") }, "110") : null),
      h("span", { class: "card-wait num" }),
      h("span", { class: "card-what" }),
      h("span", { class: "card-state" })));
  }

  /**
   * @param {HTMLElement} element
   * @param {Case} one
   */
  update(element, one) {
    const card = /** @type {HTMLElement} */ (element.firstElementChild);
    card.dataset.urgent = String(one.urgent);
    card.setAttribute("aria-current", String(one.id === this.marked));
    const [, wait, what, state] = [...card.children];
    /** @type {HTMLElement} */ (wait).dataset.since = String(one.reportedAt);
    say(what, [named(one.typeName, one.typeNameEn), one.address].filter(Boolean).join(" · "));
    const said = isPending(one) ? "" : progress(one);
    const shown = `${one.state}|${said}`;
    if (/** @type {HTMLElement} */ (state).dataset.shown === shown) return;
    /** @type {HTMLElement} */ (state).dataset.shown = shown;
    state.replaceChildren(isPending(one) ? h("span", { class: "tag" }, label("state", one.state)) : said);
  }

  /** @param {number} at */
  tick(at) {
    for (const wait of this.place.querySelectorAll(".card-wait")) {
      say(wait, running((at - Number(/** @type {HTMLElement} */ (wait).dataset.since)) / 1000));
    }
  }
}

/** @param {Case} one */
function progress(one) {
  const who = one.lead ? [one.lead.name, one.lead.role ? label("role", one.lead.role) : ""].filter(Boolean).join(" ") : "";
  const road = one.lead?.travelS && ["assigned", "acknowledged"].includes(one.state)
    ? t("wall.road", { minutes: minutes(one.lead.travelS) }) : "";
  return [label("state", one.state), who, road].filter(Boolean).join(" · ");
}

/**
 * Urgent and waiting first, then waiting, then the newest.
 * @param {Case[]} cases
 */
export function byUrgency(cases) {
  const rank = (/** @type {Case} */ one) => (one.urgent ? 2 : 0) + (isPending(one) ? 1 : 0);
  return cases.sort((a, b) => rank(b) - rank(a) || b.reportedAt - a.reportedAt || b.id - a.id);
}
