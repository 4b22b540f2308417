/**
 * A socket and its way back, waiting longer each time in vain. socket.io-client's own begins at its shortest wait
 * whenever a connection opened, though it broke at once, and gives up where the server closed it.
 */
import { io } from "../vendor/socket.io.esm.min.js";

const CONNECT_TIMEOUT = 8_000;

/** Milliseconds before the first attempt to come back; twice as long after each in vain, up to the last. */
const FIRST = 500;
export const LAST = 5_000;

/**
 * @param {string} namespace
 * @param {Record<string, string>} auth what is said on every connection
 * @returns {import("../vendor/socket.io.esm.min.js").Socket} not yet connected
 */
export function socketTo(namespace, auth) {
  return io(namespace, {
    transports: ["websocket"],
    autoConnect: false,
    reconnection: false,
    timeout: CONNECT_TIMEOUT,
    auth,
  });
}

export class WayBack {
  #socket;
  #wanted;
  #inVain = 0;
  #timer = 0;

  /**
   * @param {ReturnType<typeof socketTo>} socket
   * @param {() => boolean} wanted whether there is a reason to come back now
   */
  constructor(socket, wanted) {
    this.#socket = socket;
    this.#wanted = wanted;
    addEventListener("online", () => this.go(0));
  }

  /**
   * Connects again after a while.
   * @param {number} [wait] milliseconds; longer after each attempt in vain where not given
   */
  go(wait) {
    this.stop();
    if (!this.#wanted() || this.#socket.connected) return;
    const longer = Math.min(LAST, FIRST * 2 ** this.#inVain);
    this.#inVain += 1;
    // Not all at the same moment where one server serves many pages.
    this.#timer = setTimeout(() => this.#socket.connect(), wait ?? longer * (0.7 + 0.6 * Math.random()));
  }

  /** The next wait is the shortest again: the connection was worth something. */
  found() {
    this.#inVain = 0;
  }

  /** Lets an attempt that is to come be. */
  stop() {
    clearTimeout(this.#timer);
  }
}
