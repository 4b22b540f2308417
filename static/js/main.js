/** Puts the page together: every part is made here and handed what it needs. */
import { Camera, CameraError } from "./camera.js";
import { Capture } from "./capture.js";
import { Chooser } from "./chooser.js";
import { CameraPicker, listen, RunButton } from "./dock.js";
import { find } from "./dom.js";
import { loadIcons } from "./icons.js";
import { Live } from "./live.js";
import { Memory } from "./memory.js";
import { Overlay } from "./overlay.js";
import { Panel } from "./panel.js";
import { Photos } from "./photos.js";
import { Stage } from "./stage.js";
import { PageState } from "./state.js";
import { Statistics } from "./statistics.js";
import { Transport } from "./transport.js";
import { fillWords, word } from "./words.js";

/** Milliseconds between two looks at the figures: fast enough to follow, slow enough to read. */
const FIGURES_EVERY = 500;

fillWords(document);
const root = document.documentElement;
const video = find("#video", HTMLVideoElement);
const memory = new Memory();
const state = new PageState(root);
const statistics = new Statistics();
const stage = new Stage();
const panel = new Panel();
const run = new RunButton();

const overlay = new Overlay(find("#overlay", HTMLCanvasElement), (faces, age) => {
  state.show(faces, age);
  if (age !== undefined) statistics.drawn(performance.now(), age);
  if (answered()) panel.showFaces(faces);
});
const camera = new Camera({ video, memory, onEnded: () => live.fail(new CameraError("ended")) });
/** @type {Chooser} */
const chooser = new Chooser(memory, async () => {
  if (photos.shown) photos.again();
  return transport.configure(chooser.choice);
});
const transport = new Transport({
  choice: async () => {
    await chooser.load(); // a server that was away may offer something else now
    return chooser.choice;
  },
  onChoiceRefused: (problem) => chooser.refused(problem),
});
const live = new Live({ video, camera, capture: new Capture(video), transport, overlay, stage, state, statistics });
const photos = new Photos({
  overlay,
  stage,
  state,
  choice: () => chooser.settled(),
  onOpen: () => live.stop(),
  onChange: describe,
});
const picker = new CameraPicker(camera, () => {
  if (live.active) start();
});

/** Whether there is a picture that was answered. */
function answered() {
  return photos.shown || state.phase === "live" || state.phase === "stalled";
}

function start() {
  photos.close();
  live.start();
}

function mirror(change = false) {
  const chosen = memory.get("mirror");
  const before = chosen === null ? !camera.facesAway : chosen === "yes";
  const mirrored = change ? !before : before;
  if (change) memory.set("mirror", mirrored ? "yes" : "no");
  stage.mirror(mirrored);
  overlay.mirrored = mirrored && !photos.shown;
  find("[data-action=mirror]", HTMLButtonElement).setAttribute("aria-pressed", String(mirrored));
}

listen({
  start,
  pause: () => live.pause(),
  mirror: () => mirror(true),
  photo: () => photos.choose(),
  retry: () => photos.retry(),
  panel: () => panel.open(),
  fullscreen,
});

function fullscreen() {
  const asked = document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen();
  asked.catch(() => {}); // the browser may refuse, and nothing is lost
}

/** Says in the header and on the dock what is going on. */
function describe() {
  find("#status", HTMLElement).textContent = word(`state.${photos.shown ? "photo" : state.phase}`);
  const elsewhere = !live.active && stage.action !== "start";
  run.show(elsewhere ? "start" : "pause", elsewhere || live.active);
  if (!live.active) {
    statistics.start(performance.now());
    panel.showFigures(statistics, live.sending, performance.now());
  }
  if (!answered()) panel.showNothing();
  mirror();
}

state.onPhase((phase) => {
  describe();
  if (phase === "connecting") picker.refresh();
});

setInterval(() => {
  if (live.active) panel.showFigures(statistics, live.sending, performance.now());
}, FIGURES_EVERY);

// The models page leads here with the model to use.
const asked = new URLSearchParams(location.search).get("model");
if (asked !== null) {
  memory.set("model", asked);
  history.replaceState(null, "", location.pathname);
}
find("[data-action=fullscreen]", HTMLButtonElement).hidden = !document.fullscreenEnabled;
stage.show({ path: "stage.invite" });
describe();
chooser.load();
loadIcons(find("#answer-icon use", SVGUseElement).href.baseVal.replace(/#.*/, "")).then((icons) => {
  overlay.icons = icons;
});
