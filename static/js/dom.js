/**
 * The element that a module needs, of the type it needs.
 * @template {Element} T
 * @param {string} selector
 * @param {new (...args: never[]) => T} type
 * @param {ParentNode} [root]
 * @returns {T}
 * @throws {Error} where the template and the scripts disagree
 */
export function find(selector, type, root = document) {
  const element = root.querySelector(selector);
  if (element instanceof type) return element;
  throw new Error(`The page needs ${selector} as a ${type.name}, found ${element?.tagName ?? "nothing"}.`);
}
