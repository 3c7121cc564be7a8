//===- heap_dump.cpp - Reads a dump of heaps ------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The arrays of numbers are most of the file, and are read in place. What is small or has
// strings is LLVM's parser's.
//
//===----------------------------------------------------------------------===//

#include "heap_dump.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/DebugInfo/Symbolize/Symbolize.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace cairn {

namespace {

/// Walks over the text of a JSON object. `At` is behind what was read.
class Scanner {
public:
  explicit Scanner(StringRef text) : Text(text) {}
  bool take(char c) {
    skip();
    if (At >= Text.size() || Text[At] != c)
      return false;
    ++At;
    return true;
  }
  bool atEnd() {
    skip();
    return At == Text.size();
  }
  size_t position() const { return At; }
  /// The text of the value that comes next; empty if it is none.
  StringRef value() {
    skip();
    size_t from = At, depth = 0;
    for (; At < Text.size(); ++At) {
      char c = Text[At];
      if (c == '"') {
        for (++At; At < Text.size() && Text[At] != '"'; ++At)
          At += Text[At] == '\\';
        if (At >= Text.size())
          return "";
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        if (!depth)
          break;
        --depth;
      } else if (c == ',' && !depth) {
        break;
      }
      if (!depth && (c == '}' || c == ']' || c == '"')) {
        ++At;
        break;
      }
    }
    return depth ? "" : Text.slice(from, At).trim();
  }
  /// An array of whole numbers, at most 2^53 each.
  bool numbers(std::vector<uint64_t> &all) {
    if (!take('['))
      return false;
    if (take(']'))
      return true;
    do {
      skip();
      size_t from = At;
      uint64_t n = 0;
      for (; At < Text.size() && isDigit(Text[At]); ++At) {
        n = n * 10 + uint64_t(Text[At] - '0');
        if (n > uint64_t(1) << 53)
          return false;
      }
      if (At == from)
        return false;
      all.push_back(n);
    } while (take(','));
    return take(']');
  }

private:
  void skip() {
    while (At < Text.size() && isSpace(Text[At]))
      ++At;
  }
  StringRef Text;
  size_t At = 0;
};

/// Where the fields of a record are.
struct Fields {
  std::vector<std::string> names;
  size_t of(StringRef name) const { return size_t(find(names, name) - names.begin()); }
};

class Reader {
public:
  Reader(HeapDump &dump, StringRef text) : To(dump), Text(text) {}
  /// What is wrong with the file; empty if nothing is.
  std::string read();

private:
  std::string readHead(StringRef text);
  std::string readNodes();
  std::string readEdges();
  std::string readSites();
  std::string readHeap(const json::Value &value);

  HeapDump &To;
  StringRef Text;
  Fields NodeFields, EdgeFields, SiteFields;
  std::vector<uint64_t> Nodes, Edges, Sites;
  size_t Synthetic = 0;
};

std::string Reader::readHeap(const json::Value &value) {
  HeapDump::Heap heap;
  if (const json::Object *from = value.getAsObject()) {
    heap.there = true;
    heap.name = from->getString("name").value_or("unnamed").str();
    StringRef base = from->getString("base").value_or("0x0");
    if (base.consume_front("0x") && base.getAsInteger(16, heap.base))
      return "a heap's base is no address";
    heap.size = uint64_t(from->getInteger("size").value_or(0));
    heap.used = uint64_t(from->getInteger("used").value_or(0));
    heap.peak = uint64_t(from->getInteger("peak").value_or(0));
    heap.checked = from->getBoolean("checked").value_or(false);
    if (const json::Array *runs = from->getArray("runs")) {
      if (runs->size() % 5)
        return "a heap's runs have not five numbers each";
      for (size_t i = 0; i < runs->size(); i += 5) {
        int64_t n[5];
        for (size_t k = 0; k < 5; ++k)
          n[k] = (*runs)[i + k].getAsInteger().value_or(-1);
        if (*std::min_element(n, n + 5) < 0 || n[1] > HeapDump::Run::Reserved || n[2] > 65536 ||
            n[3] > 65536 || n[4] > n[3])
          return "a heap has a run that makes no sense";
        heap.runs.push_back({uint64_t(n[0]), HeapDump::Run::Kind(n[1]), uint32_t(n[2]),
                             uint32_t(n[3]), uint32_t(n[4])});
      }
    }
  }
  To.heaps.push_back(std::move(heap));
  return "";
}

std::string Reader::readHead(StringRef text) {
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return toString(value.takeError());
  const json::Object *head = value->getAsObject();
  const json::Object *meta = head ? head->getObject("meta") : nullptr;
  if (!meta)
    return "it has no \"meta\"";
  auto fields = [&](StringRef name, Fields &to, ArrayRef<StringRef> needed) -> std::string {
    if (const json::Array *all = meta->getArray(name))
      for (const json::Value &one : *all)
        to.names.push_back(one.getAsString().value_or("").str());
    for (StringRef field : needed)
      if (to.of(field) == to.names.size())
        return formatv("its {0} have no \"{1}\"", name, field);
    return "";
  };
  std::string wrong =
      fields("node_fields", NodeFields, {"type", "name", "self_size", "edge_count"});
  if (wrong.empty())
    wrong = fields("edge_fields", EdgeFields, {"type", "name_or_index", "to_node"});
  if (!wrong.empty())
    return wrong;
  if (wrong = fields("trace_function_info_fields", SiteFields, {}); !wrong.empty())
    return wrong;
  if (const json::Array *types = meta->getArray("node_types"); types && !types->empty())
    if (const json::Array *names = (*types)[0].getAsArray())
      Synthetic = size_t(
          find_if(*names, [](const json::Value &v) { return v.getAsString() == "synthetic"; }) -
          names->begin());
  const json::Object *own = head->getObject("cairn");
  if (!own)
    return "it is a snapshot of something else: its \"snapshot\" has no \"cairn\"";
  if (int64_t format = own->getInteger("format").value_or(0); format != 1)
    return formatv("its format is {0}, and this cairn reads format 1", format);
  To.process = uint64_t(own->getInteger("process").value_or(0));
  To.time = uint64_t(own->getInteger("time").value_or(0));
  if (const json::Array *heaps = own->getArray("heaps"))
    for (const json::Value &heap : *heaps)
      if (wrong = readHeap(heap); !wrong.empty())
        return wrong;
  return "";
}

std::string Reader::readNodes() {
  size_t width = NodeFields.names.size();
  if (Nodes.empty() || Nodes.size() % width || Nodes.size() / width >= HeapDump::kNone)
    return formatv("\"nodes\" has {0} numbers, not {1} for each", Nodes.size(), width);
  size_t type = NodeFields.of("type"), label = NodeFields.of("name"),
         size = NodeFields.of("self_size"), edges = NodeFields.of("edge_count"),
         heap = NodeFields.of("heap"), page = NodeFields.of("page"),
         inPage = NodeFields.of("in_page"), count = NodeFields.of("count"),
         tag = NodeFields.of("tag"), trace = NodeFields.of("trace_node_id");
  if (std::max({heap, page, inPage, count, tag, trace}) >= width)
    return "its node_fields have not all of heap, page, in_page, count, tag and trace_node_id";
  uint64_t edge = 0;
  for (size_t i = 0; i < Nodes.size(); i += width) {
    const uint64_t *n = &Nodes[i];
    HeapDump::Node node = {
        uint32_t(n[label]),  uint32_t(edge),     n[size],          (n[page] << 16) + n[inPage],
        uint32_t(n[heap]),   uint32_t(n[count]), uint32_t(n[tag]), HeapDump::kNone,
        n[type] == Synthetic};
    if (n[trace] >= 2 && n[trace] - 2 < To.sites.size())
      node.site = uint32_t(n[trace] - 2);
    edge += n[edges];
    if (n[label] >= To.strings.size() || n[edges] > Edges.size() ||
        edge * EdgeFields.names.size() > Edges.size() || n[page] >> 36 || n[inPage] >> 16 ||
        n[size] >> 44 ||
        (!node.synthetic && (n[heap] >= To.heaps.size() || !To.heaps[n[heap]].there)))
      return formatv("node {0} has a name, a size, edges or a heap that there is not", i / width);
    To.nodes.push_back(node);
  }
  if (edge * EdgeFields.names.size() != Edges.size())
    return formatv("the nodes have {0} edges, and \"edges\" has {1} numbers", edge, Edges.size());
  if (!To.nodes[0].synthetic)
    return "its first node is no root";
  return "";
}

std::string Reader::readEdges() {
  size_t width = EdgeFields.names.size(), name = EdgeFields.of("name_or_index"),
         to = EdgeFields.of("to_node"), nodeWidth = NodeFields.names.size();
  for (size_t i = 0; i < Edges.size(); i += width) {
    uint64_t node = Edges[i + to];
    if (node % nodeWidth || node / nodeWidth >= To.nodes.size())
      return formatv("edge {0} leads to no node", i / width);
    To.edges.push_back({uint32_t(node / nodeWidth), Edges[i + name]});
  }
  return "";
}

std::string Reader::readSites() {
  size_t width = SiteFields.names.size(), name = SiteFields.of("name"),
         file = SiteFields.of("script_name"), line = SiteFields.of("line"),
         column = SiteFields.of("column");
  if (!width || Sites.empty())
    return "";
  if (Sites.size() % width || std::max({name, file, line, column}) >= width)
    return "\"trace_function_infos\" makes no sense";
  // The first is the root of all.
  for (size_t i = width; i < Sites.size(); i += width) {
    const uint64_t *n = &Sites[i];
    if (n[name] >= To.strings.size() || n[file] >= To.strings.size())
      return formatv("place {0} has a name that there is not", i / width);
    To.sites.push_back(
        {To.strings[n[name]], To.strings[n[file]], uint32_t(n[line]), uint32_t(n[column])});
  }
  return "";
}

std::string Reader::read() {
  Scanner scanner(Text);
  if (!scanner.take('{'))
    return "it is not JSON that begins with {";
  std::string wrong;
  bool head = false;
  do {
    Expected<json::Value> key = json::parse(scanner.value());
    if (!key) {
      consumeError(key.takeError());
      return formatv("no member of an object at byte {0}", scanner.position());
    }
    StringRef name = key->getAsString().value_or("");
    if (!scanner.take(':'))
      return formatv("no value of {0} at byte {1}", name, scanner.position());
    auto *numbers = name == "nodes"                  ? &Nodes
                    : name == "edges"                ? &Edges
                    : name == "trace_function_infos" ? &Sites
                                                     : nullptr;
    if (numbers) {
      if (!scanner.numbers(*numbers))
        return formatv("\"{0}\" has something else than a whole number at byte {1}", name,
                       scanner.position());
      continue;
    }
    StringRef text = scanner.value();
    if (text.empty())
      return formatv("it ends in the middle of \"{0}\"", name);
    if (name == "snapshot") {
      head = true;
      wrong = readHead(text);
    } else if (name == "strings") {
      Expected<json::Value> all = json::parse(text);
      if (!all) {
        wrong = toString(all.takeError());
      } else if (const json::Array *array = all->getAsArray()) {
        for (const json::Value &one : *array)
          To.strings.push_back(one.getAsString().value_or("?").str());
      }
    }
    if (!wrong.empty())
      return wrong;
  } while (scanner.take(','));
  if (!scanner.take('}') || !scanner.atEnd())
    return formatv("it ends, or goes on, at byte {0}", scanner.position());
  if (!head)
    return "it has no \"snapshot\"";
  if (wrong = readSites(); wrong.empty())
    wrong = readNodes();
  return wrong.empty() ? readEdges() : wrong;
}

} // namespace

std::string parseDump(StringRef text, HeapDump &dump) { return Reader(dump, text).read(); }

bool readDump(const std::string &path, HeapDump &dump) {
  auto buffer = MemoryBuffer::getFileOrSTDIN(path);
  if (!buffer) {
    fail(path + ": " + buffer.getError().message());
    return false;
  }
  dump.path = path;
  std::string wrong = parseDump((*buffer)->getBuffer(), dump);
  if (!wrong.empty())
    fail(path + " is no dump of heaps: " + wrong);
  return wrong.empty();
}

std::string HeapDump::placeOf(uint32_t site) const {
  if (site == kNone)
    return "";
  const Site &at = sites[site];
  if (at.line)
    return formatv("{0} ({1}:{2}:{3})", at.function, at.file, at.line, at.column);
  return at.file.empty() ? at.function : formatv("{0} of {1}", at.function, at.file).str();
}

//===- Names of addresses ---------------------------------------------------===//

struct Symbols::Reader {
  symbolize::LLVMSymbolizer symbols;
};

Symbols::Symbols() : Read(std::make_unique<Reader>()) {}
Symbols::~Symbols() = default;

void Symbols::name(HeapDump &dump) {
  for (HeapDump::Site &site : dump.sites) {
    StringRef digits = site.function;
    uint64_t offset;
    if (site.line || site.file.empty() || !digits.consume_front("0x") ||
        digits.getAsInteger(16, offset))
      continue;
    auto found =
        Read->symbols.symbolizeCode(site.file, {offset, object::SectionedAddress::UndefSection});
    if (!found) {
      consumeError(found.takeError());
      continue;
    }
    if (found->FunctionName.empty() || found->FunctionName == DILineInfo::BadString)
      continue;
    site.function = found->FunctionName;
    if (found->Line && found->FileName != DILineInfo::BadString) {
      site.file = found->FileName;
      site.line = found->Line;
      site.column = found->Column;
    }
  }
}

std::string Symbols::variable(StringRef root, uint64_t offset) {
  if (!root.consume_front("variables of "))
    return root.str();
  auto found =
      Read->symbols.symbolizeData(root.str(), {offset, object::SectionedAddress::UndefSection});
  if (!found) {
    consumeError(found.takeError());
  } else if (!found->Name.empty() && found->Name != DILineInfo::BadString) {
    std::string name = "variable " + found->Name;
    if (offset > found->Start)
      name += "+" + utostr(offset - found->Start);
    return name;
  }
  return formatv("variable at {0:x} of {1}", offset, root);
}

} // namespace cairn
