/** The time as the server has it, and one beat a second for everything that shows running time. */

let offsetMs = 0;
/** @type {Set<(nowMs: number) => void>} */
const listeners = new Set();

/** Milliseconds since 1970 by the server's clock. */
export function now() {
  return Date.now() + offsetMs;
}

/**
 * Learn the server's time from an answer just received.
 * @param {string | number | null | undefined} serverTime ISO 8601 or milliseconds
 */
export function learn(serverTime) {
  const ms = typeof serverTime === "number" ? serverTime : Date.parse(serverTime ?? "");
  if (Number.isFinite(ms)) offsetMs = ms - Date.now();
}

/**
 * Call at once and then at each full second.
 * @param {(nowMs: number) => void} listener
 */
export function everySecond(listener) {
  listeners.add(listener);
  listener(now());
}

function beat() {
  const at = now();
  for (const listener of listeners) listener(at);
  setTimeout(beat, 1000 - (now() % 1000) + 5);
}
setTimeout(beat, 1000 - (now() % 1000) + 5);
