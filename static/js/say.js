/** Words that a script writes into the page, marked so that they can be written again in another language. */
import { word } from "./words.js";

/**
 * @param {HTMLElement} element
 * @param {string | null} path of the words; null for none
 * @param {Record<string, string | number>} [values] kept as the element's `data-…`
 */
export function say(element, path, values = {}) {
  if (path === null) delete element.dataset.word;
  else element.dataset.word = path;
  for (const [name, value] of Object.entries(values)) element.dataset[name] = String(value);
  const text = path === null ? "" : word(path, values);
  if (element.textContent !== text) element.textContent = text; // a live region would read it again
}

/**
 * Which of the words that differ by number fit.
 * @param {number} count
 */
export function byNumber(count) {
  return count === 1 ? "one" : "other";
}
