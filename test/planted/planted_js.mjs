//===- planted_js.mjs - Mistakes made from JavaScript, one for each number -----===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   node planted_js.mjs PACKAGE MODULE list | NUMBER
//
// `list` prints the lines that `planted list` prints (planted.c). What is thrown, and what leaks()
// says of what is lost, goes to stderr behind "cairn: ". With CAIRN_CHECK=0 the heap is not checked.
//
//===----------------------------------------------------------------------===//

import fs from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

const [packageAt, moduleAt, wanted] = process.argv.slice(2);
const {load} = await import(pathToFileURL(path.join(packageAt, 'index.js')));
const {heap, functions} = await load(fs.readFileSync(moduleAt), {checked: process.env.CAIRN_CHECK !== '0'});
const node = heap.describe(16, [0, 4], 'node');

function makeNode() { return heap.alloc(node); }
function makeNodes() { return heap.allocArray(node, 3); }
function makeBytes() { return heap.allocBytes(20); }
function makeString() { return heap.allocString('planted'); }
function makeByteArray() { return heap.allocByteArray(9, 4); }
function makeList() { return heap.allocList(4); }
function makeDict() { return heap.allocDict(4); }
function makeBlock() { return heap.malloc(40); }
function makeCell() { return functions.cons(1, 0); }

const objects = [
  ['object of type node', makeNode], ['array of 3 elements of type node', makeNodes], ['bytes object', makeBytes],
  ['bytes object', makeString], ['byte array', makeByteArray], ['list', makeList], ['dict', makeDict],
  ['object', makeCell],
];
const dead = make => {
  const p = make();
  heap.decref(p);
  return p;
};
const rows = [];
const plant = (group, says, what, make, mistake) => rows.push([group, says, what, make, mistake]);

for (const [what, make] of objects) {
  plant('JS: released twice', 'dead', what, make, () => heap.decref(dead(make)));
  plant('JS: dead object retained', 'dead', what, make, () => heap.incref(dead(make)));
  plant('JS: dead object read', 'dead', what, make, () => heap.length(dead(make)));
  plant('JS: object freed as a block', 'not a raw block/object', what, make, () => heap.free(make()));
  plant('JS: a count never given back', 'live', what, make, () => make());
}
for (const [what, make] of objects) {
  if (make !== makeList)
    plant('JS: wrong type', 'not a list', what, make, () => heap.list(make()));
  if (make !== makeDict)
    plant('JS: wrong type', 'not a dict', what, make, () => heap.dict(make()));
  if (make !== makeString && make !== makeBytes)
    plant('JS: wrong type', 'not a string', what, make, () => heap.string(make()));
}
plant('JS: containers used when dead', 'dead', 'list', makeList, () => {
  const list = heap.list(makeList());
  heap.decref(list.address);
  list.append(1, "int");
});
plant('JS: containers used when dead', 'dead', 'dict', makeDict, () => {
  const dict = heap.dict(makeDict());
  heap.decref(dict.address);
  dict.set('key', 1, 'int');
});
plant('JS: blocks', 'freed', 'block', makeBlock, () => {
  const p = makeBlock();
  heap.free(p);
  heap.free(p);
});
plant('JS: blocks', 'freed/dead', 'block', makeBlock, () => {
  const p = makeBlock();
  heap.free(p);
  heap.realloc(p, 80);
});
plant('JS: blocks', 'inside', 'block', makeBlock, () => heap.free(makeBlock() + 8));
plant('JS: blocks', 'live', 'block', makeBlock, () => makeBlock());
plant('JS: views past the end', 'needs', 'bytes object', makeBytes, () => heap.view(makeBytes(), Uint8Array, 100));
plant('JS: views past the end', 'needs', 'block', makeBlock, () => heap.view(makeBlock(), Uint8Array, 1000));

if (wanted === 'list') {
  for (const [i, [group, says, what, make]] of rows.entries())
    console.log([i + 1, group, says, what, make === makeCell ? 'cons' : make.name].join('|'));
} else {
  const before = heap.snapshot();
  try {
    rows[Number(wanted) - 1][4]();
  } catch (error) {
    console.error(`cairn: ${error.message}`);
    process.exit(1);
  }
  const lost = heap.leaks(before);
  if (lost.count)
    console.error(`cairn: ${lost.text}`);
}
