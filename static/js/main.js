/** Puts the page together: every part is made here and handed what it needs. */
import { Absence } from "./absence.js";
import { Camera } from "./camera.js";
import { Capture } from "./capture.js";
import { Chooser } from "./chooser.js";
import { CameraPicker, listen, RunButton, showIcon } from "./dock.js";
import { find } from "./dom.js";
import { watchEntry } from "./entry.js";
import { loadIcons } from "./icons.js";
import { offerLanguages } from "./language-picker.js";
import { Live } from "./live.js";
import { Memory } from "./memory.js";
import { Overlay } from "./overlay.js";
import { Panel } from "./panel.js";
import { Photos } from "./photos.js";
import { readKey } from "./share-key.js";
import { listenToKeys } from "./shortcuts.js";
import { Alarm, Tone } from "./sound.js";
import { Stage } from "./stage.js";
import { PageState } from "./state.js";
import { Statistics } from "./statistics.js";
import { Toggle } from "./toggle.js";
import { Transport } from "./transport.js";
import { Tuning } from "./tuning.js";
import { onWake } from "./wake.js";
import { Why } from "./why.js";
import { fill, fillWords, word } from "./words.js";

/** Milliseconds between two looks at the figures: fast enough to follow, slow enough to read. */
const FIGURES_EVERY = 500;

fillWords(document);
offerLanguages();
const root = document.documentElement;
const canvas = find("#overlay", HTMLCanvasElement);
const video = find("#video", HTMLVideoElement);
const memory = new Memory();
const state = new PageState(root);
const statistics = new Statistics();
const stage = new Stage();
const panel = new Panel();
const run = new RunButton();

const alarm = new Alarm();
const tone = new Tone();
const sound = new Toggle(memory, "sound", {
  onChange: (on) => showIcon(find("[data-action=sound]", HTMLButtonElement), on ? "sound" : "silent"),
});
const blurred = new Toggle(memory, "blur", { byDefault: true });
const shortcuts = new Toggle(memory, "shortcuts", { byDefault: true });

const overlay = new Overlay(canvas, (faces, age) => {
  const now = performance.now();
  state.show(photos.faces ?? faces, age);
  if (age !== undefined) statistics.drawn(now, age);
  if (!answered()) return;
  panel.showFaces(photos.faces ?? faces);
  why.show(faces, live.sending ?? overlay.size, now);
  if (live.active && sound.on && alarm.hear(faces, now)) tone.play();
});
const why = new Why((chosen) => {
  overlay.chosen = chosen;
});
const camera = new Camera({ video, memory, onEnded: (deviceId) => live.lose(deviceId) });
/** @type {Chooser} */
const chooser = new Chooser(memory, decide);
/** @type {Tuning} */
const tuning = new Tuning(memory, async () => {
  const problem = await decide();
  if (problem) chooser.tell(problem);
  return problem;
});
const transport = new Transport({
  choice: async () => {
    await chooser.load(); // a server that was away may offer something else now
    return streamChoice();
  },
  onChoiceRefused: (problem) => {
    tuning.forget();
    chooser.refused(problem);
    decide();
  },
  onInForce: (inForce) => {
    chooser.show(inForce);
    tuning.show(inForce);
  },
});
const live = new Live({
  video,
  camera,
  capture: new Capture(video),
  transport,
  overlay,
  stage,
  state,
  statistics,
  onCamera: () => {
    picker.refresh();
    mirror();
  },
});
const photos = new Photos({
  overlay,
  stage,
  state,
  choice: async () => {
    const { min_score } = tuning.choice;
    return { ...(await chooser.settled()), ...(min_score !== undefined && { min_score: String(min_score) }) };
  },
  filmTransport: new Transport({
    choice: async () => {
      await chooser.settled();
      return { ...streamChoice(), clock: "captured" };
    },
    onChoiceRefused: (problem) => chooser.refused(problem),
  }),
  onOpen: () => live.stop(),
  onChange: describe,
});
watchEntry({ guest: root.dataset.guest, transport, live, stage, state });
/** @type {Promise<import("./share.js").SharePanel> | null} made when it is first wanted */
let sharePanel = null;
// At once where this tab shared before it was loaded anew. A guest shares nothing: the server is not theirs.
if (root.dataset.guest === undefined && readKey()) loadShare().catch(() => {});
const picker = new CameraPicker(camera, () => {
  if (live.active) start();
});
navigator.mediaDevices?.addEventListener?.("devicechange", () => live.lookForCameras());
const absence = new Absence({
  onLeave: () => {
    const stopped = live.active && state.phase !== "asking";
    if (stopped) live.pause("live.away");
    return stopped;
  },
  onReturn: () => live.start(camera.demo ? openDemo : undefined),
});
onWake(() => live.wake());

/** What this stream is to be answered with; what was not chosen is the server's to decide. */
function streamChoice() {
  return { model: null, detector: null, min_score: null, smoothing: null, ...chooser.choice, ...tuning.choice };
}

/** Puts a new choice in force; why not, or null. */
async function decide() {
  if (photos.shown) photos.again();
  return transport.configure(streamChoice());
}

/** Whether there is a picture that was answered. */
function answered() {
  return photos.shown || state.phase === "live" || state.phase === "stalled";
}

function start() {
  memory.set("privacy", "accepted"); // the invitation says that pressing its button does so
  absence.forget();
  photos.close();
  live.start();
}

/** Begins the demo; its script comes when it is wanted. */
async function openDemo() {
  const demo = await import("./demo.js");
  return demo.openDemo();
}

async function share() {
  try {
    (await loadShare()).open();
  } catch {
    sharePanel = null;
    stage.say(word("share.trouble.unreachable"));
  }
}

function loadShare() {
  sharePanel ??= import("./share.js").then(({ SharePanel }) => new SharePanel({ transport, state, memory }));
  return sharePanel;
}

function demo() {
  absence.forget();
  photos.close();
  live.start(openDemo);
}

function pause() {
  absence.forget();
  live.pause();
}

/** Saves what is seen, on the visitor's own computer. */
async function snapshot() {
  if (state.phase !== "live") return;
  try {
    const [seen, { compose, save }] = await Promise.all([live.seen(), import("./snapshot.js")]);
    const blob = await compose(seen, overlay.look, blurred.on);
    seen.picture.close();
    const name = save(blob, new Date());
    stage.say(word(blurred.on ? "live.snapshot.savedBlurred" : "live.snapshot.saved", { name }));
  } catch {
    stage.say(word("live.snapshot.failed"));
  }
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
  demo,
  share,
  pause,
  mirror: () => mirror(true),
  sound: () => sound.press(),
  snapshot,
  defaults: () => {
    chooser.forget();
    tuning.forget();
    decide();
  },
  photo: () => photos.choose(),
  retry: () => photos.retry(),
  panel: () => panel.open(),
  enter: () => location.reload(), // who may not stay is led to the sign-in page
  fullscreen,
});
listenToKeys(
  {
    " ": () => (live.active ? pause() : start()),
    m: () => mirror(true),
    f: fullscreen,
    s: snapshot,
    n: () => sound.press(),
  },
  () => shortcuts.on,
);

/** @param {MouseEvent} event over the stage; what lies under it, if it is a face */
function faceUnder(event) {
  const { left, top } = canvas.getBoundingClientRect();
  const over = event.target instanceof Element && !event.target.closest("button, a, .notice:not([hidden])");
  return over && answered() ? overlay.faceAt(event.clientX - left, event.clientY - top) : null;
}

const surface = find("#stage", HTMLElement);
surface.addEventListener("pointermove", (event) => {
  surface.classList.toggle("over-face", faceUnder(event) !== null);
});
surface.addEventListener("click", (event) => {
  const face = faceUnder(event);
  if (face === null) return;
  panel.open(true);
  why.choose(face);
  why.bring();
});

function fullscreen() {
  const asked = document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen();
  asked.catch(() => {}); // the browser may refuse, and nothing is lost
}

function showFigures() {
  panel.showFigures(statistics, live.sending, performance.now());
  chooser.sent(live.sending?.height ?? null);
}

/** Says in the header and on the dock what is going on. */
function describe() {
  fill(find("#status", HTMLElement), photos.path ?? `state.${state.phase}`);
  stage.markDemo(live.active && camera.demo);
  const elsewhere = !live.active && stage.action !== "start";
  run.show(elsewhere ? "start" : "pause", elsewhere || live.active);
  if (!live.active) {
    statistics.start(performance.now());
    showFigures();
  }
  if (!answered()) {
    panel.showNothing();
    why.showNothing();
  }
  find("[data-action=snapshot]", HTMLButtonElement).disabled = state.phase !== "live";
  mirror();
}

state.onPhase((phase) => {
  describe();
  if (phase === "connecting") picker.refresh();
});

setInterval(() => {
  if (live.active) showFigures();
}, FIGURES_EVERY);

// The models page leads here with the model to use.
const asked = new URLSearchParams(location.search).get("model");
if (asked !== null) {
  memory.set("model", asked);
  history.replaceState(null, "", location.pathname);
}
find("[data-action=fullscreen]", HTMLButtonElement).hidden = !document.fullscreenEnabled;
document.addEventListener("fullscreenchange", () => {
  const full = String(document.fullscreenElement !== null);
  find("[data-action=fullscreen]", HTMLButtonElement).setAttribute("aria-pressed", full);
});
// A sound that was chosen last time may be made once somebody pressed something.
for (const type of ["click", "keydown"]) addEventListener(type, () => sound.on && tone.allow());
const known = memory.get("privacy") === "accepted";
stage.show({
  path: "stage.invite",
  values: { host: location.host },
  note: known ? "live.privacy.known" : "live.privacy.first",
});
describe();
chooser.load();
loadIcons(find("#answer-icon use", SVGUseElement).href.baseVal.replace(/#.*/, "")).then((icons) => {
  overlay.icons = icons;
});
