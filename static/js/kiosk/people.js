/**
 * Who stands in front of the kiosk: the server's tracks, each with the label to act on, over time. A person is told
 * of once, when they have left.
 *
 * @typedef {import("../messages.js").Label} Label
 * @typedef {object} Person
 * @property {number} key stays with the person, also over a lost connection
 * @property {import("../messages.js").Box} box
 * @property {Label} label as it stands now
 * @property {import("../messages.js").Reason | undefined} reason
 * @property {boolean} settled whether the vote on them has settled once; from then on the label is followed
 * @property {Label | null} last the last label that the vote had settled on
 * @property {number} since when the label became what it is, by `performance.now()`
 * @property {number} seen when the face was seen last
 * @property {boolean} near whether it was large enough to be answered then
 */
import { iou } from "../geometry.js";

/** Milliseconds that a face may be missed by the detector and still be answered; however slow, the last answer counts. */
const HOLD = 500;
/** Milliseconds without a face after which a person has left; the server forgets a track after 1,000. */
const LEFT = 1_500;
/** Milliseconds without any answer after which the server has forgotten all tracks. */
const GAP = 1_000;
/** Milliseconds of a gap after which nobody can be taken for who stood there before it. */
const STRANGERS = 60_000;
/** How much of a face must lie where one was before the gap to be taken for the same person. */
const SAME_PLACE = 0.2;

export class People {
  #minFace;
  #onLeft;
  /** @type {Map<number, Person>} by track */
  #tracked = new Map();
  /** @type {Person[]} whose tracks came to an end in a gap */
  #orphans = [];
  #last = -Infinity;
  #interrupted = false;
  #keys = 0;

  /**
   * @param {object} parts
   * @param {number} parts.minFace share of the picture's height under which a face is nobody's
   * @param {(label: Label) => void} parts.onLeft somebody left whom the vote had settled on
   */
  constructor({ minFace, onLeft }) {
    this.#minFace = minFace;
    this.#onLeft = onLeft;
  }

  /** A new connection numbers its tracks anew. */
  interrupt() {
    this.#interrupted = true;
  }

  /**
   * Takes in an answer.
   * @param {readonly import("../messages.js").Face[]} faces largest first
   * @param {number} now
   */
  see(faces, now) {
    if (this.#interrupted || now - this.#last > GAP) this.#orphan(now);
    this.#interrupted = false;
    this.#last = now;
    for (const face of faces) {
      if (face.track === undefined) continue;
      const person = this.#tracked.get(face.track) ?? this.#adopt(face) ?? this.#meet(face, now);
      this.#tracked.set(face.track, person);
      this.#update(person, face, now);
    }
    for (const [track, person] of this.#tracked) {
      if (now - person.seen <= LEFT) continue;
      this.#tracked.delete(track);
      this.#leave(person);
    }
    this.#orphans = this.#orphans.filter((person) => {
      if (now - person.seen <= LEFT) return true;
      this.#leave(person);
      return false;
    });
  }

  /**
   * Who is to be answered, the largest face first.
   * @param {number} now
   * @returns {Person[]}
   */
  present(now) {
    return [...this.#tracked.values()]
      .filter(({ near, seen }) => near && (seen === this.#last || now - seen <= HOLD))
      .sort((one, other) => area(other) - area(one));
  }

  /**
   * @param {Person} person
   * @param {import("../messages.js").Face} face
   * @param {number} now
   */
  #update(person, face, now) {
    person.box = face.box;
    person.seen = now;
    person.near = face.box.height >= this.#minFace;
    if (!person.near) return;
    if (face.label !== person.label) person.since = now;
    person.label = face.label;
    person.reason = face.reason;
    if (!face.settled) return;
    person.settled = true;
    person.last = face.label;
  }

  /**
   * @param {import("../messages.js").Face} face
   * @param {number} now
   * @returns {Person}
   */
  #meet({ box, label, reason }, now) {
    this.#keys += 1;
    return { key: this.#keys, box, label, reason, settled: false, last: null, since: now, seen: now, near: false };
  }

  /** @param {number} now */
  #orphan(now) {
    const gap = now - this.#last;
    const all = [...this.#orphans, ...this.#tracked.values()];
    this.#tracked.clear();
    // They may come back until they would have left by the answers that come from now on.
    this.#orphans = all.map((person) => ({ ...person, seen: gap > STRANGERS ? -Infinity : now }));
  }

  /**
   * Who stood where a new track begins, before the gap.
   * @param {import("../messages.js").Face} face
   * @returns {Person | undefined}
   */
  #adopt({ box }) {
    const [best] = this.#orphans
      .filter((person) => iou(person.box, box) >= SAME_PLACE)
      .sort((one, other) => iou(other.box, box) - iou(one.box, box));
    if (best) this.#orphans.splice(this.#orphans.indexOf(best), 1);
    return best;
  }

  /** @param {Person} person */
  #leave({ last }) {
    if (last !== null) this.#onLeft(last);
  }
}

/** @param {Person} person */
function area({ box }) {
  return box.width * box.height;
}
