//===- heap.js - The heap of a module -*- JavaScript -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

import {
  ARRAY, BYTE_ARRAY_DATA, BYTE_ARRAY_PHASE, MAX_ALIGN, MAX_BYTES, MAX_FIELDS, REGISTERED, TYPED,
  TYPE_ALIGN, TYPE_BYTES, TYPE_FIELDS, TYPE_FIELD_COUNT, TYPE_RESERVED, TYPE_SIZE, WORD,
} from './abi.js';
import {Dict, List} from './containers.js';
import {writeDump} from './dump.js';
import {CairnError, hex, show, whole} from './error.js';
import {makeView} from './view.js';

const STATS = ['objects', 'blocks', 'bytes', 'used', 'peak', 'limit', 'memory', 'slabs', 'large'];
const VIEWS = new Set([
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
  Float32Array, Float64Array, BigInt64Array, BigUint64Array,
]);

export class Heap {
  #memory;
  #exports;
  #version;
  #tracker;

  constructor(memory, exports, version, tracker) {
    this.#memory = memory;
    this.#tracker = tracker;
    this.#version = version;
    this.#exports = exports;
  }

  /** Calls an export of the runtime; the error says how to have it. */
  #call(name, ...values) {
    const target = this.#exports[name];
    if (!target)
      throw new CairnError('export',
          `the module does not export ${name}: build it with --js=containers, or --export=${name}`, {export: name});
    return target(...values);
  }

  #words(at, n) {
    return Array.from(new Uint32Array(this.#memory.buffer, at >>> 0, n));
  }

  //--- Types and objects -----------------------------------------------------//

  describe(size, fields = []) {
    whole(size, 'the size');
    if (!Array.isArray(fields) || fields.length > MAX_FIELDS)
      throw new CairnError('argument',
          `the fields are ${show(fields)}, not an array of at most ${MAX_FIELDS} offsets`);
    for (const [i, field] of fields.entries()) {
      whole(field, `field ${i}`);
      if (field % WORD || field + WORD > size || (i && field <= fields[i - 1]))
        throw new CairnError('type', `field ${i} is at ${field}: offsets ascend, are multiples ` +
            `of ${WORD}, and lie in the ${size} bytes of the object`);
    }
    return this.#scratch(fields.length * WORD, at => {
      new Uint32Array(this.#memory.buffer, at, fields.length).set(fields);
      const type = this.#exports.cairn_js_describe(size, at, fields.length) >>> 0;
      if (!type)
        throw this.#full(size);
      return type;
    });
  }

  alloc(type) {
    return this.#exports.cairn_js_alloc(this.#type(type)) >>> 0;
  }

  allocBytes(n) {
    return this.#exports.cairn_js_alloc_bytes(whole(n, 'the size', MAX_BYTES)) >>> 0;
  }

  allocArray(type, n) {
    const size = new DataView(this.#memory.buffer).getUint32(this.#type(type) + TYPE_SIZE, true);
    this.#possible(whole(n, 'the length') * size);
    return this.#exports.cairn_js_alloc_array(type, n) >>> 0;
  }

  allocString(text) {
    if (typeof text !== 'string')
      throw new CairnError('argument', `${show(text)} is not a string`);
    const bytes = new TextEncoder().encode(text);
    const ref = this.allocBytes(bytes.length);
    new Uint8Array(this.#memory.buffer, ref, bytes.length).set(bytes);
    return ref;
  }

  /** A descriptor is read by the runtime as it is: it must lie in memory, and be one. */
  #type(type) {
    whole(type, 'the type');
    const size = this.#memory.buffer.byteLength;
    if (type && type % WORD === 0 && type + TYPE_BYTES <= size) {
      const at = new DataView(this.#memory.buffer);
      const align = at.getUint16(type + TYPE_ALIGN, true);
      const count = at.getUint16(type + TYPE_FIELD_COUNT, true);
      const fields = at.getUint32(type + TYPE_FIELDS, true);
      if (align && align <= MAX_ALIGN && !(align & (align - 1)) &&
          at.getUint32(type + TYPE_RESERVED, true) === 0 && fields + count * WORD <= size)
        return type;
    }
    throw new CairnError('type', `${hex(type)}: there is no descriptor of a type`,
        {address: type});
  }

  incref(p) {
    this.#exports.cairn_js_incref(whole(p, 'the reference'));
  }

  decref(p) {
    this.#exports.cairn_js_decref(whole(p, 'the reference'));
  }

  resolve(p) {
    return this.#exports.cairn_js_resolve(whole(p, 'the pointer')) >>> 0;
  }

  refcount(p) {
    return this.#exports.cairn_js_refcount(whole(p, 'the reference'));
  }

  length(p) {
    return this.#exports.cairn_js_length(whole(p, 'the reference')) >>> 0;
  }

  type(p) {
    return this.#exports.cairn_js_type(whole(p, 'the reference')) >>> 0;
  }

  /** The object that starts at p; throws for what is inside one, or none. */
  #object(p) {
    const start = this.resolve(p);
    if (start && start === p)
      return p;
    if (!start)
      this.#exports.cairn_js_meta(p); // throws why
    throw new CairnError('interior', `${hex(p)}: inside the object at ${hex(start)}`,
        {address: p});
  }

  //--- Raw blocks --------------------------------------------------------------//

  #full(request) {
    return CairnError.full(request, this.stats().limit);
  }

  /** A request that 32 bits cannot say is refused here, with its own number. */
  #possible(bytes) {
    if (bytes > MAX_BYTES)
      throw this.#full(bytes);
  }

  malloc(n) {
    const p = this.#exports.cairn_js_malloc(whole(n, 'the size')) >>> 0;
    if (!p)
      throw this.#full(n);
    return p;
  }

  realloc(p, n) {
    whole(p, 'the pointer');
    const moved = this.#exports.cairn_js_realloc(p, whole(n, 'the size')) >>> 0;
    if (!moved && n)
      throw this.#full(n);
    return moved;
  }

  free(p) {
    this.#exports.cairn_js_free(whole(p, 'the pointer'));
  }

  /** Calls back with a block that is freed afterwards. */
  #scratch(n, use) {
    const at = this.malloc(Math.max(n, 16));
    try {
      return use(at);
    } finally {
      this.free(at);
    }
  }

  //--- Contents ----------------------------------------------------------------//

  string(p) {
    const ref = this.#object(p), meta = this.#exports.cairn_js_meta(ref) >>> 0;
    if (meta & TYPED || this.#byteArray(ref))
      throw new CairnError('kind', `${hex(p)}: not a string or bytes`, {address: p});
    return new TextDecoder('utf-8', {ignoreBOM: true}).decode(
        new Uint8Array(this.#memory.buffer, ref, this.length(ref)).slice());
  }

  view(p, Type, n) {
    if (!VIEWS.has(Type))
      throw new CairnError('argument', `${Type?.name ?? show(Type)} is not a typed array's class`);
    whole(p, 'the pointer');
    whole(n, 'the length');
    const size = Type.BYTES_PER_ELEMENT;
    const start = this.resolve(p);
    if (start && start === p && this.#byteArray(start))
      p = start + BYTE_ARRAY_DATA;
    if (p % size)
      throw new CairnError('range', `${hex(p)} is not a multiple of the ${size} bytes of an ` +
          `element of ${Type.name}`, {address: p});
    const room = start ? start + (this.#exports.cairn_js_size(start) >>> 0) - p
                       : this.#exports.cairn_js_usable_size(p) >>> 0;
    if (n * size > room)
      throw new CairnError('range', `a view of ${n} ${Type.name} elements at ${hex(p)} needs ` +
          `${n * size} bytes; there are ${room}`, {address: p, request: n * size, limit: room});
    return makeView(this.#memory, p, Type, n);
  }

  array(p, Type) {
    const ref = this.#object(p);
    const data = this.#byteArray(ref) ? ref + BYTE_ARRAY_DATA : ref;
    const meta = this.#exports.cairn_js_meta(ref) >>> 0;
    if (data === ref && meta & TYPED && !(meta & ARRAY))
      throw new CairnError('kind', `${hex(p)}: not an array`, {address: p});
    return this.view(data, Type, this.length(ref));
  }

  /** Only byte arrays have this phase: their data is aligned, not the reference. */
  #byteArray(ref) {
    return ref % MAX_ALIGN === BYTE_ARRAY_PHASE;
  }

  //--- Containers --------------------------------------------------------------//

  allocByteArray(length, elementSize = 1) {
    whole(length, 'the length', MAX_BYTES);
    if (!whole(elementSize, 'the element size'))
      throw new CairnError('argument', 'the element size is 0, and has to be at least 1');
    this.#possible(length * elementSize);
    return this.#call('cairn_alloc_byte_array', length, elementSize) >>> 0;
  }

  allocList(capacity = 0, elementSize = 8) {
    whole(capacity, 'the capacity');
    if (![1, 2, 4, 8].includes(elementSize))
      throw new CairnError('argument', `the element size is ${show(elementSize)}, not 1, 2, 4 or 8`);
    this.#possible(capacity * elementSize);
    return this.#call('cairn_alloc_list', capacity, elementSize) >>> 0;
  }

  allocDict(capacity = 0) {
    return this.#call('cairn_alloc_dict', whole(capacity, 'the capacity')) >>> 0;
  }

  list(p) {
    whole(p, 'the reference');
    return this.#container(p, 'list', List);
  }

  dict(p) {
    whole(p, 'the reference');
    return this.#container(p, 'dict', Dict);
  }

  #container(p, what, Class) {
    const check = () => {
      if (!this.#call(`cairn_is_${what}`, this.#object(p)))
        throw new CairnError('kind', `${hex(p)}: not a ${what}`, {address: p});
    };
    check();
    return new Class({
      p,
      check,
      call: this.#call.bind(this),
      object: ref => ref === 0 ? 0 : this.#object(ref),
      scratch: this.#scratch.bind(this),
      string: this.string.bind(this),
      memory: this.#memory,
    });
  }

  //--- Inspection ----------------------------------------------------------------//

  stats() {
    const words = this.#words(this.#exports.cairn_js_stats(), STATS.length);
    return Object.fromEntries(STATS.map((name, i) => [name, words[i]]));
  }

  check() {
    this.#exports.cairn_js_check();
  }

  * walk() {
    for (let after = 0;;) {
      const at = this.#exports.cairn_js_walk(after) >>> 0;
      const [n] = this.#words(at, 1);
      if (!n)
        return;
      const words = this.#words(at + 4, n * 4);
      for (let i = 0; i < words.length; i += 4) {
        const [address, size, count, meta] = words.slice(i, i + 4);
        yield {address, size, count: count | 0, meta, kind: kindOf(count | 0, meta)};
      }
      after = words[words.length - 4];
    }
  }

  dump() {
    return writeDump({...inputsOf(this, this.#memory), stats: this.stats(), version: this.#version});
  }

  snapshot() {
    return new Set(Array.from(this.walk(), block => block.address));
  }

  leaks(since = new Set()) {
    if (!(since instanceof Set))
      throw new CairnError('argument', `${show(since)} is not a set of addresses`);
    const blocks = [], groups = new Map(), holders = this.#tracker?.holders();
    for (const block of this.walk()) {
      if (block.count <= IMMORTAL_BELOW || since.has(block.address))
        continue;
      blocks.push(block);
      const known = this.#tracker && {
        type: this.#tracker.recordOf(block.address)?.what, made: this.#tracker.recordOf(block.address)?.made,
        heldBy: holders.get(block.address),
      };
      const key = `${block.kind} ${block.size} ${block.kind === 'bytes' ? '' : block.meta} ${known?.made}`;
      const group = groups.get(key) ?? {kind: block.kind, size: block.size, count: 0, bytes: 0, ...known};
      group.count += 1;
      group.bytes += block.size;
      groups.set(key, group);
    }
    const list = [...groups.values()].sort((a, b) => b.bytes - a.bytes);
    const total = list.reduce((sum, group) => sum + group.bytes, 0);
    const lines = list.map(g => `  ${g.count} x ${g.kind} of ${g.size} bytes: ${g.bytes} bytes` +
        (this.#tracker ? `, ${g.type}, made by ${g.made}; ${g.heldBy ? `held by ${g.heldBy}` : 'no block holds it'}` : ''));
    const text = [`${blocks.length} blocks live, ${total} bytes`, ...lines].join('\n');
    return {blocks, groups: list, count: blocks.length, bytes: total, text};
  }
}

/** What dump.js works on. */
export function inputsOf(heap, memory) {
  return {blocks: [...heap.walk()], buffer: memory.buffer, typeOf: p => heap.type(p), lengthOf: p => heap.length(p)};
}

/** Objects that are never dropped are no leak; the walk says -1 for their count. */
const IMMORTAL_BELOW = -1;

function kindOf(count, meta) {
  if (count === 0)
    return 'raw';
  if (!(meta & TYPED))
    return 'bytes';
  if (meta & ARRAY)
    return 'array';
  return meta & REGISTERED ? 'registered' : 'object';
}
