/** Finds a place for a label plate: inside the picture, on no mouth, clear of the other plates. */
import { overlap } from "./geometry.js";

/** @typedef {import("./geometry.js").Rect} Rect */

const GAP = 8;

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
 * @param {readonly Rect[]} mouths never covered, its own face's among them, where any place is left
 * @param {readonly Rect[]} plates already placed, covered only if need be
 * @returns {Rect}
 */
export function placePlate(face, size, picture, mouths, plates) {
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
    const drift = (Math.abs(plate.x - wish.x) + Math.abs(plate.y - wish.y)) * 0.02;
    const cost = covered(plate, mouths) * 1_000 + covered(plate, plates) * 100 + drift + order;
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
