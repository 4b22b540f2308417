/** The sliders: how sure a face must be to be shown, and how long its label is voted on. */
import { find } from "./dom.js";
import { onLanguage, word } from "./words.js";

/** @typedef {"min_score" | "smoothing"} Slider as `configure` calls it */

/** @type {Record<Slider, (value: number) => string>} */
const SPOKEN = {
  min_score: (value) => word("figures.percent", { value: Math.round(100 * value) }),
  smoothing: (value) => word("live.tuning.seconds", { value: value.toFixed(1) }),
};
const SLIDERS = /** @type {Slider[]} */ (Object.keys(SPOKEN));

export class Tuning {
  #memory;
  #onChange;
  /** @type {Partial<Record<Slider, number>>} as the server said last */
  #inForce = {};

  /**
   * @param {import("./memory.js").Memory} memory
   * @param {() => Promise<import("./messages.js").Problem | null>} onChange tries a new choice; why not, or null
   */
  constructor(memory, onChange) {
    this.#memory = memory;
    this.#onChange = onChange;
    for (const name of SLIDERS) {
      const slider = this.#slider(name);
      slider.addEventListener("input", () => this.#say(name, slider.valueAsNumber));
      slider.addEventListener("change", () => this.#chosen(name, slider.valueAsNumber));
      this.#fill(name);
    }
    onLanguage(() => {
      for (const name of SLIDERS) if (this.#output(name).textContent) this.#say(name, this.#slider(name).valueAsNumber);
    });
  }

  /** What was chosen; the rest is the server's to decide. */
  get choice() {
    /** @type {Partial<Record<Slider, number>>} */
    const choice = {};
    for (const name of SLIDERS) {
      const chosen = this.#chosenBefore(name);
      if (chosen !== null) choice[name] = chosen;
    }
    return choice;
  }

  /**
   * Shows what is in force.
   * @param {import("./transport.js").InForce} inForce
   */
  show(inForce) {
    for (const name of SLIDERS) {
      this.#inForce[name] = inForce[name];
      this.#fill(name);
    }
  }

  /** Lets go of what was chosen. What holds in its place, the server says next. */
  forget() {
    this.#inForce = {};
    for (const name of SLIDERS) {
      this.#memory.set(name, "");
      this.#slider(name).value = ""; // the middle, as before the first connection
      this.#slider(name).removeAttribute("aria-valuetext");
      this.#output(name).textContent = "";
    }
  }

  /**
   * @param {Slider} name
   * @param {number} value
   */
  async #chosen(name, value) {
    const before = this.#memory.get(name) ?? "";
    this.#memory.set(name, String(value));
    this.#say(name, value);
    if (!(await this.#onChange()) || this.#memory.get(name) !== String(value)) return; // taken, or chosen anew since
    this.#memory.set(name, before);
    this.#fill(name);
  }

  /** @param {Slider} name */
  #chosenBefore(name) {
    const text = this.#memory.get(name);
    const { min, max } = this.#slider(name);
    const value = Number(text || Number.NaN);
    return value >= Number(min) && value <= Number(max) ? value : null;
  }

  /** @param {Slider} name */
  #fill(name) {
    const value = this.#inForce[name] ?? this.#chosenBefore(name);
    const slider = this.#slider(name);
    if (value === null || slider.matches(":active")) return; // a thumb that is held stays where it is held
    slider.valueAsNumber = value;
    this.#say(name, value);
  }

  /**
   * @param {Slider} name
   * @param {number} value
   */
  #say(name, value) {
    const text = SPOKEN[name](value);
    this.#slider(name).setAttribute("aria-valuetext", text);
    this.#output(name).textContent = text;
  }

  /** @param {Slider} name */
  #output(name) {
    return find(`[data-output=${name}]`, HTMLOutputElement);
  }

  /** @param {Slider} name */
  #slider(name) {
    return find(`[data-action=${name}]`, HTMLInputElement);
  }
}
