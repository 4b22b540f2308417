/**
 * What the page is doing, written to `document.documentElement.dataset` for programs that drive it
 * (contract: Pages) and told to whoever listens.
 *
 * @typedef {"idle" | "asking" | "connecting" | "live" | "stalled" | "error"} Phase
 */
export class PageState {
  #dataset;
  #frames = 0;
  /** @type {((phase: Phase) => void)[]} */
  #listeners = [];

  /** @param {HTMLElement} root its dataset is written */
  constructor(root) {
    this.#dataset = root.dataset;
    this.#dataset.state = "idle";
    this.#dataset.frames = "0";
    this.show([]);
  }

  /** @returns {Phase} */
  get phase() {
    return /** @type {Phase} */ (this.#dataset.state);
  }

  /** @param {Phase} phase */
  set phase(phase) {
    if (phase === this.phase) return;
    this.#dataset.state = phase;
    for (const listener of this.#listeners) listener(phase);
  }

  /** @param {(phase: Phase) => void} listener */
  onPhase(listener) {
    this.#listeners.push(listener);
  }

  /** Counts a result received since the page was opened. */
  countFrame() {
    this.#frames += 1;
    this.#dataset.frames = String(this.#frames);
  }

  /**
   * What is drawn now; called by the overlay once it is on the canvas.
   * @param {readonly import("./messages.js").Face[]} faces largest first
   * @param {number} [age] milliseconds from capture to drawn
   */
  show(faces, age) {
    this.#dataset.faces = String(faces.length);
    this.#dataset.labels = faces.map((face) => face.label).join(",");
    if (age === undefined) delete this.#dataset.age;
    else this.#dataset.age = String(Math.round(age));
  }
}
