/** The choice of model and face finder: listed by the server, remembered here, refused in words. */
import { find } from "./dom.js";
import { called, fill, onLanguage, reason, word } from "./words.js";

/** @typedef {{name: string, title: string, description?: string, labels?: string[], default: boolean}} Offer */
/** @typedef {"model" | "detector"} Kind */

const LISTS = /** @type {const} */ ({ model: "/api/v1/models", detector: "/api/v1/detectors" });

/** Milliseconds after which a list counts as unreachable. */
const PATIENCE = 5_000;

export class Chooser {
  #memory;
  #onChoice;
  #note = find("#choice-note", HTMLElement);
  #never = find("#never", HTMLElement);
  /** @type {Record<Kind, HTMLSelectElement>} */
  #selects = {
    model: find("[data-action=model]", HTMLSelectElement),
    detector: find("[data-action=detector]", HTMLSelectElement),
  };
  /** @type {Record<Kind, Offer[]>} */
  #offers = { model: [], detector: [] };
  #loaded = Promise.resolve();

  /**
   * @param {import("./memory.js").Memory} memory
   * @param {() => Promise<import("./messages.js").Problem | null>} onChoice tries a new choice; why not, or null
   */
  constructor(memory, onChoice) {
    this.#memory = memory;
    this.#onChoice = onChoice;
    for (const kind of /** @type {const} */ (["model", "detector"])) {
      this.#selects[kind].addEventListener("change", () => this.#chosen(kind));
    }
    onLanguage(() => {
      for (const kind of /** @type {const} */ (["model", "detector"])) this.#fill(kind);
    });
  }

  /** What was chosen and is there; what was not chosen is the server's to decide. */
  get choice() {
    /** @type {{model?: string, detector?: string}} */
    const choice = {};
    for (const kind of /** @type {const} */ (["model", "detector"])) {
      const name = this.#memory.get(kind);
      if (this.#offers[kind].some((offer) => offer.name === name) && name) choice[kind] = name;
    }
    return choice;
  }

  /** The choice once the lists under way are there: before, nobody knows whether it still can be had. */
  async settled() {
    await this.#loaded;
    return this.choice;
  }

  /** Reads what the server offers; again after it was away, for it may offer something else now. */
  load() {
    this.#loaded = this.#load();
    return this.#loaded;
  }

  async #load() {
    const ended = new AbortController();
    const timer = setTimeout(() => ended.abort(), PATIENCE);
    try {
      for (const kind of /** @type {const} */ (["model", "detector"])) {
        const answer = await fetch(LISTS[kind], { signal: ended.signal });
        if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
        this.#offers[kind] = await answer.json();
        this.#fill(kind);
      }
      this.#say(null);
    } catch {
      this.#say("panel.choiceUnreachable");
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Forgets a choice that the server refuses, and says why.
   * @param {import("./messages.js").Problem} problem
   */
  refused(problem) {
    this.forget();
    this.tell(problem);
  }

  /** Leaves the choice to the server. */
  forget() {
    for (const kind of /** @type {const} */ (["model", "detector"])) {
      this.#memory.set(kind, "");
      this.#fill(kind);
    }
    this.#say(null);
  }

  /**
   * Shows what is in force, which a restarted server may have by other defaults than it listed.
   * @param {import("./transport.js").InForce} inForce
   */
  show(inForce) {
    for (const kind of /** @type {const} */ (["model", "detector"])) {
      if (this.#offers[kind].some(({ name }) => name === inForce[kind])) this.#selects[kind].value = inForce[kind];
    }
  }

  /** @param {import("./messages.js").Problem} problem why something chosen was not taken */
  tell(problem) {
    this.#say("panel.choiceRefused", reason(problem));
  }

  /** @param {Kind} kind */
  async #chosen(kind) {
    const before = this.#memory.get(kind) ?? "";
    const { value } = this.#selects[kind];
    this.#memory.set(kind, value);
    this.#say(null);
    this.#fill(kind);
    const problem = await this.#onChoice();
    if (!problem || this.#memory.get(kind) !== value) return; // taken, or chosen anew since
    this.#memory.set(kind, before);
    this.#fill(kind);
    this.tell(problem);
  }

  /** @param {Kind} kind */
  #fill(kind) {
    const offers = this.#offers[kind];
    const select = this.#selects[kind];
    const chosen = this.choice[kind] ?? offers.find((offer) => offer.default)?.name ?? "";
    select.replaceChildren(
      ...offers.map((offer) => {
        const { title } = called(kind, offer);
        const text = offer.default ? word("panel.byDefault", { title }) : title;
        return new Option(text, offer.name, offer.default, offer.name === chosen);
      }),
    );
    select.disabled = offers.length < 2;
    const inForce = offers.find((offer) => offer.name === chosen);
    find(`#${kind}-description`, HTMLElement).textContent = inForce ? called(kind, inForce).description : "";
    if (kind === "model") this.#never.hidden = inForce?.labels?.includes("incorrect") ?? true;
  }

  /**
   * @param {string | null} path of the words, null for none
   * @param {string} [message] for their gap
   */
  #say(path, message) {
    this.#note.hidden = path === null;
    fill(this.#note, path, { message });
  }
}
