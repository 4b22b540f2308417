/** The choice of language, wherever a page offers it. */
import { LANGUAGES, rememberLanguage, wantedLanguage } from "./language.js";
import { currentLanguage, useLanguage, word } from "./words.js";

/** Makes every `select[data-action=language]` choose the page's language. */
export function offerLanguages() {
  for (const select of document.querySelectorAll("select[data-action=language]")) {
    if (!(select instanceof HTMLSelectElement)) continue;
    select.value = currentLanguage();
    select.addEventListener("change", () => choose(select));
  }
  addEventListener("pageshow", (event) => {
    // Come back to after the language was chosen on another page.
    if (event.persisted && wantedLanguage() !== currentLanguage()) useLanguage(wantedLanguage()).catch(() => {});
  });
}

/** @param {HTMLSelectElement} select */
async function choose(select) {
  const code = LANGUAGES.find((each) => each === select.value) ?? "en";
  select.setCustomValidity("");
  try {
    await useLanguage(code);
    rememberLanguage(code);
  } catch {
    select.value = currentLanguage();
    select.setCustomValidity(word("language.unreachable"));
    select.reportValidity();
  }
}
