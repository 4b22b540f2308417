/** A chime for each answer, made of tones: rising for thanks, falling for what is to be done. */

/** Hertz; two notes each, so that the answers differ without being seen. */
const NOTES = {
  with_mask: [587.33, 880],
  without_mask: [659.26, 440],
  incorrect: [587.33, 493.88],
  unsure: [523.25, 523.25],
};

/** How the tunes ring: the wave, how loud, and the seconds of a note's fading. */
const RINGS = {
  soft: /** @type {const} */ ({ wave: "sine", volume: 0.18, fading: 0.7 }),
  bell: /** @type {const} */ ({ wave: "triangle", volume: 0.26, fading: 1.3 }),
};

const APART = 0.22;

export class Chime {
  /** @type {AudioContext | null} */
  #context = null;

  /**
   * @param {import("../messages.js").Label} label
   * @param {"soft" | "bell"} tune
   */
  async play(label, tune) {
    try {
      this.#context ??= new AudioContext();
      const context = this.#context;
      // Asleep until somebody touched the page, unless the browser's policy lets a kiosk sound by itself.
      if (context.state !== "running") await context.resume();
      NOTES[label].forEach((pitch, index) => ring(context, pitch, context.currentTime + index * APART, RINGS[tune]));
    } catch {
      // No sound on this device: the screen says it all the same.
    }
  }
}

/**
 * @param {AudioContext} context
 * @param {number} pitch hertz
 * @param {number} at seconds of the context
 * @param {{wave: OscillatorType, volume: number, fading: number}} how
 */
function ring(context, pitch, at, { wave, volume, fading }) {
  const tone = new OscillatorNode(context, { type: wave, frequency: pitch });
  const level = new GainNode(context, { gain: 0 });
  level.gain.setValueAtTime(0, at);
  level.gain.linearRampToValueAtTime(volume, at + 0.015);
  level.gain.exponentialRampToValueAtTime(0.0001, at + fading);
  tone.connect(level).connect(context.destination);
  tone.start(at);
  tone.stop(at + fading);
  tone.addEventListener("ended", () => level.disconnect());
}
