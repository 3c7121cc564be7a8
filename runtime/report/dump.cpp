//===- dump.cpp - What the heaps hold, as a file -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/dump.h"

#include "heap/origin.h"
#include "heap/walk.h"
#include "report/describe.h"

namespace cairn {

using platform::File;

//===- Strings ------------------------------------------------------------===//

Strings::Strings()
    : All(static_cast<Memory *>(platform::reserve(
          (sizeof(Memory) + platform::kPage - 1) & ~(platform::kPage - 1), platform::kPage))) {
  if (All)
    All->at[Count++] = 0, Used = 1; // the empty one
}

Strings::~Strings() {
  if (All)
    platform::release(All, (sizeof(Memory) + platform::kPage - 1) & ~(platform::kPage - 1));
}

uint32_t Strings::add(const char *text) {
  size_t n = __builtin_strlen(text) + 1;
  if (!All || n == 1)
    return 0;
  uint64_t hash = 14695981039346656037u; // FNV-1a
  for (const char *c = text; *c; ++c)
    hash = (hash ^ uint8_t(*c)) * 1099511628211u;
  for (uint64_t i = hash;; ++i) {
    uint32_t &slot = All->slots[i % kSlots];
    if (slot) {
      if (__builtin_strcmp(All->text + All->at[slot - 1], text) == 0)
        return slot - 1;
      continue;
    }
    if (Count == kMost || Used + n > kRoom)
      return 0;
    All->at[Count] = uint32_t(Used);
    __builtin_memcpy(All->text + Used, text, n);
    Used += n;
    slot = ++Count;
    return Count - 1;
  }
}

void Strings::write(File &file) const {
  for (uint32_t i = 0; i < Count; ++i)
    (file << (i ? ",\n" : "")).string(All->text + All->at[i]);
}

namespace {

//===- Types and sites ------------------------------------------------------===//

/// Types of nodes, as V8 numbers them.
enum NodeType : uint32_t { kObjectNode = 3, kNativeNode = 8, kSyntheticNode = 9 };
enum EdgeType : uint32_t { kElementEdge = 1 };
constexpr uint32_t kNodeFields = 12, kTraceOfNone = 0;

void name(Text &text, const Graph::Node &node, const Known &known) {
  if (known.type && node.object) {
    text << known.type << (isArray(node.meta) ? "[]" : "");
    return;
  }
  text << (node.object ? known.what : "block");
  if (!node.object || !isTyped(node.meta) || isRegistered(node.meta))
    return;
  Fields fields(node.p, node.meta);
  uint64_t at = 0;
  const char *comma = isArray(node.meta) ? " of references" : " with references at ";
  // Of an array, those of an element are not told apart.
  while (void **field = fields.next(at)) {
    text << comma;
    if (isArray(node.meta))
      break;
    text << uint64_t(reinterpret_cast<char *>(field) - node.p);
    comma = ",";
  }
  if (uint32_t tag = (node.meta & kMetaTagMask) >> kMetaTagShift)
    text << ", tag " << tag;
}

/// Numbers of the sites that made something, in the order that they are met.
class Sites {
public:
  static constexpr uint32_t kMost = 1u << 20;
  Sites() : All(static_cast<Memory *>(platform::reserve(sizeof(Memory), platform::kPage))) {}
  ~Sites() {
    if (All)
      platform::release(All, sizeof(Memory));
  }
  Sites(const Sites &) = delete;
  /// 0 for none, else from 1.
  uint32_t number(unsigned site) {
    if (!site || site >= kMost || !All)
      return 0;
    if (!All->number[site]) {
      All->order[Count] = site;
      All->number[site] = ++Count;
    }
    return All->number[site];
  }
  void made(uint32_t number, uint64_t bytes) {
    if (number) {
      ++All->made[number - 1].blocks;
      All->made[number - 1].bytes += bytes;
    }
  }
  uint32_t count() const { return Count; }
  unsigned at(uint32_t i) const { return All->order[i]; }
  uint64_t blocks(uint32_t i) const { return All->made[i].blocks; }
  uint64_t bytes(uint32_t i) const { return All->made[i].bytes; }

private:
  struct Memory {
    uint32_t number[kMost], order[kMost];
    struct {
      uint64_t blocks, bytes;
    } made[kMost];
  } * All;
  uint32_t Count = 0;
};

//===- The file ---------------------------------------------------------------===//

struct Module {
  char name[512];
  uintptr_t from, to; ///< Its variables.
};

class Dump {
public:
  Dump(File &file, const Graph &graph, unsigned process) : Out(file), G(graph), Process(process) {
    static Dump *self; // one at a time, and in one thread
    self = this;
    platform::eachGlobal([](uintptr_t from, uintptr_t to) {
      Module &module = self->Modules[self->ModuleCount];
      uintptr_t offset;
      if (self->ModuleCount == kModules ||
          !platform::moduleAt(reinterpret_cast<void *>(from), module.name, sizeof(module.name),
                              offset))
        return;
      module.from = from;
      module.to = to;
      module.name[sizeof(module.name) - 1] = 0;
      self->Base[self->ModuleCount++] = from - offset;
    });
  }
  void write() {
    uint64_t edges = 0;
    for (uint32_t i = 0; i < firstBlock() + G.count; ++i)
      eachEdge(i, [&](uint64_t, uint32_t) { ++edges; });
    Out << "{\"snapshot\":{\"meta\":" << kMeta << ",\n\"node_count\":" << firstBlock() + G.count
        << ",\"edge_count\":" << edges << ",\"trace_function_count\":";
    // The sites are known when the nodes are written, and their number is said before.
    for (uint32_t i = 0; i < G.count; ++i)
      known(i);
    Out << All.count() + 1 << ",\n\"cairn\":{\"format\":1,\"version\":\"" CAIRN_VERSION
        << "\",\"process\":" << Process << ",\"time\":" << platform::now() << ",\n\"heaps\":[";
    writeHeaps();
    Out << "]}},\n\"nodes\":[";
    writeNodes();
    Out << "],\n\"edges\":[";
    const char *comma = "";
    for (uint32_t i = 0; i < firstBlock() + G.count; ++i)
      eachEdge(i, [&](uint64_t offset, uint32_t to) {
        Out << comma << uint32_t(kElementEdge) << "," << offset << "," << uint64_t(to) * kNodeFields
            << "\n";
        comma = ",";
      });
    Out << "],\n\"trace_function_infos\":[";
    writeSites();
    Out << "],\n\"trace_tree\":[1,0,0,0,[";
    for (uint32_t i = 0; i < All.count(); ++i)
      Out << (i ? "," : "") << i + 2 << "," << i + 1 << "," << All.blocks(i) << "," << All.bytes(i)
          << ",[]";
    Out << "]],\n\"samples\":[],\n\"locations\":[],\n\"strings\":[";
    Names.write(Out);
    Out << "]}\n";
  }

private:
  static constexpr uint32_t kModules = 256;
  static constexpr const char *kMeta =
      "{\"node_fields\":[\"type\",\"name\",\"id\",\"self_size\",\"edge_count\",\"trace_node_id\","
      "\"detachedness\",\"heap\",\"page\",\"in_page\",\"count\",\"tag\"],\n"
      "\"node_types\":[[\"hidden\",\"array\",\"string\",\"object\",\"code\",\"closure\","
      "\"regexp\",\"number\",\"native\",\"synthetic\",\"concatenated string\",\"sliced string\","
      "\"symbol\",\"bigint\",\"object shape\"],\"string\",\"number\",\"number\",\"number\","
      "\"number\",\"number\",\"number\",\"number\",\"number\",\"number\",\"number\"],\n"
      "\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],\n"
      "\"edge_types\":[[\"context\",\"element\",\"property\",\"internal\",\"hidden\",\"shortcut\","
      "\"weak\"],\"string_or_number\",\"node\"],\n"
      "\"trace_function_info_fields\":[\"function_id\",\"name\",\"script_name\",\"script_id\","
      "\"line\",\"column\"],\n"
      "\"trace_node_fields\":[\"id\",\"function_info_index\",\"count\",\"size\",\"children\"],\n"
      "\"sample_fields\":[\"timestamp_us\",\"last_assigned_id\"],\n"
      "\"location_fields\":[\"object_index\",\"script_id\",\"line\",\"column\"]}";

  uint32_t other() const { return 1 + ModuleCount; }
  uint32_t stacks() const { return 2 + ModuleCount; }
  uint32_t lost() const { return 3 + ModuleCount; }
  uint32_t firstBlock() const { return 4 + ModuleCount; }

  Known known(uint32_t i) {
    const Graph::Node &node = G.nodes[i];
    Known found = knownOf(heapAt(node.heap), node.p, node.object ? node.meta : 0);
    found.made = All.number(found.made);
    return found;
  }

  /// Calls each(offset, node) for all that a node refers to.
  template <typename Each>
  __attribute__((no_sanitize("address", "thread"))) void eachEdge(uint32_t i, Each each) const {
    if (i >= firstBlock()) {
      G.eachReference(i - firstBlock(),
                      [&](uint32_t offset, uint32_t to) { each(offset, to + firstBlock()); });
    } else if (i == 0) {
      for (uint32_t to = 1; to < firstBlock(); ++to)
        each(to - 1, to);
    } else if (i < other()) {
      const Module &module = Modules[i - 1];
      for (uintptr_t at = (module.from + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
           at + sizeof(void *) <= module.to; at += sizeof(void *))
        if (uint32_t to = G.find(*reinterpret_cast<void *const *>(at)); to != Graph::kNone)
          each(at - Base[i - 1], to + firstBlock());
    } else {
      // Of other memory, what nothing else was found to hold.
      uint64_t ordinal = 0;
      for (uint32_t n = 0; n < G.count; ++n) {
        const Graph::Node &node = G.nodes[n];
        if (i == lost() ? node.top
                        : node.root && node.state == (i == other() ? Graph::Outside : Graph::Stack))
          each(ordinal++, n + firstBlock());
      }
    }
  }

  void writeHeaps() {
    const char *comma = "";
    for (uint32_t h = 0, n = heapCount(); h < n; ++h) {
      Out << comma;
      comma = ",\n";
      Heap *heap = heapAt(h);
      if (!heap) { // it was destroyed, and keeps its number
        Out << "null";
        continue;
      }
      (Out << "{\"name\":").string(heap->name ? heap->name : "unnamed")
          << ",\"base\":\"" << reinterpret_cast<const void *>(heap->base)
          << "\",\"size\":" << uint64_t(heap->size)
          << ",\"used\":" << (heap->space.used() << kGranuleShift)
          << ",\"peak\":" << (heap->space.peak() << kGranuleShift)
          << ",\"checked\":" << (heap->checked ? "true" : "false") << ",\"runs\":[";
      writeRuns(heap);
      Out << "]}";
    }
  }

  /// Runs of granules: [length, kind, slot size, slots, live] each, from the region's start.
  void writeRuns(Heap *heap) {
    constexpr uint32_t kFree = 0, kSlabs = 1, kLarge = 4, kWaits = 7, kReserved = 8;
    Space &space = heap->space;
    const char *comma = "";
    for (uint64_t at = 0; at < space.frontier(); at += space.run(at).length) {
      const Run &run = space.run(at);
      if (!run.length)
        break;
      Out << comma << uint64_t(run.length) << ",";
      comma = ",\n";
      Slab *slab = nullptr;
      if (run.used && run.slab)
        slab = locate(reinterpret_cast<void *>(space.addressOf(at))).slab;
      if (slab)
        Out << kSlabs + uint32_t(kindOf(slab)) << "," << uint32_t(slab->slotSize) << ","
            << uint32_t(slab->slots) << "," << liveCount(slab);
      else
        Out << (!run.used           ? kFree
                : !at               ? kReserved
                : run.kind == kHeld ? kWaits
                                    : kLarge + uint32_t(run.kind))
            << ",0,0,0";
    }
  }

  void writeNode(uint32_t i, NodeType type, uint32_t label, uint64_t size, uint32_t site) {
    uint32_t edges = 0;
    eachEdge(i, [&](uint64_t, uint32_t) { ++edges; });
    Out << (i ? "," : "") << uint32_t(type) << "," << label << ",";
    if (i < firstBlock()) {
      Out << 2 * i + 1 << "," << size << "," << edges << ",0,0,0,0,0,0,0\n";
      return;
    }
    const Graph::Node &node = G.nodes[i - firstBlock()];
    Heap *heap = heapAt(node.heap);
    uint64_t offset = uint64_t(reinterpret_cast<uintptr_t>(node.p) - heap->base);
    // The same in two dumps of a process, and no other block's unless a heap is larger than 2 GiB.
    uint32_t id = uint32_t((offset >> 2) + (uint64_t(node.heap) << 29) + 512);
    uint32_t tag =
        node.object && isTyped(node.meta) ? (node.meta & kMetaTagMask) >> kMetaTagShift : 0;
    uint64_t count = node.count < 0 ? UINT32_MAX : uint64_t(node.count);
    Out << uint32_t(2 * id + 1) << "," << size << "," << edges << ","
        << (site ? site + 1 : uint32_t(kTraceOfNone)) << ",0," << node.heap << "," << (offset >> 16)
        << "," << (offset & 0xffff) << "," << count << "," << tag << "\n";
  }

  void writeNodes() {
    writeNode(0, kSyntheticNode, 0, 0, 0);
    for (uint32_t m = 0; m < ModuleCount; ++m) {
      Text text;
      text << "variables of " << static_cast<const char *>(Modules[m].name);
      writeNode(1 + m, kSyntheticNode, Names.add(text.text()), 0, 0);
    }
    writeNode(other(), kSyntheticNode, Names.add("other memory"), 0, 0);
    writeNode(stacks(), kSyntheticNode, Names.add("stacks"), 0, 0);
    writeNode(lost(), kSyntheticNode, Names.add("not reached"), 0, 0);
    for (uint32_t i = 0; i < G.count; ++i) {
      const Graph::Node &node = G.nodes[i];
      Known found = known(i);
      Text text;
      name(text, node, found);
      All.made(found.made, node.size);
      writeNode(i + firstBlock(), node.object ? kObjectNode : kNativeNode, Names.add(text.text()),
                node.size, found.made);
    }
  }

  /// A place without a line is an address: of a file, or in the process.
  void writeSites() {
    Out << "0," << Names.add("(allocations)") << ",0,0,0,0";
    for (uint32_t i = 0; i < All.count(); ++i) {
      SiteInfo info = siteInfo(All.at(i));
      Out << ",\n" << i + 1 << ",";
      if (info.site) {
        Out << Names.add(info.site->function ? info.site->function : "?") << ","
            << Names.add(info.site->file ? info.site->file : "") << "," << i + 1 << ","
            << info.site->line << "," << info.site->column;
        continue;
      }
      char file[512] = "";
      auto call = reinterpret_cast<uintptr_t>(info.returns) - 1;
      uintptr_t offset = call;
      platform::moduleAt(reinterpret_cast<void *>(call), file, sizeof(file), offset);
      Text text;
      text << reinterpret_cast<const void *>(offset);
      Out << Names.add(text.text()) << "," << Names.add(file) << "," << i + 1 << ",0,0";
    }
  }

  File &Out;
  const Graph &G;
  const unsigned Process;
  Strings Names;
  Sites All;
  Module Modules[kModules];
  uintptr_t Base[kModules];
  uint32_t ModuleCount = 0;
};

/// Where something too large for a stack is made.
struct Memory {
  void *p;
};

} // namespace

} // namespace cairn

inline void *operator new(size_t, cairn::Memory memory) noexcept { return memory.p; }

namespace cairn {

int writeDump(const char *name, unsigned process) {
  constexpr int kNoMemory = 12; // ENOMEM
  Graph graph(Graph::Stacks::All);
  if (graph.full)
    return kNoMemory;
  struct Room {
    File file;
    Dump dump;
    Room(const char *name, const Graph &graph, unsigned process)
        : file(name), dump(file, graph, process) {}
  };
  size_t bytes = (sizeof(Room) + platform::kPage - 1) & ~(platform::kPage - 1);
  void *memory = platform::reserve(bytes, platform::kPage);
  if (!memory)
    return kNoMemory;
  auto *room = new (Memory{memory}) Room(name, graph, process);
  room->dump.write();
  int error = 0;
  room->file.finish(error);
  room->~Room();
  platform::release(memory, bytes);
  return error;
}

} // namespace cairn
