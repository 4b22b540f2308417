/** Speaks with the browser's local voices alone: what is said at a door is sent to nobody. */

/** A little slower than people talk among themselves. */
const POLITE = 0.95;

export class Speech {
  #synth;
  #language;

  /**
   * @param {object} parts
   * @param {SpeechSynthesis | undefined} parts.synth undefined where the browser has none
   * @param {string} parts.language of the page
   */
  constructor({ synth, language }) {
    this.#synth = synth;
    this.#language = language;
    synth?.getVoices(); // browsers begin to look for voices when they are first asked
  }

  /** Whether there is a local voice of the page's language. */
  get able() {
    return this.#voice() !== undefined;
  }

  /**
   * @param {string} text
   * @param {() => void} onSilent the browser did not speak after all
   * @returns {boolean} false where there is no local voice of the page's language
   */
  say(text, onSilent) {
    const voice = this.#voice();
    if (!this.#synth || !voice) return false;
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.voice = voice;
    utterance.lang = voice.lang;
    utterance.rate = POLITE;
    utterance.addEventListener("error", ({ error }) => {
      if (error !== "canceled" && error !== "interrupted") onSilent();
    });
    this.#synth.cancel(); // what is true now, not a queue of what was
    this.#synth.speak(utterance);
    return true;
  }

  #voice() {
    const local = (this.#synth?.getVoices() ?? []).filter((voice) => voice.localService);
    const exact = local.find((voice) => tag(voice.lang) === tag(this.#language));
    return exact ?? local.find((voice) => tag(voice.lang).split("-")[0] === tag(this.#language).split("-")[0]);
  }
}

/** @param {string} language some platforms write `en_GB` */
function tag(language) {
  return language.replace("_", "-").toLowerCase();
}
