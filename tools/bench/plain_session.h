//===- plain_session.h - A JIT session without Cairn -----------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_BENCH_PLAIN_SESSION_H
#define CAIRN_BENCH_PLAIN_SESSION_H

#include <memory>

/// LLVM's LLJIT as it comes, with its pipeline of \p Level: from nothing to the result
/// of a small function that allocates by malloc. Ends the process if that fails. The
/// session lasts as long as what is returned.
std::shared_ptr<void> plainFirstCall(unsigned Level);

#endif // CAIRN_BENCH_PLAIN_SESSION_H
