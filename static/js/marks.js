/** Draws one face's mark on a canvas: corner brackets, and the plate with icon, word and certainty. */
import { ICON_GRID } from "./icons.js";
import { certainty } from "./messages.js";
import { word } from "./words.js";

/**
 * @typedef {import("./geometry.js").Rect} Rect
 * @typedef {import("./palette.js").Palette} Palette
 */

const LINE = 3;
const OUTLINE = 1;
const PLATE = { height: 30, padding: 8, icon: 18, gap: 6, radius: 10 };

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Rect} face
 * @param {string} colour
 * @param {string} outline
 */
export function drawBrackets(context, face, colour, outline) {
  const { x, y, width, height } = face;
  const arm = Math.min(28, Math.max(6, 0.22 * Math.min(width, height)));
  const round = Math.min(8, arm / 2);
  context.beginPath();
  for (const [cornerX, cornerY, right, down] of /** @type {const} */ ([
    [x, y, 1, 1],
    [x + width, y, -1, 1],
    [x + width, y + height, -1, -1],
    [x, y + height, 1, -1],
  ])) {
    context.moveTo(cornerX, cornerY + down * arm);
    context.lineTo(cornerX, cornerY + down * round);
    context.quadraticCurveTo(cornerX, cornerY, cornerX + right * round, cornerY);
    context.lineTo(cornerX + right * arm, cornerY);
  }
  context.lineCap = "round";
  context.lineJoin = "round";
  context.lineWidth = LINE + 2 * OUTLINE;
  context.strokeStyle = outline;
  context.stroke();
  context.lineWidth = LINE;
  context.strokeStyle = colour;
  context.stroke();
}

/**
 * The words on a face's plate: the answer, and beside it the certainty or, when not sure, what to do.
 * @param {import("./messages.js").Face} face
 * @returns {{answer: string, beside: string}}
 */
export function plateWords(face) {
  if (face.label === "unsure") {
    return { answer: word("labels.unsure"), beside: word(`advice.${face.reason ?? "unclear"}`) };
  }
  return { answer: word(`labels.${face.label}`), beside: `${Math.round(100 * certainty(face))} %` };
}

/**
 * How large a plate is, in CSS pixels.
 * @param {CanvasRenderingContext2D} context
 * @param {{answer: string, beside: string}} words
 * @param {Palette} palette
 */
export function plateSize(context, words, palette) {
  const { padding, icon, gap, height } = PLATE;
  context.font = answerFont(palette);
  let width = padding + icon + gap + context.measureText(words.answer).width + padding;
  context.font = besideFont(palette);
  if (words.beside) width += gap + context.measureText(words.beside).width;
  return { width: Math.ceil(width), height };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Rect} plate
 * @param {import("./messages.js").Label} label
 * @param {{answer: string, beside: string}} words
 * @param {Palette} palette
 * @param {ReadonlyMap<string, Path2D>} icons
 * @param {boolean} stale greyed: the answer is old
 */
export function drawPlate(context, plate, label, words, palette, icons, stale) {
  const { padding, icon, gap, radius } = PLATE;
  context.fillStyle = palette.plate;
  context.beginPath();
  context.roundRect(plate.x, plate.y, plate.width, plate.height, radius);
  context.fill();

  context.save();
  context.translate(plate.x + padding, plate.y + (plate.height - icon) / 2);
  context.scale(icon / ICON_GRID, icon / ICON_GRID);
  context.fillStyle = stale ? palette.quietInk : palette.onGround(label);
  const shape = icons.get(label);
  if (shape) context.fill(shape, "evenodd");
  context.restore();

  const middle = plate.y + plate.height / 2 + 1;
  let x = plate.x + padding + icon + gap;
  context.textBaseline = "middle";
  context.font = answerFont(palette);
  context.fillStyle = stale ? palette.quietInk : palette.ink;
  context.fillText(words.answer, x, middle);
  x += context.measureText(words.answer).width + gap;
  context.font = besideFont(palette);
  context.fillStyle = palette.quietInk;
  context.fillText(words.beside, x, middle);
}

/** @param {Palette} palette */
function answerFont(palette) {
  return `600 ${palette.fontSize}px ${palette.font}`;
}

/** @param {Palette} palette */
function besideFont(palette) {
  return `400 ${palette.fontSize}px ${palette.font}`;
}
