/** Filters that I keep under a name: links to views, in a menu. */

import { ApiError, ask, get, newKey, post } from "./api.js";
import { fill, h } from "./dom.js";
import { byId } from "./page.js";
import { t } from "./message.js";
import { toast, toastError } from "./toast.js";
import { settle } from "./url_state.js";

/** @typedef {{id: number, name: string, query: string}} Saved */

/** What is of the moment and not of the filter. */
const PASSING = ["sel", "at"];

export class SavedFilters {
  constructor() {
    this.name = h("input", { class: "field", maxlength: 80, required: true, placeholder: t("desk.saved_name"), "aria-label": t("desk.saved_name") });
    this.list = h("ul", { class: "saved" });
    const form = h("form", { class: "saved-form", on: { submit: (/** @type {Event} */ event) => { event.preventDefault(); this.save(); } } },
      this.name, h("button", { class: "btn", type: "submit" }, t("desk.saved_keep")));
    this.menu = h("details", { class: "menu" }, h("summary", { class: "btn" }, t("desk.saved")), h("div", { class: "menu-list" }, this.list, form));
    byId("saved").append(this.menu);
    this.menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.menu.open) return;
      event.stopPropagation();
      this.menu.open = false;
      this.menu.querySelector("summary")?.focus();
    });
    document.addEventListener("click", (event) => {
      if (this.menu.open && event.target instanceof Node && !this.menu.contains(event.target)) this.menu.open = false;
    });
    this.menu.addEventListener("toggle", () => { if (this.menu.open) this.load(); });
  }

  async load() {
    try {
      this.show((await get("filters")).items);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(this.list, h("li", { class: "muted small" }, error.lines.join(" ")));
    }
  }

  /** @param {Saved[]} filters */
  show(filters) {
    fill(this.list, ...filters.map((one) => h("li", null,
      h("a", { class: "saved-name", href: `/desk?${one.query}` }, one.name),
      h("button", { class: "link", type: "button", "aria-label": t("desk.saved_remove", { name: one.name }), on: { click: () => this.remove(one) } }, "✕"))));
    if (!filters.length) fill(this.list, h("li", { class: "muted small" }, t("desk.saved_none")));
  }

  async save() {
    const name = this.name.value.trim();
    if (!name) {
      this.name.focus();
      return;
    }
    await this.keep(name, lasting(settle()));
    this.name.value = "";
    toast(t("desk.saved_kept", { name }));
  }

  /** @param {string} name @param {string} query */
  async keep(name, query) {
    try {
      await post("filters", { name, query }, newKey());
      await this.load();
    } catch (error) {
      toastError(error);
    }
  }

  /** @param {Saved} one */
  async remove(one) {
    try {
      await ask("DELETE", `filters/${one.id}`);
      toast(t("desk.saved_removed", { name: one.name }), { action: { text: t("app.undo"), run: () => this.keep(one.name, one.query) } });
      await this.load();
    } catch (error) {
      toastError(error);
    }
  }
}

/** @param {string} query */
function lasting(query) {
  const params = new URLSearchParams(query);
  for (const name of PASSING) params.delete(name);
  return params.toString().replaceAll("%2C", ",");
}
