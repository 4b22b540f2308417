/**
 * Moves boxes smoothly between answers: an answer's box starts where the same face was drawn last and reaches
 * its own place when the next answer is due. The same face is the one of the same track, or where there are no
 * tracks, the one that overlaps most. A settled face stands still until it has really moved; one that is gone
 * fades where it was.
 */
import { iou } from "./geometry.js";

/**
 * @typedef {import("./messages.js").Face} Face
 * @typedef {import("./messages.js").Box} Box
 * @typedef {{face: Face, from: Box, to: Box, start: number, duration: number}} Gliding
 * @typedef {{face: Face, start: number}} Leaving
 * @typedef {{face: Face, opacity: number}} Shown a face with its box where it is to be drawn
 */

/** Below this overlap two boxes are two faces. */
const SAME_FACE = 0.2;

/** Milliseconds from one answer to the next: at first, and the bounds of what is measured. */
const INTERVAL = { first: 120, least: 60, most: 240 };

/** What the newest interval says of the next one. */
const NEW_SHARE = 0.3;

/** Milliseconds. */
const FADE = 250;

/** In longer sides of the box: a detector's trembling stays below. */
const TREMBLING = 0.02;

export class Glide {
  /** Whether boxes jump and vanish (reduced motion). */
  still = false;
  #interval = INTERVAL.first;
  #aimed = -Infinity;
  /** @type {Gliding[]} */
  #faces = [];
  /** @type {Leaving[]} */
  #leaving = [];

  /**
   * Takes the faces of a new answer.
   * @param {readonly Face[]} faces
   * @param {number} now milliseconds
   */
  aim(faces, now) {
    const before = this.#faces.map((gliding) => ({ ...gliding, drawn: this.#place(gliding, now) }));
    const free = new Set(before);
    const gone = this.#leaving.filter(({ start }) => now - start < FADE);
    const duration = this.#nextAnswer(now);
    this.#faces = faces.map((face) => {
      const same = find(face, free);
      if (!same) {
        // One that comes back while it fades goes on from there.
        const back = gone.findIndex((left) => face.track !== undefined && left.face.track === face.track);
        const from = back < 0 ? face.box : /** @type {Leaving} */ (gone.splice(back, 1)[0]).face.box;
        return { face, from, to: face.box, start: now, duration };
      }
      free.delete(same);
      if (face.settled && trembles(same.to, face.box)) return { ...same, face };
      return { face, from: same.drawn, to: face.box, start: now, duration };
    });
    for (const { face, drawn } of free) {
      // Another in its very place is most likely the same person under a new number: two boxes would confuse.
      if (faces.some(({ box }) => iou(box, drawn) >= SAME_FACE)) continue;
      gone.push({ face: { ...face, box: drawn }, start: now });
    }
    this.#leaving = gone;
  }

  /** Lets go of all faces at once. */
  clear() {
    this.#faces = [];
    this.#leaving = [];
    this.#aimed = -Infinity;
  }

  /**
   * What is to be drawn: the faces of the last answer in its order, then those that fade.
   * @param {number} now milliseconds
   * @returns {Shown[]}
   */
  at(now) {
    const leaving = this.still ? [] : this.#leaving.filter(({ start }) => now - start < FADE);
    return [
      ...this.#faces.map((gliding) => ({ face: { ...gliding.face, box: this.#place(gliding, now) }, opacity: 1 })),
      ...leaving.map(({ face, start }) => ({ face, opacity: 1 - (now - start) / FADE })),
    ];
  }

  /**
   * Whether a box is still on its way or fading.
   * @param {number} now milliseconds
   */
  moving(now) {
    if (this.still) return false;
    return (
      this.#leaving.some(({ start }) => now - start < FADE) ||
      this.#faces.some(({ from, to, start, duration }) => from !== to && now - start < duration)
    );
  }

  /**
   * @param {Gliding} gliding
   * @param {number} now
   * @returns {Box}
   */
  #place({ from, to, start, duration }, now) {
    const share = this.still ? 1 : Math.min(1, Math.max(0, (now - start) / duration));
    return share === 1 ? to : between(from, to, 1 - (1 - share) ** 3);
  }

  /**
   * How long the next answer is likely to take.
   * @param {number} now milliseconds
   */
  #nextAnswer(now) {
    const last = Math.min(INTERVAL.most, Math.max(INTERVAL.least, now - this.#aimed));
    if (this.#aimed > -Infinity) this.#interval += NEW_SHARE * (last - this.#interval);
    this.#aimed = now;
    return this.#interval;
  }
}

/**
 * @template {{face: Face, drawn: Box}} T
 * @param {Face} face
 * @param {ReadonlySet<T>} before
 * @returns {T | null} the one that was this face
 */
function find(face, before) {
  /** @type {T | null} */
  let best = null;
  let most = SAME_FACE;
  for (const other of before) {
    if (face.track !== undefined) {
      if (other.face.track === face.track) return other;
      continue;
    }
    const shared = iou(other.drawn, face.box);
    if (shared >= most) [best, most] = [other, shared];
  }
  return best;
}

/**
 * Whether two boxes differ by no more than a detector's answers for a face that keeps still.
 * @param {Box} one
 * @param {Box} other
 */
function trembles(one, other) {
  const most = TREMBLING * Math.max(one.width, one.height);
  return SIDES.every((side) => Math.abs(one[side] - other[side]) <= most);
}

/**
 * @param {Box} from
 * @param {Box} to
 * @param {number} share 0 to 1
 * @returns {Box}
 */
function between(from, to, share) {
  const mix = (/** @type {keyof Box} */ side) => from[side] + (to[side] - from[side]) * share;
  return { x: mix("x"), y: mix("y"), width: mix("width"), height: mix("height") };
}

const SIDES = /** @type {const} */ (["x", "y", "width", "height"]);
