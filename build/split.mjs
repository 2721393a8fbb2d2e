// Splits the page's wasm in two: what an empty page runs, which a first visit downloads, and the rest, which
// `public/rest.js` gets when there is something to look at. Called by Trunk.toml's hook on release builds:
//
//   node build/split.mjs BINARYEN PAGE.wasm REST.wasm
//
// PAGE.wasm is rewritten. A function of the rest leaves a stub in its place, which calls it through a table that
// the rest fills; the rest gets memory, globals, tables and the functions it calls from the first part. Which
// function is of the rest is read from its name, so the page is compiled with names, which go here.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [library, page, restPath] = process.argv.slice(2);
const { default: binaryen } = await import(pathToFileURL(library));
const { none, i32 } = binaryen;
const { isRest } = await import("./rooms.mjs");

/** Module under which the rest imports from the first part. */
const FIRST = "f";
/** The table through which the first part calls the rest. */
const TABLE = "rest";
/** What the first part calls when the rest is not there: `rest_missing` of src/main.rs. */
const MISSING = "rest_missing";

/** Code of fewer bytes stays in the first part. */
const SMALL = 100;

const bytes = readFileSync(page);
// Parts of two builds must not meet: their memory has another name.
const memory = `m-${createHash("sha256").update(bytes).digest("hex").slice(0, 8)}`;
const features =
  binaryen.Features.BulkMemory | binaryen.Features.SIMD128 | binaryen.Features.NontrappingFPToInt |
  binaryen.Features.ReferenceTypes | binaryen.Features.SignExt | binaryen.Features.MutableGlobals |
  binaryen.Features.Multivalue | binaryen.Features.BulkMemoryOpt;

function open() {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(features);
  return module;
}

const list = (count, get) => Array.from({ length: count }, (_, at) => get(at));
const functions = (m) => list(m.getNumFunctions(), (at) => binaryen.getFunctionInfo(m.getFunctionByIndex(at)));
const tables = (m) => list(m.getNumTables(), (at) => binaryen.getTableInfo(m.getTableByIndex(at)));
const globals = (m) => list(m.getNumGlobals(), (at) => binaryen.getGlobalInfo(m.getGlobalByIndex(at)));
const segments = (m) =>
  list(m.getNumElementSegments(), (at) => binaryen.getElementSegmentInfo(m.getElementSegmentByIndex(at)));
const exported = (m) => list(m.getNumExports(), (at) => binaryen.getExportInfo(m.getExportByIndex(at)));

/** The size of each function's code, in the order of the module. */
function bodySizes(wasm) {
  let at = 8;
  const number = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  for (;;) {
    const section = wasm[at++];
    const end = number() + at;
    if (section === 10) break;
    at = end;
  }
  return list(number(), () => {
    const size = number();
    at += size;
    return size;
  });
}

// What is between the parts now can be made smaller; what has one caller stays apart, as in index.html.
binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(2);
binaryen.setOneCallerInlineMaxSize(100);

function finish(module, path) {
  // The second time finds what the first one left.
  module.optimize();
  module.optimize();
  if (!module.validate()) throw new Error(`${path} is not valid`);
  binaryen.setDebugInfo(false);
  writeFileSync(path, module.emitBinary());
}

const first = open();
const rest = open();
const all = functions(first);
const missing = exported(first).find((one) => one.name === MISSING)?.value;
if (!missing) throw new Error(`${page} does not export ${MISSING}`);

// By name first; then whatever only they call: what is left of the first part without them shows it.
// Small functions stay: compilers give equal code one name, so theirs says little, and a stub is not much smaller.
const sizes = bodySizes(bytes);
const own = all.filter((f) => !f.module);
const named = own.filter((f, at) => sizes[at] >= SMALL && f.name !== missing && isRest(f.name));
const without = open();
for (const f of named) {
  without.removeFunction(f.name);
  without.addFunction(f.name, f.params, f.results, [], without.unreachable());
}
without.runPasses(["remove-unused-module-elements"]);
const left = new Set(functions(without).map((f) => f.name));
const isNamed = new Set(named.map((f) => f.name));
const moved = own.filter((f) => isNamed.has(f.name) || !left.has(f.name));
const isMoved = new Set(moved.map((f) => f.name));

// The rest: everything that stays becomes an import.
for (const { name } of exported(rest)) rest.removeExport(name);
for (const { name } of segments(rest)) rest.removeElementSegment(name);
for (const [at, { name }] of tables(rest).entries()) rest.addTableImport(name, FIRST, `t${at}`);
for (const [at, g] of globals(rest).entries()) rest.addGlobalImport(g.name, FIRST, `g${at}`, g.type, g.mutable);
const names = new Map();
for (const f of all) {
  if (isMoved.has(f.name)) continue;
  names.set(f.name, `f${names.size.toString(36)}`);
  // Made anew: what was defined has a type too exact for an import.
  if (!f.module) rest.removeFunction(f.name);
  rest.addFunctionImport(f.name, FIRST, names.get(f.name), f.params, f.results);
}
rest.setMemory(0, -1, null, [], false, false, "0");
rest.addMemoryImport("0", FIRST, memory);
rest.addTable(TABLE, moved.length, moved.length);
rest.addTableImport(TABLE, FIRST, "r");
rest.addActiveElementSegment(TABLE, TABLE, moved.map((f) => f.name), rest.i32.const(0));
finish(rest, restPath);
const wanted = functions(rest).filter((f) => f.module);

// The first part: stubs, and exports of what the rest wants.
first.addGlobal("here", i32, true, first.i32.const(0));
first.addFunction("ensure", none, none, [],
  first.if(first.i32.eqz(first.global.get("here", i32)), first.call(missing, [], none)));
const old = { tables: tables(first), globals: globals(first) };
first.addTable(TABLE, moved.length, moved.length);
for (const [slot, f] of moved.entries()) {
  const given = binaryen.expandType(f.params).map((type, at) => first.local.get(at, type));
  first.removeFunction(f.name);
  first.addFunction(f.name, f.params, f.results, [], first.block(null, [
    first.call("ensure", [], none),
    first.call_indirect(TABLE, first.i32.const(slot), given, f.params, f.results),
  ], f.results));
}
for (const f of wanted) first.addFunctionExport(f.name, names.get(f.name));
for (const [at, { name }] of old.tables.entries()) first.addTableExport(name, `t${at}`);
for (const [at, { name }] of old.globals.entries()) if (name !== "here") first.addGlobalExport(name, `g${at}`);
first.addTableExport(TABLE, "r");
first.addMemoryExport("0", memory);
first.addGlobalExport("here", "here");
finish(first, page);
console.log(`split: ${named.length} named, ${moved.length} of ${all.length} functions are of the rest, which calls ${wanted.length} of the first part`);
