//===- profile.h - The heap profile as a file -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_REPORT_PROFILE_H
#define CAIRN_REPORT_PROFILE_H

#include "platform/file.h"

namespace cairn {

/// Writes what was seen so far (heap/samples.h) in pprof's format. 0, or the system's error.
int writeProfile(platform::File &file);
/// The environment's wish, CAIRN_PROFILE, once. Under processLock.
void watchProfile();
/// Starts a profile and writes it when the process ends, as CAIRN_PROFILE=`wish` does. False after
/// a message, which begins with what asked for it, if the wish is none. Under processLock.
bool profileProcess(const char *wish, const char *asked);

} // namespace cairn

#endif // CAIRN_REPORT_PROFILE_H
