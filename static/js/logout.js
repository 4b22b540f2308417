/** Signs out: what is open by this sign-in ends, in every tab. */
import { find } from "./dom.js";

find("[data-action=logout]", HTMLButtonElement).addEventListener("click", async () => {
  // Not a form: under this page's `no-referrer` it would be sent without its origin, and refused.
  await fetch("/logout", { method: "POST" }).catch(() => null);
  location.assign("/login");
});
