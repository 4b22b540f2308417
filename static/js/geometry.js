/**
 * Where things lie on the stage, in CSS pixels.
 *
 * @typedef {{x: number, y: number, width: number, height: number}} Rect
 */

/**
 * Where a picture lies that is shown whole and centred (`object-fit: contain`).
 * @param {number} width the picture's
 * @param {number} height the picture's
 * @param {{width: number, height: number}} stage
 * @returns {Rect}
 */
export function contain(width, height, stage) {
  if (!width || !height) return { x: 0, y: 0, width: stage.width, height: stage.height };
  const scale = Math.min(stage.width / width, stage.height / height);
  const shown = { width: width * scale, height: height * scale };
  return { x: (stage.width - shown.width) / 2, y: (stage.height - shown.height) / 2, ...shown };
}

/**
 * Where a picture lies that fills the stage and is cut (`object-fit: cover`), yet never so far that less than
 * `least` of it can be seen: then it leaves an edge free on two sides.
 * @param {number} width the picture's
 * @param {number} height the picture's
 * @param {{width: number, height: number}} stage
 * @param {number} least share of the picture, 0 to 1
 * @returns {Rect}
 */
export function cover(width, height, stage, least) {
  const whole = contain(width, height, stage);
  const filling = Math.max(stage.width / whole.width, stage.height / whole.height);
  const scale = Math.min(filling, 1 / least);
  const shown = { width: whole.width * scale, height: whole.height * scale };
  return { x: (stage.width - shown.width) / 2, y: (stage.height - shown.height) / 2, ...shown };
}

/**
 * A face's box on the stage; over a mirrored picture it is mirrored too.
 * @param {import("./messages.js").Box} box fractions of the picture
 * @param {Rect} picture where the picture lies
 * @param {boolean} mirrored
 * @returns {Rect}
 */
export function place(box, picture, mirrored) {
  const left = mirrored ? 1 - box.x - box.width : box.x;
  return {
    x: picture.x + left * picture.width,
    y: picture.y + box.y * picture.height,
    width: box.width * picture.width,
    height: box.height * picture.height,
  };
}

/**
 * The part of a rectangle inside another.
 * @param {Rect} rect
 * @param {Rect} bounds
 * @returns {Rect} without width or height where they do not meet
 */
export function clip(rect, bounds) {
  const x = Math.max(rect.x, bounds.x);
  const y = Math.max(rect.y, bounds.y);
  const right = Math.min(rect.x + rect.width, bounds.x + bounds.width);
  const bottom = Math.min(rect.y + rect.height, bounds.y + bounds.height);
  return { x, y, width: Math.max(0, right - x), height: Math.max(0, bottom - y) };
}

/**
 * @param {Rect} one
 * @param {Rect} other
 * @returns {number} the area both cover
 */
export function overlap(one, other) {
  const shared = clip(one, other);
  return shared.width * shared.height;
}

/**
 * @param {Rect} one
 * @param {Rect} other
 * @returns {number} intersection over union, 0 to 1
 */
export function iou(one, other) {
  const shared = overlap(one, other);
  const all = one.width * one.height + other.width * other.height - shared;
  return all > 0 ? shared / all : 0;
}
