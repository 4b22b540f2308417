/**
 * The socket to the server (contract: Socket): one frame in flight, each waited for until it is answered,
 * refused, timed out or lost with the connection. socket.io-client reconnects with back-off by itself.
 */
import { io } from "../vendor/socket.io.esm.min.js";
import { readFaces } from "./messages.js";

/**
 * @typedef {{kind: "result", result: import("./messages.js").Result}
 *   | {kind: "refused", refused: import("./messages.js").Refused}
 *   | {kind: "timeout"} | {kind: "lost"}} Answer
 * @typedef {{model?: string, detector?: string}} Choice
 */

/** Longer than the server's own `frame_timeout` (10 s), so that its reason is heard first. */
const ANSWER_TIMEOUT = 12_000;
const CONFIGURE_TIMEOUT = 5_000;

export class Transport {
  #socket;
  #choice;
  #nextId = 1;
  /** @type {{id: number, resolve: (answer: Answer) => void} | null} */
  #flight = null;
  #configured = false;
  /** @type {(() => void)[]} */
  #waiting = [];

  /**
   * @param {object} parts
   * @param {() => Choice} parts.choice what to ask for on every new connection
   * @param {(problem: import("./messages.js").Problem) => void} parts.onChoiceRefused
   * @param {(connected: boolean) => void} parts.onConnection
   */
  constructor({ choice, onChoiceRefused, onConnection }) {
    this.#choice = choice;
    this.#socket = io("/stream", {
      transports: ["websocket"],
      autoConnect: false,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
      randomizationFactor: 0.3,
    });
    this.#socket.on("connect", async () => {
      const problem = await this.configure(this.#choice());
      if (problem) onChoiceRefused(problem);
      if (!this.#socket.connected) return;
      this.#configured = true;
      onConnection(true);
      for (const go of this.#waiting.splice(0)) go();
    });
    this.#socket.on("disconnect", (reason) => {
      this.#configured = false;
      onConnection(false);
      this.#answer({ kind: "lost" });
      // socket.io-client leaves it to us to come back when the server closed the connection on purpose.
      if (reason === "io server disconnect") this.#socket.connect();
    });
    this.#socket.on("result", (message) => {
      if (message?.id !== this.#flight?.id) return;
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

  /** Opens the connection, and keeps it open until `close()`. */
  open() {
    this.#socket.connect();
  }

  close() {
    this.#socket.disconnect();
  }

  /**
   * Waits for a connection that takes frames.
   * @param {AbortSignal} signal
   * @returns {Promise<void>} at once when aborted
   */
  ready(signal) {
    if (this.#configured || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
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
      const timer = setTimeout(() => this.#answer({ kind: "timeout" }), ANSWER_TIMEOUT);
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
   * Asks the server for a model and a detector on this connection.
   * @param {Choice} choice
   * @returns {Promise<import("./messages.js").Problem | null>} why not, or null
   */
  async configure(choice) {
    if (!this.#socket.connected || Object.keys(choice).length === 0) return null;
    try {
      const answer = await this.#socket.timeout(CONFIGURE_TIMEOUT).emitWithAck("configure", choice);
      return answer?.error ?? null;
    } catch (error) {
      return { code: "timed_out", message: String(error) };
    }
  }

  /** @param {Answer} answer */
  #answer(answer) {
    const flight = this.#flight;
    this.#flight = null;
    flight?.resolve(answer);
  }
}
