// Starts the page: looks whether the browser can run it, loads the wasm, takes the placeholder away.
// A file of its own because the Content-Security-Policy allows no inline script.

// A module with one function that uses a SIMD instruction: `i32.const 0; i8x16.splat; drop`.
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11,
]);

/** What this browser lacks, as a sentence, or nothing. */
function lacking() {
  if (typeof WebAssembly !== "object") {
    return "This browser has no WebAssembly, or it is switched off (lockdown modes do that).";
  }
  if (!WebAssembly.validate(SIMD_PROBE)) {
    return "This browser's WebAssembly has no SIMD. Chrome 91, Firefox 89, Safari 16.4 and newer have it.";
  }
  if (typeof Worker !== "function") return "This browser has no web workers.";
  return "";
}

/** Shows `message` in place of the page, with a way to try again. */
function fail(message) {
  const box = document.getElementById("boot") ?? document.body.appendChild(document.createElement("div"));
  box.id = "boot";
  box.className = "boot boot-failed";
  box.setAttribute("role", "alert");
  const title = document.createElement("p");
  title.className = "boot-name";
  title.textContent = "Spanscope could not start";
  const text = document.createElement("p");
  text.textContent = message;
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = "Reload";
  again.addEventListener("click", () => location.reload());
  box.replaceChildren(title, text, again);
}

const missing = lacking();
if (missing) {
  fail(missing);
} else {
  try {
    const { default: init } = await import("./spanscope.js");
    await init({ module_or_path: new URL("./spanscope_bg.wasm", import.meta.url) });
    document.getElementById("boot")?.remove();
  } catch (error) {
    console.error(error);
    fail(String(error?.message ?? error));
  }
}
