// Reads a file ahead for the engine, in a thread of its own: bytes arrive as tasks of the thread that asked for
// them, and the engine's is busy decoding. In: {blob, from, slice} to begin with, then null for one piece more each.
// Out: "up" once it is ready, then an ArrayBuffer a piece, null for one that could not be read, which is the last.
// Started by `src/web/read/helper.rs`.
//
// A stream fills one buffer a piece; where blobs have no such streams the pieces are slices, each of which is asked
// for anew and costs the browser several milliseconds.

/** The first piece of a stream, bytes; each next one is twice as long, up to `MOST`. */
const FIRST = 512 * 1024;
const MOST = 4 * 1024 * 1024;

/** Whether blobs have streams that fill a buffer. Asked of an empty one: other streams read on without a reader. */
const fills = (() => {
  try {
    return Boolean(new Blob([]).stream().getReader({ mode: "byob" }));
  } catch {
    return false;
  }
})();

let blob, from, piece, most, stream;
// A first read of anything brings up what reading needs, before there is a file.
let reading = new Blob(["."]).arrayBuffer().catch(() => null).then(() => postMessage("up"));

function begin(what) {
  ({ blob, from, slice: most } = what);
  piece = most;
  if (fills) {
    most = Math.min(most, MOST);
    piece = Math.min(most, FIRST);
    stream = blob.slice(from).stream().getReader({ mode: "byob" });
  }
}

async function next(length) {
  if (!stream) return blob.slice(from, from + length).arrayBuffer();
  let buffer = new ArrayBuffer(length);
  for (let got = 0; got < length; ) {
    const { done, value } = await stream.read(new Uint8Array(buffer, got), { min: length - got });
    if (done) throw new Error("the file is shorter than it was");
    buffer = value.buffer;
    got += value.byteLength;
  }
  // A stream does not notice that the file was written anew meanwhile; who asks for a slice is told.
  if (from + length === blob.size) await blob.slice(-1).arrayBuffer();
  return buffer;
}

async function read() {
  const length = Math.min(piece, blob.size - from);
  if (length <= 0) return;
  const buffer = await next(length).catch(() => null);
  from = buffer ? from + length : blob.size;
  piece = Math.min(2 * piece, most);
  postMessage(buffer, buffer ? [buffer] : []);
}

addEventListener("message", ({ data }) => {
  if (data) begin(data);
  reading = reading.then(read);
});
