/**
 * The demo: a portrait before a camera that sways, while its mask is put on, pulled under the nose and taken off.
 * Two still pictures are drawn on a canvas that is filmed, for no format of film plays in every browser.
 */
import { CameraError } from "./camera.js";

const FOLDER = new URL("../vendor/demo/", import.meta.url);
const SIZE = { width: 640, height: 480 };
const RATE = 30;

/** How much larger the portrait is drawn than it is: the camera sways over what stands out. */
const SCALE = 1.4;

/** Milliseconds from one swing, and from one beginning, to the next. */
const SWING = 9_000;
const LENGTH = 13_000;

/** The mask's upper edge when it is worn, in the portrait's pixels: it is folded towards it. */
const EDGE = 110;

/**
 * Where the mask is: `drop` below its place in the portrait's pixels, `height` and `shown` as shares of the whole; in
 * between it moves.
 */
const ACTS = [
  { at: 0, drop: 90, height: 1, shown: 0 },
  { at: 3_500, drop: 90, height: 1, shown: 0 },
  { at: 4_200, drop: 0, height: 1, shown: 1 },
  { at: 8_000, drop: 0, height: 1, shown: 1 },
  { at: 8_500, drop: 26, height: 0.7, shown: 1 },
  { at: 12_000, drop: 26, height: 0.7, shown: 1 },
  { at: 12_600, drop: 90, height: 0.7, shown: 0 },
  { at: LENGTH, drop: 90, height: 1, shown: 0 },
];

/**
 * Begins the demo; it runs until its track is stopped.
 * @returns {Promise<MediaStream>}
 * @throws {CameraError} `demo`, where its pictures are missing
 */
export async function openDemo() {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, SIZE);
  const context = canvas.getContext("2d", { alpha: false });
  let pictures;
  try {
    pictures = await Promise.all(["portrait.webp", "mask.webp"].map(picture));
  } catch (error) {
    throw new CameraError("demo", String(error));
  }
  const [portrait, mask] = pictures;
  if (!context || !portrait || !mask || !canvas.captureStream) throw new CameraError("unsupported");
  const begun = performance.now();
  draw(context, portrait, mask, 0);
  const stream = canvas.captureStream(RATE);
  const [track] = stream.getVideoTracks();
  const go = (/** @type {number} */ now) => {
    if (track?.readyState !== "live") return;
    draw(context, portrait, mask, Math.max(0, now - begun));
    requestAnimationFrame(go);
  };
  requestAnimationFrame(go);
  return stream;
}

/**
 * @param {string} name
 * @returns {Promise<HTMLImageElement>}
 */
async function picture(name) {
  const image = new Image();
  image.src = String(new URL(name, FOLDER));
  await image.decode();
  return image;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {HTMLImageElement} portrait
 * @param {HTMLImageElement} mask as large as the portrait
 * @param {number} time milliseconds since the beginning
 */
function draw(context, portrait, mask, time) {
  const [width, height] = [portrait.width * SCALE, portrait.height * SCALE];
  const turn = (2 * Math.PI * time) / SWING;
  const left = ((width - SIZE.width) / 2) * (1 - Math.cos(turn));
  const top = 20 * (1 - Math.cos(2 * turn));
  context.globalAlpha = 1;
  context.drawImage(portrait, -left, -top, width, height);
  const act = actAt(time % LENGTH);
  context.globalAlpha = act.shown;
  const y = (EDGE * (1 - act.height) + act.drop) * SCALE - top;
  context.drawImage(mask, -left, y, width, height * act.height);
}

/** @param {number} time milliseconds */
function actAt(time) {
  const next = Math.max(1, ACTS.findIndex(({ at }) => at > time));
  const [from, to] = /** @type {[typeof ACTS[0], typeof ACTS[0]]} */ (ACTS.slice(next - 1, next + 1));
  const share = (time - from.at) / (to.at - from.at);
  const mix = (/** @type {"drop" | "height" | "shown"} */ part) => from[part] + (to[part] - from[part]) * share;
  return { drop: mix("drop"), height: mix("height"), shown: mix("shown") };
}
