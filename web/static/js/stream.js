/** The event stream as a page sees it: through the browser's shared worker, else its own link. */

import { page } from "./page.js";
import { Link } from "./stream_link.js";

/** @typedef {import("./stream_link.js").StreamMessage} StreamMessage */

const HEARTBEAT_MS = 20_000;

/**
 * Listen to the stream.
 * @param {(message: StreamMessage) => void} listener
 * @returns {{retry: () => void}}
 */
export function listen(listener) {
  const worker = makeWorker();
  return worker ? throughWorker(worker, listener) : directly(listener);
}

function makeWorker() {
  if (!("SharedWorker" in globalThis)) return null;
  const url = new URL("./stream_worker.js", import.meta.url);
  const name = `ganxin-stream-${page.user?.id ?? 0}-${page.csrf_token.slice(0, 8)}`;
  try {
    return new SharedWorker(url, { type: "module", name });
  } catch {
    return null;
  }
}

/**
 * @param {SharedWorker} worker
 * @param {(message: StreamMessage) => void} listener
 */
function throughWorker(worker, listener) {
  const port = worker.port;
  /** @type {{retry: () => void} | null} */
  let fallback = null;
  worker.onerror = () => { fallback ??= directly(listener); };
  port.onmessage = ({ data }) => { if (!fallback) listener(data); };
  port.start();
  setInterval(() => port.postMessage("here"), HEARTBEAT_MS);
  addEventListener("pagehide", () => port.postMessage("bye"));
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  const retry = () => (fallback ? fallback.retry() : port.postMessage("retry"));
  addEventListener("online", retry);
  return { retry };
}

/** @param {(message: StreamMessage) => void} listener */
function directly(listener) {
  const link = new Link(listener);
  listener(link.status());
  link.open();
  addEventListener("pagehide", () => link.close());
  const retry = () => link.retry();
  addEventListener("online", retry);
  return { retry };
}
