/**
 * The values that cross from the server to the page (contract: REST and Socket), checked at the door.
 *
 * @typedef {"with_mask" | "without_mask" | "incorrect" | "unsure"} Label
 * @typedef {"too_small" | "too_blurred" | "turned_away" | "too_dark" | "unclear"} Reason
 * @typedef {{x: number, y: number, width: number, height: number}} Box fractions of the pixels as sent
 * @typedef {object} Face
 * @property {Box} box
 * @property {number} score 0 to 1
 * @property {Label} label
 * @property {Partial<Record<Label, number>>} probabilities 0 to 1
 * @property {Reason} [reason] beside `unsure`
 * @property {number} [track] stays with the face from frame to frame; a stream's faces have one
 * @property {boolean} [settled] whether the label stands; a stream's faces have it
 * @typedef {object} Result
 * @property {number} id
 * @property {string} model
 * @property {string} detector
 * @property {Face[]} faces
 * @property {Record<string, number>} timing_ms
 * @property {number} dropped
 * @typedef {{id: number | null, code: string, message: string}} Refused
 * @typedef {{code: string, message: string}} Problem
 */

/** @type {readonly string[]} */
export const LABELS = ["with_mask", "without_mask", "incorrect", "unsure"];

/**
 * The faces of an answer, largest first as the contract says.
 * @param {unknown} value
 * @returns {Face[]}
 * @throws {TypeError} naming what was expected and what came
 */
export function readFaces(value) {
  if (!Array.isArray(value)) throw new TypeError(`faces: expected a list, received ${JSON.stringify(value)}`);
  for (const face of value) {
    const { x, y, width, height } = face?.box ?? {};
    const whole = [x, y, width, height].every(Number.isFinite) && typeof face.probabilities === "object";
    if (!whole || !face.probabilities || !LABELS.includes(face.label)) {
      const expected = `a box, probabilities and one of ${LABELS.join(", ")}`;
      throw new TypeError(`face: expected ${expected}, received ${JSON.stringify(face)}`);
    }
  }
  return value;
}

/**
 * What tells a face from the others of its picture: its track, or where there are none, its place among them,
 * both counted from 1.
 * @param {Face} face
 * @param {number} index
 */
export function identity(face, index) {
  return face.track ?? index + 1;
}

/**
 * The certainty to show for a face: its label's probability, or the greatest where it is `unsure`.
 * @param {Face} face
 * @returns {number} 0 to 1
 */
export function certainty(face) {
  return face.probabilities[face.label] ?? Math.max(0, ...Object.values(face.probabilities));
}
