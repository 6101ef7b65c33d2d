// Small comforts on top of pages that work without any script: nothing here is needed to finish a task.
"use strict";

const sizes = new Intl.NumberFormat("id", { maximumFractionDigits: 1 });

function fileSize(bytes) {
  if (bytes < 1024) return `${bytes} bita`;
  const units = ["KB", "MB", "GB"];
  const step = Math.min(Math.floor(Math.log(bytes) / Math.log(1024)), units.length);
  return `${sizes.format(bytes / 1024 ** step)} ${units[step - 1]}`;
}

// A second click while the first request is under way must not send the form again.
function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  });
}

// Coming back with the browser's button shows the page as it was left: the form may be sent again.
function unlockForms() {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
}

function showChosenFiles(input, list) {
  const limit = Number(input.dataset.maxBytes) || Infinity;
  input.addEventListener("change", () => {
    list.replaceChildren(
      ...Array.from(input.files, (file) => {
        const item = document.createElement("li");
        item.textContent = `${file.name} · ${fileSize(file.size)}`;
        if (file.size > limit) {
          item.className = "is-too-large";
          item.textContent += ` – terlalu besar, batas ${fileSize(limit)}. Pilih berkas yang lebih kecil.`;
        }
        return item;
      }),
    );
  });
}

document.querySelectorAll("form[data-once]").forEach(sendOnce);
window.addEventListener("pageshow", unlockForms);

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const list of document.querySelectorAll("[data-chosen-for]")) {
  const input = document.getElementById(list.dataset.chosenFor);
  if (input) showChosenFiles(input, list);
}

document.querySelector("[data-error-summary]")?.focus();
