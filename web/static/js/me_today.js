/** Today: my assignments by distance, each with the one next step as a large button. */

import { everySecond, now } from "./clock.js";
import { fill, h, say } from "./dom.js";
import { distance, minuteTime, running } from "./format.js";
import { label, named, t } from "./message.js";
import { metresBetween } from "./map.js";
import { shapeIcon, shapeOf } from "./shape.js";
import { askText } from "./ask_text.js";
import { needsVerification } from "./contract.js";

/**
 * @typedef {object} Phone
 * @property {import("./live.js").Live} live
 * @property {import("./outbox.js").Outbox} outbox
 * @property {import("./me_task.js").Tasks} tasks
 * @property {import("./place.js").Fix | null} fix
 * @property {boolean} denied the person or machine gives no position
 * @property {any | null} person
 * @property {(tab: "today" | "report" | "map" | "self") => void} go
 * @property {(caseId: number) => void} navigate
 */
/** @typedef {import("./me_task.js").Task} Task */

/**
 * @param {HTMLElement} place
 * @param {Phone} phone
 */
export function showToday(place, phone) {
  const tasks = [...phone.tasks.items].sort((a, b) => away(a, phone) - away(b, phone));
  fill(place, h("h2", null, t("me.my_tasks"), " ", h("span", { class: "muted num" }, String(tasks.length))),
    ...waiting(phone.tasks.unverified),
    phone.tasks.failed ? h("p", { class: "notice notice-warn" }, t("me.tasks_old")) : null,
    ...(tasks.length ? tasks.map((task) => card(task, phone)) : [nothing(phone)]));
}

/** What I reported and is said to be done: I look and rate. @param {import("./contract.js").Case[]} cases */
function waiting(cases) {
  return cases.map((one) => h("a", { class: "task task-verify", href: `/cases/${one.id}` },
    h("strong", null, t("me.verify")), " ", shapeIcon(shapeOf(one)), " ", named(one.typeName, one.typeNameEn),
    h("span", { class: "muted" }, ` ${one.address ?? one.number}`)));
}

everySecond((at) => {
  for (const wait of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".task-wait"))) {
    say(wait, running((at - Number(wait.dataset.since)) / 1000));
  }
});

/** @param {Phone} phone */
function nothing(phone) {
  return h("div", { class: "empty" }, h("strong", null, t("me.nothing")), h("span", null, t("me.nothing_next", { time: minuteTime(phone.tasks.loadedAt || now()) })),
    h("button", { class: "btn", type: "button", on: { click: () => phone.go("report") } }, t("me.report_something")));
}

/**
 * @param {Task} task
 * @param {Phone} phone
 */
function card(task, phone) {
  const { case: one, assignment } = task;
  const metres = away(task, phone);
  return h("article", { class: "task", data: { urgent: String(one.urgent) } },
    h("header", null, h("h3", null, shapeIcon(shapeOf(one)), " ", named(one.typeName, one.typeNameEn)),
      h("span", { class: "task-wait num", data: { since: one.reportedAt } }, running((now() - one.reportedAt) / 1000))),
    h("p", { class: "muted" }, one.address ?? one.number),
    one.description ? h("p", null, one.description) : null,
    h("p", { class: "task-facts num" }, h("span", { class: assignment.state === "assigned" ? "tag" : "tag tag-quiet" }, label("state", assignment.state)),
      Number.isFinite(metres) ? h("span", null, distance(metres)) : null,
      one.urgent ? h("span", { class: "tag" }, t("family.urgent")) : null),
    h("div", { class: "task-buttons" }, ...buttons(task, phone)));
}

/**
 * @param {Task} task
 * @param {Phone} phone
 */
function buttons(task, phone) {
  const { state } = task.assignment;
  const step = (/** @type {"acknowledge" | "arrive"} */ verb) => h("button", { class: "btn btn-primary", type: "button", data: { step: verb }, on: { click: () => phone.tasks.step(task, verb) } }, label("step", verb));
  const next = state === "assigned" ? step("acknowledge") : state === "acknowledged" ? step("arrive")
    : h("button", { class: "btn btn-primary", type: "button", data: { step: last(task) }, on: { click: () => end(task, phone) } }, label("step", last(task)));
  return [next,
    h("button", { class: "btn", type: "button", on: { click: () => phone.navigate(task.case.id) } }, t("me.navigate")),
    h("button", { class: "btn", type: "button", data: { step: "return" }, on: { click: () => giveBack(task, phone) } }, label("step", "return"))];
}

/**
 * @param {Task} task
 * @param {Phone} phone
 */
async function end(task, phone) {
  const verb = last(task);
  const note = await askText(t(verb === "close" ? "case.close_title" : "me.finish_title"), t("case.close_label"), label("step", verb));
  if (note) phone.tasks.step(task, verb, { note });
}

/**
 * How my part ends: with feedback that somebody verifies, or with the case itself.
 * @param {Task} task
 * @returns {"close" | "finish"}
 */
function last({ case: one, assignment }) {
  return assignment.role !== "lead" || needsVerification(one) ? "finish" : "close";
}

/**
 * @param {Task} task
 * @param {Phone} phone
 */
async function giveBack(task, phone) {
  const reason = await askText(t("case.return_title"), t("case.return_label"), label("step", "return"));
  if (reason) phone.tasks.step(task, "return", { reason });
}

/**
 * @param {Task} task
 * @param {Phone} phone
 */
function away(task, phone) {
  if (!phone.fix) return Infinity;
  return metresBetween([phone.fix.lon, phone.fix.lat], [task.case.lon, task.case.lat]);
}
