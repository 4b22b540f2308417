/** Finds a place for a label plate: inside the picture, on no mouth, on nobody else's face, clear of other plates. */
import { overlap } from "./geometry.js";

/** @typedef {import("./geometry.js").Rect} Rect */

const GAP = 8;

/** What it costs to cover all of something; a place further down the list of wishes costs 1. */
const COST = { mouth: 1_000, face: 300, plate: 100, drift: 0.02 };

/**
 * Where the mouth is: the lower two fifths of a face's box.
 * @param {Rect} face
 * @returns {Rect}
 */
export function mouth(face) {
  return { x: face.x, y: face.y + face.height * 0.6, width: face.width, height: face.height * 0.4 };
}

/**
 * Places one plate: under its face if it can be, else above, beside, or on the forehead.
 * @param {Rect} face the face it names
 * @param {{width: number, height: number}} size of the plate
 * @param {Rect} picture it stays inside
 * @param {readonly Rect[]} faces all of them: no mouth is covered where any place is left, and no face but its own
 * @param {readonly Rect[]} plates already placed, covered only if need be
 * @returns {Rect}
 */
export function placePlate(face, size, picture, faces, plates) {
  const mouths = faces.map(mouth);
  const others = faces.filter((other) => other !== face);
  const centred = face.x + face.width / 2 - size.width / 2;
  const below = face.y + face.height + GAP;
  const above = face.y - GAP - size.height;
  const left = face.x - GAP - size.width;
  const right = face.x + face.width + GAP;
  const wishes = [
    { x: centred, y: below },
    { x: centred, y: above },
    { x: face.x, y: below },
    { x: face.x + face.width - size.width, y: below },
    { x: face.x, y: above },
    { x: face.x + face.width - size.width, y: above },
    { x: right, y: face.y },
    { x: left, y: face.y },
    { x: centred, y: face.y + GAP },
    { x: centred, y: below + size.height + GAP },
    { x: centred, y: above - size.height - GAP },
  ];
  let best = null;
  let least = Infinity;
  for (const [order, wish] of wishes.entries()) {
    const plate = { ...inside(wish, size, picture), ...size };
    const drift = Math.abs(plate.x - wish.x) + Math.abs(plate.y - wish.y);
    const cost =
      COST.mouth * covered(plate, mouths) +
      COST.face * covered(plate, others) +
      COST.plate * covered(plate, plates) +
      COST.drift * drift +
      order;
    if (cost < least) {
      best = plate;
      least = cost;
    }
  }
  return /** @type {Rect} */ (best);
}

/**
 * @param {{x: number, y: number}} wish
 * @param {{width: number, height: number}} size
 * @param {Rect} picture
 */
function inside(wish, size, picture) {
  return {
    x: Math.max(picture.x, Math.min(wish.x, picture.x + picture.width - size.width)),
    y: Math.max(picture.y, Math.min(wish.y, picture.y + picture.height - size.height)),
  };
}

/**
 * @param {Rect} plate
 * @param {readonly Rect[]} others
 * @returns {number} the share of the plate that lies on others
 */
function covered(plate, others) {
  const area = plate.width * plate.height;
  return others.reduce((sum, other) => sum + overlap(plate, other) / area, 0);
}
