/** Telling the centre where I am while on duty: fixes are gathered and sent in small batches. */

import { ApiError, post } from "./api.js";
import { page } from "./page.js";

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
      person_id: page.user?.person_id, lon: fix.lon, lat: fix.lat, datum: "WGS-84", accuracy_m: fix.accuracyM,
      ...(fix.headingDeg === null || Number.isNaN(fix.headingDeg) ? {} : { heading_deg: fix.headingDeg }),
      ...(fix.speedMps === null ? {} : { speed_mps: fix.speedMps }),
      measured_at: new Date(fix.at).toISOString(),
    }));
    try {
      await post("positions", { positions });
    } catch (error) {
      if (!(error instanceof ApiError) || !error.passing) return;
      // The server keeps the newest by measured_at whatever the order, so they may come later.
      this.fixes = [...batch, ...this.fixes].slice(-MOST);
    }
  }
}
