//===- index.js - What @cairn/wasm exports -*- JavaScript -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

export {ABI_VERSION} from './abi.js';
export {load} from './load.js';
export {CairnError} from './error.js';
