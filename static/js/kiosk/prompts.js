/** Tells an answer to those who do not look: the live region, and voice or chime where they are wanted. */
import { word } from "../words.js";

/** Milliseconds for which an answer stands before it is said: what flickers is not news. */
const STANDS = 700;
/** Milliseconds before the same is said again to somebody who came later. */
const AGAIN = 8_000;
/** Milliseconds between any two: a door is no ticker. */
const APART = 2_000;
/** Milliseconds without anybody after which whoever comes has heard nothing. */
const GONE = 1_500;

export class Prompts {
  #region;
  #speech;
  #chime;
  #options;
  /** What is shown, and since when. */
  #shown = "";
  #since = 0;
  /** What was said last, when, and the newest of those it was said to. */
  #said = "";
  #at = -Infinity;
  #newest = 0;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.region polite and live
   * @param {import("./speech.js").Speech} parts.speech
   * @param {import("./chime.js").Chime} parts.chime
   * @param {Pick<import("./options.js").Options, "voice" | "chime">} parts.options
   */
  constructor({ region, speech, chime, options }) {
    this.#region = region;
    this.#speech = speech;
    this.#chime = chime;
    this.#options = options;
  }

  /**
   * Called again and again with what is shown.
   * @param {import("./answer.js").Answer} answer
   * @param {readonly import("./people.js").Person[]} people who are there
   * @param {number} now
   */
  hear({ kind, words }, people, now) {
    const shown = `${kind} ${words}`;
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.#since = now;
    }
    if (kind === "nobody" && now - this.#since > GONE) this.#said = "";
    if (kind === "nobody" || kind === "looking" || kind === "silent") return;
    if (now - this.#since < STANDS || now - this.#at < APART) return;
    const newest = Math.max(...people.map(({ key }) => key));
    if (words === this.#said && (newest <= this.#newest || now - this.#at < AGAIN)) return;
    this.#said = words;
    this.#at = now;
    this.#newest = newest;
    this.#region.textContent = word(words);
    const { voice, chime } = this.#options;
    const ring = () => {
      const tune = voice && chime === "off" ? "soft" : chime; // in the voice's stead
      if (tune !== "off") this.#chime.play(kind, tune);
    };
    if (!voice || !this.#speech.say(word(words), ring)) ring();
  }
}
