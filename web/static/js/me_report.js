/** Reporting: type by two presses, place by position (with its circle) or a press on the map, words. */

import { page } from "./page.js";
import { fill, h } from "./dom.js";
import { number } from "./format.js";
import { t } from "./message.js";
import { makeMap } from "./map.js";
import { MapCanvas } from "./map_canvas.js";
import { NumberCanvas } from "./number_canvas.js";
import { typeChoice } from "./type_choice.js";
import { toast } from "./toast.js";

/** @typedef {import("./me_today.js").Phone} Phone */

/**
 * @param {HTMLElement} place
 * @param {Phone} phone
 * @returns {() => void} tidies up
 */
export function showReport(place, phone) {
  if (!page.user?.permissions.includes("case.report")) {
    fill(place, h("div", { class: "empty" }, h("strong", null, t("me.no_report")), h("span", null, t("me.no_report_next"))));
    return () => {};
  }
  /** @type {{lon: number, lat: number, accuracyM?: number} | null} */
  let point = null;
  let pressed = false;
  const types = typeChoice();
  const words = h("textarea", { class: "field", id: "report-words", maxlength: 2000, placeholder: t("new.words_hint") });
  const address = h("input", { class: "field", id: "report-address", maxlength: 200, autocomplete: "off", placeholder: t("me.address_hint") });
  const where = h("p", { class: "small num", role: "status" });
  const problem = h("p", { class: "notice notice-bad", role: "alert", hidden: true });
  const frame = h("div", { class: "map-frame report-map" });
  const form = h("form", { class: "report", novalidate: true, on: { submit: (/** @type {Event} */ event) => { event.preventDefault(); send(); } } },
    h("h2", null, t("me.report_title")),
    h("div", null, h("span", { class: "label" }, t("new.type")), types.element),
    h("div", null, h("span", { class: "label" }, t("me.where")), frame, where,
      h("button", { class: "btn", type: "button", on: { click: () => { pressed = false; useFix(); } } }, t("me.use_position"))),
    h("div", null, h("label", { class: "label", for: "report-address" }, t("me.address")), address),
    h("div", null, h("label", { class: "label", for: "report-words" }, t("new.words")), words),
    problem,
    h("button", { class: "btn btn-primary", type: "submit" }, t("me.send")));
  fill(place, form);

  /** @type {import("./map.js").Map | null} */
  let map = null;
  const pin = new NumberCanvas();
  /** @type {MapCanvas | null} */
  let canvas = null;
  const put = (/** @type {typeof point} */ at, /** @type {string} */ says) => {
    point = at;
    pin.pin = at;
    where.textContent = says;
    canvas?.wake();
  };
  const useFix = () => {
    const { fix } = phone;
    if (!fix) {
      where.textContent = t(phone.denied ? "me.no_position" : "me.waiting_position");
      return;
    }
    put({ lon: fix.lon, lat: fix.lat, accuracyM: fix.accuracyM }, t("me.position_is", { n: number(fix.accuracyM) }));
    map?.jumpTo({ center: [fix.lon, fix.lat], zoom: 16.5 });
  };
  makeMap(frame, { style: "day", keepView: false }).then((made) => {
    map = made;
    if (!made) return;
    canvas = new MapCanvas(made, frame);
    canvas.add(pin);
    made.on("click", ({ lngLat }) => {
      pressed = true;
      put({ lon: lngLat.lng, lat: lngLat.lat }, t("me.pressed"));
    });
    if (!phone.fix && phone.person?.lon) made.jumpTo({ center: [phone.person.lon, phone.person.lat], zoom: 15 });
    useFix();
  });
  useFix();

  function send() {
    const type = types.value();
    const description = words.value.trim();
    const plate = address.value.trim() || null;
    const missing = !type ? "new.need_type" : !description ? "new.need_words" : !point && !plate ? "new.need_where" : "";
    problem.hidden = !missing;
    if (missing) {
      problem.textContent = t(missing);
      return;
    }
    const location = point ? { lon: point.lon, lat: point.lat, datum: "WGS-84", ...(pressed || !point.accuracyM ? {} : { accuracy_m: Math.min(20_000, point.accuracyM) }) } : undefined;
    const body = { type, description, ...(location ? { location } : {}), ...(plate ? { address: plate } : {}), reported_at: new Date().toISOString() };
    phone.outbox.put("POST", "cases", body, `${t("me.report")} · ${description.slice(0, 20)}`).then((made) => {
      toast(t("me.reported", { number: made.number, grid: made.grid.code.slice(-3) }));
    });
    phone.go("today");
  }
  return () => { map?.remove(); };
}
