// What an interpreter on Linux has not of a board, in its own language: flash at the board's addresses, files, noise, pins, the serial port.
// Runs before the board's script and knows nothing of what that does. Tells what happens in lines that begin with «#».
// Espruino hoists no functions: each is there once its line has run.

/** A Jolt.js as the interpreter's `Flash` shows it: what is free, and how large its pages are. */
export interface FreeFlash {
  readonly address: number;
  readonly lengthBytes: number;
  readonly pageBytes: number;
}

/** The power goes during the so-manieth flash operation of a kind from now on (1: the next; 0: never), when so many of its words are done. */
export interface PowerCut {
  readonly kind: "program" | "erase" | "any";
  readonly operation: number;
  readonly words: number;
}

/** What the prelude is given at power-on. */
export interface PreludeSettings {
  readonly flash: FreeFlash & { readonly offsetBytes: number };
  /** Of the interpreter's storage: name to content, base64. */
  readonly files: Readonly<Record<string, string>>;
  /** Bytes that `E.hwRand` gives, each once; base64. */
  readonly noise: string;
  /** Tells when fewer words than these are left. */
  readonly lowNoiseWords: number;
  /** FIFOs in the folder where the interpreter runs. */
  readonly frames: string;
  readonly orders: string;
  /** The button is down when the power comes. */
  readonly isButtonHeld: boolean;
}

/** The prelude's text; what follows it in the same script is the board's. */
export function preludeFor(settings: PreludeSettings): string {
  return `(${PRELUDE})(${JSON.stringify(settings)});\n`;
}

const PRELUDE = `function (settings) {
  var tell = function (text) { USB.write("\\n#" + text + "\\n"); };

  // Flash: a part of the interpreter's own, moved to the board's addresses. Its pages are smaller than the board's.
  var flash = settings.flash;
  var chip = require("Flash");
  var shift = chip.getFree()[0].addr + flash.offsetBytes - flash.address;
  var chipPage = chip.getPage(flash.address + shift).length;
  var operations = 0;
  var cut = null;
  var check = function (at, length) {
    if (at < flash.address || at + length > flash.address + flash.lengthBytes) throw new Error("flash outside of what is free: " + at);
  };
  var isLast = function (kind) {
    if (cut !== null && cut.kind !== "any" && cut.kind !== kind) return false;
    operations++;
    return cut !== null && operations === cut.operation;
  };
  var powerGoes = function () {
    tell("cut");
    E.reboot(); // on Linux: exit
    while (true);
  };
  var erase = function (at) {
    for (var page = at; page < at + flash.pageBytes; page += chipPage) chip.erasePage(page + shift);
  };
  var erasePage = function (at) {
    check(at, flash.pageBytes);
    at -= (at - flash.address) % flash.pageBytes;
    if (!isLast("erase")) return erase(at);
    // Broken off: some words are blank, the others hold bits of both.
    var bytes = chip.read(flash.pageBytes, at + shift);
    for (var i = 0; i < bytes.length; i++) bytes[i] = i < 4 * cut.words ? 255 : bytes[i] | (i * 167);
    erase(at);
    chip.write(bytes, at + shift);
    powerGoes();
  };
  var write = function (data, at) {
    check(at, data.length);
    if (isLast("program")) {
      // So many words, and of the next one some bits.
      var done = new Uint8Array(data.length);
      for (var i = 0; i < data.length; i++) done[i] = i < 4 * cut.words ? data[i] : i < 4 * cut.words + 4 ? data[i] | 0xa5 : 255;
      chip.write(done, at + shift);
      powerGoes();
    }
    chip.write(data, at + shift);
    // Bits that were 0 stay 0, silently, as on the chip: whoever wanted them to be 1 is told.
    if (E.CRC32(chip.read(data.length, at + shift)) !== E.CRC32(data)) tell("flash wrong " + at);
  };
  var flashModule = {
    getFree: function () { return [{ addr: flash.address, length: flash.lengthBytes }]; },
    read: function (length, at) { check(at, length); return chip.read(length, at + shift); },
    write: write,
    erasePage: erasePage
  };

  // Files.
  var files = {};
  for (var name in settings.files) files[name] = atob(settings.files[name]);
  var storageModule = { read: function (name) { return files[name]; } };
  var own = global.require;
  global.require = function (name) { return name === "Flash" ? flashModule : name === "Storage" ? storageModule : own(name); };

  // Noise: what the host has given, each word once. Linux' own hwRand is rand().
  var words = new Int32Array(0);
  var spare = [];
  var drawn = 0;
  var left = 0;
  var addNoise = function (text) {
    var more = new Int32Array(E.toArrayBuffer(E.toString(atob(text))));
    spare.push(more);
    left += more.length;
  };
  addNoise(settings.noise);
  E.hwRand = function () {
    if (drawn === words.length) {
      if (spare.length === 0) {
        tell("noise out");
        throw new Error("no noise is left");
      }
      words = spare[0];
      spare = spare.slice(1);
      drawn = 0;
    }
    var word = words[drawn];
    words[drawn++] = 0;
    if (--left === settings.lowNoiseWords) tell("noise low");
    return word;
  };

  // While something goes on, neither of the interpreter's threads sleeps its 50 ms.
  Serial3.setup(9600, { path: "/dev/null" });
  var awake = 0;
  var awakeUntil = 0;
  var stayAwake = function () {
    awakeUntil = getTime() + 0.3;
    if (awake !== 0) return;
    awake = setInterval(function () {
      if (getTime() < awakeUntil || watches.length > 0) return Serial3.write("\\0");
      clearInterval(awake);
      awake = 0;
    }, 1);
  };

  // Pins. The one that is read is the button's.
  var levels = {};
  var button = null;
  var idle = false;
  var watches = [];
  global.pinMode = function (pin, mode) {
    if (mode.substr(0, 5) !== "input" || button === pin) return;
    button = pin;
    idle = mode === "input_pullup";
    levels[pin] = settings.isButtonHeld ? !idle : idle;
  };
  global.digitalRead = function (pin) { return levels[pin] ? 1 : 0; };
  global.digitalWrite = function (pin, isOn) {
    isOn = !!isOn;
    if (isOn === !!levels[pin]) return;
    levels[pin] = isOn;
    tell("light " + pin + " " + (isOn ? 1 : 0));
  };
  var isAsked = function (watch, level) {
    return watch.edge === "both" || watch.edge === (level ? "rising" : "falling");
  };
  var fire = function (watch) {
    var before = watch.state;
    watch.state = watch.next;
    watch.timer = 0;
    if (watch.state === before) return;
    var time = getTime();
    var change = { state: watch.state, time: time, lastTime: watch.lastTime, pin: watch.pin };
    watch.lastTime = time;
    if (!isAsked(watch, watch.state)) return;
    if (!watch.repeat) clearWatch(watch.id);
    watch.cb(change);
  };
  var change = function (pin, level) {
    levels[pin] = level;
    watches.slice(0).forEach(function (watch) {
      if (watch.pin !== pin) return;
      // As Espruino has it: the timer starts with the first change, and each further one puts it off.
      if (watch.timer === 0 && level === watch.state) return;
      if (watch.timer !== 0) clearTimeout(watch.timer);
      watch.next = level;
      if (watch.debounce > 0) watch.timer = setTimeout(fire, watch.debounce, watch);
      else fire(watch);
    });
  };
  global.setWatch = function (cb, pin, options) {
    var id = watches.length === 0 ? 1 : watches[watches.length - 1].id + 1;
    watches.push({
      id: id, cb: cb, pin: pin, repeat: !!options.repeat, edge: options.edge || "both", debounce: options.debounce || 0,
      state: !!levels[pin], next: false, timer: 0, lastTime: undefined
    });
    tell("watch " + pin);
    stayAwake();
    return id;
  };
  // As Espruino has it: a bounce that is waited for ends the old watch's wait all the same, and its number is given again.
  global.clearWatch = function (id) {
    watches = watches.filter(function (watch) {
      if (watch.id !== id) return true;
      tell("unwatch " + watch.pin);
      return false;
    });
  };

  // What Linux has no use for. The console stays, so that an error that nobody caught is seen.
  E.setConsole = function (device) { tell("console " + device); };
  E.enableWatchdog = function (seconds, isAutomatic) { tell("watchdog " + seconds + " " + isAutomatic); };
  E.kickWatchdog = function () {};
  global.NRF = { sleep: function () { tell("radio off"); } };

  // Orders of the host, a line each; each is acknowledged.
  var orders = "";
  var obey = function (line) {
    var rest = line.substr(1);
    if (line[0] === "b") change(button, rest === "1" ? !idle : idle);
    if (line[0] === "n") addNoise(rest);
    if (line[0] === "c") {
      cut = JSON.parse(rest);
      operations = 0;
    }
    if (line[0] === "?") tell("operations " + operations);
    tell("did " + line[0]);
  };
  Serial2.on("data", function (data) {
    stayAwake();
    var lines = (orders + data).split("\\n");
    orders = lines[lines.length - 1];
    for (var i = 0; i < lines.length - 1; i++) obey(lines[i]);
  });
  Serial2.setup(115200, { path: settings.orders });
  Serial1.on("data", function (data) {
    stayAwake();
    USB.emit("data", data);
  });

  // Once the board's script has been through: frames are taken. And a line each second, by which it dies when nobody reads any more.
  setTimeout(function () {
    Serial1.setup(115200, { path: settings.frames });
    tell("up " + process.memory().usage + " " + process.memory().total);
  }, 1);
  setInterval(function () { tell("alive"); }, 1000);
}`;
