// Computes the SHA-256 of a chosen file in this browser (FIPS 180-4 §6.2), so that only the hash is sent.
// crypto.subtle takes no file piece by piece, and is missing on a portal that is reached without HTTPS.
"use strict";

const ROUNDS = new Uint32Array(64);
const START = new Uint32Array(8);

// The constants are the first 32 bits of the fractional parts of roots of the first primes (§4.2.2, §5.3.3).
(() => {
  const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) >>> 0;
  for (let candidate = 2, count = 0; count < 64; candidate += 1) {
    let divisor = 2;
    while (candidate % divisor) divisor += 1;
    if (divisor < candidate) continue;
    if (count < 8) START[count] = fraction(Math.sqrt(candidate));
    ROUNDS[count] = fraction(Math.cbrt(candidate));
    count += 1;
  }
})();

class Sha256 {
  constructor() {
    this.state = START.slice();
    this.words = new Uint32Array(64);
    this.rest = new Uint8Array(64);
    this.held = 0;
    this.length = 0;
  }

  update(bytes) {
    this.length += bytes.length;
    let at = 0;
    if (this.held) {
      at = Math.min(64 - this.held, bytes.length);
      this.rest.set(bytes.subarray(0, at), this.held);
      this.held += at;
      if (this.held < 64) return;
      this.#block(this.rest, 0);
      this.held = 0;
    }
    for (; at + 64 <= bytes.length; at += 64) this.#block(bytes, at);
    this.rest.set(bytes.subarray(at));
    this.held = bytes.length - at;
  }

  hex() {
    const tail = new Uint8Array(this.held < 56 ? 64 : 128);
    tail.set(this.rest.subarray(0, this.held));
    tail[this.held] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(this.length / 2 ** 29));
    view.setUint32(tail.length - 4, (this.length * 8) >>> 0);
    for (let at = 0; at < tail.length; at += 64) this.#block(tail, at);
    return Array.from(this.state, (word) => word.toString(16).padStart(8, "0")).join("");
  }

  #block(bytes, at) {
    const w = this.words;
    for (let i = 0; i < 16; i += 1, at += 4) {
      w[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    }
    for (let i = 16; i < 64; i += 1) {
      const x = w[i - 15];
      const y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = this.state;
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    const s = this.state;
    s[0] += a; s[1] += b; s[2] += c; s[3] += d; s[4] += e; s[5] += f; s[6] += g; s[7] += h;
  }
}

async function hashOf(file, onProgress) {
  const hash = new Sha256();
  const reader = file.stream().getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    hash.update(value);
    onProgress(hash.length);
  }
  return hash.hex();
}

function prepare(form) {
  const zone = form.querySelector("[data-drop-zone]");
  const input = zone.querySelector("input[type=file]");
  const status = zone.querySelector("[role=status]");
  const target = form.elements.sha256;
  const percent = new Intl.NumberFormat("id", { style: "percent" });

  async function check(file) {
    status.textContent = `Menghitung kode ${file.name} …`;
    let shown = 0;
    try {
      target.value = await hashOf(file, (done) => {
        if (done - shown < 4 * 1024 * 1024) return;
        shown = done;
        status.textContent = `Menghitung kode ${file.name}: ${percent.format(done / file.size)}`;
      });
    } catch {
      status.textContent = `${file.name} tidak dapat dibaca. Bila itu folder, pilih satu berkas di dalamnya.`;
      return;
    }
    form.requestSubmit();
  }

  zone.hidden = false;
  input.addEventListener("change", () => input.files.length && check(input.files[0]));
  for (const name of ["dragover", "drop"]) zone.addEventListener(name, (event) => event.preventDefault());
  for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, () => zone.classList.add("is-over"));
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    const { files } = event.dataTransfer;
    if (files.length === 1) check(files[0]);
    else status.textContent = "Jatuhkan satu berkas saja.";
  });
}

document.querySelectorAll("form[data-file-check]").forEach(prepare);
