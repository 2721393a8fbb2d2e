// Reads a file in slices for the engine, in a thread of its own: bytes arrive as tasks of the thread that asked for
// them, and the engine's is busy decoding. In: {blob, from, slice} to begin with, then null for one slice more each.
// Out: an ArrayBuffer a slice, null for one that could not be read. Started by `src/web/read.rs`.
let blob, from, slice;
let reading = Promise.resolve();

async function read() {
  const start = from;
  from = Math.min(start + slice, blob.size);
  if (start >= blob.size) return;
  const buffer = await blob.slice(start, from).arrayBuffer().catch(() => null);
  postMessage(buffer, buffer ? [buffer] : []);
}

addEventListener("message", ({ data }) => {
  if (data) ({ blob, from, slice } = data);
  reading = reading.then(read);
});
