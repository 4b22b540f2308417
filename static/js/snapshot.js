/** A picture to keep, made and saved on the visitor's own computer: camera picture, boxes and words. */
import { place } from "./geometry.js";
import { paint } from "./paint.js";

/**
 * @typedef {object} Seen
 * @property {ImageBitmap} picture as the camera gave it; it stays the caller's
 * @property {readonly import("./messages.js").Face[]} faces of that very picture
 * @typedef {object} Look
 * @property {import("./palette.js").Palette} palette
 * @property {ReadonlyMap<string, Path2D>} icons
 * @property {boolean} mirrored
 */

/** What is left of a blurred face: so many dots across, which nobody can be known by. */
const DOTS = 6;

/** Hair and chin lie outside a face's box; in its sides. */
const ROUND_A_FACE = 0.3;

/**
 * @param {Seen} seen
 * @param {Look} look
 * @param {boolean} blurred whether faces are made unrecognizable
 * @returns {Promise<Blob>} PNG
 * @throws {Error} where the browser cannot make it
 */
export async function compose({ picture: bitmap, faces }, look, blurred) {
  const { width, height } = bitmap;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser cannot draw on a canvas.");
  if (look.mirrored) context.setTransform(-1, 0, 0, 1, width, 0);
  context.drawImage(bitmap, 0, 0);
  context.resetTransform();
  const picture = { x: 0, y: 0, width, height };
  if (blurred) for (const face of faces) blur(context, place(face.box, picture, look.mirrored));
  paint(context, faces.map((face) => ({ face, opacity: 1 })), { ...look, picture });
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be encoded."))));
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./geometry.js").Rect} face
 */
function blur(context, face) {
  const [across, down] = [face.width * ROUND_A_FACE, face.height * ROUND_A_FACE];
  const [x, y] = [Math.max(0, Math.floor(face.x - across)), Math.max(0, Math.floor(face.y - down))];
  const width = Math.min(context.canvas.width, Math.ceil(face.x + face.width + across)) - x;
  const height = Math.min(context.canvas.height, Math.ceil(face.y + face.height + down)) - y;
  if (width < 1 || height < 1) return;
  const dots = Object.assign(document.createElement("canvas"), { width: DOTS, height: DOTS });
  dots.getContext("2d")?.drawImage(context.canvas, x, y, width, height, 0, 0, DOTS, DOTS);
  context.drawImage(dots, 0, 0, DOTS, DOTS, x, y, width, height);
}

/**
 * Has the browser save a picture.
 * @param {Blob} blob PNG
 * @param {Date} taken by the visitor's own clock
 * @returns {string} the file's name
 */
export function save(blob, taken) {
  const local = new Date(taken.getTime() - taken.getTimezoneOffset() * 60_000);
  const name = `maskgate-${local.toISOString().slice(0, 19).replace("T", "-").replaceAll(":", "")}.png`;
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // by then it is saved
  return name;
}
