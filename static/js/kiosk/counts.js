/**
 * Today's numbers, and nothing else about anybody: kept in this browser, begun anew at local midnight.
 *
 * @typedef {Record<import("../messages.js").Label, number>} Numbers
 */
import { URGENT_FIRST } from "../words.js";

export class Counts {
  #memory;
  #name;
  #clock;
  #day;
  #numbers;

  /**
   * @param {import("../memory.js").Memory} memory
   * @param {string} door of two kiosks in one browser each keeps its own
   * @param {() => Date} [clock]
   */
  constructor(memory, door, clock = () => new Date()) {
    this.#memory = memory;
    this.#name = door ? `today.${door}` : "today";
    this.#clock = clock;
    this.#day = dayOf(clock());
    this.#numbers = read(memory.get(this.#name), this.#day);
  }

  /** @returns {Readonly<Numbers>} */
  get today() {
    this.turn();
    return this.#numbers;
  }

  /** @param {import("../messages.js").Label} label */
  add(label) {
    this.turn();
    this.#numbers[label] += 1;
    this.#keep();
  }

  /** Begins a new day where one has begun; called again and again, so that nothing of yesterday lies about. */
  turn() {
    const day = dayOf(this.#clock());
    if (day === this.#day) return;
    this.#day = day;
    this.#numbers = none();
    this.#keep();
  }

  #keep() {
    this.#memory.set(this.#name, JSON.stringify({ day: this.#day, ...this.#numbers }));
  }
}

/**
 * @param {string | null} kept
 * @param {string} day
 * @returns {Numbers} zeros where nothing was kept, or of another day
 */
function read(kept, day) {
  const numbers = none();
  try {
    const found = JSON.parse(kept ?? "{}");
    if (found?.day !== day) return numbers;
    for (const label of URGENT_FIRST) if (Number.isSafeInteger(found[label])) numbers[label] = found[label];
  } catch {
    // Not ours, or cut off: the day begins again.
  }
  return numbers;
}

/** @returns {Numbers} */
function none() {
  return { with_mask: 0, without_mask: 0, incorrect: 0, unsure: 0 };
}

/**
 * @param {Date} date
 * @returns {string} the local day
 */
function dayOf(date) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
