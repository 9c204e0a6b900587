/** How old what is on the screen is, and whether the stream is alive: said in the chip of the bar. */

import { byId } from "./page.js";
import { say } from "./dom.js";
import { everySecond, now } from "./clock.js";
import { ago } from "./format.js";
import { t } from "./message.js";
import { toast } from "./toast.js";

/** @typedef {import("./live.js").Live} Live */

/** With no fix of anybody for so long the positions are called old, though the stream is alive. */
export const STALE_AFTER_S = 60;
const FOR_GOOD_MS = 2 ** 31 - 1;

/**
 * Keep the chip `#stream-state` true.
 * @param {Live} live
 */
export function showAge(live) {
  const chip = byId("stream-state");
  let told = false;
  live.onChange((change) => {
    if (change.what !== "state" || live.state !== "signed-out" || told) return;
    told = true;
    toast(t("stream.ended"), { bad: true, forMs: FOR_GOOD_MS, action: { text: t("nav.sign_in"), run: signInAgain } });
  });
  everySecond(() => {
    const age = live.positionsAt ? (now() - live.positionsAt) / 1000 : null;
    const old = age !== null && age > STALE_AFTER_S;
    const state = live.state === "live" && old ? "old" : live.state;
    chip.dataset.state = state;
    document.documentElement.dataset.stream = live.state;
    say(chip, words(state, age));
  });
}

/** Say in the chip how the stream is, on pages without positions. @param {import("./stream_link.js").LinkState} state */
export function showLink(state) {
  const chip = byId("stream-state");
  chip.dataset.state = state;
  document.documentElement.dataset.stream = state;
  say(chip, t(`stream.${state}`));
}

function signInAgain() {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/**
 * @param {string} state
 * @param {number | null} age
 */
function words(state, age) {
  if (state === "old") return t("age.old", { age: ago(age ?? 0) });
  const word = t(`stream.${state}`);
  return age === null || state === "signed-out" ? word : `${word} · ${t("age.positions", { age: ago(age) })}`;
}
