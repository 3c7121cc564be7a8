//===- origins.js - Where blocks were made and released -*- JavaScript -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `load(source, {checked: true})` adds. By address: what JavaScript made there last, where
// in the program, and where it was released. What the module makes is known once a function of it
// returns the reference. A block of which nothing is known is not described.
//
//===----------------------------------------------------------------------===//

import {CairnError} from './error.js';

const PACKAGE = import.meta.url.slice(0, import.meta.url.lastIndexOf('/') + 1);

/** The innermost call that is not the package's: "function (file:line:column)". */
export function place() {
  const calls = (new Error().stack ?? '').split('\n').filter(line => /:\d+:\d+/.test(line));
  const call = calls.find(line => !line.includes(PACKAGE)) ?? '';
  return call.trim().replace(/^at /, '').replace('file://', '');
}

export class Origins {
  #blocks = new Map();

  /** The block at p, `size` bytes long, is new. `what` names it: "object of type node". */
  made(p, what, size, where = place()) {
    this.#blocks.set(p, {what, size, made: where, released: undefined});
    return p;
  }

  /** The block at p ends now. */
  released(p) {
    const block = this.#blocks.get(p);
    if (block)
      block.released = place();
  }

  at(p) {
    return this.#blocks.get(p);
  }

  /** The error, with lines about the block that its address lies in. `isLive`: of an address. */
  explain(error, isLive) {
    if (!(error instanceof CairnError) || error.address === undefined || error.origin)
      return error;
    let start = error.address, block = this.#blocks.get(start);
    if (!block)
      for (const [p, other] of this.#blocks)
        if (error.address >= p && error.address < p + other.size)
          [start, block] = [p, other];
    if (!block)
      return error;
    const live = !block.released && isLive(start);
    error.origin = {what: block.what, made: block.made, released: block.released};
    error.message += `\n  ${live ? 'live' : 'dead'} ${block.what}, ${block.size} bytes` +
        `\n  made at ${block.made}` +
        (live ? '' : `\n  released ${block.released ? 'at ' + block.released : 'in the module'}`);
    return error;
  }
}
