/**
 * The outbox of a phone: every change goes in first and is sent in order, once the network is
 * there. Each has its own idempotency key, so one sent twice is done once. What the server refuses
 * stays until the person has seen why.
 */

import { ApiError, ask, newKey } from "./api.js";
import { page } from "./page.js";

/**
 * @typedef {object} Letter
 * @property {string} key
 * @property {"POST" | "PUT" | "PATCH"} method
 * @property {string} path
 * @property {any} body
 * @property {string} says what it does, in words for the list
 * @property {number} at milliseconds since 1970
 * @property {string[] | null} refused why, null while it waits
 */

const RETRY_MS = 8000;

export class Outbox {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.name = `ganxin.outbox.${page.user?.id ?? 0}`;
    /** @type {Letter[]} */
    this.letters = JSON.parse(localStorage.getItem(this.name) ?? "[]");
    this.sending = false;
    /** @type {Map<string, (answer: any) => void>} */
    this.waiting = new Map();
    addEventListener("online", () => this.send());
    setInterval(() => this.send(), RETRY_MS);
  }

  /** How many wait to be sent. */
  get size() {
    return this.letters.filter((letter) => !letter.refused).length;
  }

  /** Those that the server refused. */
  get refused() {
    return this.letters.filter((letter) => letter.refused);
  }

  /**
   * Put a change in and try to send it.
   * @param {Letter["method"]} method
   * @param {string} path
   * @param {any} body
   * @param {string} says
   * @returns {Promise<any>} the answer, whenever it comes
   */
  put(method, path, body, says) {
    const letter = { key: newKey(), method, path, body, says, at: Date.now(), refused: null };
    this.letters.push(letter);
    this.keep();
    const answer = new Promise((resolve) => { this.waiting.set(letter.key, resolve); });
    this.send();
    return answer;
  }

  /** @param {string} key */
  drop(key) {
    this.letters = this.letters.filter((letter) => letter.key !== key);
    this.keep();
  }

  /** Send what waits, in order; stop at the first that does not get through. */
  async send() {
    if (this.sending) return;
    this.sending = true;
    try {
      for (let letter = this.next(); letter; letter = this.next()) await this.sendOne(letter);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    } finally {
      this.sending = false;
      this.onChange();
    }
  }

  next() {
    return this.letters.find((letter) => !letter.refused);
  }

  /** @param {Letter} letter */
  async sendOne(letter) {
    try {
      const answer = await ask(letter.method, letter.path, { body: letter.body, idempotencyKey: letter.key });
      this.drop(letter.key);
      this.waiting.get(letter.key)?.(answer);
    } catch (error) {
      if (!(error instanceof ApiError) || error.passing || error.status === 401) throw error;
      letter.refused = error.lines;
      this.keep();
    }
  }

  keep() {
    localStorage.setItem(this.name, JSON.stringify(this.letters));
    this.onChange();
  }
}
