/** Who wore what when, as files. */
import { save, toCsv } from "../table.js";
import { word } from "../words.js";

/**
 * @typedef {object} About
 * @property {string} film its file's name
 * @property {number} duration seconds
 * @property {number} looked_at seconds of it that were looked at
 * @property {string} [model]
 * @property {string} [detector]
 */

const COLUMNS = ["film", "track", "from", "to", "seconds", "label", "word", "certainty", "pictures", "model", "detector"];

/**
 * A row a stretch.
 * @param {About} about
 * @param {readonly import("./tracks.js").Track[]} tracks
 */
export function rows({ film, model, detector }, tracks) {
  return tracks.flatMap(({ number, stretches }) =>
    stretches.map((stretch) => ({ film, track: number, ...rounded(stretch), model, detector })),
  );
}

/**
 * @param {About} about
 * @param {readonly import("./tracks.js").Track[]} tracks
 */
export function saveCsv(about, tracks) {
  save("maskgate-film.csv", "text/csv;charset=utf-8", toCsv(rows(about, tracks), COLUMNS));
}

/**
 * @param {About} about
 * @param {readonly import("./tracks.js").Track[]} tracks
 */
export function saveJson(about, tracks) {
  const written = tracks.map(({ number, stretches }) => ({ track: number, stretches: stretches.map(rounded) }));
  save("maskgate-film.json", "application/json", JSON.stringify({ ...about, tracks: written }, null, 2));
}

/** @param {import("./tracks.js").Stretch} stretch seconds to tenths, which is how often a film is looked at */
function rounded({ from, to, label, pictures, certainty }) {
  const tenths = (/** @type {number} */ seconds) => Number(seconds.toFixed(1));
  return {
    from: tenths(from),
    to: tenths(to),
    seconds: tenths(to - from),
    label,
    word: word(`labels.${label}`),
    certainty: Number(certainty.toFixed(4)),
    pictures,
  };
}
