/**
 * The socket to the server (contract: Socket): one frame in flight, each waited for until it is answered,
 * refused, timed out or lost with the connection. Comes back by itself, waiting longer each time in vain.
 */
import { readFaces } from "./messages.js";
import { WayBack, socketTo } from "./way-back.js";
import { word } from "./words.js";

/**
 * @typedef {{kind: "result", result: import("./messages.js").Result}
 *   | {kind: "refused", refused: import("./messages.js").Refused}
 *   | {kind: "timeout"} | {kind: "lost"}} Answer
 * @typedef {{model?: string, detector?: string, min_score?: string}} Choice as a request's query takes it
 * @typedef {object} StreamChoice what `configure` takes; null leaves it to the server
 * @property {string | null} [model]
 * @property {string | null} [detector]
 * @property {number | null} [min_score] 0 to 1
 * @property {number | null} [smoothing] seconds
 * @property {"captured"} [clock] time by each frame's `captured_at`, as for a film that is not watched live
 * @typedef {{model: string, detector: string, min_score: number, smoothing: number}} InForce
 */

/** Longer than the server's own `frame_timeout` (10 s), so that its reason is heard first. */
const ANSWER_TIMEOUT = 12_000;
const CONFIGURE_TIMEOUT = 5_000;

export class Transport {
  #socket;
  #wayBack;
  #choice;
  #onInForce;
  #nextId = 1;
  /** @type {{id: number, resolve: (answer: Answer) => void} | null} */
  #flight = null;
  #configured = false;
  #asked = 0;
  /** @type {InForce | null} as this connection's server said last */
  #inForce = null;
  #wanted = false;
  /** Whether the connection stays while nothing is asked, as a share needs it. */
  #kept = false;
  /** @type {Set<() => void>} */
  #waiting = new Set();
  /** @type {(code?: string) => void} the server let no connection come about; the code says why, where it said so */
  onTurnedAway = () => {};

  /**
   * @param {object} parts
   * @param {() => Promise<StreamChoice>} parts.choice what to ask for on every new connection
   * @param {(problem: import("./messages.js").Problem) => void} parts.onChoiceRefused
   * @param {(inForce: InForce) => void} [parts.onInForce] what the server answers with from now on
   * @param {Record<string, string>} [parts.auth] the stream's name and a token, where there are (contract: connect)
   * @param {(reason: string) => void} [parts.onConnectError] the server's words, or the browser's
   */
  constructor({ choice, onChoiceRefused, onInForce = () => {}, auth = {}, onConnectError = () => {} }) {
    this.#choice = choice;
    this.#onInForce = onInForce;
    this.#socket = socketTo("/stream", auth);
    this.#wayBack = new WayBack(this.#socket, () => this.#wanted || this.#kept);
    this.#socket.on("connect", async () => {
      const { id } = this.#socket;
      const problem = await this.configure(await this.#choice());
      if (!this.#socket.connected || this.#socket.id !== id) return;
      if (problem && problem.code !== "timed_out") onChoiceRefused(problem);
      this.#configured = true;
      for (const go of [...this.#waiting]) go();
    });
    this.#socket.on("disconnect", () => {
      this.#configured = false;
      this.#inForce = null;
      this.#answer({ kind: "lost" });
      this.#wayBack.go();
    });
    this.#socket.on("connect_error", (error) => {
      onConnectError(error.message);
      this.#wayBack.go();
      this.onTurnedAway(/** @type {any} */ (error).data?.code);
    });
    this.#socket.on("result", (message) => {
      if (message?.id !== this.#flight?.id) return;
      this.#wayBack.found();
      try {
        this.#answer({ kind: "result", result: { ...message, faces: readFaces(message.faces) } });
      } catch (error) {
        this.#answer({ kind: "refused", refused: { id: message.id, code: "bad_message", message: String(error) } });
      }
    });
    this.#socket.on("refused", (refused) => {
      // A frame too broken to have an id is still the one in flight: there is no other.
      if (refused?.id === null || refused?.id === this.#flight?.id) this.#answer({ kind: "refused", refused });
    });
  }

  get connected() {
    return this.#configured;
  }

  /** @param {Record<string, string>} said on every connection (contract: connect's `auth`), besides what is said already */
  introduce(said) {
    this.#socket.auth = { ...this.#socket.auth, ...said };
  }

  /** Names the connection: on another one tracks are numbered anew. */
  get connection() {
    return this.#socket.id ?? "";
  }

  /** Opens the connection, and keeps it open until `close()`. */
  open() {
    this.#wanted = true;
    this.#wayBack.found();
    this.#socket.connect();
  }

  close() {
    this.#wanted = false;
    if (this.#kept) return this.#answer({ kind: "lost" });
    this.#wayBack.stop();
    this.#socket.disconnect();
  }

  /** Connects anew at once: after a sleep a connection looks whole and is dead. */
  revive() {
    if (!this.#wanted) return;
    this.#wayBack.stop();
    this.#wayBack.found();
    this.#socket.disconnect().connect();
  }

  /** Opens the connection too while `kept`, and then keeps it open whether or not pictures are sent. */
  set kept(/** @type {boolean} */ kept) {
    if (kept === this.#kept) return;
    this.#kept = kept;
    if (kept) this.#socket.connect();
    else if (!this.#wanted) this.close();
  }

  /** Whether the server can be called now. */
  get linked() {
    return this.#socket.connected;
  }

  /**
   * Hears what is no answer to a frame.
   * @param {string} event also `connect` and `disconnect`
   * @param {(message: any) => void} listener
   */
  hear(event, listener) {
    this.#socket.on(/** @type {any} */ (event), listener);
  }

  /**
   * Calls an event that the server acknowledges.
   * @param {string} event
   * @param {unknown} [message]
   * @returns {Promise<any>} what it acknowledges, or an `error` of ours; never kept for a later connection
   */
  async call(event, message = {}) {
    if (!this.linked) return { error: { code: "unreachable", message: "" } };
    try {
      return await this.#socket.timeout(CONFIGURE_TIMEOUT).emitWithAck(event, message);
    } catch {
      return { error: { code: "unanswered", message: "" } };
    }
  }

  /**
   * Waits for a connection that takes frames.
   * @param {AbortSignal} signal
   * @returns {Promise<void>} at once when aborted
   */
  ready(signal) {
    if (this.#configured || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const go = () => {
        this.#waiting.delete(go);
        signal.removeEventListener("abort", go);
        resolve();
      };
      this.#waiting.add(go);
      signal.addEventListener("abort", go);
    });
  }

  /**
   * Sends a frame and waits for its answer; the next is sent only after that.
   * @param {ArrayBuffer} bytes JPEG
   * @param {number} at when it was captured, by `performance.now()`
   * @returns {Promise<Answer>}
   */
  ask(bytes, at) {
    const id = this.#nextId++;
    this.#answer({ kind: "lost" });
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#answer({ kind: "timeout" });
        this.revive(); // the server gives up sooner: that nothing came means that nothing comes through
      }, ANSWER_TIMEOUT);
      this.#flight = {
        id,
        resolve: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
      };
      // Never kept for later: a frame that waited for a connection would be old.
      if (!this.#socket.connected) return this.#answer({ kind: "lost" });
      const captured_at = Math.round(performance.timeOrigin + at);
      this.#socket.emit("frame", { id, captured_at, mirrored: false }, bytes);
    });
  }

  /**
   * Asks the server for a model, a detector and the rest on this connection. What is in force is told when the newest
   * choice is answered: an earlier answer would show as taken back what was chosen since.
   * @param {StreamChoice} choice
   * @returns {Promise<import("./messages.js").Problem | null>} why not, or null
   */
  async configure(choice) {
    if (!this.#socket.connected) return null;
    const number = ++this.#asked;
    try {
      const answer = await this.#socket.timeout(CONFIGURE_TIMEOUT).emitWithAck("configure", choice);
      if (answer?.error) return answer.error;
      this.#inForce = answer;
      return null;
    } catch {
      return { code: "unanswered", message: word("panel.choiceUnanswered") };
    } finally {
      if (number === this.#asked && this.#inForce) this.#onInForce(this.#inForce);
    }
  }

  /** @param {Answer} answer */
  #answer(answer) {
    const flight = this.#flight;
    this.#flight = null;
    flight?.resolve(answer);
  }
}
