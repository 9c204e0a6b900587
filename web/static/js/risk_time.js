/** The time line: cases of each week as bars, a brush for the period, a window that plays. */

import { fill, h, svg } from "./dom.js";
import { wantsStill } from "./page.js";
import { t } from "./message.js";

const BAR_DAYS = 7;
const STEP_MS = 1100;
const HEIGHT = 48;

/**
 * @typedef {object} Options
 * @property {(since: string, until: string) => void} onBrush
 * @property {(since: string, until: string) => void} onSlide while it is being dragged
 * @property {(since: string, until: string) => void} onPlay
 * @property {() => void} onStop
 */

export class TimeLine {
  /**
   * @param {HTMLElement} place
   * @param {Options} options
   */
  constructor(place, options) {
    this.options = options;
    /** @type {{since: string, until: string, n: number}[]} */
    this.bars = [];
    this.from = 0;
    this.to = 0;
    /** @type {ReturnType<typeof setInterval> | null} */
    this.playing = null;
    this.button = h("button", { class: "btn", type: "button", on: { click: () => this.toggle() } }, t("risk.play"));
    this.chart = h("div", { class: "time-chart", role: "slider", tabindex: "0", "aria-label": t("risk.brush"), "aria-valuemin": 0, "aria-valuemax": 0, "aria-valuenow": 0 });
    this.ends = h("div", { class: "time-ends num small muted" });
    this.side = h("div", { class: "time-side" });
    place.append(this.button, h("div", { class: "time-body" }, this.chart, this.ends), this.side);
    this.chart.addEventListener("pointerdown", (event) => this.brush(event));
    this.chart.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** @param {{day: string, n: number}[]} days in order */
  show(days) {
    const first = days.findIndex((one) => one.n > 0);
    const kept = first < 0 ? days.slice(-BAR_DAYS) : days.slice(first);
    this.bars = [];
    for (let end = kept.length; end > 0; end -= BAR_DAYS) {
      const week = kept.slice(Math.max(0, end - BAR_DAYS), end);
      this.bars.unshift({ since: week[0].day, until: week[week.length - 1].day, n: week.reduce((sum, one) => sum + one.n, 0) });
    }
    this.draw();
  }

  draw() {
    const top = Math.max(1, ...this.bars.map((bar) => bar.n));
    const chart = svg("svg", { viewBox: `0 0 ${this.bars.length * 10} ${HEIGHT}`, preserveAspectRatio: "none" });
    this.bars.forEach((bar, index) => {
      const tall = Math.max(1, (bar.n / top) * (HEIGHT - 2));
      chart.append(svg("rect", { x: index * 10 + 1, y: HEIGHT - tall, width: 8, height: tall, data: { bar: index } },
        svg("title", null, t("risk.bar", { since: bar.since, until: bar.until, n: bar.n }))));
    });
    fill(this.chart, chart);
    const [first, last] = [this.bars[0], this.bars[this.bars.length - 1]];
    if (first && last) fill(this.ends, h("span", null, first.since), h("span", null, t("risk.weekly")), h("span", null, last.until));
    this.chart.setAttribute("aria-valuemax", String(Math.max(0, this.bars.length - 1)));
    this.paint();
  }

  /**
   * Mark the bars of a period.
   * @param {string} since
   * @param {string} until
   */
  mark(since, until) {
    this.from = this.bars.findIndex((bar) => bar.until >= since);
    const after = this.bars.findIndex((bar) => bar.since > until);
    this.to = after < 0 ? this.bars.length - 1 : after - 1;
    this.paint();
  }

  paint() {
    for (const bar of this.chart.querySelectorAll("rect")) {
      const index = Number(bar.dataset.bar);
      bar.classList.toggle("on", this.from >= 0 && index >= this.from && index <= this.to);
    }
    this.chart.setAttribute("aria-valuenow", String(this.to));
    const [first, last] = [this.bars[this.from], this.bars[this.to]];
    if (first && last) this.chart.setAttribute("aria-valuetext", `${first.since} — ${last.until}`);
  }

  /**
   * Drag a new period, or the one that is there if it is taken hold of.
   * @param {PointerEvent} event
   */
  brush(event) {
    if (!this.bars.length) return;
    this.stop(false);
    this.chart.setPointerCapture(event.pointerId);
    const start = this.barAt(event);
    const { from, to } = this;
    const held = from >= 0 && start > from && start < to && to - from < this.bars.length - 1;
    const move = (/** @type {PointerEvent} */ next) => {
      const at = this.barAt(next);
      const by = Math.max(-from, Math.min(this.bars.length - 1 - to, at - start));
      const [first, last] = held ? [from + by, to + by] : [Math.min(start, at), Math.max(start, at)];
      if (first === this.from && last === this.to) return;
      this.from = first;
      this.to = last;
      this.paint();
      this.tell(this.options.onSlide);
    };
    move(event);
    this.chart.addEventListener("pointermove", move);
    this.chart.addEventListener("lostpointercapture", () => {
      this.chart.removeEventListener("pointermove", move);
      this.tell(this.options.onBrush);
    }, { once: true });
  }

  /** @param {PointerEvent} event */
  barAt(event) {
    const box = this.chart.getBoundingClientRect();
    const index = Math.floor(((event.clientX - box.left) / box.width) * this.bars.length);
    return Math.max(0, Math.min(this.bars.length - 1, index));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!by) return;
    event.preventDefault();
    const room = by > 0 ? this.bars.length - 1 - this.to : this.from;
    if (room <= 0) return;
    this.from += by;
    this.to += by;
    this.paint();
    this.tell(this.options.onBrush);
  }

  /** @param {(since: string, until: string) => void} to */
  tell(to) {
    const [first, last] = [this.bars[this.from], this.bars[this.to]];
    if (first && last) to(first.since, last.until);
  }

  toggle() {
    if (this.playing) this.stop(true);
    else this.play();
  }

  /** Slide a window of at most four weeks over the whole history, once. */
  play() {
    if (!this.bars.length) return;
    const width = Math.min(4, Math.max(1, this.to - this.from + 1), this.bars.length);
    let end = width - 1;
    const step = () => {
      if (end >= this.bars.length) {
        this.stop(true);
        return;
      }
      this.from = end - width + 1;
      this.to = end;
      this.paint();
      this.tell(this.options.onPlay);
      end += 1;
    };
    this.kept = { from: this.from, to: this.to };
    this.button.textContent = t("risk.pause");
    step();
    this.playing = setInterval(step, wantsStill() ? STEP_MS * 2 : STEP_MS);
  }

  /** @param {boolean} restore back to the period from before */
  stop(restore) {
    if (!this.playing) return;
    clearInterval(this.playing);
    this.playing = null;
    this.button.textContent = t("risk.play");
    if (restore && this.kept) {
      ({ from: this.from, to: this.to } = this.kept);
      this.paint();
      this.options.onStop();
    }
  }
}
