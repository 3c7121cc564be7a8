//===- setup.mjs - Packs and installs @cairn/wasm, and builds a module for its tests -===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// $CAIRN is the driver. All is made in a new directory, which goes with the process.
//
//===----------------------------------------------------------------------===//

import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
export const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-npm-'));
process.on('exit', () => fs.rmSync(directory, {recursive: true, force: true}));

const run = (program, ...options) => execFileSync(program, options,
    {cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']});

/** The bytes of Inputs/package.c, built. */
export function build(...options) {
  const output = path.join(directory, 'package.wasm');
  run(process.env.CAIRN ?? 'cairn', 'build', path.join(here, 'Inputs/package.c'),
      '--target=wasm32', '--max-memory=8M', '--js', ...options, '-o', output);
  return fs.readFileSync(output);
}
export const buildWithContainers = () => build('--js=containers');

/** The directory of the package, installed from its packed file without a network. */
export function install() {
  const quiet = ['--offline', '--no-audit', '--no-fund', '--loglevel=error',
    `--cache=${path.join(directory, 'cache')}`];
  const packed = run('npm', 'pack', path.join(here, '../../tools/npm'), ...quiet).trim();
  fs.writeFileSync(path.join(directory, 'package.json'), '{"private": true, "type": "module"}\n');
  run('npm', 'install', ...quiet, './' + packed.split('\n').pop());
  return path.join(directory, 'node_modules/@cairn/wasm');
}

/** Imports it by its name, as a program in `directory` would. */
export async function importPackage() {
  const at = install();
  const program = path.join(directory, 'program.js');
  fs.writeFileSync(program, `export * from '@cairn/wasm';\n`);
  return {at, ...await import(pathToFileURL(program))};
}
