/**
 * Notices that answers stopped coming, and names the likely cause: nobody trusts a frozen picture twice.
 *
 * @typedef {"server" | "camera" | "answer"} Cause the connection is gone, no picture came, or no answer to one
 */

/** Milliseconds without an answer before it counts as a stall. */
const PATIENCE = 2_000;
const LOOK_EVERY = 250;

export class Watchdog {
  #onStall;
  #connected;
  #timer = 0;
  #answered = 0;
  #pictured = 0;

  /**
   * @param {object} parts
   * @param {() => boolean} parts.connected whether the server is there
   * @param {(cause: Cause, seconds: number) => void} parts.onStall called again and again while it lasts;
   *   seconds since the last answer, or since the start
   */
  constructor({ connected, onStall }) {
    this.#connected = connected;
    this.#onStall = onStall;
    // Hidden pages ask nothing, so the time away is no stall.
    document.addEventListener("visibilitychange", () => this.#forgive());
  }

  start() {
    this.stop();
    this.#forgive();
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY);
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** A new picture came from the camera. */
  picture() {
    this.#pictured = performance.now();
  }

  /** An answer came from the server. */
  answer() {
    this.#answered = performance.now();
  }

  #forgive() {
    this.#answered = this.#pictured = performance.now();
  }

  #look() {
    if (document.hidden) return;
    const now = performance.now();
    const silence = now - this.#answered;
    if (silence < PATIENCE) return;
    const seconds = Math.floor(silence / 1_000);
    if (!this.#connected()) this.#onStall("server", seconds);
    else this.#onStall(this.#pictured < this.#answered ? "camera" : "answer", seconds);
  }
}
