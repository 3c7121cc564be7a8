//===- heap_dump.h - A dump of heaps, read and looked at ------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The file is what runtime/report/dump.cpp and the npm package write (docs/heap-dumps.md). It is
// read as input from anywhere: each number in it is looked at before it is used.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_TOOLS_DRIVER_HEAP_DUMP_H
#define CAIRN_TOOLS_DRIVER_HEAP_DUMP_H

#include "driver.h"
#include "llvm/ADT/ArrayRef.h"
#include <cstdint>

namespace cairn {

struct HeapDump {
  static constexpr uint32_t kNone = ~0u;

  /// Granules of 256 bytes that are one slab, one large block, or free.
  struct Run {
    enum Kind : uint8_t {
      Free,
      RawSlab,
      Objects,
      ByteArrays,
      LargeRaw,
      LargeObject,
      LargeBytes,
      Waiting,
      Reserved
    };
    uint64_t length; ///< granules
    Kind kind;
    uint32_t slotSize, slots, live;
    bool isSlab() const { return kind >= RawSlab && kind <= ByteArrays; }
  };
  struct Heap {
    std::string name;
    uint64_t base = 0, size = 0, used = 0, peak = 0;
    bool checked = false, there = false; ///< It was not destroyed.
    std::vector<Run> runs;
  };
  struct Node {
    uint32_t name, edges; ///< The first of its edges; they end where the next node's begin.
    uint64_t size, offset;
    uint32_t heap, count, tag, site; ///< site: in `sites`, or kNone.
    bool synthetic;                  ///< A root, not a block.
  };
  struct Edge {
    uint32_t to;
    uint64_t offset;
  };
  struct Site {
    std::string function, file;
    uint32_t line = 0, column = 0;
  };

  std::string path;
  uint64_t process = 0, time = 0;
  std::vector<Heap> heaps;
  std::vector<Node> nodes; ///< Node 0 is the root.
  std::vector<Edge> edges;
  std::vector<std::string> strings;
  std::vector<Site> sites;

  llvm::ArrayRef<Edge> edgesOf(uint32_t node) const {
    uint64_t end = node + 1 < nodes.size() ? nodes[node + 1].edges : edges.size();
    return llvm::ArrayRef<Edge>(edges).slice(nodes[node].edges, end - nodes[node].edges);
  }
  const std::string &nameOf(uint32_t node) const { return strings[nodes[node].name]; }
  /// In the process; 0 for a root.
  uint64_t addressOf(uint32_t node) const {
    return nodes[node].synthetic ? 0 : heaps[nodes[node].heap].base + nodes[node].offset;
  }
  /// "function (file:line:column)"; empty for kNone.
  std::string placeOf(uint32_t site) const;
};

/// Reads the text of a file. Returns what is wrong with it; empty if nothing is.
std::string parseDump(llvm::StringRef text, HeapDump &dump);
/// Reads a file. False after a message.
bool readDump(const std::string &path, HeapDump &dump);

/// Finds the names of places and variables that are addresses in a file, in the files' debug
/// information and symbol tables, where they are still there.
class Symbols {
public:
  Symbols();
  ~Symbols();
  /// Puts names into the sites that have none.
  void name(HeapDump &dump);
  /// Of a variable, by the name of its root and its offset there: "cache", "table+16".
  std::string variable(llvm::StringRef root, uint64_t offset);

private:
  struct Reader;
  std::unique_ptr<Reader> Read;
};

/// What follows from the references.
struct HeapGraph {
  explicit HeapGraph(const HeapDump &dump);

  const HeapDump &dump;
  /// The node without which this one could not be reached; kNone for what is not.
  std::vector<uint32_t> dominator;
  /// Bytes that would be free if nothing referred to the node any more.
  std::vector<uint64_t> retained;
  /// Of a shortest path from a root: the node before, and the edge in `edges` that leads here.
  std::vector<uint32_t> before, through;

  struct Chain {
    uint32_t first, length; ///< Each is of the first one's type, and held by the one before.
  };
  /// The longest of each type.
  std::vector<Chain> chains() const;
  struct Cycle {
    std::vector<uint32_t> nodes; ///< Each of them reaches each other; at most 8 are named.
    uint64_t count, bytes;
  };
  std::vector<Cycle> cycles() const;

private:
  void findPaths();
  void findDominators();
};

/// Types, or places, with what is theirs.
struct HeapRow {
  std::string name;
  uint64_t blocks = 0, bytes = 0, retained = 0;
  uint64_t blocksBefore = 0, bytesBefore = 0; ///< In an older dump.
};
std::vector<HeapRow> typesOf(const HeapGraph &graph, const HeapDump *older);
std::vector<HeapRow> sitesOf(const HeapDump &dump, const HeapDump *older);

/// "variable cache -> map_node+8 -> value": a shortest path to the node.
std::string pathTo(const HeapGraph &graph, Symbols &symbols, uint32_t node);
/// The blocks with the most retained bytes, but for those that another one in the list holds
/// alone. Only those that `since`, if given, does not have.
std::vector<uint32_t> largest(const HeapGraph &graph, unsigned most, const HeapDump *since);

struct HeapOptions {
  std::string file, page, since;
  uint64_t address = 0; ///< Of an object that is asked for; 0: none.
  unsigned top = 20;
};
int showHeap(const HeapOptions &options);
/// One file with all of it, for a browser. False after a message.
bool writePage(const std::string &path, const HeapGraph &graph, Symbols &symbols,
               const HeapDump *older);

} // namespace cairn

#endif // CAIRN_TOOLS_DRIVER_HEAP_DUMP_H
