/** Notices that nobody looks at the page for a while, and that somebody does again. */

/** Milliseconds that the page may be hidden, as when somebody looks something up in another tab. */
const GRACE = 10_000;

export class Absence {
  #parts;
  #timer = 0;
  #away = false;

  /**
   * @param {object} parts
   * @param {() => boolean} parts.onLeave nobody looks; returns whether anything was stopped that is to come back
   * @param {() => void} parts.onReturn somebody looks again, and what was stopped is still to come back
   */
  constructor(parts) {
    this.#parts = parts;
    document.addEventListener("visibilitychange", () => this.#look());
    this.#look();
  }

  /** What was stopped is no more to come back: somebody decided otherwise. */
  forget() {
    this.#away = false;
  }

  #look() {
    clearTimeout(this.#timer);
    if (document.hidden) {
      this.#timer = setTimeout(() => {
        this.#away ||= this.#parts.onLeave();
      }, GRACE);
      return;
    }
    if (!this.#away) return;
    this.#away = false;
    this.#parts.onReturn();
  }
}
