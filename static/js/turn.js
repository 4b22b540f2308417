/**
 * Turns pictures of a camera that is mounted sideways.
 *
 * @typedef {0 | 90 | 180 | 270} Turn degrees clockwise
 */

/**
 * @param {number} width
 * @param {number} height
 * @param {Turn} turn
 * @returns {{width: number, height: number}} of the picture once turned
 */
export function turnedSize(width, height, turn) {
  return turn % 180 ? { width: height, height: width } : { width, height };
}

/**
 * Draws a picture on a canvas that takes its size once turned.
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 * @param {ImageBitmap} bitmap
 * @param {Turn} turn
 * @throws {Error} where the browser has no 2D canvas here
 */
export function drawTurned(canvas, bitmap, turn) {
  const { width, height } = turnedSize(bitmap.width, bitmap.height, turn);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = /** @type {OffscreenCanvasRenderingContext2D | null} */ (canvas.getContext("2d", { alpha: false }));
  if (!context) throw new Error("no 2D canvas here");
  context.resetTransform();
  context.translate(width / 2, height / 2);
  context.rotate((turn * Math.PI) / 180);
  context.drawImage(bitmap, -bitmap.width / 2, -bitmap.height / 2);
}
