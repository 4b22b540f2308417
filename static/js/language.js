/** Which language a page speaks: the one its address asks for, else the visitor's choice, else the browser's. */

/** By the name of their file in `static/lang/`; the server lists the same. */
export const LANGUAGES = /** @type {const} */ (["en", "bn", "es", "fr", "ar", "de", "zh"]);

/** @typedef {typeof LANGUAGES[number]} Language */

/** Letters for scripts that a system's own type may lack; `scripts/vendor.mjs` puts them there. */
const FONTS = /** @type {Partial<Record<Language, string>>} */ ({
  bn: "noto-sans-bengali",
  ar: "noto-sans-arabic",
  zh: "noto-sans-sc",
});

/** Holds the visitor's choice: a cookie, for the server sends each page in that language's direction. */
const COOKIE = "maskgate_language";
const YEAR_S = 31_536_000;

/** @type {number | null} how often letters came; null before any were fetched */
let letters = null;

/**
 * @returns {Language} English where nothing that is wanted is there
 */
export function wantedLanguage() {
  const asked = new URLSearchParams(location.search).get("lang") ?? "";
  const chosen = document.cookie.split("; ").find((pair) => pair.startsWith(`${COOKIE}=`)) ?? "";
  const wishes = [asked, chosen.slice(COOKIE.length + 1), ...(navigator.languages ?? [navigator.language])];
  for (const wish of wishes) {
    const found = LANGUAGES.find((code) => code === wish.toLowerCase().split("-")[0]);
    if (found) return found;
  }
  return "en";
}

/** @param {Language} code kept for the visitor's next page, whatever this one's address asked for */
export function rememberLanguage(code) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${code}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax${secure}`;
  const address = new URL(location.href);
  address.searchParams.delete("lang");
  history.replaceState(history.state, "", address);
}

/** @param {Language} code has its letters fetched, once, where the system has none */
export function loadLetters(code) {
  const font = FONTS[code];
  if (!font) return;
  const { href } = new URL(`../vendor/fonts/${font}/wght.css`, import.meta.url);
  if ([...document.styleSheets].some((sheet) => sheet.href === href)) return;
  if (letters === null) {
    letters = 0;
    // Chromium keeps the boxes that it drew for the words whose letters it then fetched. It sets words anew when the
    // kerning is switched on, and any number but 0 switches it on.
    document.fonts.addEventListener("loadingdone", () => {
      letters = (letters ?? 0) + 1;
      document.body.style.fontFeatureSettings = `"kern" ${letters}`;
    });
  }
  // Added by a script, it keeps nobody waiting: words stand in what there is until their letters come.
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}
