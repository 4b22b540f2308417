/** The colours and type of `css/tokens.css`, for what is drawn rather than styled. */

/**
 * @typedef {object} Palette
 * @property {(label: string) => string} onPicture a label's colour on a picture
 * @property {(label: string) => string} onGround a label's colour on the plate
 * @property {string} stale of boxes that are old
 * @property {string} outline round the brackets
 * @property {string} plate
 * @property {string} ink
 * @property {string} quietInk
 * @property {string} font the family
 * @property {number} fontSize CSS pixels
 */

/**
 * @param {Element} root
 * @returns {Palette} read anew whenever the colour scheme changes
 */
export function readPalette(root) {
  const style = getComputedStyle(root);
  const token = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  return {
    onPicture: (label) => token(`on-picture-${label.replace("_", "-")}`),
    onGround: (label) => token(label.replace("_", "-")),
    stale: token("on-picture-stale"),
    outline: token("on-picture-outline"),
    plate: token("plate"),
    ink: token("ink"),
    quietInk: token("quiet-ink"),
    font: token("font"),
    fontSize: Number.parseFloat(token("text-small")),
  };
}
