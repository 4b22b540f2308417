/** Draws the answers over a picture, on the stage's canvas or on a snapshot. */
import { clip, overlap, place } from "./geometry.js";
import { drawBrackets, drawPlate, plateSize, plateWords } from "./marks.js";
import { identity } from "./messages.js";
import { placePlate } from "./plates.js";

/**
 * @typedef {import("./geometry.js").Rect} Rect
 * @typedef {object} Ground
 * @property {Rect} picture where it lies
 * @property {boolean} mirrored whether it is shown mirrored; boxes follow it, words don't
 * @property {import("./palette.js").Palette} palette
 * @property {ReadonlyMap<string, Path2D>} icons by label
 * @property {boolean} [stale] the answers are old: grey
 * @property {boolean} [small] it is a thumbnail: the plates of several faces are their icons alone
 * @property {number | null} [chosen] the identity of the face whose plate is marked
 */

/** Above this many faces plates carry icon and word only, or nobody could tell whose they are. */
const CROWD = 6;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {readonly import("./glide.js").Shown[]} shown
 * @param {Ground} ground
 * @returns {Rect[]} where each face lies, in their order
 */
export function paint(context, shown, { picture, mirrored, palette, icons, stale = false, small = false, chosen = null }) {
  const places = shown.map(({ face }) => clip(place(face.box, picture, mirrored), picture));
  for (const [index, { face, opacity }] of shown.entries()) {
    const rect = places[index];
    const colour = stale ? palette.stale : palette.onPicture(face.label);
    context.globalAlpha = opacity;
    if (rect) drawBrackets(context, rect, colour, palette.outline, face.settled === false);
  }
  const fontSize = palette.fontSize(picture.width);
  /** @type {Rect[]} */
  const plates = [];
  for (const [index, { face, opacity }] of shown.entries()) {
    const rect = places[index];
    if (!rect) continue;
    const words = plateWords(face);
    if (shown.length > CROWD) words.beside = "";
    if (small && shown.length > 1) words.answer = words.beside = "";
    const put = () => placePlate(rect, plateSize(context, words, palette, fontSize), picture, places, plates);
    let plate = put();
    const taken = [...plates, ...places.filter((other) => other !== rect)];
    if (words.beside && taken.some((other) => overlap(plate, other) > 0)) {
      words.beside = "";
      plate = put();
    }
    plates.push(plate);
    context.globalAlpha = opacity;
    const marked = chosen !== null && identity(face, index) === chosen;
    drawPlate(context, plate, face.label, words, palette, icons, { stale, marked });
  }
  context.globalAlpha = 1;
  return places;
}
