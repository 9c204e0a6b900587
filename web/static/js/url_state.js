/** The address of a view: what is in the query restores it; the newest state replaces the last. */

const params = new URLSearchParams(location.search);
let timer = 0;

/** @param {string} name */
export function read(name) {
  return params.get(name);
}

/**
 * @param {string} name
 * @returns {string[]}
 */
export function readList(name) {
  return (params.get(name) ?? "").split(",").filter(Boolean);
}

/**
 * Write some of the state; empty values leave the address.
 * @param {Record<string, string | number | null | undefined | readonly string[]>} changes
 */
export function write(changes) {
  for (const [name, value] of Object.entries(changes)) {
    const text = Array.isArray(value) ? value.join(",") : String(value ?? "");
    if (text) params.set(name, text);
    else params.delete(name);
  }
  clearTimeout(timer);
  timer = setTimeout(replace, 150);
}

/**
 * The view of the map: `at=lon,lat,zoom`.
 * @returns {{center: [number, number], zoom: number} | null}
 */
export function readView() {
  const [lon, lat, zoom] = (params.get("at") ?? "").split(",").map(Number);
  if (![lon, lat, zoom].every(Number.isFinite) || Math.abs(lon) > 180 || Math.abs(lat) > 85) return null;
  return { center: [lon, lat], zoom: Math.min(19, Math.max(7, zoom)) };
}

/**
 * @param {{lng: number, lat: number}} center
 * @param {number} zoom
 */
export function writeView(center, zoom) {
  write({ at: `${center.lng.toFixed(5)},${center.lat.toFixed(5)},${zoom.toFixed(2)}` });
}

/** Write what is still to be written, and return the query of the address. */
export function settle() {
  clearTimeout(timer);
  replace();
  return location.search.slice(1);
}

function replace() {
  const query = params.toString().replaceAll("%2C", ",");
  history.replaceState(null, "", query ? `?${query}` : location.pathname);
  for (const link of document.querySelectorAll("a[data-keep-hash]")) {
    const anchor = /** @type {HTMLAnchorElement} */ (link);
    const target = new URL(anchor.href);
    target.searchParams.set("next", location.pathname + location.search);
    anchor.href = target.href;
  }
}
