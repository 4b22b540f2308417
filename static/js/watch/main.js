/** The page of those who watch a shared stream: newest moment only, nothing sent but the wish for the next. */
import { listen } from "../dock.js";
import { find } from "../dom.js";
import { loadIcons } from "../icons.js";
import { readFaces } from "../messages.js";
import { Overlay } from "../overlay.js";
import { PageState } from "../state.js";
import { fillWords } from "../words.js";
import { Channel } from "./channel.js";
import { decode, Picture } from "./picture.js";
import { Screen } from "./screen.js";

/** Milliseconds without news after which what is shown counts as old. */
const PATIENCE = 3_000;
const LOOK_EVERY = 250;

fillWords(document);
const root = document.documentElement;
const known = root.dataset.phase !== "unknown";
const state = new PageState(root);
const screen = new Screen(state);
const picture = new Picture(find("#picture", HTMLCanvasElement));
const overlay = new Overlay(find("#overlay", HTMLCanvasElement), (faces) => {
  state.show(faces);
  if (screen.phase === "live") screen.faces(faces);
});
/** Since when there is no news, by `performance.now()`. */
let silentSince = performance.now();
let connected = false;
/** @type {import("./channel.js").ShareState | null} the share as last heard of */
let share = null;

/** @param {import("./screen.js").Shown} phase */
function enter(phase) {
  screen.phase = phase;
  if (phase === "live") return;
  overlay.clear();
  picture.clear();
}

/** @param {import("./channel.js").ShareState} news */
function follow(news) {
  connected = true;
  share = news;
  screen.name = news.name;
  screen.shown = news.phase === "ended" ? "none" : news.picture ? "picture" : "boxes";
  if (!news.picture) picture.clear();
  // Live is entered with its first moment, so that nobody looks at an empty stage.
  if (news.phase !== "live") enter(news.phase);
  silentSince = performance.now();
}

/**
 * @param {import("./channel.js").Moment} moment
 * @param {ArrayBuffer | null} bytes
 */
async function show(moment, bytes) {
  const bitmap = bytes && (await decode(bytes));
  await visible(); // who does not look is sent nothing more
  if (share?.phase === "live") {
    if (bitmap && share.picture) picture.draw(bitmap);
    else picture.plain(moment.width, moment.height);
    overlay.fit(moment.width, moment.height);
    overlay.stale = false;
    screen.phase = "live";
    overlay.show(readFaces(moment.faces), null);
    state.countFrame();
    silentSince = performance.now();
  }
}

function visible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden) return;
      document.removeEventListener("visibilitychange", look);
      resolve(undefined);
    };
    document.addEventListener("visibilitychange", look);
  });
}

setInterval(() => {
  if (document.hidden) silentSince = performance.now();
  const silence = performance.now() - silentSince;
  if (silence < PATIENCE || (screen.phase !== "live" && screen.phase !== "stalled")) return;
  overlay.stale = true;
  if (screen.phase !== "stalled") screen.phase = "stalled";
  screen.chip(connected ? "watch.silent" : "watch.lost", { seconds: Math.floor(silence / 1_000) });
}, LOOK_EVERY);

let mirrored = false;
listen({
  mirror: () => {
    mirrored = !mirrored;
    overlay.mirrored = picture.mirrored = mirrored;
    find("[data-action=mirror]", HTMLButtonElement).setAttribute("aria-pressed", String(mirrored));
  },
  fullscreen: () => {
    const asked = document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen();
    asked.catch(() => {}); // the browser may refuse, and nothing is lost
  },
});
find("[data-action=fullscreen]", HTMLButtonElement).hidden = !document.fullscreenEnabled;
loadIcons(screen.sprite).then((icons) => {
  overlay.icons = icons;
});

screen.name = "";
screen.shown = "none";
enter(known ? "connecting" : "unknown");
if (known) {
  const id = location.pathname.split("/").at(-1) ?? "";
  const channel = new Channel(id, {
    onState: follow,
    onMoment: (moment, bytes) => show(moment, bytes).finally(() => channel.next()),
    onLost: () => {
      connected = false;
    },
    onTurnedAway: (code) => {
      // A share that was seen before has ended, perhaps with the server.
      if (code === "share_full") enter("full");
      else enter(share ? "ended" : "unknown");
    },
  });
}
