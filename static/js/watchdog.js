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
  /** Whether a picture came that was not answered yet. */
  #asked = false;

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
    document.addEventListener("visibilitychange", () => this.forgive());
  }

  start() {
    this.stop();
    this.forgive();
    this.#asked = false;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY);
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** A new picture came from the camera. */
  picture() {
    this.#asked = true;
  }

  /** An answer came from the server. */
  answer() {
    this.#asked = false;
    this.forgive();
  }

  /** What was missed so far is no stall: time passed that nobody waited in. */
  forgive() {
    this.#answered = performance.now();
  }

  #look() {
    if (document.hidden) return;
    const silence = performance.now() - this.#answered;
    if (silence < PATIENCE) return;
    const seconds = Math.floor(silence / 1_000);
    if (!this.#connected()) this.#onStall("server", seconds);
    else this.#onStall(this.#asked ? "answer" : "camera", seconds);
  }
}
