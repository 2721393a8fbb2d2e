// The engine's worker: loads the wasm and keeps what is posted meanwhile, for a worker drops messages that arrive
// before somebody listens. Started by the page as a module worker:
//   new Worker("./engine-worker.js", { type: "module" })
// and by the engine, under another name, to read parts of a large file: then the compiled module comes first.
import init from "./engine.js";

const HAND = "spanscope-hand";
const early = [];
const keep = (event) => early.push(event);

try {
  let module = new URL("./engine_bg.wasm", import.meta.url);
  if (self.name === HAND) {
    const begun = new Promise((resolve) => addEventListener("message", resolve, { once: true }));
    ({ module } = (await begun).data);
  }
  addEventListener("message", keep);
  // Runs the engine's `main`, which starts to listen.
  await init({ module_or_path: module });
  removeEventListener("message", keep);
  for (const { data, ports } of early) {
    dispatchEvent(new MessageEvent("message", { data, ports: [...ports] }));
  }
} catch (error) {
  // A rejected promise stays inside the worker; an uncaught error reaches the `onerror` of who started it.
  setTimeout(() => {
    throw error;
  });
}
