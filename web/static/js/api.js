/** Requests to the API: CSRF token, idempotency keys, problem documents as readable errors. */

import { page } from "./page.js";
import { label, t } from "./message.js";

const BASE = "/api/v1/";
const TIMEOUT_MS = 20_000;

/**
 * @typedef {object} Problem
 * @property {number} status
 * @property {string} code
 * @property {string} [title]
 * @property {string} [detail]
 * @property {string} [field]
 * @property {string} [incident]
 * @property {Record<string, any>} [winner]
 */

/** A refusal of the API, or no answer at all (`status` 0: the network). */
export class ApiError extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.detail || problem.title || problem.code);
    this.problem = problem;
    this.status = problem.status;
    this.code = problem.code;
  }

  /** Whether trying again later may help. */
  get passing() {
    return this.status === 0 || this.status >= 500 || this.status === 429;
  }

  /** What happened, what is safe, what to do next: one paragraph each. */
  get lines() {
    const kind = this.status === 0 ? "offline" : this.status >= 500 ? "unavailable" : this.code;
    const happened = label("problem", kind, this.message);
    const detail = this.status >= 400 && this.status < 500 && happened !== this.message ? this.message : "";
    const next = label("problem_next", kind, t("problem_next.other"));
    const incident = this.problem.incident;
    return [happened, detail, next, incident ? t("problem.incident", { incident }) : ""].filter(Boolean);
  }
}

/**
 * @typedef {object} Options
 * @property {unknown} [body] sent as JSON
 * @property {string} [idempotencyKey]
 * @property {AbortSignal} [signal]
 * @property {number} [timeoutMs]
 * @property {Record<string, string | number | boolean | null | undefined | readonly string[]>} [query]
 */

/**
 * Ask the API.
 * @param {"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} method
 * @param {string} path below /api/v1/
 * @param {Options} [options]
 * @returns {Promise<any>} the JSON of the answer, null where it has none
 */
export async function ask(method, path, options = {}) {
  const answer = await send(method, path, options);
  if (!answer.ok) throw new ApiError(await problemOf(answer));
  return answer.status === 204 ? null : answer.json();
}

/**
 * @param {string} path
 * @param {Options["query"]} [query]
 * @param {AbortSignal} [signal]
 */
export const get = (path, query, signal) => ask("GET", path, { query, signal });

/**
 * Ask for something that is not JSON: a picture, with what its headers say.
 * @param {string} path
 * @param {Options["query"]} [query]
 * @param {AbortSignal} [signal]
 */
export async function getRaw(path, query, signal) {
  const answer = await send("GET", path, { query, signal });
  if (!answer.ok) throw new ApiError(await problemOf(answer));
  return answer;
}

/**
 * Ask for a file that is made on the spot.
 * @param {string} path
 * @param {unknown} body
 * @param {AbortSignal} signal
 * @param {number} timeoutMs
 */
export async function postRaw(path, body, signal, timeoutMs) {
  const answer = await send("POST", path, { body, signal, timeoutMs });
  if (!answer.ok) throw new ApiError(await problemOf(answer));
  return answer;
}

/**
 * @param {string} path
 * @param {unknown} body
 * @param {string} [idempotencyKey]
 */
export const post = (path, body, idempotencyKey) => ask("POST", path, { body, idempotencyKey });

/**
 * Read every page of a list.
 * @param {string} path
 * @param {Record<string, any>} query
 * @param {number} [most]
 * @returns {Promise<any[]>}
 */
export async function all(path, query, most = 5000) {
  const items = [];
  let cursor = null;
  do {
    const answer = await get(path, { ...query, cursor });
    items.push(...answer.items);
    cursor = answer.next;
  } while (cursor && items.length < most);
  return items;
}

/** A key that stands for one intention: sent again, it is done once. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Options} options
 */
async function send(method, path, { body, idempotencyKey, signal, query, timeoutMs = TIMEOUT_MS }) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = page.csrf_token;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (idempotencyKey) headers["Idempotency-Key"] = idempotencyKey;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await fetch(BASE + path + search(query), {
      method,
      headers,
      credentials: "same-origin",
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError({ status: 0, code: "offline" });
  }
}

/** @param {Options["query"]} query */
function search(query) {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === null || value === undefined || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) pairs.append(name, String(one));
  }
  const text = pairs.toString();
  return text ? `?${text}` : "";
}

/**
 * @param {Response} answer
 * @returns {Promise<Problem>}
 */
async function problemOf(answer) {
  const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
  const problem = isJson ? await answer.json() : {};
  return { code: "unknown", ...problem, status: answer.status };
}
