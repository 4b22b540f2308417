/** Reloads the page when the server has another version than the page is of, and nobody stands before it. */

/** Milliseconds between two looks while nothing happens. */
const LOOK_EVERY = 600_000;
const PATIENCE = 5_000;
/** Milliseconds between two tries where the server went away in between. */
const TRY_EVERY = 5_000;

/** Milliseconds before it reloads for the same version again: what keeps the page old may keep on doing so. */
const AGAIN = 600_000;
const TRIED = "reloaded";

export class Version {
  #own;
  #quiet;
  #memory;
  #reload;
  #stale = false;
  #busy = false;
  #tried = -Infinity;

  /**
   * @param {object} parts
   * @param {string} parts.own the page's
   * @param {() => boolean} parts.quiet whether a reload disturbs nobody now
   * @param {import("../memory.js").Memory} parts.memory
   * @param {() => void} parts.reload
   */
  constructor({ own, quiet, memory, reload }) {
    this.#own = own;
    this.#quiet = quiet;
    this.#memory = memory;
    this.#reload = reload;
    setInterval(() => this.look(), LOOK_EVERY);
  }

  /** Asks the server for its version: whenever it was away, and now and then. */
  async look() {
    const there = await this.#ask();
    this.#stale = there !== null && there !== this.#own && !this.#triedLately(there);
  }

  /**
   * Called again and again; reloads at a quiet moment where the page is old.
   * @param {number} now
   */
  async tick(now) {
    if (!this.#stale || this.#busy || now - this.#tried < TRY_EVERY || !this.#quiet()) return;
    this.#busy = true;
    this.#tried = now;
    const there = await this.#ask(); // it may be away again, and then the page that stands is better than none
    this.#busy = false;
    if (there === null || there === this.#own || !this.#quiet()) return;
    this.#memory.set(TRIED, `${there} ${Date.now()}`);
    this.#reload();
  }

  /** @param {string} version */
  #triedLately(version) {
    const [tried, at] = (this.#memory.get(TRIED) ?? "").split(" ");
    return tried === version && Math.abs(Date.now() - Number(at)) < AGAIN;
  }

  /** @returns {Promise<string | null>} null where the server is not ready */
  async #ask() {
    try {
      const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      const { version } = await answer.json();
      return answer.ok && typeof version === "string" ? version : null;
    } catch {
      return null;
    }
  }
}
