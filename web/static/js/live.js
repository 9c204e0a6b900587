/**
 * The living picture: open cases and people, kept true by the stream.
 *
 * The stream is listened to first and what it says is kept; then the snapshot is read, and what
 * came after it is applied. A snapshot may be a second older than the moment we began to listen:
 * the events between are asked for. So nothing falls between the two. After a `resync`, or when
 * the link comes back, the same again.
 */

import { ApiError, get } from "./api.js";
import { learn, now } from "./clock.js";
import { isOpen, readCase, readFixes, readPeople } from "./contract.js";
import { People } from "./people.js";
import { listen } from "./stream.js";

/** @typedef {import("./contract.js").Case} Case */
/** @typedef {import("./stream_link.js").EventMessage} EventMessage */

/**
 * @typedef {object} Change
 * @property {"snapshot" | "case" | "positions" | "state" | "event"} what
 * @property {Case} [case]
 * @property {string} [kind]
 * @property {any} [data]
 * @property {number} [seq]
 */

const RETRY_MS = 3000;
const MOST_MISSED = 1000;

export class Live {
  constructor() {
    /** @type {Map<number, Case>} */
    this.cases = new Map();
    this.people = new People();
    /** @type {import("./stream_link.js").LinkState} */
    this.state = "connecting";
    this.seq = 0;
    /** How far the stream has told: a snapshot from before needs what came between. */
    this.heardTo = 0;
    this.positionsAt = 0;
    this.loaded = false;
    /** @type {Set<(change: Change) => void>} */
    this.listeners = new Set();
    /** @type {Map<number, Case>} the last few that ended, for those who still speak of them */
    this.closed = new Map();
    /** @type {EventMessage[]} */
    this.kept = [];
    this.loading = false;
    /** @type {Map<number, ReturnType<typeof setTimeout>>} */
    this.asked = new Map();
  }

  /** @param {(change: Change) => void} listener */
  onChange(listener) {
    this.listeners.add(listener);
  }

  /** Listen, then read the snapshot. */
  start() {
    const link = listen((message) => (message.what === "state" ? this.enter(message) : this.take(message)));
    this.retry = link.retry;
    this.load();
  }

  /** Read the snapshot; try again while the server is away. */
  async load() {
    if (this.loading) return;
    this.loading = true;
    try {
      const snapshot = await get("live");
      const missed = snapshot.seq < this.heardTo ? (await get("events", { since: snapshot.seq, limit: MOST_MISSED })).items : [];
      this.loading = false;
      this.adopt(snapshot, missed);
    } catch (error) {
      this.loading = false;
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) this.enter({ state: "signed-out", seq: 0 });
      else setTimeout(() => this.load(), RETRY_MS);
    }
  }

  /**
   * @param {any} snapshot
   * @param {any[]} missed events after it that the stream told before we listened, or that an
   *   older picture had already taken in
   */
  adopt(snapshot, missed) {
    learn(snapshot.server_time);
    this.seq = snapshot.seq;
    this.cases = new Map(snapshot.cases.map(readCase).map((/** @type {Case} */ one) => [one.id, one]));
    const columns = readPeople(snapshot.people);
    this.people.replace(snapshot.roles ?? [], columns);
    this.positionsAt = now() - 1000 * columns.ageS.reduce((least, age) => Math.min(least, age), Infinity);
    if (!Number.isFinite(this.positionsAt)) this.positionsAt = 0;
    this.loaded = true;
    this.tell({ what: "snapshot" });
    const kept = this.kept;
    this.kept = [];
    for (const data of missed) this.apply({ what: "event", kind: data.kind, seq: data.seq, data });
    for (const message of kept) this.apply(message);
  }

  /** @param {Pick<import("./stream_link.js").StateMessage, "state" | "seq">} message */
  enter({ state, seq }) {
    const back = state === "live" && this.state !== "live" && this.loaded;
    this.state = state;
    this.heardTo = Math.max(this.heardTo, seq);
    this.tell({ what: "state" });
    if (back) this.load();
  }

  /** @param {EventMessage} message */
  take(message) {
    this.heardTo = Math.max(this.heardTo, message.seq ?? 0, message.kind === "hello" ? message.data.seq : 0);
    if (message.kind === "resync") {
      this.heardTo = message.data.seq;
      this.load();
    } else if (this.loading || !this.loaded) {
      this.kept.push(message);
    } else {
      this.apply(message);
    }
  }

  /** @param {EventMessage} message */
  apply({ kind, seq, data }) {
    if (kind === "positions") return this.move(data);
    if (kind === "hello") {
      learn(data.server_time);
      if (data.seq > this.seq) this.load();
      return undefined;
    }
    if (seq === null || seq <= this.seq) return undefined;
    this.seq = seq;
    this.tell({ what: "event", kind, data, seq });
    if (kind.startsWith("case.") || kind.startsWith("assignment.")) this.caseEvent(kind, data);
    if (kind === "person.duty" && data.payload?.duty && data.payload.duty !== "on_duty") {
      this.people.remove(data.person_id);
    }
    return undefined;
  }

  /** @param {any} data */
  move(data) {
    learn(data.t);
    this.people.move(readFixes(data.p));
    this.positionsAt = now();
    this.tell({ what: "positions" });
  }

  /**
   * @param {string} kind
   * @param {any} data
   */
  caseEvent(kind, data) {
    const raw = data.case ?? data.payload?.case;
    if (raw) this.upsert(readCase(raw), kind);
    else if (data.case_id) this.refresh(data.case_id, kind);
  }

  /**
   * Read one case again; several events in a row ask once.
   * @param {number} id
   * @param {string} kind
   * @param {number} [waitMs]
   */
  refresh(id, kind, waitMs = 60) {
    if (this.asked.has(id)) return;
    this.asked.set(id, setTimeout(() => {
      this.asked.delete(id);
      get(`cases/${id}`).then((raw) => this.upsert(readCase(raw), kind), (error) => {
        if (error.passing) this.refresh(id, kind, RETRY_MS);
      });
    }, waitMs));
  }

  /**
   * Put in what is now known of a case.
   * @param {Case} one
   * @param {string} [kind] of the event that told it
   */
  upsert(one, kind) {
    const known = this.cases.get(one.id);
    if (known && known.version > one.version) return;
    if (known && !one.description) one.description = known.description;
    if (isOpen(one)) this.cases.set(one.id, one);
    else this.bury(one);
    this.tell({ what: "case", case: one, kind });
  }

  /** @param {Case} one */
  bury(one) {
    this.cases.delete(one.id);
    this.closed.set(one.id, one);
    for (const id of this.closed.keys()) if (this.closed.size > 50) this.closed.delete(id);
  }

  /** @param {Change} change */
  tell(change) {
    for (const listener of this.listeners) listener(change);
  }
}
