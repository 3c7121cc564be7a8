//===- loaded.h - The files that a process was loaded from -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_PLATFORM_LOADED_H
#define CAIRN_PLATFORM_LOADED_H

#include <link.h>
#include <stddef.h>

namespace cairn::platform {

/// Calls with each file of the process until a call returns something else than 0. A statically
/// linked program in C has no function for that, and is its only file.
void eachFile(int (*call)(struct dl_phdr_info *, size_t, void *), void *data);

} // namespace cairn::platform

#endif // CAIRN_PLATFORM_LOADED_H
