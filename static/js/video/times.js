/** Times of a film, in seconds. */
import { number } from "../words.js";

/** Seconds of film from one picture that is looked at to the next. */
export const STEP = 0.1;

/**
 * @param {number} seconds
 * @returns {string} minutes, seconds and tenths as the language in use writes figures, such as 1:04.2
 */
export function clock(seconds) {
  const tenths = Math.round(10 * seconds);
  const [minutes, tens, rest] = [Math.floor(tenths / 600), Math.floor(tenths / 100) % 6, (tenths % 100) / 10];
  return `${number(minutes)}:${number(tens)}${number(rest.toFixed(1))}`;
}
