/** Who wore what when: the answers to a film's pictures, put in order by face. */
import { certainty } from "../messages.js";
import { STEP } from "./times.js";

/** Steps that a face may be missed in without counting as gone. */
const BRIDGED = 3;

/**
 * A stretch in which a face had one label; times are seconds of the film.
 * @typedef {object} Stretch
 * @property {number} from
 * @property {number} to
 * @property {import("../messages.js").Label} label
 * @property {number} pictures how many were answered so
 * @property {number} certainty their mean, 0 to 1
 *
 * @typedef {{number: number, stretches: Stretch[]}} Track numbered from 1 in order of appearance
 */

export class Tracks {
  /** @type {(readonly import("../messages.js").Face[])[]} by step; a step that is missing was not looked at */
  #steps = [];
  /** @type {Map<string, Track>} by stream and the stream's number */
  #tracks = new Map();

  /** @returns {Track[]} in order of appearance */
  get all() {
    return [...this.#tracks.values()];
  }

  /**
   * The tracks of some faces.
   * @param {readonly import("../messages.js").Face[]} faces
   * @returns {Track[]}
   */
  of(faces) {
    const numbers = new Set(faces.map(({ track }) => track));
    return this.all.filter(({ number }) => numbers.has(number));
  }

  /** Seconds of film that were looked at. */
  get length() {
    return this.#steps.length * STEP;
  }

  /**
   * Takes the answer to a picture.
   * @param {import("./walk.js").Step} step
   * @returns {readonly import("../messages.js").Face[]} the faces, their tracks numbered over all streams
   */
  add({ index, result, stream }) {
    const faces = result.faces.map((face) => {
      const key = `${stream}/${face.track}`;
      const track = this.#tracks.get(key) ?? { number: this.#tracks.size + 1, stretches: [] };
      this.#tracks.set(key, track);
      extend(track, index, face);
      return { ...face, track: track.number };
    });
    this.#steps[index] = faces;
    return faces;
  }

  /**
   * The faces of a moment, those of the last picture looked at before it.
   * @param {number} time seconds
   * @returns {readonly import("../messages.js").Face[]} the same array for the same picture
   */
  at(time) {
    const index = Math.min(Math.floor(time / STEP), this.#steps.length - 1);
    return this.#steps[index] ?? NOBODY;
  }
}

/** @type {readonly import("../messages.js").Face[]} */
const NOBODY = [];

/**
 * @param {Track} track
 * @param {number} index
 * @param {import("../messages.js").Face} face
 */
function extend({ stretches }, index, face) {
  const last = stretches.at(-1);
  const from = index * STEP;
  const to = from + STEP;
  if (last?.label === face.label && from - last.to <= BRIDGED * STEP + STEP / 2) {
    last.pictures += 1;
    last.certainty += (certainty(face) - last.certainty) / last.pictures;
    last.to = to;
  } else {
    stretches.push({ from, to, label: face.label, pictures: 1, certainty: certainty(face) });
  }
}
