/** What the answers of the last seconds amount to: how many a second, how old when drawn, how many dropped. */

const WINDOW = 3_000;
const KEPT = 60;

/** Milliseconds without an answer after which the age shown is that of the last one and grows. */
const OLD = 1_000;

export class Statistics {
  /** @type {{now: number, age: number}[]} the newest last, at most `KEPT` */
  #answers = [];
  #started = 0;
  #droppedByServer = 0;
  #droppedHere = 0;

  /**
   * Begins anew.
   * @param {number} now milliseconds
   */
  start(now) {
    this.#answers = [];
    this.#started = now;
    this.#droppedByServer = 0;
    this.#droppedHere = 0;
  }

  /**
   * @param {number} now milliseconds
   * @param {number} age milliseconds from capture to drawn
   */
  drawn(now, age) {
    this.#answers.push({ now, age });
    if (this.#answers.length > KEPT) this.#answers.shift();
  }

  /**
   * The server's own count for this connection.
   * @param {number} count
   */
  droppedByServer(count) {
    this.#droppedByServer = count;
  }

  /** A frame that went unanswered: refused, timed out or lost with the connection. */
  droppedHere() {
    this.#droppedHere += 1;
  }

  get dropped() {
    return Math.max(this.#droppedByServer, this.#droppedHere);
  }

  /**
   * Answers a second, over the last three.
   * @param {number} now milliseconds
   */
  rate(now) {
    const recent = this.#answers.filter((answer) => now - answer.now < WINDOW);
    // A full list may reach back less than the window; a fresh start does, too.
    const oldest = recent.length === KEPT ? (recent[0]?.now ?? now) : now - WINDOW;
    const span = now - Math.max(oldest, this.#started);
    return span > 0 ? (1_000 * recent.length) / span : 0;
  }

  /**
   * How old what is drawn is, in milliseconds: the median over the last ten answers, or the last one's own age
   * now where no other followed it; null before the first.
   * @param {number} now milliseconds
   */
  age(now) {
    const last = this.#answers.at(-1);
    if (!last) return null;
    if (now - last.now > OLD) return last.age + now - last.now;
    const recent = this.ages.slice(-10).sort((one, other) => one - other);
    return recent[Math.floor(recent.length / 2)] ?? null;
  }

  /** The ages of the latest answers, oldest first, in milliseconds. */
  get ages() {
    return this.#answers.map((answer) => answer.age);
  }
}
