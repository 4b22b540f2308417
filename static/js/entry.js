/** Says so, and stops, where the server does not let the page in: a sign-in or a guest link ended, or it is full. */

/**
 * @param {object} parts
 * @param {string | undefined} parts.guest the id of the guest link that led here, where one did
 * @param {import("./transport.js").Transport} parts.transport
 * @param {import("./live.js").Live} parts.live
 * @param {import("./stage.js").Stage} parts.stage
 * @param {import("./state.js").PageState} parts.state
 */
export function watchEntry({ guest, transport, live, stage, state }) {
  if (guest) transport.introduce({ guest });
  transport.onTurnedAway = (code) => {
    if (!live.active || (code !== "unauthorized" && code !== "too_many_guests")) return;
    live.stop();
    if (code === "too_many_guests") stage.show({ path: "guest.full" });
    else stage.show({ path: guest ? "guest.lost" : "login.lost", action: "enter" });
    state.phase = "error";
  };
}
