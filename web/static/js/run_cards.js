/** Run cards: the list, the card that is looked at or edited, and what a save contradicts. */

import { byId, markReady, page } from "./page.js";
import { ApiError, all, ask, get, newKey } from "./api.js";
import { fill, h } from "./dom.js";
import { bindKeys, startKeys } from "./keys.js";
import { label, named, t } from "./message.js";
import { read, write } from "./url_state.js";
import { startSignOut } from "./sign_out.js";
import { toast, toastError } from "./toast.js";
import { shapeIcon } from "./shape.js";
import { matchWords, needWords } from "./run_card_words.js";
import { Editor } from "./run_card_editor.js";

/** @typedef {import("./run_card_words.js").Card} Card */

const FAMILIES = /** @type {const} */ (["hazard", "dispute", "service", "police", "recommendation"]);
const mayEdit = Boolean(page.user?.permissions.includes("type.edit"));
/** @type {Card[]} */
let cards = [];
/** @type {Map<string, any>} */
const types = new Map();
let family = read("family") ?? "";
/** @type {number | "new" | null} */
let selected = read("card") === "new" ? "new" : Number(read("card")) || null;
/** @type {(() => Promise<void>) | null} */
let takeBack = null;
const editor = new Editor(byId("editor"), types, { mayEdit, onSave: save, onRemove: remove, onClose: () => choose(null), onCard: choose });

startSignOut();
byId("new-card").hidden = !mayEdit;
byId("new-card").addEventListener("click", () => choose("new"));
bindKeys([
  { key: "j", shown: "j", says: t("cards.key_next"), run: () => step(1) },
  { key: "k", shown: "k", says: t("cards.key_previous"), run: () => step(-1) },
  ...(mayEdit ? [
    { key: "n", shown: "n", says: t("cards.new"), run: () => choose("new") },
    { key: "u", shown: "u", says: t("cards.key_undo"), run: undo },
  ] : []),
  { key: "Escape", shown: "Esc", says: t("keys.back"), always: true, run: () => choose(null) },
]);
startKeys();
await load();
markReady();

/** Read cards and types, and draw them. */
async function load() {
  const main = byId("main");
  main.setAttribute("aria-busy", "true");
  try {
    const [found, known] = await Promise.all([get("run-cards"), types.size ? [] : all("case-types", {})]);
    cards = found.items;
    for (const type of known) types.set(type.code, type);
    draw();
    open();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    fill(byId("cards-empty"), h("div", { class: "notice notice-bad", role: "alert" }, ...error.lines.map((line) => h("p", null, line)),
      h("p", null, h("button", { class: "btn", type: "button", on: { click: load } }, t("app.again")))));
  } finally {
    main.setAttribute("aria-busy", "false");
  }
}

/** @param {Card} card */
const familyOf = (card) => card.family ?? types.get(card.type ?? "")?.family ?? "";

function shown() {
  return cards.filter((card) => !family || familyOf(card) === family);
}

function draw() {
  fill(byId("families"), ...["", ...FAMILIES].map((name) => h("button", {
    class: "choice", type: "button", "aria-pressed": String(name === family), on: { click: () => { family = name; write({ family }); draw(); } },
  }, name ? shapeIcon(/** @type {any} */ (name)) : null, name ? label("family", name) : t("cards.all"))));
  const rows = shown();
  fill(byId("cards"), ...rows.map((card) => h("li", null, h("button", {
    class: "card-row", type: "button", "aria-current": card.id === selected ? "true" : null, data: { card: card.id }, on: { click: () => choose(card.id) },
  },
  h("span", { class: "card-name" }, h("strong", null, named(card.name, card.name_en)), card.edited ? h("span", { class: "tag tag-quiet" }, t("cards.own")) : null),
  h("span", { class: "small" }, matchWords(card, types)),
  h("span", { class: "small muted" }, needWords(card.needs))))));
  fill(byId("cards-empty"), rows.length ? null : h("div", { class: "empty" },
    h("strong", null, t("cards.none")), h("span", null, t("cards.none_why")),
    mayEdit ? h("button", { class: "btn", type: "button", on: { click: () => choose("new") } }, t("cards.new")) : null));
}

function open() {
  const card = cards.find((one) => one.id === selected) ?? null;
  if (selected === "new" && mayEdit) editor.open(null);
  else if (card) editor.open(card);
  else editor.empty();
}

/** @param {number | "new" | null} which */
function choose(which) {
  selected = which;
  write({ card: which });
  for (const row of byId("cards").querySelectorAll(".card-row")) {
    if (Number(/** @type {HTMLElement} */ (row).dataset.card) === which) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
  byId("cards").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  open();
  if (which && matchMedia("(max-width: 60rem)").matches) byId("editor").scrollIntoView();
}

/** @param {number} by */
function step(by) {
  const rows = shown();
  const at = rows.findIndex((card) => card.id === selected);
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
  if (next) choose(next.id);
}

/**
 * Save a card; what it contradicts is shown beside it.
 * @param {Card | null} before
 * @param {Record<string, unknown>} body
 */
async function save(before, body) {
  try {
    const options = { body: before ? { ...body, version: before.version } : body, idempotencyKey: newKey() };
    const made = await (before ? ask("PUT", `run-cards/${before.id}`, options) : ask("POST", "run-cards", options));
    offer(t("cards.saved", { name: named(made.name, made.name_en) }),
      before ? () => put(before, made.version) : () => ask("DELETE", `run-cards/${made.id}?version=${made.version}`));
    selected = made.id;
    write({ card: made.id });
    await load();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 409 && error.problem.field === "match") editor.showConflict(error.problem.winner ?? {});
    else editor.refuse(error);
  }
}

/** @param {Card} card */
async function remove(card) {
  try {
    const gone = await ask("DELETE", `run-cards/${card.id}?version=${card.version}`, { idempotencyKey: newKey() });
    offer(t("cards.removed", { name: named(card.name, card.name_en) }), () => put(card, gone.version));
    choose(null);
  } catch (error) {
    toastError(error);
  }
  await load();
}

/** Write a card as it was. @param {Card} card @param {number} version the one it has now */
function put(card, version) {
  const { id, code: _code, edited: _edited, ...body } = card;
  return ask("PUT", `run-cards/${id}`, { body: { ...body, version }, idempotencyKey: newKey() });
}

/** Say what was done, with the way back. @param {string} text @param {() => Promise<unknown>} back */
function offer(text, back) {
  takeBack = async () => {
    takeBack = null;
    try {
      await back();
      toast(t("cards.undone"));
    } catch (error) {
      toastError(error);
    }
    await load();
  };
  toast(text, { action: { text: t("app.undo"), key: "u", run: undo }, forMs: 12_000 });
}

function undo() {
  takeBack?.();
}
