/**
 * The socket of one who watches: asks for a moment, gets the newest, asks for the next only when it was drawn. Comes
 * back by itself, waiting longer each time in vain, until the share is over.
 */
import { LAST, WayBack, socketTo } from "../way-back.js";

/**
 * @typedef {"waiting" | "live" | "paused" | "away" | "ended"} Phase
 * @typedef {{phase: Phase, name: string, picture: boolean}} ShareState
 * @typedef {{number: number, width: number, height: number, faces: import("../messages.js").Face[]}} Moment
 */

export class Channel {
  #socket;
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
    this.#socket = socketTo("/watch", { id });
    const wayBack = new WayBack(this.#socket, () => !this.#over);
    this.#socket.on("connect", () => this.next());
    this.#socket.on("state", (state) => {
      wayBack.found();
      this.#over = state.phase === "ended";
      onState(state);
    });
    this.#socket.on("moment", (moment, picture) => onMoment(moment, picture ?? null));
    this.#socket.on("disconnect", () => {
      if (this.#over) return;
      onLost();
      wayBack.go();
    });
    this.#socket.on("connect_error", (error) => {
      const code = /** @type {{data?: {code?: string}}} */ (error).data?.code;
      if (code === "unknown_share") {
        this.#over = true;
        onTurnedAway(code);
      } else if (code === "share_full") {
        onTurnedAway(code);
        wayBack.go(LAST);
      } else {
        wayBack.go();
      }
    });
    this.#socket.connect();
  }

  /** Asks for the newest moment; call it when the last one is on the screen. */
  next() {
    if (this.#socket.connected) this.#socket.emit("next");
  }
}
