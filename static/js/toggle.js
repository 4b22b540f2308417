/** A choice of yes or no that is remembered: a checkbox, or a button that stays pressed. */
import { find } from "./dom.js";

export class Toggle {
  #memory;
  #name;
  #onChange;
  #element;
  #on;

  /**
   * @param {import("./memory.js").Memory} memory
   * @param {string} name of the choice, which is its control's `data-action` too
   * @param {object} [options]
   * @param {boolean} [options.byDefault]
   * @param {(on: boolean) => void} [options.onChange] called at once with what was remembered, too
   */
  constructor(memory, name, { byDefault = false, onChange = () => {} } = {}) {
    this.#memory = memory;
    this.#name = name;
    this.#onChange = onChange;
    this.#element = find(`[data-action=${name}]`, HTMLElement);
    this.#on = (memory.get(name) ?? (byDefault ? "yes" : "no")) === "yes";
    this.#element.addEventListener("change", () => this.press());
    this.#show();
  }

  get on() {
    return this.#on;
  }

  /** The other way round. */
  press() {
    this.#on = !this.#on;
    this.#memory.set(this.#name, this.#on ? "yes" : "no");
    this.#show();
  }

  #show() {
    if (this.#element instanceof HTMLInputElement) this.#element.checked = this.#on;
    else this.#element.setAttribute("aria-pressed", String(this.#on));
    this.#onChange(this.#on);
  }
}
