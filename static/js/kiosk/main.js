/** Puts the kiosk together: every part is made here and handed what it needs. */
import { Camera } from "../camera.js";
import { Capture } from "../capture.js";
import { listen } from "../dock.js";
import { find } from "../dom.js";
import { wantedLanguage } from "../language.js";
import { Memory } from "../memory.js";
import { PageState } from "../state.js";
import { Transport } from "../transport.js";
import { fillWords, useLanguage } from "../words.js";
import { Awake } from "./awake.js";
import { Cameras } from "./cameras.js";
import { Chime } from "./chime.js";
import { Counts } from "./counts.js";
import { Display } from "./display.js";
import { closeWaysOut } from "./no-way-out.js";
import { keepPage } from "./offline.js";
import { keepOptions, readOptions, withLanguage } from "./options.js";
import { People } from "./people.js";
import { onCameraAllowed } from "./permission.js";
import { Picture } from "./picture.js";
import { Prompts } from "./prompts.js";
import { Screen } from "./screen.js";
import { Session } from "./session.js";
import { Settings, toggleFullscreen } from "./settings.js";
import { Speech } from "./speech.js";
import { Version } from "./version.js";

/** Milliseconds between two looks at what time alone changes. */
const TICK = 250;

fillWords(document);
closeWaysOut(document);
const root = document.documentElement;
const memory = new Memory("maskgate.kiosk.");
const options = readOptions(location.search, memory, root.dataset);
const search = withLanguage(location.search, memory);
if (search !== null) {
  history.replaceState(null, "", location.pathname + search);
  await useLanguage(wantedLanguage()).catch(() => {}); // English, rather than nothing
}
const neutral = options.policy === "advise"; // advice is no alarm
const video = find("#video", HTMLVideoElement);

const state = new PageState(root);
const screen = new Screen({ door: options.stream, neutral });
const counts = new Counts(memory, options.stream);
const awake = new Awake(navigator.wakeLock);
const chime = new Chime();
const speech = new Speech({ synth: globalThis.speechSynthesis, language: root.lang });
const display = new Display({
  root,
  screen,
  picture: new Picture({ video, layer: find("#layer", HTMLElement), turn: options.rotate, neutral }),
  people: new People({ minFace: options.min_face, onLeft: (label) => counts.add(label) }),
  prompts: new Prompts({ region: find("#spoken", HTMLElement), speech, chime, options }),
  policy: options.policy,
});

const camera = new Camera({ video, memory: new Memory("maskgate.kiosk.now."), onEnded: () => session.lost() });
const transport = new Transport({
  choice: async () => {
    display.interrupt();
    version.look(); // a server that was away may be another now
    return {};
  },
  onChoiceRefused: () => {},
  auth: options.stream ? { stream: options.stream } : {},
  onConnectError: (reason) => display.refused(reason),
});
/** @type {Session} */
const session = new Session({
  video,
  camera,
  cameras: new Cameras(camera, options.camera),
  capture: new Capture(video, { turn: options.rotate }),
  transport,
  state,
  interval: () => display.interval,
  onFaces: (faces) => display.faces(faces),
  onTrouble: (trouble) => display.trouble(trouble),
});
const settings = new Settings({
  asksPin: root.dataset.asksPin === "yes",
  options,
  cameras: () => camera.list(),
  today: () => counts.today,
  hasVoice: () => speech.able,
  onListen: (tune) => tune !== "off" && chime.play("with_mask", tune),
  onSave: (changed) => location.replace(location.pathname + keepOptions(changed, memory, location.search)),
});
const version = new Version({
  own: root.dataset.version ?? "",
  quiet: () => display.quiet && !settings.open,
  memory,
  reload: () => location.reload(),
});

listen({
  start: () => {
    if (!document.fullscreenElement) toggleFullscreen();
    display.begin();
    session.start();
  },
});
setInterval(() => {
  display.tick();
  counts.turn();
  version.tick(performance.now());
  if (display.quiet) session.prefer();
}, TICK);
awake.keep();
keepPage(navigator);
onCameraAllowed(() => {
  if (camera.running || state.phase === "asking") return;
  display.begin();
  session.start();
});
