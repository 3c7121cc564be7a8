//===- page.cpp - cairn build --report: the page --------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that comes from the program goes through escaped(): names, messages, paths, source.
//
//===----------------------------------------------------------------------===//

#include "report.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <map>
#include <tuple>

using namespace llvm;

namespace cairn {

namespace {

constexpr char kHead[] = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Cairn: what the optimiser left</title>
<style>
body { font: 15px/1.45 sans-serif; margin: 2em auto; max-width: 72em; padding: 0 1em; color: #222; }
table { border-collapse: collapse; }
th, td { padding: .15em .8em .15em 0; text-align: right; }
th:first-child, td:first-child { text-align: left; }
tr + tr td { border-top: 1px solid #ddd; }
summary { cursor: pointer; font-weight: bold; margin: .8em 0 .3em; }
pre { font: 13px/1.4 monospace; margin: 0; white-space: pre-wrap; }
.n { color: #999; }
.hit { background: #f6f6f6; }
.note { margin: 0 0 0 5.5em; padding: 0 .5em; border-left: 4px solid; display: block;
        font: 13px/1.4 sans-serif; }
.left { border-color: #c0392b; background: #fdecea; }
.shared { border-color: #c9a39e; background: #faf5f4; }
.reuse, .done { border-color: #2e8b57; background: #eaf6ef; }
.missed { border-color: #d68910; background: #fdf3e1; }
.decided { border-color: #bbb; background: #f6f6f6; color: #555; }
.quiet { color: #777; font-weight: normal; }
</style>
</head>
<body>
<h1>What the optimiser left</h1>
)";

constexpr char kLegend[] = R"(<p>The costliest functions come first. The cost is an estimate:
a count that is left weighs 1, an allocation or a free 2, and ten times that for each loop around
it, the function's own recursion among them.</p>
<p><span class="note left">A count, an allocation or a release that is left.</span>
<span class="note shared">One that runs only where an object has other owners.</span>
<span class="note reuse">Memory that is used again, and other things that were optimised.</span>
<span class="note missed">What was not optimised, and why.</span>
<span class="note decided">What was decided, and why.</span></p>
)";

std::string escaped(StringRef text) {
  std::string safe;
  raw_string_ostream os(safe);
  // Control characters mean nothing in a page, and bytes that are no UTF-8 do not either.
  std::string clean = json::isUTF8(text) ? text.str() : json::fixUTF8(text);
  for (char &c : clean)
    if (static_cast<unsigned char>(c) < ' ' && c != '\t')
      c = ' ';
  printHTMLEscaped(clean, os);
  return os.str();
}

/// A source file's lines, or why it has none.
struct Source {
  std::unique_ptr<MemoryBuffer> buffer;
  std::vector<StringRef> lines;
  std::string error;
};

class Page {
public:
  Page(raw_ostream &os, ArrayRef<ReportedFunction> functions) : os(os), functions(functions) {}
  void write();

private:
  void table();
  void section(const ReportedFunction &f, size_t number);
  void lines(const ReportedFunction &f, ArrayRef<const Note *> own);
  void inlined(ArrayRef<const Note *> notes);
  void line(const std::string &file, unsigned number, bool hit);
  void notes(ArrayRef<const Note *> notes);
  const Source &source(const std::string &file);

  raw_ostream &os;
  ArrayRef<ReportedFunction> functions;
  std::map<std::string, Source> sources;
};

const Source &Page::source(const std::string &file) {
  auto [at, isNew] = sources.try_emplace(file);
  Source &s = at->second;
  if (!isNew)
    return s;
  auto buffer = MemoryBuffer::getFile(file, /*IsText=*/true);
  if (!buffer) {
    s.error = buffer.getError().message();
    return s;
  }
  s.buffer = std::move(*buffer);
  StringRef rest = s.buffer->getBuffer();
  while (!rest.empty()) {
    auto [text, after] = rest.split('\n');
    s.lines.push_back(text.rtrim('\r'));
    rest = after;
  }
  return s;
}

const char *className(Note::Kind kind) {
  switch (kind) {
  case Note::Left:
    return "left";
  case Note::Shared:
    return "shared";
  case Note::Reuse:
    return "reuse";
  case Note::Done:
    return "done";
  case Note::Missed:
    return "missed";
  case Note::Decided:
    return "decided";
  }
  llvm_unreachable("a kind");
}

void Page::notes(ArrayRef<const Note *> notes) {
  // The same of several copies of a line is said once.
  std::vector<std::pair<const Note *, unsigned>> different;
  for (const Note *note : notes) {
    auto same = find_if(different, [&](auto &d) {
      return d.first->text == note->text && d.first->kind == note->kind;
    });
    if (same != different.end())
      ++same->second;
    else
      different.push_back({note, 1});
  }
  sort(different, [](const auto &a, const auto &b) {
    return std::tie(a.first->kind, a.first->text) < std::tie(b.first->kind, b.first->text);
  });
  for (auto &[note, times] : different) {
    os << "<span class=\"note " << className(note->kind) << "\">" << escaped(note->text);
    if (times > 1)
      os << " (" << times << " times)";
    os << " <span class=\"quiet\">" << escaped(note->pass) << "</span></span>";
  }
}

void Page::line(const std::string &file, unsigned number, bool hit) {
  const Source &s = source(file);
  std::string digits = std::to_string(number);
  os << (hit ? "<span class=\"hit\">" : "<span>") << "<span class=\"n\">"
     << std::string(digits.size() < 5 ? 5 - digits.size() : 0, ' ') << digits << "</span>  ";
  if (number && number <= s.lines.size())
    os << escaped(s.lines[number - 1]);
  os << "</span>\n";
}

/// The function's lines with their notes; of a long function only what is near to notes.
void Page::lines(const ReportedFunction &f, ArrayRef<const Note *> own) {
  std::map<unsigned, std::vector<const Note *>> at;
  for (const Note *note : own)
    at[note->line].push_back(note);
  constexpr unsigned whole = 80, near = 3;
  unsigned last = f.last; // that of an instruction
  const Source &s = source(f.file);
  if (last < s.lines.size() && s.lines[last].trim() == "}")
    ++last;
  const bool all = last - f.first < whole;
  os << "<pre>";
  bool gap = false;
  for (unsigned n = f.first; n <= last; ++n) {
    auto next = at.lower_bound(n > near ? n - near : 0);
    if (!all && n != f.first && (next == at.end() || next->first > n + near)) {
      if (!gap)
        os << "       …\n";
      gap = true;
      continue;
    }
    gap = false;
    auto here = at.find(n);
    line(f.file, n, here != at.end());
    if (here != at.end())
      notes(here->second);
  }
  os << "</pre>\n";
}

/// Notes of lines that are not the function's own.
void Page::inlined(ArrayRef<const Note *> all) {
  std::map<std::pair<std::string, unsigned>, std::vector<const Note *>> at;
  for (const Note *note : all)
    at[{note->file, note->line}].push_back(note);
  os << "<p class=\"quiet\">Lines that are elsewhere:</p>\n<pre>";
  for (auto &[place, here] : at) {
    os << "<span class=\"quiet\">" << escaped(place.first) << ":" << place.second << "</span>\n";
    if (source(place.first).error.empty())
      line(place.first, place.second, true);
    notes(here);
  }
  os << "</pre>\n";
}

void Page::section(const ReportedFunction &f, size_t number) {
  os << "<details id=\"f" << number << "\"" << (f.cost ? " open" : "") << "><summary>"
     << escaped(f.name);
  if (f.first)
    os << " <span class=\"quiet\">" << escaped(f.file) << ":" << f.first << "</span>";
  os << " <span class=\"quiet\">cost " << f.cost << "</span></summary>\n";
  std::vector<const Note *> own, others, nowhere;
  for (const Note &note : f.notes) {
    const bool inside =
        f.first && note.file == f.file && note.line >= f.first && note.line <= f.last;
    (inside ? own : note.line ? others : nowhere).push_back(&note);
  }
  if (!f.exists)
    os << "<p>No code of this function is left: it was inlined, or nothing calls it.</p>\n";
  else if (!f.first)
    os << "<p>There is no debug information for this function. Build with -g or "
          "-gline-tables-only to see its lines.</p>\n";
  else if (const Source &s = source(f.file); !s.error.empty())
    os << "<p>The source file " << escaped(f.file) << " cannot be read: " << escaped(s.error)
       << ".</p>\n";
  if (!nowhere.empty()) {
    os << "<pre>";
    notes(nowhere);
    os << "</pre>\n";
  }
  if (f.first)
    lines(f, own);
  if (!others.empty())
    inlined(others);
  os << "</details>\n";
}

void Page::table() {
  os << "<table>\n<tr><th>function</th><th>cost</th><th>counts</th><th>allocations, frees</th>"
        "<th>reuses</th><th>in place</th></tr>\n";
  for (auto [number, f] : enumerate(functions))
    os << "<tr><td><a href=\"#f" << number << "\">" << escaped(f.name) << "</a></td><td>" << f.cost
       << "</td><td>" << f.counts << "</td><td>" << f.allocations << "</td><td>" << f.reuses
       << "</td><td>"
       << (f.inPlace      ? "yes"
           : f.notInPlace ? "no"
                          : "")
       << "</td></tr>\n";
  os << "</table>\n";
}

void Page::write() {
  os << kHead;
  if (functions.empty()) {
    os << "<p>Nothing is counted in these sources, and nothing is allocated.</p>\n";
  } else {
    os << kLegend;
    table();
    for (auto [number, f] : enumerate(functions))
      section(f, number);
  }
  os << "</body>\n</html>\n";
}

} // namespace

bool writePage(const std::string &path, ArrayRef<ReportedFunction> functions) {
  return writeFile(path, [&](raw_ostream &os) { Page(os, functions).write(); });
}

} // namespace cairn
