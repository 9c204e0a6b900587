/** Maps that were saved: kept with what they said of themselves, opened again by their link. */

import { ApiError, ask, get, newKey, post } from "./api.js";
import { fill, h } from "./dom.js";
import { day } from "./format.js";
import { t } from "./message.js";
import { toast, toastError } from "./toast.js";
import { settle } from "./url_state.js";

/** @typedef {{id: number, name: string, query: string, made_by_name: string, made_at: string, mine: boolean}} Saved */

const LISTED = 8;

export class SavedMaps {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.name = h("input", { class: "field", maxlength: 120, placeholder: t("risk.map_name"), "aria-label": t("risk.map_name") });
    this.list = h("ul", { class: "saved" });
    this.button = h("button", { class: "btn", type: "submit" }, t("risk.save"));
    place.append(h("form", { class: "save-form", on: { submit: (/** @type {Event} */ event) => { event.preventDefault(); this.save(); } } }, this.name, this.button),
      this.list);
  }

  async load() {
    try {
      const answer = await get("risk/maps", { limit: LISTED });
      this.show(answer.items);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(this.list, h("li", { class: "muted small" }, error.lines.join(" ")));
    }
  }

  /** @param {Saved[]} maps */
  show(maps) {
    fill(this.list, ...maps.map((one) => h("li", null,
      h("a", { class: "saved-name", title: one.name, href: `/risk?${one.query}` }, one.name),
      h("span", { class: "muted small num" }, `${one.made_by_name} · ${day(Date.parse(one.made_at))}`),
      one.mine ? h("button", { class: "link small", type: "button", "aria-label": t("risk.remove_is", { name: one.name }), on: { click: () => this.remove(one) } }, t("risk.remove")) : null)));
    if (!maps.length) fill(this.list, h("li", { class: "muted small" }, t("risk.maps_none")));
  }

  async save() {
    const name = this.name.value.trim();
    if (!name) {
      this.name.focus();
      toast(t("risk.name_first"));
      return;
    }
    this.button.setAttribute("aria-busy", "true");
    try {
      await post("risk/maps", { name, query: settle() }, newKey());
      this.name.value = "";
      toast(t("risk.saved", { name }));
      await this.load();
    } catch (error) {
      toastError(error);
    } finally {
      this.button.removeAttribute("aria-busy");
    }
  }

  /** @param {Saved} one */
  async remove(one) {
    try {
      await ask("DELETE", `risk/maps/${one.id}`);
      toast(t("risk.removed", { name: one.name }), { action: { text: t("app.undo"), run: () => this.restore(one) } });
      await this.load();
    } catch (error) {
      toastError(error);
    }
  }

  /** Bring back a map as it was when it was saved. @param {Saved} one */
  async restore(one) {
    try {
      await ask("POST", `risk/maps/${one.id}/restore`);
      await this.load();
    } catch (error) {
      toastError(error);
    }
  }
}

/** Put the address of the view as it is now on the clipboard. */
export async function share() {
  settle();
  try {
    await navigator.clipboard.writeText(location.href);
    toast(t("risk.link_copied"));
  } catch {
    // No clipboard without a secure address: then the address is shown to be copied by hand.
    toast(location.href, { forMs: 20_000 });
  }
}
