/** What the last seconds amount to: pictures sent, answered and drawn, how old, how many lost, and where time went. */
import { median } from "./adaptation.js";
import { Recent } from "./recent.js";

/**
 * Where an answer's time goes, from the capture of its picture on: encoding it here, the way there and back, and the
 * server's own stages.
 */
export const PARTS = /** @type {const} */ (["capture", "network", "queue", "decode", "detect", "classify"]);

/** @typedef {Record<(typeof PARTS)[number], number>} Parts milliseconds */

const KEPT = 60;

/** Milliseconds without an answer after which the age shown is that of the last one and grows. */
const OLD = 1_000;

export class Statistics {
  /** @type {{now: number, age: number}[]} the newest last, at most `KEPT` */
  #answers = [];
  /** @type {Parts[]} the newest last, at most `KEPT` */
  #parts = [];
  #droppedByServer = 0;
  #droppedHere = 0;
  #sent = new Recent();
  #bytes = new Recent();
  #answered = new Recent();
  #drawn = new Recent();

  /**
   * Begins anew.
   * @param {number} now milliseconds
   */
  start(now) {
    this.#answers = [];
    this.#parts = [];
    this.#droppedByServer = 0;
    this.#droppedHere = 0;
    for (const recent of [this.#sent, this.#bytes, this.#answered, this.#drawn]) recent.start(now);
  }

  /**
   * @param {number} now milliseconds
   * @param {number} bytes of the picture
   */
  sent(now, bytes) {
    this.#sent.add(now);
    this.#bytes.add(now, bytes);
  }

  /**
   * @param {number} now milliseconds
   * @param {Parts} parts
   */
  answered(now, parts) {
    this.#answered.add(now);
    this.#parts.push(parts);
    if (this.#parts.length > KEPT) this.#parts.shift();
  }

  /**
   * @param {number} now milliseconds
   * @param {number} age milliseconds from capture to drawn
   */
  drawn(now, age) {
    this.#drawn.add(now);
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
   * Pictures sent, answered and drawn a second, and bytes sent a second.
   * @param {number} now milliseconds
   */
  rates(now) {
    const [sent, answered, drawn] = [this.#sent.rate(now), this.#answered.rate(now), this.#drawn.rate(now)];
    return { sent, answered, drawn, bytes: this.#bytes.rate(now) };
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
    return median(this.#answers.slice(-10).map((answer) => answer.age));
  }

  /**
   * The oldest that anything drawn was, over the last answers; null before the first.
   * @param {number} now milliseconds
   */
  worst(now) {
    const age = this.age(now);
    return age === null ? null : Math.max(age, ...this.#answers.map((answer) => answer.age));
  }

  /** Where the time of the latest answers went, oldest first. */
  get parts() {
    return this.#parts;
  }
}

/**
 * @param {Partial<Record<string, number>>} timing the server's, milliseconds
 * @param {{at: number, sentAt: number, now: number}} times of capture, sending and answer, milliseconds
 * @returns {Parts}
 */
export function partsOf(timing, { at, sentAt, now }) {
  const { queue = 0, decode = 0, detect = 0, classify = 0, total = 0 } = timing;
  return { capture: sentAt - at, network: Math.max(0, now - sentAt - total), queue, decode, detect, classify };
}
