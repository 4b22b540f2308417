/** A soft tone when somebody's settled answer turns to *no mask* or *worn incorrectly*. */

/** @type {readonly import("./messages.js").Label[]} */
const CALLING = ["without_mask", "incorrect"];

/** Milliseconds between two tones at least. */
const QUIET = 4_000;

/** Tracks remembered; many more than faces at once. */
const MOST = 400;

/** Two falling notes: hertz; seconds; share of full loudness. */
const NOTES = [659, 523];
const NOTE = { length: 0.22, rise: 0.02 };
const LOUDNESS = 0.12;

/** Decides when there is something to hear. */
export class Alarm {
  /** @type {Map<number, import("./messages.js").Label>} the settled label of each track, the latest seen last */
  #labels = new Map();
  #rang = -Infinity;

  /**
   * Takes in an answer.
   * @param {readonly import("./messages.js").Face[]} faces
   * @param {number} now milliseconds
   * @returns {boolean} whether to ring
   */
  hear(faces, now) {
    let turned = false;
    for (const { track, settled, label } of faces) {
      if (track === undefined || !settled) continue;
      turned ||= CALLING.includes(label) && this.#labels.get(track) !== label;
      this.#labels.delete(track);
      this.#labels.set(track, label);
    }
    for (const oldest of [...this.#labels.keys()].slice(0, -MOST)) this.#labels.delete(oldest);
    if (!turned || now - this.#rang < QUIET) return false;
    this.#rang = now;
    return true;
  }
}

/** Plays the tone. */
export class Tone {
  /** @type {AudioContext | null} not before it is wanted */
  #context = null;

  /** Gets ready; browsers want this from within a press of a key or button. */
  allow() {
    this.#context ??= new AudioContext();
    if (this.#context.state === "suspended") this.#context.resume().catch(() => {});
  }

  play() {
    const context = this.#context;
    if (context?.state !== "running") return; // not allowed yet: better silent than late
    for (const [index, pitch] of NOTES.entries()) {
      const start = context.currentTime + index * NOTE.length;
      const note = new OscillatorNode(context, { frequency: pitch });
      const loudness = new GainNode(context, { gain: 0 });
      loudness.gain.setValueAtTime(0, start);
      loudness.gain.linearRampToValueAtTime(LOUDNESS, start + NOTE.rise);
      loudness.gain.linearRampToValueAtTime(0, start + NOTE.length);
      note.connect(loudness).connect(context.destination);
      note.start(start);
      note.stop(start + NOTE.length);
    }
  }
}
