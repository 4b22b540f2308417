/**
 * The live page's share as the server knows it (contract: Socket, `share`): begun, changed, ended, and taken back
 * after a reload or a lost connection with the secret that this tab keeps.
 *
 * @typedef {import("./share-key.js").Key} Key
 * @typedef {Key & {url: string, name: string, picture: boolean, viewers: number}} Shared
 * @typedef {{picture?: boolean, name?: string}} Wish
 */

import { keepKey, readKey } from "./share-key.js";

export class Sharing {
  #transport;
  #onChange;
  #onTrouble;
  #wanted = false;
  /** @type {Shared | null} as the server said last */
  #shared = null;
  /** @type {Key | null} what to take back on the next connection */
  #key = readKey();
  /** @type {Wish} what was wished for on this page, said again on the next connection */
  #wish = {};
  #paused = true;

  /**
   * @param {object} parts
   * @param {import("./transport.js").Transport} parts.transport
   * @param {() => void} parts.onChange
   * @param {(code: string, message: string) => void} parts.onTrouble
   */
  constructor({ transport, onChange, onTrouble }) {
    this.#transport = transport;
    this.#onChange = onChange;
    this.#onTrouble = onTrouble;
    transport.hear("connect", () => this.#ask());
    transport.hear("disconnect", () => onChange());
    transport.hear("viewers", ({ viewers }) => {
      if (this.#shared) this.#shared.viewers = viewers;
      onChange();
    });
    transport.hear("unshared", ({ code, message }) => this.#over(code, message));
    if (this.#key) this.#want(true);
  }

  /** Whether something is shared, or is about to be. */
  get on() {
    return this.#wanted;
  }

  /** The share; null until the server said it, for the first time or after a reload. */
  get shared() {
    return this.#shared;
  }

  /** @param {Wish} wish */
  begin(wish) {
    if (this.#wanted) return;
    this.#wish = wish;
    this.#want(true);
    this.#ask();
    this.#onChange();
  }

  /** @param {Wish} wish */
  change(wish) {
    this.#wish = { ...this.#wish, ...wish };
    if (this.#shared) this.#ask();
  }

  /** Nothing is relayed while the camera pauses or nobody looks at this page. */
  set paused(/** @type {boolean} */ paused) {
    if (paused === this.#paused) return;
    this.#paused = paused;
    if (this.#shared) this.#ask();
  }

  end() {
    this.#transport.call("unshare"); // if it does not get through, the server ends the share for want of an owner
    this.#over();
  }

  async #ask() {
    if (!this.#wanted) return;
    const answer = await this.#transport.call("share", { ...this.#key, ...this.#wish, paused: this.#paused });
    if (!this.#wanted) return; // ended meanwhile
    const { code, message } = answer.error ?? {};
    if (code === "unreachable") return; // asked again with the next connection
    if (code === "unanswered" && this.#key) return this.#onTrouble(code, message); // it may stand all the same
    if (code) return this.#over(code, message);
    this.#shared = answer;
    this.#keep({ id: answer.id, secret: answer.secret });
    this.#onChange();
  }

  /**
   * @param {string} [code] why it ended, where nobody asked for it
   * @param {string} [message]
   */
  #over(code, message = "") {
    this.#shared = null;
    this.#keep(null);
    this.#want(false);
    this.#onChange();
    if (code) this.#onTrouble(code, message);
  }

  /** @param {boolean} wanted */
  #want(wanted) {
    this.#wanted = wanted;
    this.#transport.kept = wanted;
  }

  /** @param {Key | null} key kept for this tab alone, so that it outlasts a reload */
  #keep(key) {
    this.#key = key;
    keepKey(key);
  }
}
