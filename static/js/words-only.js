/** For pages that only need their words. */
import { fillWords } from "./words.js";

fillWords(document);
