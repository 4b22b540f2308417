/** Times of a film, in seconds. */

/** Seconds of film from one picture that is looked at to the next. */
export const STEP = 0.1;

/**
 * @param {number} seconds
 * @returns {string} minutes, seconds and tenths, such as 1:04.2
 */
export function clock(seconds) {
  const tenths = Math.round(10 * seconds);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
}
