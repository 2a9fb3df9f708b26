// Takes files that are dropped anywhere on the page, and shows that it would. Without this script they are dropped on the field itself.

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form.drop"));
const input = /** @type {HTMLInputElement | null} */ (form?.querySelector("input[type=file]") ?? null);

/** @param {DragEvent} event */
const hasFiles = (event) => event.dataTransfer?.types.includes("Files") === true;

/** @param {boolean} isOver */
function show(isOver) {
  form?.classList.toggle("over", isOver);
}

if (form !== null && input !== null) {
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    show(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) show(false); // out of the window
  });
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event) || event.dataTransfer === null) return;
    event.preventDefault();
    show(false);
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });
}
