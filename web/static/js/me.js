/** A worker's phone: what is mine today, report, map, myself. Works with a bad network and says so. */

import { byId, markReady, page } from "./page.js";
import { get } from "./api.js";
import { Live } from "./live.js";
import { showAge } from "./age.js";
import { label, t } from "./message.js";
import { say } from "./dom.js";
import { number } from "./format.js";
import { read, write } from "./url_state.js";
import { Outbox } from "./outbox.js";
import { watchPlace } from "./place.js";
import { Tasks } from "./me_task.js";
import { showToday } from "./me_today.js";
import { showReport } from "./me_report.js";
import { showMap } from "./me_map.js";
import { showSelf } from "./me_self.js";
import { PositionReporter } from "./me_position.js";
import { toastError } from "./toast.js";

/** @typedef {"today" | "report" | "map" | "self"} Tab */

const main = byId("main");
const live = new Live();
const outbox = new Outbox(() => showOutbox());
const tasks = new Tasks(outbox, () => draw());
const reporter = new PositionReporter();
/** @type {import("./me_today.js").Phone} */
const phone = {
  live, outbox, tasks, fix: null, denied: false, person: null,
  go: (tab) => open(tab), navigate: (id) => { write({ case: id }); open("map"); },
};
const views = { today: showToday, report: showReport, map: showMap, self: showSelf };
/** @type {Tab} */
let tab = /** @type {Tab} */ (read("tab") ?? "today");
/** @type {(() => void) | void} */
let leave;

showAge(live);
say(byId("me-role"), label("role", page.user?.role ?? ""));
for (const button of document.querySelectorAll(".phone-tabs [data-tab]")) {
  button.addEventListener("click", () => open(/** @type {Tab} */ (/** @type {HTMLElement} */ (button).dataset.tab)));
}
addEventListener("offline", showOutbox);
addEventListener("online", showOutbox);
live.onChange((change) => {
  if (change.what === "state") showOutbox();
  if (change.what === "event" || change.what === "snapshot") tasks.soon();
});
live.start();
outbox.send();
watchPlace((fix) => {
  const first = !phone.fix;
  phone.fix = fix;
  reporter.add(fix, phone.person?.duty === "on_duty");
  if (first) draw();
}, (denied) => { phone.denied = denied; });
loadPerson();
await tasks.load();
open(tab);
showOutbox();
markReady();

/** @param {Tab} next */
function open(next) {
  leave?.();
  tab = next in views ? next : "today";
  write({ tab: tab === "today" ? null : tab });
  for (const button of document.querySelectorAll(".phone-tabs [data-tab]")) {
    button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.tab === tab));
  }
  leave = views[tab](main, phone);
  main.scrollTop = 0;
}

/** Draw anew what does not hold a form half filled in. */
function draw() {
  if (tab === "today" || tab === "self") open(tab);
}

/** Say how many changes wait, and that the network is away. */
function showOutbox() {
  const offline = !navigator.onLine || live.state === "reconnecting";
  const banner = byId("offline");
  banner.hidden = !offline && outbox.size === 0 && outbox.refused.length === 0;
  say(banner, outbox.refused.length ? t("me.refused", { n: outbox.refused.length })
    : outbox.size ? t(offline ? "me.offline_waiting" : "me.sending", { n: outbox.size }) : t("me.offline"));
  const badge = byId("outbox-count");
  const waiting = outbox.size + outbox.refused.length;
  badge.hidden = waiting === 0;
  say(badge, number(waiting));
}

async function loadPerson() {
  if (!page.user?.person_id) return;
  try {
    phone.person = await get(`people/${page.user.person_id}`);
    draw();
  } catch (error) {
    toastError(error);
  }
}
