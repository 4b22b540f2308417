/** Why a face got its answer: its certainties, its size, what made it unsure; of the largest face or a chosen one. */
import { showIcon } from "./dock.js";
import { find } from "./dom.js";
import { certainty, identity } from "./messages.js";
import { onLanguage, word } from "./words.js";

/**
 * @typedef {import("./messages.js").Face} Face
 * @typedef {{width: number, height: number}} Size pixels
 */

/** Faces to choose from; nobody reads a longer list that moves. */
const MOST = 8;

/** Milliseconds that a chosen face may be away before the largest is shown again. */
const AWAY = 3_000;

export class Why {
  #root = find("#why", HTMLElement);
  #list = find("#faces", HTMLElement);
  #pattern = find("#face-choice", HTMLTemplateElement);
  #largest = find("input", HTMLInputElement, this.#list);
  #onChoose;
  /** @type {number | null} the chosen face's identity; null for the largest */
  #chosen = null;
  #seen = 0;
  /** @type {{faces: readonly Face[], picture: Size | null}} last */
  #shown = { faces: [], picture: null };
  /** @type {Map<number, HTMLElement>} by identity */
  #choices = new Map();
  /** @type {Map<number, {label: string, since: number}>} how long each face in the picture has had its label */
  #standing = new Map();

  /** @param {(chosen: number | null) => void} onChoose another face, or null for the largest */
  constructor(onChoose) {
    this.#onChoose = onChoose;
    this.#list.addEventListener("change", (event) => {
      const value = event.target instanceof HTMLInputElement ? event.target.value : "";
      this.choose(value === "" ? null : Number(value));
    });
    onLanguage(() => {
      for (const choice of this.#choices.values()) delete choice.dataset.label; // to be written anew
      this.show(this.#shown.faces, this.#shown.picture, performance.now());
    });
    this.showNothing();
  }

  /** Before there is any picture. */
  showNothing() {
    this.choose(null);
    this.#standing.clear();
    this.show([], null, 0);
  }

  /** Brings the why in sight where the panel was scrolled. */
  bring() {
    this.#root.scrollIntoView({ block: "nearest" });
  }

  /** @param {number | null} chosen the identity of a face that is there; null for the largest */
  choose(chosen) {
    this.#chosen = chosen;
    this.#seen = performance.now();
    const radio = chosen === null ? this.#largest : this.#choices.get(chosen)?.querySelector("input");
    if (radio) radio.checked = true;
    this.#onChoose(chosen);
  }

  /**
   * @param {readonly Face[]} faces largest first
   * @param {Size | null} picture as it was sent
   * @param {number} now milliseconds
   */
  show(faces, picture, now) {
    this.#shown = { faces, picture };
    const there = new Map(faces.map((face, index) => [identity(face, index), face]));
    this.#follow(there, now);
    this.#offer(there);
    const face = this.#chosen === null ? faces[0] : there.get(this.#chosen);
    if (face && this.#chosen !== null) this.#seen = now;
    if (!face && this.#chosen !== null && now - this.#seen < AWAY) {
      this.#say(word("live.why.away"));
      return; // what was last said of it stays to be read
    }
    if (!face && this.#chosen !== null) return this.choose(null);
    this.#showCertainty(face);
    this.#figure("size", face && picture ? size(face, picture) : null);
    this.#figure("score", face ? percent(face.score) : null);
    const standing = face && this.#standing.get(this.#chosen ?? identity(face, 0));
    const seconds = standing && Math.floor((now - standing.since) / 1_000);
    this.#figure("standing", seconds === undefined ? null : word("live.why.seconds", { seconds }));
    this.#say(face ? because(face) : "");
  }

  /**
   * @param {ReadonlyMap<number, Face>} there
   * @param {number} now
   */
  #follow(there, now) {
    for (const id of this.#standing.keys()) if (!there.has(id)) this.#standing.delete(id);
    for (const [id, { label }] of there) {
      if (this.#standing.get(id)?.label !== label) this.#standing.set(id, { label, since: now });
    }
  }

  /**
   * Lists the faces, each in the order it came.
   * @param {ReadonlyMap<number, Face>} there
   */
  #offer(there) {
    for (const [id, choice] of this.#choices) {
      if (there.has(id) || id === this.#chosen) continue;
      if (choice.contains(document.activeElement)) this.#largest.focus();
      choice.remove();
      this.#choices.delete(id);
    }
    for (const [id, face] of there) {
      const choice = this.#choices.get(id) ?? (this.#choices.size < MOST ? this.#add(id) : null);
      if (!choice || choice.dataset.label === face.label) continue;
      choice.dataset.label = face.label;
      showIcon(choice, face.label);
      const text = word("live.why.face", { number: id, label: word(`labels.${face.label}`) });
      find("span", HTMLElement, choice).textContent = text;
    }
  }

  /** @param {number} id */
  #add(id) {
    const choice = find(".face", HTMLElement, this.#pattern.content).cloneNode(true);
    if (!(choice instanceof HTMLElement)) throw new TypeError("A copy is of its original's kind.");
    find("input", HTMLInputElement, choice).value = String(id);
    this.#choices.set(id, choice);
    this.#list.append(choice);
    return choice;
  }

  /** @param {Face | undefined} face */
  #showCertainty(face) {
    for (const row of this.#root.querySelectorAll("[data-certainty]")) {
      if (!(row instanceof HTMLElement)) continue;
      const label = /** @type {import("./messages.js").Label} */ (row.dataset.certainty);
      const share = face?.probabilities[label];
      row.classList.toggle("winner", face !== undefined && face.label === label && certainty(face) === share);
      row.style.setProperty("--share", String(share ?? 0));
      // No <output>: whatever changes in one is read aloud.
      find(".percent", HTMLElement, row).textContent = share === undefined ? word("panel.none") : percent(share);
    }
  }

  /**
   * @param {string} name
   * @param {string | null} text
   */
  #figure(name, text) {
    find(`[data-why=${name}]`, HTMLElement, this.#root).textContent = text ?? word("panel.none");
  }

  /** @param {string} text */
  #say(text) {
    find("#because", HTMLElement, this.#root).textContent = text;
  }
}

/**
 * What there is to say of an answer beyond its label.
 * @param {Face} face
 */
function because(face) {
  if (face.label === "unsure") return word(`live.why.because.${face.reason ?? "unclear"}`);
  if (face.settled === undefined) return ""; // a photo's answer is never voted on
  return word(face.settled ? "live.why.settled" : "live.why.unsettled");
}

/**
 * @param {Face} face
 * @param {Size} picture
 */
function size({ box }, { width, height }) {
  const pixels = Math.round(Math.max(box.width * width, box.height * height));
  return word("live.why.size", { pixels, share: Math.round(100 * box.height) });
}

/** @param {number} share */
function percent(share) {
  return word("figures.percent", { value: Math.round(100 * share) });
}
