/** From faces to what the door says: who is there, the one answer to them all, asleep where there is nobody. */
import { answerTo, Steady } from "./answer.js";

/** Milliseconds without anybody after which the kiosk sleeps. */
const SLEEP_AFTER = 4_000;
/** Milliseconds between two pictures while it sleeps: it wakes by one of them, and the machine stays cool. */
const ASLEEP = 200;
/** What is said where no server answered at all. */
const BROWSERS_OWN = ["websocket error", "timeout"];

export class Display {
  #parts;
  #steady = new Steady();
  #somebody = -Infinity;
  #stale = true;
  #begun = false;
  #refusal = "";

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.root its dataset says what is shown (contract: Pages)
   * @param {import("./screen.js").Screen} parts.screen
   * @param {import("./picture.js").Picture} parts.picture
   * @param {import("./people.js").People} parts.people
   * @param {import("./prompts.js").Prompts} parts.prompts
   * @param {import("./options.js").Policy} parts.policy
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Whether nobody is there who would be disturbed. */
  get quiet() {
    return this.#parts.screen.scene !== "people";
  }

  /** The least milliseconds from one picture to the next. */
  get interval() {
    return this.quiet ? ASLEEP : 0;
  }

  /** The camera is about to start: the invitation to start it makes way. */
  begin() {
    this.#begun = true;
    this.#parts.screen.scene = "attract";
  }

  /** A new connection: whoever stands there has new numbers. */
  interrupt() {
    this.#refusal = "";
    this.#parts.people.interrupt();
  }

  /** @param {string} reason why the server does not take the connection, in its own or the browser's words */
  refused(reason) {
    this.#refusal = BROWSERS_OWN.includes(reason) ? "" : reason;
  }

  /** @param {readonly import("../messages.js").Face[]} faces of an answer, largest first */
  faces(faces) {
    this.#stale = false;
    this.#parts.people.see(faces, performance.now());
    this.tick();
  }

  /** @param {import("./session.js").Trouble} trouble */
  trouble(trouble) {
    const { screen } = this.#parts;
    if (trouble === null) {
      if (!this.#begun) this.begin();
      return screen.trouble("");
    }
    this.#stale = true; // an answer that is not from now is none
    const away = trouble === "server" || trouble === "answer";
    screen.trouble(this.#begun && away ? `kiosk.trouble.${trouble}` : "", this.#refusal);
    if (!away && trouble !== "asking") {
      screen.notice(`kiosk.camera.${trouble}`);
      this.#begun = false;
      screen.scene = "notice";
    }
    this.tick();
  }

  /** Shows what is so now; called with every answer, and in between for what time alone changes. */
  tick() {
    const { picture, people, policy, prompts, root, screen } = this.#parts;
    const now = performance.now();
    const present = this.#stale ? [] : people.present(now);
    const answer = this.#steady.over(answerTo(present, policy, now), now);
    if (present.length > 0) this.#somebody = now;
    if (this.#begun) screen.scene = now - this.#somebody < SLEEP_AFTER ? "people" : "attract";
    screen.show(answer, present.length);
    screen.tick(new Date());
    picture.show(present);
    prompts.hear(answer, present, now);
    root.dataset.faces = String(present.length);
    root.dataset.labels = present
      .filter(({ settled }) => settled)
      .map(({ label }) => label)
      .join(",");
  }
}
