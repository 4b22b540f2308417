/** Looks up the words that people read; all of them live in `static/lang/`. */
import english from "../lang/en.js";

/**
 * The words at a dotted path, with `{name}`s filled in.
 * @param {string} path such as `stage.invite.title`
 * @param {Record<string, string | number | undefined>} [values]
 * @returns {string}
 * @throws {Error} where there are no such words: a mistake in the program, not of its user
 */
export function word(path, values = {}) {
  const found = lookUp(path);
  if (found === null) throw new Error(`static/lang/ has no words at '${path}'.`);
  return found.replace(/\{(\w+)\}/g, (gap, name) => String(values[name] ?? gap));
}

/**
 * @param {string} path
 * @returns {string | null} null where there are no words of that name
 */
export function lookUp(path) {
  /** @type {unknown} */
  let node = english;
  for (const step of path.split(".")) {
    node = typeof node === "object" && node !== null ? Object.getOwnPropertyDescriptor(node, step)?.value : undefined;
  }
  return typeof node === "string" ? node : null;
}

/**
 * Writes the words into a page: `data-word` names an element's text, `data-word-label` its accessible name,
 * `data-word-alt` what a picture shows. The element's other `data-…` fill their gaps.
 * @param {ParentNode} root
 */
export function fillWords(root) {
  for (const [element, path, values] of named(root, "data-word")) element.textContent = word(path, values);
  for (const [element, path, values] of named(root, "data-word-label")) {
    const label = word(path, values);
    element.setAttribute("aria-label", label);
    if (element instanceof HTMLButtonElement) element.title = label;
  }
  for (const [element, path, values] of named(root, "data-word-alt")) element.setAttribute("alt", word(path, values));
}

/**
 * @param {ParentNode} root
 * @param {string} attribute
 * @returns {[Element, string, Record<string, string | undefined>][]} each element, the path of its words, their gaps
 */
function named(root, attribute) {
  return [...root.querySelectorAll(`[${attribute}]`)].map((element) => {
    const values = element instanceof HTMLElement || element instanceof SVGElement ? { ...element.dataset } : {};
    return [element, element.getAttribute(attribute) ?? "", values];
  });
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
 * How often each label is in the picture: "1 not sure, 2 mask".
 * @param {readonly import("./messages.js").Face[]} faces
 * @returns {string} empty where nobody is there
 */
export function counts(faces) {
  const parts = URGENT_FIRST.map((label) => {
    const count = faces.filter((face) => face.label === label).length;
    return count > 0 ? word("summary.part", { count, label: word(`labels.${label}`) }) : "";
  });
  return parts.filter(Boolean).join(", ");
}

/**
 * What to do about an answer.
 * @param {import("./messages.js").Face} face
 * @returns {string}
 */
export function advice(face) {
  return word(`advice.${face.label === "unsure" ? face.reason ?? "unclear" : face.label}`);
}
