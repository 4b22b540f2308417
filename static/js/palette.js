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
 * @property {string} action
 * @property {string} font the family
 * @property {"ltr" | "rtl"} direction that words are read in
 * @property {(width: number) => number} fontSize CSS pixels, by the width of the picture it stands on
 */

/**
 * @param {Element} root
 * @returns {Palette} read anew whenever the colour scheme or the language changes
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
    action: token("action"),
    font: token("font"),
    direction: style.direction === "rtl" ? "rtl" : "ltr",
    fontSize: (width) => {
      const step = STEPS.find(({ from }) => width >= from);
      return Number.parseFloat(token(step?.text ?? "text-small"));
    },
  };
}

/** A picture that fills a large screen is read from further away. */
const STEPS = [
  { from: 1200, text: "text-large" },
  { from: 700, text: "text" },
];
