/** For pages that only need their words. */
import { offerLanguages } from "./language-picker.js";
import { fillWords } from "./words.js";

fillWords(document);
offerLanguages();
