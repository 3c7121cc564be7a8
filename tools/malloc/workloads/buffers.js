// Buffers, strings, maps, compression and JSON in node.
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   buffers.js ROUNDS
'use strict';
const crypto = require('crypto');
const zlib = require('zlib');

let state = 12345;
function random(below) {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return Math.floor(state / 65536) % below;
}

function round(number) {
  const digest = crypto.createHash('sha256');
  const map = new Map();
  for (let i = 0; i < 40000; ++i) {
    const key = `key-${random(20000)}`;
    map.set(key, (map.get(key) || '') + String.fromCharCode(97 + random(26)));
  }
  const text = JSON.stringify([...map]);
  digest.update(JSON.stringify(JSON.parse(text).sort()));
  const buffers = [];
  for (let i = 0; i < 4000; ++i) {
    const buffer = Buffer.alloc(16 + random(20000), i & 255);
    buffer.writeUInt32LE(random(65536), 0);
    buffers[random(500)] = buffer;
  }
  digest.update(Buffer.concat(buffers.filter(Boolean)));
  const packed = zlib.deflateSync(text, {level: 6});
  if (zlib.inflateSync(packed).toString() !== text)
    throw new Error('inflate differs');
  digest.update(text.replace(/key-(\d)(\d*)/g, (whole, a, b) => b + a));
  console.log(number, text.length, digest.digest('hex'));
}

for (let i = 0; i < Number(process.argv[2]); ++i)
  round(i);
