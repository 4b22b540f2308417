/**
 * Looks up the words that people read; all of them live in `static/lang/`, one file a language. `{name}` is a gap to be
 * filled in, an object of `one`, `other` and the like differs by `{count}`. The server reads these files too.
 */
import { loadLetters, wantedLanguage } from "./language.js";

/**
 * @typedef {import("./language.js").Language} Language
 * @typedef {Record<string, string | number | undefined>} Values
 */

const FIGURE = /^-?\d+(?:\.(\d+))?$/;

/** @type {Language} */
let language = "en";
/** @type {Language | null} chosen last; its words may be on their way */
let coming = null;
/** @type {unknown} */
let words = null;
/** @type {unknown} the English words, fetched once where another language lacks some */
let english = null;
/** @type {(() => void)[]} */
const listeners = [];
/** @type {Map<number, Intl.NumberFormat>} by decimals */
const formats = new Map();

// Whoever imports this module waits here until there are words.
await load(wantedLanguage()).catch(() => load("en"));

/**
 * Makes a language the page's own.
 * @param {Language} code
 */
async function load(code) {
  coming = code;
  const found = await fetchWords(code);
  if (coming !== code) return;
  language = code;
  words = found;
  formats.clear();
  document.documentElement.lang = code;
  document.documentElement.dir = word("language.direction");
  loadLetters(code);
}

/**
 * @param {Language} code
 * @returns {Promise<unknown>}
 * @throws {TypeError} where they cannot be had
 */
async function fetchWords(code) {
  const answer = await fetch(new URL(`../lang/${code}.json`, import.meta.url));
  if (!answer.ok) throw new TypeError(`static/lang/${code}.json: ${answer.status}`);
  return answer.json();
}

/**
 * Turns the page to another language, whatever goes on on it.
 * @param {Language} code
 * @throws {TypeError} where its words cannot be had: the page stays as it is
 */
export async function useLanguage(code) {
  await load(code);
  announce();
}

/** @returns {Language} the one in use, as `Intl` takes it */
export function currentLanguage() {
  return language;
}

/** @param {() => void} listener called when other words came, and those that `fill` and `fillWords` wrote are in place */
export function onLanguage(listener) {
  listeners.push(listener);
}

function announce() {
  fillWords(document);
  for (const listener of listeners) listener();
}

/**
 * The words at a dotted path, with `{name}`s filled in. Figures are written as the language does; where words differ
 * by number, `count` decides.
 * @param {string} path such as `stage.invite.title`
 * @param {Values} [values]
 * @returns {string}
 * @throws {Error} where there are no such words: a mistake in the program, not of its user
 */
export function word(path, values = {}) {
  const found = lookUp(path, values.count) ?? inEnglish(path, values.count);
  return found.replace(/\{(\w+)\}/g, (gap, name) => {
    const value = values[name];
    if (value === undefined) return gap;
    if (FIGURE.test(String(value))) return number(value);
    // A name in Latin letters must not turn an Arabic sentence around it.
    const foreign = document.documentElement.dir === "rtl" && /\p{Script=Latin}/u.test(String(value));
    return foreign ? `\u2068${value}\u2069` : String(value);
  });
}

/**
 * @param {string} path
 * @param {string | number} [count] chooses among words that differ by number
 * @returns {string | null} null where there are no words of that name
 */
export function lookUp(path, count) {
  return at(words, path, count, language);
}

/**
 * What stands in for words that are not translated yet: empty until the English ones came.
 * @param {string} path
 * @param {string | number} [count]
 * @returns {string}
 */
function inEnglish(path, count) {
  const found = at(language === "en" ? words : english, path, count, "en");
  if (found !== null) return found;
  if (language === "en" || english) throw new Error(`static/lang/ has no words at '${path}'.`);
  fetchWords("en").then((all) => {
    if (english) return;
    english = all;
    announce();
  });
  return "";
}

/**
 * @param {unknown} node of a language file
 * @param {string} path
 * @param {string | number | undefined} count
 * @param {Language} code
 * @returns {string | null}
 */
function at(node, path, count, code) {
  const own = (/** @type {string} */ step) =>
    typeof node === "object" && node !== null ? Object.getOwnPropertyDescriptor(node, step)?.value : undefined;
  for (const step of path.split(".")) node = own(step);
  if (count !== undefined) node = own(new Intl.PluralRules(code).select(Number(count))) ?? own("other") ?? node;
  return typeof node === "string" ? node : null;
}

/**
 * @param {string | number} value with as many decimals as are to be shown
 * @returns {string} as the language in use writes it
 */
export function number(value) {
  const decimals = FIGURE.exec(String(value))?.[1]?.length ?? 0;
  let format = formats.get(decimals);
  if (!format) {
    format = new Intl.NumberFormat(language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    formats.set(decimals, format);
  }
  return format.format(Number(value));
}

/**
 * Writes words into an element, and again whenever the language changes.
 * @param {HTMLElement} element
 * @param {string | null} path null for none
 * @param {Values} [values] kept as the element's `data-…`
 */
export function fill(element, path, values = {}) {
  if (path === null) delete element.dataset.word;
  else element.dataset.word = path;
  for (const [name, value] of Object.entries(values)) element.dataset[name] = String(value ?? "");
  const text = path === null ? "" : word(path, values);
  if (element.textContent !== text) element.textContent = text; // what is read aloud would be read again
}

/**
 * Writes the words into a page: `data-word` names an element's text, `data-word-label` its accessible name,
 * `data-word-alt` what a picture shows; their gaps are filled from the element's other `data-…`. `data-word-known`
 * names words that stand in for the element's own where there are any, as for the models that come with MaskGate;
 * `data-number` is a figure.
 * @param {Element | Document} root
 */
export function fillWords(root) {
  for (const element of named(root, "data-model")) {
    // The gap {title} is the model's; only those that come with MaskGate have one in the language.
    const title = lookUp(`modelNames.${element.dataset.model}.title`);
    if (element.dataset.title !== undefined && title !== null) element.dataset.title = title;
  }
  for (const element of named(root, "data-word-known")) {
    element.textContent = lookUp(element.dataset.wordKnown ?? "") ?? element.textContent;
  }
  for (const element of named(root, "data-number")) element.textContent = number(element.dataset.number ?? "");
  for (const element of named(root, "data-word")) element.textContent = word(element.dataset.word ?? "", { ...element.dataset });
  for (const element of named(root, "data-word-label")) {
    const label = word(element.dataset.wordLabel ?? "", { ...element.dataset });
    element.setAttribute("aria-label", label);
    if (element instanceof HTMLButtonElement) element.title = label;
  }
  for (const element of named(root, "data-word-alt")) {
    element.setAttribute("alt", word(element.dataset.wordAlt ?? "", { ...element.dataset }));
  }
}

/**
 * @param {Element | Document} root
 * @param {string} attribute
 * @returns {(HTMLElement | SVGElement)[]} those that have it, the root among them
 */
function named(root, attribute) {
  const all = [...root.querySelectorAll(`[${attribute}]`)];
  if (root instanceof Element && root.hasAttribute(attribute)) all.unshift(root);
  return all.filter((element) => element instanceof HTMLElement || element instanceof SVGElement);
}

/**
 * Why something was refused. The server says it most exactly, but in English: elsewhere the words for its code stand
 * in, where there are any.
 * @param {{code?: string | undefined, message: string}} refused
 * @returns {string}
 */
export function reason({ code, message }) {
  return (language === "en" ? null : lookUp(`problems.${code}`)) ?? message;
}

/**
 * What a model or a face finder is called: in the language where it is one of MaskGate's own, else as the server says.
 * @param {"model" | "detector"} kind
 * @param {{name: string, title: string, description?: string}} offer
 * @returns {{title: string, description: string}}
 */
export function called(kind, { name, title, description = "" }) {
  return {
    title: lookUp(`${kind}Names.${name}.title`) ?? title,
    description: lookUp(`${kind}Names.${name}.description`) ?? description,
  };
}

/** The labels by how much they ask of somebody. */
export const URGENT_FIRST = /** @type {const} */ (["without_mask", "incorrect", "unsure", "with_mask"]);

/**
 * What a picture shows, in a few words: "mask", "2 faces".
 * @param {readonly import("./messages.js").Face[]} faces
 * @returns {string}
 */
export function summary(faces) {
  const [only] = faces;
  if (!only) return word("summary.nobody");
  if (faces.length === 1) return word("summary.one", { label: word(`labels.${only.label}`) });
  return word("summary.many", { count: faces.length });
}

/**
 * The label that asks most of somebody; `none` where nobody is there.
 * @param {readonly import("./messages.js").Face[]} faces
 */
export function mostUrgent(faces) {
  return URGENT_FIRST.find((label) => faces.some((face) => face.label === label)) ?? "none";
}

/**
 * How often each label is in the picture: "1 not sure, 2 mask".
 * @param {readonly import("./messages.js").Face[]} faces
 * @returns {string} empty where nobody is there
 */
export function counts(faces) {
  const parts = URGENT_FIRST.map((label) => {
    const count = faces.filter((face) => face.label === label).length;
    return count > 0 ? word("summary.part", { count, label: word(`labels.${label}`) }) : "";
  });
  return new Intl.ListFormat(language, { type: "unit", style: "short" }).format(parts.filter(Boolean));
}

/**
 * What to do about an answer.
 * @param {import("./messages.js").Face} face
 * @returns {string}
 */
export function advice(face) {
  return word(`advice.${face.label === "unsure" ? face.reason ?? "unclear" : face.label}`);
}
