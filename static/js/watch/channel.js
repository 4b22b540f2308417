/**
 * The socket of one who watches: asks for a moment, gets the newest, asks for the next only when it was drawn. Comes
 * back by itself, waiting longer each time in vain, until the share is over.
 */
import { io } from "../../vendor/socket.io.esm.min.js";

/**
 * @typedef {"waiting" | "live" | "paused" | "away" | "ended"} Phase
 * @typedef {{phase: Phase, name: string, picture: boolean}} ShareState
 * @typedef {{number: number, width: number, height: number, faces: import("../messages.js").Face[]}} Moment
 */

const CONNECT_TIMEOUT = 8_000;

/** Milliseconds before the first attempt to come back; twice as long after each in vain, up to the last. */
const COME_BACK = { first: 500, last: 5_000 };

export class Channel {
  #socket;
  #inVain = 0;
  #timer = 0;
  #over = false;

  /**
   * @param {string} id of the share
   * @param {object} parts
   * @param {(state: ShareState) => void} parts.onState
   * @param {(moment: Moment, picture: ArrayBuffer | null) => void} parts.onMoment answered by `next()`
   * @param {() => void} parts.onLost the connection is gone, for now
   * @param {(code: "share_full" | "unknown_share") => void} parts.onTurnedAway
   */
  constructor(id, { onState, onMoment, onLost, onTurnedAway }) {
    // As for the live page's socket, the way back is ours: see transport.js.
    this.#socket = io("/watch", {
      transports: ["websocket"],
      autoConnect: false,
      reconnection: false,
      timeout: CONNECT_TIMEOUT,
      auth: { id },
    });
    this.#socket.on("connect", () => this.next());
    this.#socket.on("state", (state) => {
      this.#inVain = 0;
      this.#over = state.phase === "ended";
      onState(state);
    });
    this.#socket.on("moment", (moment, picture) => onMoment(moment, picture ?? null));
    this.#socket.on("disconnect", () => {
      if (this.#over) return;
      onLost();
      this.#comeBack();
    });
    this.#socket.on("connect_error", (error) => {
      const code = /** @type {{data?: {code?: string}}} */ (error).data?.code;
      if (code === "unknown_share") {
        this.#over = true;
        onTurnedAway(code);
      } else if (code === "share_full") {
        onTurnedAway(code);
        this.#comeBack(COME_BACK.last);
      } else {
        this.#comeBack();
      }
    });
    addEventListener("online", () => this.#comeBack(0));
    this.#socket.connect();
  }

  /** Asks for the newest moment; call it when the last one is on the screen. */
  next() {
    if (this.#socket.connected) this.#socket.emit("next");
  }

  /** @param {number} [wait] milliseconds; longer after each attempt in vain where not given */
  #comeBack(wait) {
    clearTimeout(this.#timer);
    if (this.#over || this.#socket.connected) return;
    const longer = Math.min(COME_BACK.last, COME_BACK.first * 2 ** this.#inVain);
    this.#inVain += 1;
    this.#timer = setTimeout(() => this.#socket.connect(), wait ?? longer * (0.7 + 0.6 * Math.random()));
  }
}
