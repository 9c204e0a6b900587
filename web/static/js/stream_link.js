/**
 * A connection to the event stream that heals itself: it goes on after the last event seen, backs
 * off while the server is away, notices silence, and knows when it must not come back.
 */

export const STREAM_URL = "/api/v1/events";
/** The server says something at least every few seconds (`tick`): longer silence is a dead link. */
const SILENCE_MS = 25_000;
const STALE_MS = 12_000;
const BACKOFF_MS = [500, 1000, 2000, 4000, 8000];

/**
 * @typedef {"connecting" | "live" | "stale" | "reconnecting" | "signed-out"} LinkState
 * @typedef {{what: "state", state: LinkState, seq: number, heardAt: number}} StateMessage
 * @typedef {{what: "event", kind: string, seq: number | null, data: any}} EventMessage
 * @typedef {StateMessage | EventMessage} StreamMessage
 */

export class Link {
  /** @param {(message: StreamMessage) => void} tell */
  constructor(tell) {
    this.tell = tell;
    /** @type {EventSource | null} */
    this.source = null;
    /** @type {LinkState} */
    this.state = "connecting";
    this.seq = 0;
    this.heardAt = 0;
    this.attempts = 0;
    /** The server says that it is behind itself: its own database link is down. */
    this.behind = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    setInterval(() => this.watch(), 3000);
  }

  /** @returns {StateMessage} */
  status() {
    return { what: "state", state: this.state, seq: this.seq, heardAt: this.heardAt };
  }

  open() {
    if (this.source || this.state === "signed-out") return;
    const after = this.seq > 0 ? `?since=${this.seq}` : "";
    const source = new EventSource(STREAM_URL + after);
    this.source = source;
    this.heardAt = Date.now();
    source.onerror = () => this.lost();
    source.onmessage = (event) => this.heard("event", event);
    for (const name of SIGNALS) source.addEventListener(name, (event) => this.heard(name, event));
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.enter("connecting");
  }

  /** Try at once, as after the machine woke up. */
  retry() {
    if (this.state === "live") return;
    if (this.state === "signed-out") this.enter("connecting");
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.open();
  }

  /**
   * @param {string} name `event` for what happened to a case or person, else a signal
   * @param {MessageEvent} event
   */
  heard(name, event) {
    this.heardAt = Date.now();
    this.attempts = 0;
    const data = event.data ? JSON.parse(event.data) : {};
    if (name === "signed-out") {
      this.signedOut();
      return;
    }
    if (name === "hello" || name === "tick") this.behind = Boolean(data.stale);
    if (name === "stale" || name === "live") this.behind = name === "stale";
    if (name === "resync") this.seq = data.seq ?? 0;
    else this.seq = Math.max(this.seq, Number(event.lastEventId) || 0, data.seq ?? 0);
    this.enter(this.behind ? "stale" : "live");
    const isEvent = name === "event";
    this.tell({ what: "event", kind: isEvent ? data.kind : name, seq: isEvent ? data.seq : null, data });
  }

  lost() {
    this.source?.close();
    this.source = null;
    if (this.state === "signed-out") return;
    this.enter("reconnecting");
    const wait = BACKOFF_MS[Math.min(this.attempts, BACKOFF_MS.length - 1)];
    this.attempts += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.knock(), wait * (0.75 + Math.random() / 2));
  }

  /** An EventSource hides the status of a refusal: ask who we are first, 401 means signed out. */
  async knock() {
    try {
      const answer = await fetch("/api/v1/session", { credentials: "same-origin" });
      if (answer.status === 401) {
        this.signedOut();
        return;
      }
    } catch {
      this.lost();
      return;
    }
    this.open();
  }

  signedOut() {
    this.source?.close();
    this.source = null;
    this.enter("signed-out");
  }

  watch() {
    if (!this.source) return;
    const silent = Date.now() - this.heardAt;
    if (silent > SILENCE_MS) this.lost();
    else if (silent > STALE_MS && this.state === "live") this.enter("stale");
  }

  /** @param {LinkState} state */
  enter(state) {
    if (this.state === state) return;
    this.state = state;
    this.tell(this.status());
  }
}

/** Named events: signals of the link. What happens to cases comes as plain messages. */
const SIGNALS = ["hello", "tick", "stale", "live", "resync", "signed-out", "positions"];
