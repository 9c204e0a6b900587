/** Building elements. Whatever comes from people or the server goes in as text, never as HTML. */

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {{on?: Record<string, (event: any) => void>, data?: Record<string, string | number>, [name: string]: unknown}} Properties */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an HTML element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Properties | null} [properties] attributes; `on` listeners, `data` data-attributes
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  apply(element, properties ?? {});
  add(element, children);
  return element;
}

/**
 * Make an SVG element.
 * @param {string} tag
 * @param {Properties | null} [properties]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(tag, properties, ...children) {
  const element = /** @type {SVGElement} */ (document.createElementNS(SVG, tag));
  apply(element, properties ?? {});
  add(element, children);
  return element;
}

/**
 * Say what went wrong, a paragraph a line.
 * @param {string[]} lines
 * @param {...Child} more
 */
export function alertOf(lines, ...more) {
  return h("div", { class: "notice notice-bad", role: "alert" }, ...lines.map((line) => h("p", null, line)), ...more);
}

/**
 * Replace what is in an element.
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren();
  add(element, children);
}

/**
 * Set a text only where it changed, so that nothing is laid out for nothing.
 * @param {Node} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Keep an ordered list of keyed children: made once, updated in place, moved, removed.
 * @template Item
 * @param {Element} parent
 * @param {readonly Item[]} items
 * @param {(item: Item) => string} key
 * @param {(item: Item) => HTMLElement} make
 * @param {(element: HTMLElement, item: Item) => void} update
 */
export function keyed(parent, items, key, make, update) {
  const known = new Map(
    [...parent.children].map((child) => [/** @type {HTMLElement} */ (child).dataset.key, child]),
  );
  let place = parent.firstElementChild;
  for (const item of items) {
    const id = key(item);
    let element = /** @type {HTMLElement | undefined} */ (known.get(id));
    known.delete(id);
    if (!element) {
      element = make(item);
      element.dataset.key = id;
    }
    update(element, item);
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
  }
  for (const gone of known.values()) gone.remove();
}

/**
 * @param {Element} element
 * @param {Properties} properties
 */
function apply(element, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") listen(element, /** @type {Record<string, any>} */ (value));
    else if (name === "data") mark(element, /** @type {Record<string, string>} */ (value));
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/**
 * @param {Element} element
 * @param {Record<string, (event: any) => void>} listeners
 */
function listen(element, listeners) {
  for (const [name, listener] of Object.entries(listeners)) element.addEventListener(name, listener);
}

/**
 * @param {Element} element
 * @param {Record<string, string | number>} marks
 */
function mark(element, marks) {
  for (const [name, value] of Object.entries(marks)) {
    /** @type {HTMLElement} */ (element).dataset[name] = String(value);
  }
}

/**
 * @param {Element} element
 * @param {Child[]} children
 */
function add(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}
