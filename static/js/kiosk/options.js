/**
 * How this kiosk is set up: by its address, else as it was set up last, else as the server has it.
 *
 * @typedef {"strict" | "advise"} Policy
 * @typedef {"off" | "soft" | "bell"} Tune
 * @typedef {object} Options
 * @property {string} camera part of the camera's name, or its id; empty for the default one
 * @property {string} stream name of the door
 * @property {boolean} voice whether prompts are spoken
 * @property {Tune} chime
 * @property {Policy} policy
 * @property {import("../turn.js").Turn} rotate degrees clockwise by which the camera's picture is turned upright
 * @property {number} min_face share of the picture's height, 0 to 1, from which a face is answered and counted
 */

const LONGEST_NAME = 64;

/** Each option's reader: its value, or undefined where the text is none. */
const READERS = {
  camera: short,
  stream: short,
  voice: (/** @type {string} */ text) => ({ 1: true, true: true, 0: false, false: false })[text],
  chime: (/** @type {string} */ text) => oneOf(text, /** @type {const} */ (["off", "soft", "bell"])),
  policy: (/** @type {string} */ text) => oneOf(text, /** @type {const} */ (["strict", "advise"])),
  rotate: (/** @type {string} */ text) => {
    const turn = oneOf(text, /** @type {const} */ (["0", "90", "180", "270"]));
    return turn === undefined ? undefined : /** @type {import("../turn.js").Turn} */ (Number(turn));
  },
  min_face: (/** @type {string} */ text) => {
    const share = text.trim() === "" ? Number.NaN : Number(text);
    return share >= 0 && share <= 1 ? share : undefined;
  },
};

/**
 * Reads the options and remembers those that the address names, for an installed kiosk starts without them.
 * @param {string} search the address's query
 * @param {import("../memory.js").Memory} memory
 * @param {DOMStringMap} defaults the server's, as `data-policy` and `data-min-face`
 * @returns {Options}
 */
export function readOptions(search, memory, defaults) {
  const asked = new URLSearchParams(search);
  /** @param {string} name */
  const text = (name) => {
    const value = asked.get(name);
    if (value === null) return memory.get(name) ?? "";
    memory.set(name, value);
    return value;
  };
  return {
    camera: READERS.camera(text("camera")),
    stream: READERS.stream(text("stream")),
    voice: READERS.voice(text("voice")) ?? false,
    chime: READERS.chime(text("chime")) ?? "off",
    policy: READERS.policy(text("policy")) ?? READERS.policy(defaults.policy ?? "") ?? "strict",
    rotate: READERS.rotate(text("rotate")) ?? 0,
    min_face: READERS.min_face(text("min_face")) ?? READERS.min_face(defaults.minFace ?? "") ?? 0.12,
  };
}

/**
 * The language is chosen by the address before anything else runs, so that is where a remembered one has to stand.
 * @param {string} search the address's query
 * @param {import("../memory.js").Memory} memory
 * @returns {string | null} the query to open instead; null where it is right as it is
 */
export function withLanguage(search, memory) {
  const asked = new URLSearchParams(search);
  const remembered = memory.get("lang");
  const language = asked.get("lang");
  if (language !== null) memory.set("lang", language);
  if (language !== null || !remembered) return null;
  asked.set("lang", remembered);
  return `?${asked}`;
}

/**
 * Remembers changed options, and the address that has them, so that neither contradicts the other.
 * @param {Readonly<Record<string, string>>} changed
 * @param {import("../memory.js").Memory} memory
 * @param {string} search the address's query now
 * @returns {string} the query to go on with
 */
export function keepOptions(changed, memory, search) {
  const asked = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changed)) {
    memory.set(name, value);
    asked.set(name, value);
  }
  return asked.size > 0 ? `?${asked}` : "";
}

/** @param {string} text */
function short(text) {
  return text.trim().slice(0, LONGEST_NAME);
}

/**
 * @template {string} T
 * @param {string} text
 * @param {readonly T[]} known
 * @returns {T | undefined}
 */
function oneOf(text, known) {
  return known.find((each) => each === text);
}
