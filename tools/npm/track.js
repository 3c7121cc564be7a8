//===- track.js - Who made each block, and who released it -*- JavaScript -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With load(source, {track: true}). After each call that may change the heap, its blocks are
// compared with those before: what is new was made by that call, and what is gone was released
// by it. A record outlives its block, until another one has its address.
//
//===----------------------------------------------------------------------===//

import {graphOf} from './dump.js';
import {hex} from './error.js';

const OWN = new URL('.', import.meta.url).href;
/** Calls that read. */
const READS = /^cairn_(js_(abi|resolve|refcount|meta|length|size|type|usable_size|stats|walk|check)|is_|list_(length|get|kind|elem)|dict_(get|has|length|kind|next))/;

/** Where the program called the package: "file.js:12:5", or nothing. */
function caller() {
  const lines = (new Error().stack ?? '').split('\n').map(line => line.trim());
  const outside = lines.find(line => /:\d+:\d+\)?$/.test(line) && !line.includes(OWN) && !/wasm:\/\/|wasm-function/.test(line));
  const [, place] = outside?.match(/([^/\\\s(]+:\d+:\d+)\)?$/) ?? [];
  return place ? ` at ${place}` : '';
}

/** What the program wrote: "heap.allocBytes", or the module's own function. */
function spoken(name) {
  const [, own] = name.match(/^cairn_(?:js_)?(.*)/) ?? [];
  return own ? 'heap.' + own.replace(/_(.)/g, (_, c) => c.toUpperCase()) : name;
}

export class Tracker {
  #heap;
  #records = new Map(); // by address: {what, size, made, released}
  #busy = false;

  /** `heap` gives blocks, and what is known of them: {buffer, blocks, typeOf, lengthOf}. */
  constructor(heap) {
    this.#heap = heap;
  }

  /** A call has ended. */
  after(name) {
    if (this.#busy || READS.test(name))
      return;
    this.#busy = true;
    try {
      const inputs = this.#heap(), {shapes} = graphOf(inputs);
      const live = new Set(), by = `${spoken(name)}${caller()}`;
      inputs.blocks.forEach(({address, size, meta, count}, i) => {
        live.add(address);
        const known = this.#records.get(address);
        // An array that was made in the place of another thing has another header.
        if (!known || known.released || known.meta !== meta || !known.count !== !count)
          this.#records.set(address, {what: shapes[i].name, size, meta, count, made: by});
        else
          known.what = shapes[i].name;
      });
      for (const [address, record] of this.#records)
        if (!live.has(address))
          record.released ??= by;
    } catch {
      // A heap that was written over cannot be walked; what went wrong is said elsewhere.
    } finally {
      this.#busy = false;
    }
  }

  /** Of the block that the address lies in. */
  recordOf(address) {
    if (this.#records.has(address))
      return this.#records.get(address);
    for (const [start, record] of this.#records)
      if (address > start && address < start + record.size)
        return record;
    return undefined;
  }

  /** Says of an error's address what lay there. Once. */
  explain(error) {
    const record = typeof error.address === 'number' && error.made === undefined && this.recordOf(error.address);
    if (!record)
      return;
    Object.assign(error, {type: record.what, made: record.made, released: record.released});
    error.message += `\n  ${record.released ? 'dead' : 'live'} ${record.what} of ${record.size} bytes` +
        `\n  made by ${record.made}` + (record.released ? `\n  released by ${record.released}` : '');
  }

  /** What holds each block: "+4 of object with references at 0,4 at ADDRESS"; nothing where
   *  no block does. */
  holders() {
    const {blocks, ...rest} = this.#heap(), {shapes, edges} = graphOf({blocks, ...rest});
    const held = new Map();
    edges.forEach((own, i) => own.forEach(([offset, to]) => {
      if (!held.has(blocks[to].address))
        held.set(blocks[to].address, `+${offset} of ${shapes[i].name} at ${hex(blocks[i].address)}`);
    }));
    return held;
  }
}
