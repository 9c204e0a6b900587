/** My assignments: read from the server, moved on at once on the phone, sent through the outbox. */

import { get, ApiError } from "./api.js";
import { readAssignment, readCase } from "./contract.js";
import { label } from "./message.js";
import { page } from "./page.js";

/** @typedef {import("./contract.js").Case} Case */
/** @typedef {{case: Case, assignment: import("./contract.js").Assignment}} Task */

const SOON_MS = 400;
const KEPT = `ganxin.tasks.${page.user?.id ?? 0}`;
const NEXT_STATE = { acknowledge: "acknowledged", arrive: "arrived", return: "returned", close: "done", finish: "done" };

export class Tasks {
  /**
   * @param {import("./outbox.js").Outbox} outbox
   * @param {() => void} onChange
   */
  constructor(outbox, onChange) {
    this.outbox = outbox;
    this.onChange = onChange;
    /** @type {Task[]} the last known ones are there even before the network is */
    this.items = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    this.loadedAt = 0;
    this.failed = false;
    /** @type {Case[]} reports of mine that wait for my verification */
    this.unverified = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** Read again shortly: several events in a row read once. */
  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), SOON_MS);
  }

  async load() {
    if (this.outbox.size) return;
    try {
      const answer = await get("cases", { mine: "true", state: "open", limit: 50 });
      const details = await Promise.all(answer.items.map((/** @type {any} */ one) => get(`cases/${one.id}`)));
      this.items = details.flatMap((raw) => {
        const mine = raw.assignments.find((/** @type {any} */ one) => one.live && one.person_id === page.user?.person_id);
        return mine ? [{ case: readCase(raw), assignment: readAssignment(mine) }] : [];
      });
      this.unverified = (await get("results/unverified")).items.map(readCase);
      this.loadedAt = Date.now();
      this.failed = false;
      localStorage.setItem(KEPT, JSON.stringify(this.items));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.failed = true;
    }
    this.onChange();
  }

  /**
   * Take a step: shown at once, sent when it can be.
   * @param {Task} task
   * @param {"acknowledge" | "arrive" | "return" | "close" | "finish"} verb
   * @param {Record<string, string>} [words]
   */
  step(task, verb, words = {}) {
    const one = `cases/${task.case.id}`;
    const path = verb === "finish" ? `${one}/actions` : verb === "close" ? `${one}/close` : `${one}/assignments/${task.assignment.id}/${verb}`;
    const act = verb === "finish" ? { action: verb, role: task.assignment.role } : {};
    const body = { version: task.case.version, ...act, ...words };
    task.assignment.state = NEXT_STATE[verb];
    // Each step of the lead raises the version by one: a chain taken offline fits together.
    if (task.assignment.role === "lead") task.case.version += 1;
    if (["return", "close", "finish"].includes(verb)) this.items = this.items.filter((one) => one !== task);
    localStorage.setItem(KEPT, JSON.stringify(this.items));
    this.outbox.put("POST", path, body, `${label("step", verb)} · ${task.case.typeName}`).then(() => this.soon());
    this.onChange();
  }
}
