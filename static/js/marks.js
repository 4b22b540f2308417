/** Draws one face's mark on a canvas: corner brackets, and the plate with icon, word and certainty. */
import { ICON_GRID } from "./icons.js";
import { certainty } from "./messages.js";
import { word } from "./words.js";

/**
 * @typedef {import("./geometry.js").Rect} Rect
 * @typedef {import("./palette.js").Palette} Palette
 */

/** CSS pixels. */
const LINE = 3;
const THIN = 1.5;
const OUTLINE = 1;
const MARK = 2;
/** In multiples of the font size. */
const PLATE = { height: 2, padding: 0.55, icon: 1.2, gap: 0.4, radius: 0.65 };

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Rect} face
 * @param {string} colour
 * @param {string} outline
 * @param {boolean} thin its label has not settled yet
 */
export function drawBrackets(context, face, colour, outline, thin) {
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
  const line = thin ? THIN : LINE;
  context.lineWidth = line + 2 * OUTLINE;
  context.strokeStyle = outline;
  context.stroke();
  context.lineWidth = line;
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
  return { answer: word(`labels.${face.label}`), beside: word("figures.percent", { value: Math.round(100 * certainty(face)) }) };
}

/**
 * How large a plate is, in CSS pixels.
 * @param {CanvasRenderingContext2D} context
 * @param {{answer: string, beside: string}} words
 * @param {Palette} palette
 * @param {number} fontSize CSS pixels
 */
export function plateSize(context, words, palette, fontSize) {
  const { padding, icon, gap, height } = PLATE;
  let width = (padding + icon + gap + padding) * fontSize;
  context.font = answerFont(palette, fontSize);
  width += context.measureText(words.answer).width;
  context.font = besideFont(palette, fontSize);
  if (words.beside) width += gap * fontSize + context.measureText(words.beside).width;
  return { width: Math.ceil(width), height: height * fontSize };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Rect} plate
 * @param {import("./messages.js").Label} label
 * @param {{answer: string, beside: string}} words
 * @param {Palette} palette
 * @param {ReadonlyMap<string, Path2D>} icons
 * @param {{stale: boolean, marked: boolean}} how `stale`: greyed, for the answer is old; `marked`: it is the one
 *   that was chosen
 */
export function drawPlate(context, plate, label, words, palette, icons, { stale, marked }) {
  const fontSize = plate.height / PLATE.height;
  const [padding, icon, gap] = [PLATE.padding * fontSize, PLATE.icon * fontSize, PLATE.gap * fontSize];
  // Read from the right, it begins at the right: icon, word, certainty.
  const [start, onwards] = palette.direction === "rtl" ? [plate.x + plate.width, -1] : [plate.x, 1];
  context.fillStyle = palette.plate;
  context.beginPath();
  context.roundRect(plate.x, plate.y, plate.width, plate.height, PLATE.radius * fontSize);
  context.fill();
  if (marked) {
    context.lineWidth = MARK;
    context.strokeStyle = palette.action;
    context.stroke();
  }

  context.save();
  context.translate(onwards > 0 ? start + padding : start - padding - icon, plate.y + (plate.height - icon) / 2);
  context.scale(icon / ICON_GRID, icon / ICON_GRID);
  context.fillStyle = stale ? palette.quietInk : palette.onGround(label);
  const shape = icons.get(label);
  if (shape) context.fill(shape, "evenodd");
  context.restore();

  const middle = plate.y + plate.height / 2 + 1;
  let x = start + onwards * (padding + icon + gap);
  context.direction = palette.direction;
  context.textAlign = "start";
  context.textBaseline = "middle";
  context.font = answerFont(palette, fontSize);
  context.fillStyle = stale ? palette.quietInk : palette.ink;
  context.fillText(words.answer, x, middle);
  x += onwards * (context.measureText(words.answer).width + gap);
  context.font = besideFont(palette, fontSize);
  context.fillStyle = palette.quietInk;
  context.fillText(words.beside, x, middle);
}

/**
 * @param {Palette} palette
 * @param {number} size CSS pixels
 */
function answerFont(palette, size) {
  return `600 ${size}px ${palette.font}`;
}

/**
 * @param {Palette} palette
 * @param {number} size CSS pixels
 */
function besideFont(palette, size) {
  return `400 ${size}px ${palette.font}`;
}
