// The engine's worker: loads the wasm and keeps what the page posts meanwhile, for a worker drops
// messages that arrive before somebody listens. Started by the page as a module worker:
//   new Worker("./engine-worker.js", { type: "module" })
import init from "./engine.js";

const early = [];
const keep = (event) => early.push(event);
addEventListener("message", keep);

try {
  // Runs the engine's `main`, which starts to listen.
  await init({ module_or_path: new URL("./engine_bg.wasm", import.meta.url) });
  removeEventListener("message", keep);
  for (const { data, ports } of early) {
    dispatchEvent(new MessageEvent("message", { data, ports: [...ports] }));
  }
} catch (error) {
  // A rejected promise stays inside the worker; an uncaught error reaches the page's `onerror`.
  setTimeout(() => {
    throw error;
  });
}
