/**
 * A size with the same shape whose longer side is at most `longest`; never larger than it was.
 * @param {number} width pixels
 * @param {number} height pixels
 * @param {number} longest pixels
 * @returns {{width: number, height: number}} whole pixels, at least 1
 */
export function fitWithin(width, height, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
