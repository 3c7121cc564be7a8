//===- load.js - Compiles and checks a module, and calls into it -*- JavaScript -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An exception leaves the module's C stack where it was, so every call from JavaScript
// puts `__stack_pointer` back when one passes through it.
//
//===----------------------------------------------------------------------===//

import {ABI_VERSION} from './abi.js';
import {CairnError, show} from './error.js';
import {Heap, inputsOf} from './heap.js';
import {Tracker} from './track.js';

/** What `cairn build --js` wrote into the module; throws if it is for another ABI. */
function informationOf(module) {
  const [section] = WebAssembly.Module.customSections(module, 'cairn');
  if (!section)
    throw new CairnError('module', 'not a module of Cairn: it has no custom section "cairn"');
  let information;
  try {
    information = JSON.parse(new TextDecoder().decode(section));
  } catch {
    throw new CairnError('module', 'the custom section "cairn" is not JSON');
  }
  refuseOther(information?.abi);
  return information;
}

function refuseOther(abi) {
  if (abi !== ABI_VERSION)
    throw new CairnError('abi', `the module was built for ABI version ${abi}, ` +
        `this package is for version ${ABI_VERSION}`, {found: abi, expected: ABI_VERSION});
}

async function compile(source) {
  source = await source;
  if (source instanceof WebAssembly.Module)
    return source;
  if (typeof Response !== 'undefined' && source instanceof Response) {
    if (!source.ok)
      throw new CairnError('module', `${source.url}: HTTP status ${source.status}`);
    source = await source.arrayBuffer();
  }
  if (!(source instanceof ArrayBuffer) && !ArrayBuffer.isView(source))
    throw new CairnError('argument',
        `a module is bytes, a Response or a WebAssembly.Module, not ${show(source)}`);
  try {
    return await WebAssembly.compile(source);
  } catch (error) {
    throw new CairnError('module', `not a WebAssembly module: ${error.message}`, {cause: error});
  }
}

/** See index.d.ts. */
export async function load(source, {imports = {}, print = text => console.log(text), track = false} = {}) {
  const module = await compile(source);
  const information = informationOf(module);
  for (const {name} of [{name: 'cairn_js_abi'}, {name: 'cairn_js_stats'}])
    if (!WebAssembly.Module.exports(module).some(entry => entry.name === name))
      throw new CairnError('module', `the module does not export ${name}: build it with --js`);

  let exports;
  const text = (at, length) => new TextDecoder().decode(
      new Uint8Array(exports.memory.buffer, at >>> 0, length).slice());
  const cText = at => {
    const bytes = new Uint8Array(exports.memory.buffer);
    return text(at, bytes.indexOf(0, at >>> 0) - (at >>> 0));
  };
  const cairn = {
    fail(kind, address, message) {
      throw CairnError.fromRuntime(kind, address >>> 0, message ? cText(message) : '');
    },
    full(request, limit) {
      throw CairnError.full(request >>> 0, limit >>> 0);
    },
    print: (at, length) => print(text(at, length >>> 0)),
  };
  try {
    ({exports} = await WebAssembly.instantiate(module, {...imports, cairn}));
  } catch (error) {
    if (error instanceof CairnError)
      throw error;
    throw new CairnError('module', `the module cannot be linked: ${error.message}`, {cause: error});
  }
  refuseOther(exports.cairn_js_abi());

  const stack = exports.__stack_pointer;
  let heap;
  const tracker = track ? new Tracker(() => inputsOf(heap, exports.memory)) : undefined;
  const guarded = (target, own, name) => (...values) => {
    const top = stack.value;
    try {
      const result = target(...values);
      tracker?.after(name);
      return result;
    } catch (error) {
      stack.value = top;
      if (error instanceof CairnError)
        tracker?.explain(error);
      // A trap in the runtime is the heap's to tell; one in the program is the program's.
      if (own && (error instanceof WebAssembly.RuntimeError || error instanceof TypeError ||
                  error instanceof SyntaxError))
        throw new CairnError('corrupt', `the runtime stopped: ${error.message}`, {cause: error});
      throw error;
    }
  };
  const all = {}, functions = {};
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value !== 'function')
      continue;
    all[name] = guarded(value, name.startsWith('cairn_'), name);
    if (!name.startsWith('cairn_js_'))
      functions[name] = all[name];
  }
  heap = new Heap(exports.memory, all, information.version, tracker);
  return {
    information,
    functions: Object.freeze(functions),
    call(name, ...values) {
      if (!Object.hasOwn(functions, name))
        throw new CairnError('export', `the module exports no function ${show(name)}`);
      return functions[name](...values);
    },
    heap,
    memory: exports.memory,
    instance: {exports},
  };
}
