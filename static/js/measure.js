/** Leaves a `performance` measure of every answer, for DevTools and for `python -m server bench`. */

/** From the capture of a picture to its boxes being drawn. */
export const CAPTURE_TO_DRAWN = "capture-to-drawn";

/** Two minutes at 30 a second; then all are let go at once, for the page runs for days. */
export const KEPT = 3_600;

let count = 0;

/**
 * @param {number} at when the picture was captured, by `performance.now()`
 * @returns {number} milliseconds until now
 */
export function measureDrawn(at) {
  if (count >= KEPT) {
    performance.clearMeasures(CAPTURE_TO_DRAWN);
    count = 0;
  }
  count += 1;
  return performance.measure(CAPTURE_TO_DRAWN, { start: at }).duration;
}
