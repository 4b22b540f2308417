/**
 * Decides how large and how finely pictures are sent: less when answers are late, more again when there is room.
 * Nothing here touches the page; who uses it tells the time.
 *
 * @typedef {{longest: number, quality: number}} Step pixels of the longer side; JPEG's quality, 0 to 1
 */

/**
 * From the finest down. At 1.5 m a face's longer side is about a twelfth of a webcam's picture: 40 px at the last
 * step, twice of what a model asks for at least and more than the 32 px from which the face finders were measured.
 * @type {readonly Step[]}
 */
export const STEPS = [
  { longest: 1280, quality: 0.85 },
  { longest: 960, quality: 0.85 },
  { longest: 960, quality: 0.75 },
  { longest: 640, quality: 0.75 },
  { longest: 480, quality: 0.75 },
  { longest: 480, quality: 0.6 },
];
const FIRST = 3;

/** Milliseconds: a median age above the one is late; below the other there is room. Between them all stays. */
const LATE = 300;
const ROOM = 150;

/** A step is judged after so many milliseconds and answers. */
const TRIAL = 2_000;
const FEWEST = 3;

/** Milliseconds of room before a finer step is tried; twice as long after each that proved too much. */
const PATIENCE = { first: 6_000, most: 120_000 };

/** Milliseconds within which a finer step that is late again proved too much. */
const REGRET = 20_000;

export class Adaptation {
  #at = FIRST;
  #since = 0;
  #patience = PATIENCE.first;
  #climbed = -Infinity;
  /** @type {number | null} since when there is room */
  #roomSince = null;
  /** @type {{now: number, age: number}[]} of this step, not older than `TRIAL` but for the last few */
  #ages = [];

  /** What pictures are to be sent as. */
  get step() {
    return /** @type {Step} */ (STEPS[this.#at]);
  }

  /**
   * Begins to look anew, at the step reached: what was measured before a pause says nothing now.
   * @param {number} now milliseconds
   */
  start(now) {
    this.#since = now;
    this.#roomSince = null;
    this.#ages = [];
  }

  /**
   * Takes in how old a picture was when its answer came.
   * @param {number} age milliseconds
   * @param {number} now milliseconds
   * @returns {boolean} whether the step changed
   */
  record(age, now) {
    this.#ages.push({ now, age });
    while (this.#ages.length > FEWEST && now - (this.#ages[0]?.now ?? now) > TRIAL) this.#ages.shift();
    if (this.#ages.length < FEWEST) return false;
    const usual = median(this.#ages.map((each) => each.age));
    this.#roomSince = usual < ROOM ? (this.#roomSince ?? now) : null;
    if (now - this.#since < TRIAL) return false;
    if (usual > LATE) return this.#down(now);
    if (this.#roomSince !== null && now - this.#roomSince >= this.#patience) return this.#up(now);
    return false;
  }

  /** @param {number} now */
  #down(now) {
    if (this.#at === STEPS.length - 1) return false;
    const regretted = now - this.#climbed < REGRET;
    this.#patience = regretted ? Math.min(PATIENCE.most, 2 * this.#patience) : PATIENCE.first;
    this.#at += 1;
    this.start(now);
    return true;
  }

  /** @param {number} now */
  #up(now) {
    if (this.#at === 0) return false;
    this.#at -= 1;
    this.#climbed = now;
    this.start(now);
    return true;
  }
}

/**
 * The middle of some numbers.
 * @param {readonly number[]} values at least one
 */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
