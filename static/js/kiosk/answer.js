/**
 * Which one sentence a kiosk says to all who stand there.
 *
 * @typedef {import("./people.js").Person} Person
 * @typedef {"nobody" | "looking" | "silent" | import("../messages.js").Label} Kind `looking`: somebody came and the vote has not
 *   settled; `silent`: there is somebody, and nothing is said
 * @typedef {{kind: Kind, words: string}} Answer words: the path of the sentence; empty where nothing is said
 */
import { URGENT_FIRST } from "../words.js";

/** Milliseconds after which a kiosk that only advises says no more about a face it is not sure of. */
const SILENT_AFTER = 3_000;
/** Milliseconds for which a sentence stands that only another reason of the same label would change. */
const REASON_STANDS = 1_500;

/**
 * The answer to those who are there: the most urgent wins.
 * @param {readonly Person[]} people
 * @param {import("./options.js").Policy} policy
 * @param {number} now
 * @returns {Answer}
 */
export function answerTo(people, policy, now) {
  if (people.length === 0) return { kind: "nobody", words: "" };
  const strict = policy === "strict";
  const dropped = (/** @type {Person} */ { label, since }) => !strict && label === "unsure" && now - since > SILENT_AFTER;
  const settled = people.filter((person) => person.settled && !dropped(person));
  const label = URGENT_FIRST.find((each) => settled.some((person) => person.label === each));
  const waiting = people.some((person) => !person.settled);
  // Thanks are for all: whoever insists waits until everybody is settled.
  if (waiting && (!label || (strict && label === "with_mask"))) return { kind: "looking", words: "kiosk.looking" };
  if (!label) return { kind: "silent", words: "" };
  if (label !== "unsure") return { kind: label, words: `kiosk.answers.${label}` };
  const largest = settled.find((person) => person.label === "unsure");
  return { kind: label, words: `kiosk.answers.${largest?.reason ?? "unclear"}` };
}

/** Keeps a sentence from flickering while its reason does: what to do about a face changes slower than a face. */
export class Steady {
  /** @type {Answer} */
  #shown = { kind: "nobody", words: "" };
  #since = -Infinity;

  /**
   * @param {Answer} answer
   * @param {number} now
   * @returns {Answer} to show
   */
  over(answer, now) {
    const same = answer.kind === this.#shown.kind;
    if (same && (answer.words === this.#shown.words || now - this.#since < REASON_STANDS)) return this.#shown;
    this.#shown = answer;
    this.#since = now;
    return answer;
  }
}
