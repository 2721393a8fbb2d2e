// The rest of the page's code. `build/split.mjs` takes the views out of spanscope_bg.wasm, so that an empty page
// downloads what it runs; they come when there is something to look at, or a little before. Both parts are one
// program: the first exports what the rest needs ("f…") and the table that the rest fills; its global "here" says
// that the rest has come. A page that was not split (a development build) has no such global.
//
// `src/web/rest.rs` calls these with what the first part exports.

const address = new URL("./spanscope_rest.wasm", import.meta.url);
let coming;

/** Whether the rest is there. */
export const isWhole = (first) => !first.here || first.here.value === 1;

/** Asks for the rest, so that it is there when it is needed. */
export function ahead(first) {
  if (isWhole(first) || coming) return;
  coming = get(first).catch(explain);
  // What failed is tried again by whoever needs it.
  coming.catch(() => (coming = undefined));
}

/** Waits until the rest has come. */
export async function wait(first) {
  ahead(first);
  await coming;
}

/** Gets the rest while the page stands still: a function of it was called that nobody waited for. */
export function now(first) {
  if (isWhole(first)) return;
  const request = new XMLHttpRequest();
  request.open("GET", address, false);
  // The only way to bytes while the page stands still.
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  if (request.status >= 400) throw new Error(`${address} answers ${request.status}`);
  const bytes = Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0) & 255);
  try {
    new WebAssembly.Instance(new WebAssembly.Module(bytes), { f: first });
  } catch (error) {
    explain(error);
  }
  first.here.value = 1;
}

async function get(first) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} answers ${response.status}`);
  // Hosts that do not know the type pay with a later start.
  const streams = response.headers.get("Content-Type") === "application/wasm";
  await (streams
    ? WebAssembly.instantiateStreaming(response, { f: first })
    : WebAssembly.instantiate(await response.arrayBuffer(), { f: first }));
  first.here.value = 1;
}

function explain(error) {
  // The memory's name differs from build to build.
  if (error instanceof WebAssembly.LinkError) throw new Error("this page was renewed meanwhile, reload it");
  throw error;
}
