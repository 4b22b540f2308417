/** The camera's picture as the kiosk shows it: upright, mirrored, filling the screen, with brackets round each face. */
import { cover, place } from "../geometry.js";
import { turnedSize } from "../turn.js";

/** How much of the picture can always be seen: on a screen of another shape more is not cut away. */
const LEAST_SEEN = 0.6;
/** The share of the screen above the answer's band. */
const ABOVE_BAND = 2 / 3;
/** How much of what is cut away in height is cut from above: heads are seen, and the band hides what is below. */
const CUT_ABOVE = 0.2;

export class Picture {
  #video;
  #layer;
  #turn;
  #neutral;
  /** @type {readonly import("./people.js").Person[]} those shown */
  #people = [];
  /** @type {Map<number, HTMLElement>} by person */
  #brackets = new Map();
  /** @type {import("../geometry.js").Rect} */
  #rect = { x: 0, y: 0, width: 0, height: 0 };

  /**
   * @param {object} parts
   * @param {HTMLVideoElement} parts.video
   * @param {HTMLElement} parts.layer over the video, of the same size as the screen
   * @param {import("../turn.js").Turn} parts.turn
   * @param {boolean} parts.neutral whether faces are marked without their answer's colour
   */
  constructor({ video, layer, turn, neutral }) {
    this.#video = video;
    this.#layer = layer;
    this.#turn = turn;
    this.#neutral = neutral;
    video.addEventListener("resize", () => this.#lay());
    new ResizeObserver(() => this.#lay()).observe(layer);
  }

  /**
   * @param {readonly import("./people.js").Person[]} people
   */
  show(people) {
    this.#people = people;
    for (const [key, element] of this.#brackets) {
      if (people.some((person) => person.key === key)) continue;
      element.remove();
      this.#brackets.delete(key);
    }
    for (const person of people) {
      const element = this.#brackets.get(person.key) ?? this.#add(person.key);
      const { x, y, width, height } = place(person.box, this.#rect, true);
      element.style.translate = `${x}px ${y}px`;
      element.style.width = `${width}px`;
      element.style.height = `${height}px`;
      element.dataset.tone = person.settled && !this.#neutral ? person.label : "none";
    }
  }

  /** @param {number} key */
  #add(key) {
    const element = document.createElement("div");
    element.className = "brackets";
    this.#layer.append(element);
    this.#brackets.set(key, element);
    return element;
  }

  #lay() {
    const { videoWidth, videoHeight, style } = this.#video;
    const upright = turnedSize(videoWidth, videoHeight, this.#turn);
    const screen = { width: this.#layer.clientWidth, height: this.#layer.clientHeight };
    const rect = cover(upright.width, upright.height, screen, LEAST_SEEN);
    const spare = screen.height - rect.height;
    rect.y = spare < 0 ? CUT_ABOVE * spare : Math.max(0, ABOVE_BAND * screen.height - rect.height) / 2;
    this.#rect = rect;
    const lying = turnedSize(rect.width, rect.height, this.#turn);
    style.width = `${lying.width}px`;
    style.height = `${lying.height}px`;
    style.left = `${rect.x + rect.width / 2}px`;
    style.top = `${rect.y + rect.height / 2}px`;
    style.transform = `translate(-50%, -50%) scaleX(-1) rotate(${this.#turn}deg)`;
    this.show(this.#people);
  }
}
