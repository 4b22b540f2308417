/** Adds up what came in the last seconds. */

/** Milliseconds. */
const WINDOW = 3_000;

export class Recent {
  /** @type {{now: number, amount: number}[]} the newest last, none much older than `WINDOW` */
  #events = [];
  #started = 0;

  /**
   * Begins anew.
   * @param {number} now milliseconds
   */
  start(now) {
    this.#events = [];
    this.#started = now;
  }

  /**
   * @param {number} now milliseconds
   * @param {number} [amount]
   */
  add(now, amount = 1) {
    this.#events.push({ now, amount });
    while (now - (this.#events[0]?.now ?? now) > WINDOW) this.#events.shift();
  }

  /**
   * How much came a second, over the last three or since the start.
   * @param {number} now milliseconds
   */
  rate(now) {
    const span = Math.min(WINDOW, now - this.#started);
    const sum = this.#events.reduce((all, { now: at, amount }) => (now - at < WINDOW ? all + amount : all), 0);
    return span > 0 ? (1_000 * sum) / span : 0;
  }
}
