/** The dispatcher's desk: queue, map and case side by side, every step on the keyboard. */

import { byId, markReady, page } from "./page.js";
import { t } from "./message.js";
import { toast } from "./toast.js";
import { Live } from "./live.js";
import { showAge } from "./age.js";
import { bindKeys, startKeys } from "./keys.js";
import { read, write } from "./url_state.js";
import { startSignOut } from "./sign_out.js";
import { Queue } from "./desk_queue.js";
import { CasePane } from "./desk_case.js";
import { DeskMap } from "./desk_map.js";
import { NewCase } from "./desk_new.js";
import { SearchBox } from "./desk_search.js";
import { ProposalSheet } from "./proposal.js";
import { showPanes } from "./desk_tabs.js";

/** @typedef {import("./contract.js").Case} Case */

const live = new Live();
const panes = showPanes();
const map = new DeskMap(byId("map"), live, { onChoose: (one) => choose(one.id), onCandidate: (index) => pane.choose(index) });
const pane = new CasePane(byId("case"), live, map, { onGone: () => choose(0), onOther: choose });
const queue = new Queue(live, { onChoose: choose });
const form = new NewCase(byId("case"), map, { onSaved: saved, onCancel: () => choose(selected), onOther: choose });
const search = new SearchBox(byId("search"), map, { onCase: choose });
const proposal = new ProposalSheet({ onCase: choose, waiting: () => [...live.cases.values()].filter((one) => one.state === "pending").length });
let selected = Number(read("case") ?? 0);
const mayReport = Boolean(page.user?.permissions.includes("case.report"));

showAge(live);
startSignOut();
byId("new-case").hidden = !mayReport;
byId("new-case").addEventListener("click", takeIn);
const mayAssign = Boolean(page.user?.permissions.includes("case.assign"));
byId("propose").hidden = !mayAssign;
byId("propose").addEventListener("click", propose);

live.onChange((change) => {
  if (change.what === "snapshot") {
    queue.show();
    map.adopt();
    choose(selected, { fly: !read("at") });
  }
  if (change.what === "case" && change.case) {
    if (change.kind === "case.offer_exhausted") toast(t("offer.exhausted_case", { number: change.case.number }), { forMs: 12_000 });
    if (change.kind === "case.joint_called") toast(t("card.joint_called", { number: change.case.number }), { forMs: 12_000 });
    queue.show();
    map.changed(change.case, change.kind ?? "");
    if (change.case.id === selected && !form.open) pane.changed(change.case);
  }
  if (change.what === "event" && change.kind) proposal.heard(change.kind);
  if (change.what === "positions") map.wake();
});

bindKeys([
  { key: "j", shown: "j", says: t("dispatch.key_next"), run: () => step(1) },
  { key: "k", shown: "k", says: t("dispatch.key_previous"), run: () => step(-1) },
  { key: "ArrowDown", shown: "↓", says: "", hidden: true, run: () => step(1) },
  { key: "ArrowUp", shown: "↑", says: "", hidden: true, run: () => step(-1) },
  { key: "1", shown: "1–9", says: t("dispatch.key_choose"), run: () => pane.choose(0) },
  ...[2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({
    key: String(n), shown: String(n), says: "", hidden: true, run: () => pane.choose(n - 1),
  })),
  { key: "Enter", shown: "Enter", says: t("dispatch.key_assign"), run: () => pane.assign() },
  { key: "u", shown: "u", says: t("dispatch.key_undo"), run: () => pane.undo() },
  { key: "a", shown: "a", says: t("file.key_actions"), run: () => pane.more() },
  { key: "c", shown: "c", says: t("card.key_send"), run: () => pane.sendCard() },
  { key: "w", shown: "w", says: t("why.key"), run: () => pane.why.focus() },
  { key: "q", shown: "q", says: t("proposal.key"), run: propose },
  { key: "n", shown: "n", says: t("dispatch.key_new"), run: takeIn },
  { key: "/", shown: "/", says: t("dispatch.key_search"), run: () => search.focus() },
  { key: "m", shown: "m", says: t("dispatch.key_measure"), run: () => map.toggleMeasure() },
  { key: "f", shown: "f", says: t("dispatch.key_fly"), run: () => map.flyToFocus() },
  { key: "Escape", shown: "Esc", says: t("keys.back"), always: true, run: back },
]);
startKeys();

live.start();
if (mayAssign && Number(read("proposal"))) proposal.open(Number(read("proposal")));
await map.start();
map.onceIdle(() => ready());

function ready() {
  if (live.loaded) markReady();
  else setTimeout(ready, 100);
}

/**
 * Select a case in every pane; 0 selects none.
 * @param {number} id
 * @param {{fly?: boolean}} [options]
 */
function choose(id, { fly = true } = {}) {
  if (form.open) form.close();
  selected = id;
  write({ case: id || null });
  queue.mark(id);
  map.select(live.cases.get(id) ?? null, fly);
  pane.open(id);
  if (id) panes.show("case");
}

/** @param {number} by */
function step(by) {
  const next = queue.neighbour(selected, by);
  if (next) choose(next);
}

function takeIn() {
  if (!mayReport) return;
  pane.leave();
  map.select(null, false);
  panes.show("case");
  form.start();
}

function propose() {
  if (mayAssign) proposal.open();
}

/** @param {Case} one */
function saved(one) {
  live.upsert(one, "case.reported");
  choose(one.id);
}

function back() {
  if (search.close() || map.stopMeasure()) return;
  const field = /** @type {HTMLElement | null} */ (document.activeElement);
  if (form.open) form.cancel();
  else if (field && field !== document.body && field.matches("input, textarea, select")) field.blur();
  else if (selected) choose(0);
}
