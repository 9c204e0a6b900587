/** One sound for a new urgent case. Silent until somebody has asked for it with a gesture. */

import { t } from "./message.js";

const KEPT = "ganxin.wall.muted";

export class Sound {
  /** @param {HTMLElement} button */
  constructor(button) {
    this.button = button;
    this.muted = true;
    /** @type {AudioContext | null} */
    this.audio = null;
    button.addEventListener("click", () => this.toggle());
    // A wall that was set to sound goes on sounding after a reload, once the browser allows it.
    if (localStorage.getItem(KEPT) === "no") {
      addEventListener("pointerdown", () => { if (this.muted) this.toggle(); }, { once: true });
    }
    this.show();
  }

  toggle() {
    this.muted = !this.muted;
    localStorage.setItem(KEPT, this.muted ? "yes" : "no");
    if (!this.muted) {
      this.audio ??= new AudioContext();
      this.play();
    }
    this.show();
  }

  show() {
    this.button.setAttribute("aria-pressed", String(this.muted));
    const words = this.button.lastElementChild;
    if (words) words.textContent = t(this.muted ? "wall.muted" : "wall.sounding");
  }

  play() {
    if (this.muted || !this.audio) return;
    const from = this.audio.currentTime;
    for (const [pitch, delay] of [[660, 0], [880, 0.18]]) this.tone(this.audio, pitch, from + delay);
  }

  /**
   * @param {AudioContext} audio
   * @param {number} pitch
   * @param {number} at
   */
  tone(audio, pitch, at) {
    const voice = audio.createOscillator();
    const volume = audio.createGain();
    voice.frequency.value = pitch;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.22, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.45);
    voice.connect(volume).connect(audio.destination);
    voice.start(at);
    voice.stop(at + 0.5);
  }
}
