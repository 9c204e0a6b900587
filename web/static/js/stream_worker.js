/**
 * The one event stream of this browser: a shared worker that holds the EventSource and passes
 * everything on to each page. A browser allows six connections to a host; a stream for each page
 * would eat them up.
 */

import { Link } from "./stream_link.js";

/** A page that has said nothing for so long is gone (hidden pages may be slowed to one a minute). */
const GONE_MS = 150_000;

/** @type {Map<MessagePort, number>} */
const pages = new Map();
const link = new Link((message) => {
  for (const port of pages.keys()) port.postMessage(message);
});

/** @param {MessageEvent} event */
function onConnect(event) {
  const port = event.ports[0];
  pages.set(port, Date.now());
  port.onmessage = ({ data }) => {
    pages.set(port, Date.now());
    if (data === "bye") drop(port);
    if (data === "retry") link.retry();
  };
  port.postMessage(link.status());
  link.open();
}

/** @param {MessagePort} port */
function drop(port) {
  pages.delete(port);
  if (pages.size === 0) link.close();
}

function sweep() {
  for (const [port, seen] of pages) if (Date.now() - seen > GONE_MS) drop(port);
}

/** @type {any} */ (self).onconnect = onConnect;
setInterval(sweep, 30_000);
