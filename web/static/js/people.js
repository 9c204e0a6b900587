/**
 * Where everybody is, in typed columns, and where to draw them between two fixes.
 *
 * Places are kept in web Mercator, 0..1 from the north-west corner of the world, so that drawing
 * needs no trigonometry. A person glides from where they were drawn to the new fix within the
 * usual pause between two fixes; a jump too far for that is drawn as a jump.
 */

import { now } from "./clock.js";

/** @typedef {import("./contract.js").PeopleColumns} PeopleColumns */

/** Farther than this a glide would draw a path nobody took; about 400 m in Mercator units. */
const JUMP = 1.3e-5;
const GLIDE_MS = { least: 1000, most: 12_000, first: 4000 };

/** @param {number} lon */
export const mercatorX = (lon) => (lon + 180) / 360;

/** @param {number} lat */
export function mercatorY(lat) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
}

/** @param {number} x */
export const lonOf = (x) => x * 360 - 180;

/** @param {number} y */
export const latOf = (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;

export class People {
  id = new Float64Array(0);
  /** Where each was drawn when the latest fix came, where it leads, where each is drawn now. */
  fromX = new Float64Array(0);
  fromY = new Float64Array(0);
  toX = new Float64Array(0);
  toY = new Float64Array(0);
  drawnX = new Float64Array(0);
  drawnY = new Float64Array(0);
  since = new Float64Array(0);
  glideMs = new Float64Array(0);
  fixAt = new Float64Array(0);
  heading = new Float32Array(0);
  speed = new Float32Array(0);
  role = new Uint8Array(0);
  busy = new Uint8Array(0);
  alive = new Uint8Array(0);
  capacity = 0;

  constructor() {
    /** @type {string[]} */
    this.roles = [];
    /** @type {Map<number, number>} */
    this.rowOf = new Map();
    this.size = 0;
    this.room(1024);
  }

  /**
   * Take a snapshot in the place of everything known.
   * @param {string[]} roles
   * @param {PeopleColumns} columns
   */
  replace(roles, columns) {
    this.roles = roles;
    this.rowOf.clear();
    this.size = 0;
    this.room(Math.ceil(columns.id.length * 1.1) + 64);
    columns.id.forEach((id, index) => this.put(id, columns, index, true));
  }

  /**
   * Take in new fixes.
   * @param {PeopleColumns} columns
   */
  move(columns) {
    columns.id.forEach((id, index) => this.put(id, columns, index, false));
  }

  /**
   * Take somebody off the map, as when duty ends.
   * @param {number} id
   */
  remove(id) {
    const row = this.rowOf.get(id);
    if (row !== undefined) this.alive[row] = 0;
  }

  /**
   * Write where everybody is drawn at a moment into `drawnX` and `drawnY`.
   * @param {number} atMs
   * @returns {boolean} whether somebody is still on the way to their fix
   */
  place(atMs) {
    let moving = false;
    for (let row = 0; row < this.size; row += 1) {
      const span = this.glideMs[row];
      const part = span > 0 ? Math.min(1, (atMs - this.since[row]) / span) : 1;
      this.drawnX[row] = this.fromX[row] + (this.toX[row] - this.fromX[row]) * part;
      this.drawnY[row] = this.fromY[row] + (this.toY[row] - this.fromY[row]) * part;
      if (part < 1) moving = true;
    }
    return moving;
  }

  /** How many are on the move by their latest fix. */
  countMoving() {
    let n = 0;
    for (let row = 0; row < this.size; row += 1) if (this.alive[row] && this.speed[row] > 0.3) n += 1;
    return n;
  }

  /** @param {number} rows */
  room(rows) {
    this.capacity = rows;
    this.id = new Float64Array(rows);
    this.fromX = new Float64Array(rows);
    this.fromY = new Float64Array(rows);
    this.toX = new Float64Array(rows);
    this.toY = new Float64Array(rows);
    this.drawnX = new Float64Array(rows);
    this.drawnY = new Float64Array(rows);
    this.since = new Float64Array(rows);
    this.glideMs = new Float64Array(rows);
    this.fixAt = new Float64Array(rows);
    this.heading = new Float32Array(rows);
    this.speed = new Float32Array(rows);
    this.role = new Uint8Array(rows);
    this.busy = new Uint8Array(rows);
    this.alive = new Uint8Array(rows);
  }

  /**
   * @param {number} id
   * @param {PeopleColumns} columns
   * @param {number} index
   * @param {boolean} still
   */
  put(id, columns, index, still) {
    const row = this.rowOf.get(id) ?? this.add(id);
    const at = now();
    const x = mercatorX(columns.lon[index]);
    const y = mercatorY(columns.lat[index]);
    const fixAt = at - (columns.ageS[index] ?? 0) * 1000;
    this.glide(row, x, y, at, fixAt, still);
    this.fixAt[row] = fixAt;
    this.heading[row] = columns.headingDeg[index] ?? Number.NaN;
    this.speed[row] = columns.speedMps[index] ?? 0;
    if (columns.role.length) this.role[row] = columns.role[index];
    if (columns.busy.length) this.busy[row] = columns.busy[index] ? 1 : 0;
    this.alive[row] = 1;
  }

  /**
   * @param {number} row
   * @param {number} x
   * @param {number} y
   * @param {number} at
   * @param {number} fixAt
   * @param {boolean} still
   */
  glide(row, x, y, at, fixAt, still) {
    const known = this.alive[row] === 1;
    const jump = Math.hypot(x - this.toX[row], y - this.toY[row]) > JUMP;
    const pause = fixAt - this.fixAt[row];
    this.fromX[row] = known && !still && !jump ? this.drawnX[row] : x;
    this.fromY[row] = known && !still && !jump ? this.drawnY[row] : y;
    this.toX[row] = x;
    this.toY[row] = y;
    if (!known || still || jump) {
      this.drawnX[row] = x;
      this.drawnY[row] = y;
    }
    this.since[row] = at;
    this.glideMs[row] = still || jump || !known ? 0
      : Math.min(GLIDE_MS.most, Math.max(GLIDE_MS.least, pause || GLIDE_MS.first));
  }

  /** @param {number} id */
  add(id) {
    if (this.size === this.capacity) this.grow();
    const row = this.size;
    this.size += 1;
    this.rowOf.set(id, row);
    this.id[row] = id;
    this.alive[row] = 0;
    return row;
  }

  grow() {
    const old = { ...this };
    this.room(this.capacity * 2);
    for (const name of /** @type {const} */ (["id", "fromX", "fromY", "toX", "toY", "drawnX", "drawnY", "since", "glideMs", "fixAt", "heading", "speed", "role", "busy", "alive"])) {
      this[name].set(old[name]);
    }
  }
}
