/**
 * Moves boxes smoothly between answers: an answer's box starts where the same face was drawn last and reaches
 * its own place within `duration`. The same face is the one of the same track, or where there are no tracks, the
 * one that overlaps most.
 */
import { iou } from "./geometry.js";

/**
 * @typedef {import("./messages.js").Face} Face
 * @typedef {import("./messages.js").Box} Box
 * @typedef {{face: Face, from: Box, start: number}} Gliding
 */

/** Below this overlap two boxes are two faces. */
const SAME_FACE = 0.2;

export class Glide {
  #duration;
  /** @type {Gliding[]} */
  #faces = [];

  /** @param {number} duration milliseconds; 0 jumps (reduced motion) */
  constructor(duration) {
    this.#duration = duration;
  }

  /** @param {number} duration */
  set duration(duration) {
    this.#duration = duration;
  }

  /**
   * Takes the faces of a new answer.
   * @param {readonly Face[]} faces
   * @param {number} now milliseconds
   */
  aim(faces, now) {
    const shown = this.at(now);
    /** @type {Set<Face>} */
    const taken = new Set();
    this.#faces = faces.map((face) => {
      let best = face.track === undefined ? null : shown.find(({ track }) => track === face.track);
      let most = SAME_FACE;
      for (const before of face.track === undefined ? shown : []) {
        const shared = taken.has(before) ? 0 : iou(before.box, face.box);
        if (shared >= most) [best, most] = [before, shared];
      }
      if (best) taken.add(best);
      return { face, from: best?.box ?? face.box, start: now };
    });
  }

  /**
   * The faces with their boxes where they are to be drawn.
   * @param {number} now milliseconds
   * @returns {Face[]}
   */
  at(now) {
    return this.#faces.map(({ face, from, start }) => {
      const share = this.#duration > 0 ? Math.min(1, Math.max(0, (now - start) / this.#duration)) : 1;
      return share === 1 ? face : { ...face, box: between(from, face.box, 1 - (1 - share) ** 3) };
    });
  }

  /**
   * Whether a box is still on its way.
   * @param {number} now milliseconds
   */
  moving(now) {
    return this.#faces.some(({ face, from, start }) => from !== face.box && now - start < this.#duration);
  }
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
