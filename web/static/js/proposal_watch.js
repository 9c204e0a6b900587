/** When a proposal is solved anew: something that decides it has changed, or a minute is over. */

const QUIET_MS = 2000;
/** Changes never stop on a busy day: no longer than this after the first of them. */
const LATEST_MS = 8000;
/** People move without an event. */
const AGAIN_MS = 60_000;
/** Of the server's time at most a sixth goes to one panel. */
const REST = 5;
const DECIDES = /^(case\.(?!contact_|document_|rated|supervised|extension_)|assignment\.|queue\.|person\.(duty|terms|recused)|type\.|limit\.)/;

export class Watch {
  /** @param {() => Promise<boolean>} solve tells whether it did: not while somebody decides */
  constructor(solve) {
    this.solve = solve;
    /** When the first change was heard that is not in the proposal. @type {number} */
    this.since = 0;
    this.heardAt = 0;
    this.notBefore = 0;
    this.running = false;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
  }

  /** A proposal was made just now. @param {number} tookMs */
  start(tookMs) {
    const now = performance.now();
    this.since = 0;
    this.solvedAt = now;
    this.notBefore = now + REST * tookMs;
    this.timer ??= setInterval(() => this.look(), 500);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** @param {string} kind of an event of the stream */
  heard(kind) {
    if (!this.timer || !DECIDES.test(kind)) return;
    this.heardAt = performance.now();
    this.since ||= this.heardAt;
  }

  async look() {
    if (this.running || document.hidden || !this.due(performance.now())) return;
    this.running = true;
    const since = this.since;
    this.since = 0;
    try {
      if (!await this.solve()) this.since = since;
    } finally {
      this.running = false;
    }
  }

  /** @param {number} now */
  due(now) {
    if (now < this.notBefore) return false;
    const changed = this.since && (now - this.heardAt >= QUIET_MS || now - this.since >= LATEST_MS);
    return Boolean(changed) || now - (this.solvedAt ?? now) >= AGAIN_MS;
  }
}
