//===- dump.js - What the heap holds, as a heap snapshot -*- JavaScript -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The form is docs/heap-dumps.md's, which runtime/report/dump.cpp writes of a process: the root,
// the memory that is no heap's, what nothing refers to, and the blocks by address.
//
//===----------------------------------------------------------------------===//

import {
  ARRAY, BYTE_ARRAY_PHASE, ELEMENT_SHIFT, ELEMENT_WORDS, MAX_ALIGN, REGISTERED, SHAPE_MASK,
  TAG_MASK, TAG_SHIFT, TYPED, TYPE_FIELDS, TYPE_FIELD_COUNT, TYPE_NAME, TYPE_SIZE, WORD,
} from './abi.js';
import {hex} from './error.js';

const META = {
  node_fields: ['type', 'name', 'id', 'self_size', 'edge_count', 'trace_node_id', 'detachedness',
    'heap', 'page', 'in_page', 'count', 'tag'],
  node_types: [['hidden', 'array', 'string', 'object', 'code', 'closure', 'regexp', 'number', 'native',
    'synthetic', 'concatenated string', 'sliced string', 'symbol', 'bigint', 'object shape'],
  'string', ...Array(10).fill('number')],
  edge_fields: ['type', 'name_or_index', 'to_node'],
  edge_types: [['context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak'],
    'string_or_number', 'node'],
  trace_function_info_fields: ['function_id', 'name', 'script_name', 'script_id', 'line', 'column'],
  trace_node_fields: ['id', 'function_info_index', 'count', 'size', 'children'],
  sample_fields: ['timestamp_us', 'last_assigned_id'],
  location_fields: ['object_index', 'script_id', 'line', 'column'],
};
const OBJECT = 3, NATIVE = 8, SYNTHETIC = 9, ELEMENT = 1, IMMORTAL = 2 ** 32 - 1;
const ROOTS = ['', 'memory outside of the heap', 'not reached'];

/** The offsets of an object's references, and what it is called. */
function shapeOf(block, view, typeOf, lengthOf) {
  const {address, size, count, meta} = block;
  if (count === 0)
    return {name: 'block', type: NATIVE, offsets: null};
  if (!(meta & TYPED))
    return {name: address % MAX_ALIGN === BYTE_ARRAY_PHASE ? 'byte array' : 'bytes object',
      type: OBJECT, offsets: []};
  const tag = (meta & TAG_MASK) >>> TAG_SHIFT;
  let name, stride = size, own = [];
  if (meta & REGISTERED) {
    const type = typeOf(address), fields = view.getUint32(type + TYPE_FIELDS, true);
    stride = view.getUint32(type + TYPE_SIZE, true);
    own = Array.from({length: view.getUint16(type + TYPE_FIELD_COUNT, true)},
        (_, i) => view.getUint32(fields + i * WORD, true));
    name = textAt(view, view.getUint32(type + TYPE_NAME, true)) || 'object';
  } else {
    const shape = meta & SHAPE_MASK, words = meta & ARRAY ? shape >>> ELEMENT_SHIFT : 16;
    stride = meta & ARRAY ? words * WORD : size;
    for (let i = 0; i < (meta & ARRAY ? ELEMENT_WORDS : 16); ++i)
      if (shape >>> i & 1)
        own.push(i * WORD);
    name = 'object' + (own.length ? ` with references at ${own.join()}` : '') + (tag ? `, tag ${tag}` : '');
  }
  if (!(meta & ARRAY))
    return {name, type: OBJECT, offsets: own, tag};
  const offsets = [];
  for (let element = 0, n = own.length ? lengthOf(address) : 0; element < n && element * stride < size; ++element)
    for (const offset of own)
      offsets.push(element * stride + offset);
  return {name: meta & REGISTERED ? name + '[]' : own.length ? 'array of references' : 'array',
    type: OBJECT, offsets, tag};
}

/** Each block's shape, and its references as [offset, number of the block]. */
export function graphOf({buffer, blocks, typeOf, lengthOf}) {
  const view = new DataView(buffer);
  const shapes = blocks.map(block => shapeOf(block, view, typeOf, lengthOf));
  const edges = blocks.map((block, i) => {
    const found = [], {offsets} = shapes[i];
    const look = (offset, exact) => {
      const word = view.getUint32(block.address + offset, true), to = find(blocks, word);
      if (to >= 0 && (!exact || blocks[to].address === word))
        found.push([offset, to]);
    };
    if (offsets)
      offsets.filter(offset => offset + WORD <= block.size).forEach(offset => look(offset, true));
    else
      for (let offset = 0; offset + WORD <= block.size; offset += WORD)
        look(offset, false);
    return found;
  });
  return {shapes, edges};
}

function textAt(view, address) {
  let text = '';
  for (let at = address; at && at < view.byteLength && text.length < 200; ++at) {
    const byte = view.getUint8(at);
    if (!byte)
      return text;
    text += String.fromCharCode(byte);
  }
  return '';
}

/** The number of the block that the address lies in, or -1; blocks are by address. */
function find(blocks, address) {
  let low = 0, high = blocks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (blocks[middle].address <= address)
      low = middle + 1;
    else
      high = middle;
  }
  const block = blocks[low - 1];
  return block && address < block.address + block.size ? low - 1 : -1;
}

/** Text of the snapshot. The heap must not change meanwhile. */
export function writeDump({buffer, blocks, typeOf, lengthOf, stats, version}) {
  const view = new DataView(buffer), strings = [], numbers = new Map();
  const stringOf = text => {
    if (!numbers.has(text))
      numbers.set(text, strings.push(text) - 1);
    return numbers.get(text);
  };
  const first = ROOTS.length, width = META.node_fields.length;
  const {shapes, edges: own} = graphOf({buffer, blocks, typeOf, lengthOf});
  const edgesOf = own.map(list => list.map(([offset, to]) => [offset, to + first]));
  // Variables and the stack lie below the heap.
  const outside = [], end = blocks.length ? blocks[0].address : 0;
  for (let at = 0; at + WORD <= end; at += WORD) {
    const to = find(blocks, view.getUint32(at, true));
    if (to >= 0)
      outside.push([at, to + first]);
  }
  const reached = new Set(), visit = start => {
    for (const stack = [start]; stack.length;) {
      const node = stack.pop();
      if (!reached.has(node)) {
        reached.add(node);
        stack.push(...edgesOf[node - first].map(([, to]) => to));
      }
    }
  };
  outside.forEach(([, to]) => visit(to));
  // What no other block refers to first, so that it is what holds the rest.
  const lost = [], held = new Set(edgesOf.flatMap(edges => edges.map(([, to]) => to)));
  for (const pass of [node => !held.has(node), () => true])
    for (let node = first; node < first + blocks.length; ++node)
      if (!reached.has(node) && pass(node)) {
        lost.push([lost.length, node]);
        visit(node);
      }
  const all = [[[0, 1], [1, 2]], outside, lost, ...edgesOf];
  const nodes = [];
  ROOTS.forEach((name, i) =>
    nodes.push([SYNTHETIC, stringOf(name), 2 * i + 1, 0, all[i].length, 0, 0, 0, 0, 0, 0, 0]));
  blocks.forEach(({address, size, count}, i) => {
    const {name, type, tag} = shapes[i];
    nodes.push([type, stringOf(name), 2 * (address / WORD) + 1, size, edgesOf[i].length, 0, 0, 0,
      Math.floor(address / 65536), address % 65536, count < 0 ? IMMORTAL : count, tag ?? 0]);
  });
  const edges = all.flatMap(list => list.map(([offset, to]) => `${ELEMENT},${offset},${to * width}`));
  const head = {
    meta: META, node_count: nodes.length, edge_count: edges.length, trace_function_count: 0,
    cairn: {
      format: 1, version, process: 0, time: Math.floor(Date.now() / 1000),
      heaps: [{name: 'default', base: hex(0), size: stats.limit, used: stats.used, peak: stats.peak,
        checked: false, runs: []}],
    },
  };
  return `{"snapshot":${JSON.stringify(head)},\n"nodes":[${nodes.join('\n,')}],\n"edges":[${edges.join('\n,')}],\n` +
      `"trace_function_infos":[],"trace_tree":[],"samples":[],"locations":[],\n"strings":${JSON.stringify(strings)}}\n`;
}
