/** Telling the centre where I am while on duty: fixes are gathered and sent in small batches. */

import { post } from "./api.js";

/** @typedef {import("./place.js").Fix} Fix */

const SEND_MS = 10_000;
const MOST = 200;

export class PositionReporter {
  constructor() {
    /** @type {Fix[]} */
    this.fixes = [];
    setInterval(() => this.send(), SEND_MS);
  }

  /**
   * @param {Fix} fix
   * @param {boolean} onDuty off duty nothing is kept or sent
   */
  add(fix, onDuty) {
    if (!onDuty) {
      this.fixes = [];
      return;
    }
    this.fixes.push(fix);
    this.fixes = this.fixes.slice(-MOST);
  }

  async send() {
    const batch = this.fixes;
    if (!batch.length) return;
    this.fixes = [];
    const positions = batch.map((fix) => ({
      lon: fix.lon, lat: fix.lat, datum: "WGS-84", accuracy_m: fix.accuracyM,
      heading_deg: fix.headingDeg, speed_mps: fix.speedMps, measured_at: new Date(fix.at).toISOString(),
    }));
    try {
      await post("positions", { positions });
    } catch {
      // The server keeps the newest by measured_at whatever the order, so they may come later.
      this.fixes = [...batch, ...this.fixes].slice(-MOST);
    }
  }
}
