/** The sign-in page. Its form works by itself; this gives it its words, and spares who need not sign in. */
import { find } from "./dom.js";
import { fillWords } from "./words.js";

fillWords(document);
const form = find("form", HTMLFormElement);
const field = find("#password", HTMLInputElement);
const button = find("[data-action=login]", HTMLButtonElement);

field.focus();
form.addEventListener("submit", () => {
  // After the form's values were read: one press, one attempt.
  setTimeout(() => {
    button.disabled = true;
  });
});
addEventListener("pageshow", () => {
  button.disabled = false; // the browser may keep the page as it was left
});

// A link on another site leads here though one has signed in: the browser keeps the cookie back that first time.
const onward = form.dataset.onward ?? "/";
if (form.dataset.fresh !== undefined) {
  const answer = await fetch(onward, { method: "HEAD", redirect: "manual" }).catch(() => null);
  if (answer?.ok && field.value === "") location.replace(onward);
}
