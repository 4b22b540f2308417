/** Keeps the screen on: the browser lets go of a wake lock whenever the page is hidden, so it is asked for again. */

/** Milliseconds before asking again where it was refused (a battery that runs low) or lost. */
const ASK_AGAIN = 30_000;

export class Awake {
  #lock;
  #timer = 0;
  #asking = false;
  #held = false;

  /** @param {WakeLock | undefined} lock undefined where the browser has none: the system must stay awake by itself */
  constructor(lock) {
    this.#lock = lock;
    document.addEventListener("visibilitychange", () => this.keep());
  }

  /** Asks for the lock unless it is held. */
  async keep() {
    if (!this.#lock || this.#held || this.#asking || document.hidden) return;
    clearTimeout(this.#timer);
    this.#asking = true;
    try {
      const sentinel = await this.#lock.request("screen");
      this.#held = true;
      sentinel.addEventListener("release", () => {
        this.#held = false;
        this.keep();
      });
    } catch {
      this.#timer = setTimeout(() => this.keep(), ASK_AGAIN);
    } finally {
      this.#asking = false;
    }
  }
}
