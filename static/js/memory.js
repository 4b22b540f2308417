/**
 * Choices remembered on this device. Where storage is refused (private windows, policies), they last as long
 * as the page.
 */
export class Memory {
  /** @type {Map<string, string>} */
  #here = new Map();
  #prefix;

  /** @param {string} [prefix] keeps this program's names apart from its neighbours' */
  constructor(prefix = "maskgate.") {
    this.#prefix = prefix;
  }

  /**
   * @param {string} name
   * @returns {string | null}
   */
  get(name) {
    const here = this.#here.get(name);
    if (here !== undefined) return here;
    try {
      return localStorage.getItem(this.#prefix + name);
    } catch {
      return null;
    }
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  set(name, value) {
    this.#here.set(name, value);
    try {
      localStorage.setItem(this.#prefix + name, value);
    } catch {
      // Refused or full: #here still holds it.
    }
  }
}
