/** The choice of model and face finder: listed by the server, remembered here, refused in words. */
import { find } from "./dom.js";
import { called, fill, onLanguage, reason, word } from "./words.js";

/** @typedef {"model" | "detector"} Kind */

/**
 * @typedef {object} Offer
 * @property {string} name
 * @property {string} title
 * @property {string} [description]
 * @property {boolean} default
 * @property {string} [kind] a model's; one of kind `one-stage` is a face finder too, and names no other's faces
 * @property {string[]} [labels] that a model says
 * @property {{min_face_px: number}} [thresholds] a model's; pixels of a face's longer side
 * @property {string | null} [model] a face finder's: who names its faces where no model is chosen
 */

const LISTS = /** @type {const} */ ({ model: "/api/v1/models", detector: "/api/v1/detectors" });
const KINDS = /** @type {Kind[]} */ (Object.keys(LISTS));

/** Milliseconds after which a list counts as unreachable. */
const PATIENCE = 5_000;

export class Chooser {
  #memory;
  #onChoice;
  #note = find("#choice-note", HTMLElement);
  #never = find("#never", HTMLElement);
  #smallest = find("#smallest", HTMLElement);
  /** @type {number | null} pixels; null while nothing is sent */
  #sentHeight = null;
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
    for (const kind of KINDS) this.#selects[kind].addEventListener("change", () => this.#chosen(kind));
    onLanguage(() => this.#fill());
  }

  /** What was chosen and can be had; what was not chosen is the server's to decide. */
  get choice() {
    const choice = this.#remembered;
    if (this.#apart(choice)) delete choice.detector;
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
      for (const kind of KINDS) {
        const answer = await fetch(LISTS[kind], { signal: ended.signal });
        if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
        this.#offers[kind] = await answer.json();
        this.#fill();
      }
      // The page of models asks for one whatever was chosen before.
      if (this.#apart(this.#remembered)) this.#memory.set("detector", "");
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
    for (const kind of KINDS) this.#memory.set(kind, "");
    this.#fill();
    this.#say(null);
  }

  /**
   * Shows what is in force, which a restarted server may have by other defaults than it listed.
   * @param {{model?: string | undefined, detector?: string | undefined}} inForce
   */
  show(inForce) {
    for (const kind of KINDS) {
      const offer = this.#offer(kind, inForce[kind]);
      if (!offer) continue;
      this.#selects[kind].value = offer.name;
      const itself = kind === "detector" && offer.name === inForce.model; // what it is stands at the model already
      const description = itself ? word("panel.itself") : called(kind, offer).description;
      find(`#${kind}-description`, HTMLElement).textContent = description;
      if (kind === "model") this.#never.hidden = offer.labels?.includes("incorrect") ?? true;
    }
    this.#showSmallest();
  }

  /** @param {number | null} height of the pictures sent now, in pixels; null while none is sent */
  sent(height) {
    this.#sentHeight = height;
    this.#showSmallest();
  }

  /** Says how small a face may be; of the picture too once its size is known, which changes as answers are late. */
  #showSmallest() {
    const pixels = Math.ceil(this.#offer("model", this.#selects.model.value)?.thresholds?.min_face_px ?? 0);
    const share = this.#sentHeight && Math.round((100 * pixels) / this.#sentHeight);
    this.#smallest.hidden = pixels === 0;
    fill(this.#smallest, share ? "panel.smallestShare" : "panel.smallest", { pixels, share: share ?? undefined });
  }

  /** @param {import("./messages.js").Problem} problem why something chosen was not taken */
  tell(problem) {
    this.#say("panel.choiceRefused", reason(problem));
  }

  /** @param {Kind} kind */
  async #chosen(kind) {
    const before = KINDS.map((each) => this.#memory.get(each) ?? "");
    this.#memory.set(kind, this.#selects[kind].value);
    if (this.#apart(this.#remembered)) this.#memory.set(kind === "model" ? "detector" : "model", "");
    const chosen = KINDS.map((each) => this.#memory.get(each) ?? "");
    this.#say(null);
    this.#fill();
    const problem = await this.#onChoice();
    const still = KINDS.map((each, at) => this.#memory.get(each) === chosen[at]);
    if (!problem || !still[KINDS.indexOf(kind)]) return; // taken, or chosen anew since
    for (const [at, each] of KINDS.entries()) if (still[at]) this.#memory.set(each, before[at] ?? "");
    this.#fill();
    this.tell(problem);
  }

  /** What was chosen and is there. */
  get #remembered() {
    /** @type {{model?: string, detector?: string}} */
    const remembered = {};
    for (const kind of KINDS) {
      const offer = this.#offer(kind, this.#memory.get(kind));
      if (offer) remembered[kind] = offer.name;
    }
    return remembered;
  }

  /**
   * What the server makes of the choice, as far as it listed that.
   * @returns {{model?: string | undefined, detector?: string | undefined}}
   */
  get #expected() {
    const byDefault = (/** @type {Kind} */ kind) => this.#offers[kind].find((offer) => offer.default)?.name;
    const { model, detector = this.#oneStage(model) ? model : byDefault("detector") } = this.choice;
    return { model: model ?? this.#offer("detector", detector)?.model ?? byDefault("model"), detector };
  }

  /**
   * Whether the server would refuse the two together.
   * @param {{model?: string, detector?: string}} choice
   */
  #apart({ model, detector }) {
    return this.#oneStage(model) && detector !== undefined && detector !== model;
  }

  /** @param {string | undefined} model */
  #oneStage(model) {
    return this.#offer("model", model)?.kind === "one-stage";
  }

  /**
   * @param {Kind} kind
   * @param {string | null | undefined} name
   */
  #offer(kind, name) {
    return this.#offers[kind].find((offer) => offer.name === name);
  }

  /** Lists what is offered, and shows what is to be expected of it. */
  #fill() {
    for (const kind of KINDS) {
      const options = this.#offers[kind].map((offer) => {
        const { title } = called(kind, offer);
        const text = offer.default ? word("panel.byDefault", { title }) : title;
        return new Option(text, offer.name, offer.default);
      });
      this.#selects[kind].replaceChildren(...options);
      this.#selects[kind].disabled = options.length < 2;
    }
    this.show(this.#expected);
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
