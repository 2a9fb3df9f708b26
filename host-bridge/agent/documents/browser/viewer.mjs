// Shows a PDF in a page of the agent's: its pages below each other, drawn by pdf.js when they come into view, with their text over them, and the
// place of the seal that the form beside it says.

/** @typedef {import("pdfjs-dist").PDFDocumentProxy} PdfDocument */
/** @typedef {import("pdfjs-dist").PDFPageProxy} PdfPage */
/** @typedef {import("pdfjs-dist").RenderTask} RenderTask */

const ZOOM_STEP = 1.25;
const LEAST_SCALE = 0.2;
const MOST_SCALE = 5;
/** Of one page: more is drawn coarser. */
const MOST_PIXELS = 16_000_000;
/** Drawn before it is seen. */
const AHEAD = "400px";

/**
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {HTMLElement}
 */
function required(parent, selector) {
  const found = parent.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`no ${selector}`);
  return found;
}

/** One page: its place, and what is drawn on it while it is in view. */
class Sheet {
  /** @type {RenderTask | null} */
  #task = null;
  #drawnScale = 0;

  /**
   * @param {typeof import("pdfjs-dist")} pdfjs
   * @param {PdfPage} page
   * @param {string} label
   */
  constructor(pdfjs, page, label) {
    this.pdfjs = pdfjs;
    this.page = page;
    const { width, height } = page.getViewport({ scale: 1 });
    /** As it is shown, points. */
    this.width = width;
    this.height = height;
    this.element = document.createElement("div");
    this.element.className = "sheet";
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", label);
    this.isInView = false;
  }

  /** @param {number} scale */
  resize(scale) {
    const { style } = this.element;
    style.width = `${Math.floor(this.width * scale)}px`;
    style.height = `${Math.floor(this.height * scale)}px`;
    style.setProperty("--total-scale-factor", String(scale));
    if (this.isInView) void this.draw(scale);
  }

  /** @param {number} scale */
  async draw(scale) {
    if (this.#drawnScale === scale) return;
    this.clear();
    this.#drawnScale = scale;
    const viewport = this.page.getViewport({ scale });
    const finest = Math.sqrt(MOST_PIXELS / (viewport.width * viewport.height));
    const ratio = Math.min(window.devicePixelRatio || 1, finest);
    const canvas = document.createElement("canvas");
    canvas.width = Math.floor(viewport.width * ratio);
    canvas.height = Math.floor(viewport.height * ratio);
    canvas.setAttribute("aria-hidden", "true"); // its text is in the layer over it
    this.element.prepend(canvas);
    const task = this.page.render({ canvas, viewport, transform: [ratio, 0, 0, ratio, 0, 0] });
    this.#task = task;
    try {
      await task.promise;
      if (this.#task !== task) return;
      await this.#writeText(viewport);
      this.element.dataset.drawn = "";
    } catch (error) {
      if (!(error instanceof this.pdfjs.RenderingCancelledException)) throw error;
    }
  }

  /** @param {import("pdfjs-dist").PageViewport} viewport */
  async #writeText(viewport) {
    const container = document.createElement("div");
    container.className = "text";
    const layer = new this.pdfjs.TextLayer({ textContentSource: this.page.streamTextContent(), container, viewport });
    this.element.querySelector("canvas")?.after(container);
    await layer.render();
  }

  clear() {
    this.#task?.cancel();
    this.#task = null;
    this.#drawnScale = 0;
    delete this.element.dataset.drawn;
    for (const each of this.element.querySelectorAll("canvas, .text")) each.remove();
  }
}

/** Where the form beside the document says that the seal stands. */
class SealPreview {
  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} viewer
   */
  constructor(form, viewer) {
    this.form = form;
    this.width = Number(viewer.dataset.sealWidth);
    this.height = Number(viewer.dataset.sealHeight);
    this.margin = Number(viewer.dataset.sealMargin);
    this.element = document.createElement("div");
    this.element.className = "seal-preview";
    this.element.setAttribute("aria-hidden", "true"); // the form says the same
    this.label = viewer.dataset.sealText ?? "";
  }

  /** @param {string} name */
  #value(name) {
    const value = new FormData(this.form).get(name);
    return typeof value === "string" ? value : "";
  }

  /**
   * @param {readonly Sheet[]} sheets
   * @returns {Sheet | undefined}
   */
  #sheet(sheets) {
    const page = this.#value("page");
    if (page === "none") return undefined;
    if (page === "first") return sheets[0];
    return page === "last" ? sheets[sheets.length - 1] : sheets[Number(page) - 1];
  }

  /**
   * @param {readonly Sheet[]} sheets
   * @returns {boolean} whether there is one
   */
  place(sheets) {
    const sheet = this.#sheet(sheets);
    if (sheet === undefined) {
      this.element.remove();
      return false;
    }
    const corner = this.#value("corner");
    const margin = Math.min(this.margin, sheet.width / 10, sheet.height / 10);
    const width = Math.min(this.width, sheet.width - 2 * margin);
    const height = Math.min(this.height, sheet.height - 2 * margin);
    const left = corner.endsWith("left") ? margin : sheet.width - margin - width;
    const top = corner.startsWith("top") ? margin : sheet.height - margin - height;
    const { style } = this.element;
    style.left = `${(100 * left) / sheet.width}%`;
    style.top = `${(100 * top) / sheet.height}%`;
    style.width = `${(100 * width) / sheet.width}%`;
    style.height = `${(100 * height) / sheet.height}%`;
    this.element.textContent = [this.label, this.#value("reason")].filter((line) => line !== "").join("\n");
    if (this.element.parentElement !== sheet.element) sheet.element.append(this.element);
    return true;
  }
}

class Viewer {
  /**
   * @param {HTMLElement} element
   * @param {readonly Sheet[]} sheets
   */
  constructor(element, sheets) {
    this.sheets = sheets;
    this.region = required(element, ".sheets");
    this.status = required(element, "output");
    this.statusText = element.dataset.page ?? "";
    this.scale = 1;
    this.isFitting = true;
  }

  show() {
    this.region.replaceChildren(...this.sheets.map(({ element }) => element));
    this.fit();
    const observer = new IntersectionObserver((entries) => this.#seen(entries), { root: this.region, rootMargin: AHEAD });
    for (const { element } of this.sheets) observer.observe(element);
    this.region.addEventListener("scroll", () => this.#tell(), { passive: true });
    new ResizeObserver(() => this.isFitting && this.fit()).observe(this.region);
    this.#tell();
  }

  /** @param {readonly IntersectionObserverEntry[]} entries */
  #seen(entries) {
    for (const { target, isIntersecting } of entries) {
      const sheet = this.sheets.find(({ element }) => element === target);
      if (sheet === undefined) continue;
      sheet.isInView = isIntersecting;
      if (isIntersecting) void sheet.draw(this.scale);
      else sheet.clear();
    }
  }

  /** From 0. */
  get at() {
    const middle = this.region.scrollTop + this.region.clientHeight / 2;
    const index = this.sheets.findIndex(({ element }) => element.offsetTop + element.offsetHeight > middle);
    return index < 0 ? this.sheets.length - 1 : index;
  }

  #tell() {
    const text = this.statusText.replace("{page}", String(this.at + 1)).replace("{pages}", String(this.sheets.length));
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  /** @param {number} index from 0 */
  go(index) {
    const sheet = this.sheets[Math.min(Math.max(index, 0), this.sheets.length - 1)];
    if (sheet !== undefined) this.region.scrollTop = sheet.element.offsetTop - 8;
  }

  /** @param {HTMLElement} element on one of the sheets */
  bring(element) {
    const box = element.getBoundingClientRect();
    const region = this.region.getBoundingClientRect();
    this.region.scrollTop += box.top + box.height / 2 - (region.top + region.height / 2);
  }

  /** @param {number} scale */
  zoom(scale) {
    const ratio = this.region.scrollTop / this.region.scrollHeight;
    this.scale = Math.min(Math.max(scale, LEAST_SCALE), MOST_SCALE);
    for (const sheet of this.sheets) sheet.resize(this.scale);
    this.region.scrollTop = ratio * this.region.scrollHeight;
    this.#tell();
  }

  fit() {
    const widest = Math.max(...this.sheets.map(({ width }) => width));
    const { paddingLeft, paddingRight } = getComputedStyle(this.region);
    const room = this.region.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
    this.isFitting = true;
    this.zoom(room / widest);
  }

  /** @param {string} name */
  act(name) {
    if (name === "fit") this.fit();
    else if (name === "next") this.go(this.at + 1);
    else if (name === "previous") this.go(this.at - 1);
    else {
      this.isFitting = false;
      this.zoom(name === "in" ? this.scale * ZOOM_STEP : this.scale / ZOOM_STEP);
    }
  }
}

/**
 * @param {HTMLElement} element
 * @returns {Promise<Viewer>}
 */
async function open(element) {
  const { pdfjs: folder = "", file = "", page: label = "" } = element.dataset;
  /** @type {typeof import("pdfjs-dist")} */
  const pdfjs = await import(`${folder}build/pdf.min.mjs`);
  pdfjs.GlobalWorkerOptions.workerSrc = `${folder}build/pdf.worker.min.mjs`;
  const answer = await fetch(file);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const document = await pdfjs.getDocument({
    data: await answer.arrayBuffer(),
    cMapUrl: `${folder}cmaps/`,
    cMapPacked: true,
    standardFontDataUrl: `${folder}standard_fonts/`,
    wasmUrl: `${folder}wasm/`,
    useWasm: false, // the pages' policy lets none be compiled; its decoders in JavaScript do
    enableXfa: false,
  }).promise;
  const sheets = [];
  for (let number = 1; number <= document.numPages; number++) {
    const text = label.replace("{page}", String(number)).replace("{pages}", String(document.numPages));
    sheets.push(new Sheet(pdfjs, await document.getPage(number), text));
  }
  return new Viewer(element, sheets);
}

/** @param {HTMLElement} element */
async function start(element) {
  const viewer = await open(element);
  viewer.show();
  const bar = required(element, ".viewer-bar");
  bar.hidden = false;
  bar.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button !== null) viewer.act(button.value);
  });
  const form = document.querySelector("form.order");
  if (form instanceof HTMLFormElement) {
    const preview = new SealPreview(form, element);
    preview.place(viewer.sheets);
    form.addEventListener("input", (event) => {
      const isPlace = event.target instanceof Element && event.target.getAttribute("name") !== "reason";
      if (preview.place(viewer.sheets) && isPlace) viewer.bring(preview.element);
    });
  }
  element.dataset.ready = "";
}

const element = document.querySelector("[data-viewer]");
if (element instanceof HTMLElement) {
  start(element).catch((/** @type {unknown} */ error) => {
    required(element, ".sheets").replaceChildren(required(element, ".not-shown"));
    required(element, ".not-shown").hidden = false;
    element.dataset.failed = "";
    throw error; // to the console: what pdf.js could not do
  });
}
