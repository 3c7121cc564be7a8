//===- arguments.cpp - Reading the command lines --------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Options are clang's unless they are Cairn's, so that `cairn build` can stand for a
// compiler in a Makefile. clang reads them itself; what has to be known here is which
// words are files, and how far clang will go. Invariant: `all` is what the user wrote, in
// its order, without Cairn's own options and -o.
//
//===----------------------------------------------------------------------===//

#include "arguments.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace cairn {

namespace {

/// Clang's options whose value is the next word, always or when it is not joined. A file
/// among these words is not an input.
constexpr StringLiteral separate =
    " -A -B -D -F -G -I -L -MF -MJ -MQ -MT -T -Tbss -Tdata -Ttext -U -Xanalyzer -Xassembler"
    " -Xclang -Xclangas -Xcuda-fatbinary -Xcuda-ptxas -Xlinker -Xoffload-linker -Xopenmp-target"
    " -Xpreprocessor -arch -aux-info -ccc-gcc-name -ccc-install-dir -cxx-isystem -dependency-dot"
    " -dependency-file -dsym-dir -dumpbase -dumpdir -e -framework -gcc-toolchain"
    " -iapinotes-modules -idirafter -iframework -iframeworkwithsysroot -imacros -include"
    " -include-pch -iprefix -iquote -isysroot -isystem -isystem-after -ivfsoverlay -iwithprefix"
    " -iwithprefixbefore -iwithsysroot -meabi -mllvm -mmlir -module-dependency-dir -mthread-model"
    " -resource-dir -rpath -serialize-diagnostics -stdlib++-isystem -u -vfsoverlay"
    " -working-directory -z --analyzer-output --assert --config --define-macro --entry"
    " --for-linker --include --include-barrier --include-directory --include-directory-after"
    " --library-directory --param --prefix --serialize-diagnostics --std --sysroot"
    " --undefine-macro --warn- ";

bool takesNext(StringRef word) {
  return separate.contains((" " + word + " ").str()) || word.starts_with("-Xarch_");
}

StringRef extension(const Input &input) { return sys::path::extension(input.path); }

bool isHeader(const Input &input) {
  if (!input.language.empty())
    return StringRef(input.language).ends_with("-header");
  return is_contained({".h", ".hh", ".hp", ".hpp", ".hxx", ".h++", ".H"}, extension(input));
}

bool refuse(const Twine &message) {
  fail(message);
  return false;
}

/// What a stop option leaves of the compilation. Of several, clang takes the least.
std::optional<Stage> stageOf(StringRef word) {
  if (word.starts_with("-print-") || word.starts_with("--print-"))
    return Stage::Nothing;
  if (is_contained({"--version", "-dumpversion", "-dumpmachine", "--help-hidden"}, word))
    return Stage::Nothing;
  if (is_contained({"-E", "-M", "-MM", "-fsyntax-only", "--analyze", "-extract-api", "--preprocess",
                    "-emit-ast", "--precompile", "-rewrite-objc"},
                   word))
    return Stage::Text;
  if (word == "-S" || word == "--assemble")
    return Stage::Assembly;
  if (word == "-c" || word == "--compile")
    return Stage::Object;
  return std::nullopt;
}

/// One pass over the words.
class Reader {
public:
  Reader(ArrayRef<const char *> words, ArrayRef<OwnOption> own, ClangOptions &options)
      : words(words), own(own), options(options) {}
  bool read();

private:
  bool readOwn(StringRef name, std::optional<StringRef> value, bool &found);
  bool readOption(StringRef word);
  void addInput(StringRef path);
  /// The value of an option that is \p word, or begins with it: "-o FILE", "-oFILE".
  std::optional<StringRef> value(StringRef word, StringRef option);
  void flag(StringRef word) {
    options.all.push_back(word.str());
    options.flags.push_back(word.str());
  }

  ArrayRef<const char *> words;
  ArrayRef<OwnOption> own;
  ClangOptions &options;
  size_t at = 0;
  std::string language;
};

std::optional<StringRef> Reader::value(StringRef word, StringRef option) {
  if (word.size() > option.size())
    return word.substr(option.size());
  if (at + 1 < words.size())
    return StringRef(words[++at]);
  fail(option + ": the value is missing");
  return std::nullopt;
}

void Reader::addInput(StringRef path) {
  Input input{path.str(), language};
  options.inputs.push_back(input);
  options.objects.push_back(input);
  options.all.push_back(path.str());
}

bool Reader::readOwn(StringRef name, std::optional<StringRef> given, bool &found) {
  const OwnOption *option = find_if(own, [&](const OwnOption &o) { return name == o.name; });
  found = option != own.end();
  if (!found)
    return true;
  if (option->command)
    return refuse("--" + name + " is for cairn " + option->command);
  if (option->value == OwnOption::None && given)
    return refuse("--" + name + " takes no value");
  if (option->value == OwnOption::Required && !given) {
    given = value("--" + name.str(), "--" + name.str());
    if (!given)
      return false;
  }
  return option->take(given.value_or(""));
}

bool Reader::readOption(StringRef word) {
  if (word.starts_with("--")) {
    auto [name, rest] = word.drop_front(2).split('=');
    bool found;
    std::optional<StringRef> given;
    if (word.contains('='))
      given = rest;
    bool sound = readOwn(name, given, found);
    if (!sound || found)
      return sound;
  }
  if (word == "-o" || word == "--output" ||
      (word.starts_with("-o") && !word.starts_with("-objc"))) {
    auto file = value(word, word == "--output" ? "--output" : "-o");
    if (file)
      options.output = file->str();
    return file.has_value();
  }
  if (word.consume_front("--output=")) {
    options.output = word.str();
    return true;
  }
  if (word == "-target" || word == "--target" || word.starts_with("--target=")) {
    if (word.consume_front("--target="))
      options.target = word.str();
    else if (auto triple = value(word, word))
      options.target = triple->str();
    else
      return false;
    return true;
  }
  if (word == "-x" || word == "--language" || word.starts_with("--language=") ||
      (word.starts_with("-x") && !word.contains('='))) {
    std::optional<StringRef> name;
    if (word.consume_front("--language="))
      name = word;
    else if (!(name = value(word, word == "--language" ? "--language" : "-x")))
      return false;
    language = *name == "none" ? "" : name->str();
    options.languages = true;
    options.all.insert(options.all.end(), {"-x", name->str()});
    return true;
  }
  if (word.starts_with("-l")) {
    auto name = value(word, "-l");
    if (!name)
      return false;
    options.objects.push_back({"-l" + name->str(), ""});
    options.all.push_back("-l" + name->str());
    options.linkerInputs = true;
    return true;
  }

  if (auto stage = stageOf(word))
    options.stage = std::max(options.stage, *stage);
  if (word.starts_with("-O")) {
    options.level = word.substr(2).str();
  } else if (word.starts_with("-g") && !word.starts_with("-gcc-toolchain")) {
    options.debug = word != "-g0";
  } else if (word == "-v" || word == "--verbose") {
    options.verbose = true;
  } else if (word == "-shared" || word == "--shared") {
    options.shared = true;
  } else if (word == "-r") {
    options.partial = true;
  } else if (word == "-emit-llvm") {
    options.emitLLVM = true;
  } else if (word == "-fno-lto") {
    options.lto = "";
  } else if (word == "-flto") {
    options.lto = "full";
  } else if (word.starts_with("-flto=")) {
    options.lto = word.substr(6).str();
  }
  options.linkerInputs |= word.starts_with("-Wl,") || word == "-Xlinker";
  // "-I dir" is "-Idir", and so is found in one piece.
  if (is_contained({"-D", "-U", "-I", "-L"}, word)) {
    auto rest = value(word, word);
    if (rest)
      flag((word + *rest).str());
    return rest.has_value();
  }
  flag(word);
  if (takesNext(word) && at + 1 < words.size())
    flag(words[++at]);
  return true;
}

bool Reader::read() {
  for (; at < words.size(); ++at) {
    StringRef word = words[at];
    if (word == "--") { // clang would take what is added for files, too
      while (++at < words.size())
        addInput(words[at][0] == '-' && words[at][1] ? "./" + std::string(words[at]) : words[at]);
      break;
    }
    if (word.size() < 2 || word[0] != '-')
      addInput(word);
    else if (!readOption(word))
      return false;
  }
  // A header is precompiled, and then there is nothing to link.
  if (options.stage == Stage::Link && any_of(options.inputs, isHeader))
    options.stage = Stage::Text;
  StringRef level = options.level;
  if (!level.empty() && level != "fast" &&
      (level.size() != 1 || !StringRef("01234szg").contains(level[0])))
    return refuse("unknown optimisation level -O" + level);
  return true;
}

} // namespace

bool isIR(const Input &input) {
  return input.language.empty() ? extension(input) == ".ll" || extension(input) == ".bc"
                                : input.language == "ir";
}

bool isCxx(const Input &input) {
  if (!input.language.empty())
    return StringRef(input.language).contains("c++");
  return is_contained({".cpp", ".cc", ".cp", ".cxx", ".CPP", ".c++", ".C", ".ii", ".mm", ".cppm"},
                      extension(input));
}

bool isSource(const Input &input) {
  if (!input.language.empty())
    return !StringRef(input.language).starts_with("assembler");
  return isIR(input) || isCxx(input) || is_contained({".c", ".i", ".m"}, extension(input));
}

bool expandFiles(SmallVectorImpl<const char *> &arguments, BumpPtrAllocator &memory) {
  cl::ExpansionContext context(memory, cl::TokenizeGNUCommandLine);
  if (Error error = context.expandResponseFiles(arguments)) {
    fail(toString(std::move(error)));
    return false;
  }
  return true;
}

bool readArguments(ArrayRef<const char *> arguments, ArrayRef<OwnOption> own,
                   ClangOptions &options) {
  return Reader(arguments, own, options).read();
}

bool readHeap(StringRef value, HeapBinding &heap) {
  if (value == "thread")
    heap = HeapBinding::Thread;
  else if (value == "static")
    heap = HeapBinding::Static;
  else if (value == "checked")
    heap = HeapBinding::Checked;
  else
    return refuse("--heap option: unknown value '" + value +
                  "' (thread, static and checked are known)");
  return true;
}

} // namespace cairn
