//===- Analyzer.cpp - Data to a program -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Memory on the heap is asked for with cairn_heap_try_...: nothing here is left by
// longjmp, and so it may use what it likes of the host's.
//
//===----------------------------------------------------------------------===//

#include "Analyzer.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/Twine.h"

#include <cstring>

using namespace interp;
using llvm::Twine;
using NodePtr = std::unique_ptr<Node>;

namespace {

/// Takes back one level of nesting when its scope ends.
struct OneLevelUp {
  unsigned &Depth;
  ~OneLevelUp() { --Depth; }
};

/// The names that are seen in one function.
struct Scope {
  Function &F;
  Scope *Outer;
  std::vector<std::pair<std::string, unsigned>> Visible;
};

class Analyzer {
public:
  Analyzer(Program &P, cairn_heap *Heap, Diagnostic &Problem)
      : P(P), Heap(Heap), Problem(Problem) {}

  /// Each of these returns null after a failure.
  NodePtr form(const Datum &D, Scope &S);
  NodePtr expression(const Datum &D, Scope &S, bool Tail);
  Function *newFunction(std::string Name, int Line);

private:
  std::nullptr_t fail(const Datum &At, const Twine &Text) {
    Problem = {At.Line, Text.str()};
    return nullptr;
  }
  NodePtr node(Node::Kind K, const Datum &At) { return std::make_unique<Node>(K, At.Line); }
  bool add(Node &Parent, NodePtr Kid) {
    if (!Kid)
      return false;
    Parent.Kids.push_back(std::move(Kid));
    return true;
  }
  /// Adds an expression's node to the parent; false after a failure.
  bool add(Node &Parent, const Datum &D, Scope &S, bool Tail = false) {
    return add(Parent, expression(D, S, Tail));
  }

  bool literal(const Datum &D, Value &V);
  NodePtr literal(const Datum &D);
  NodePtr constantNode(const Datum &At, Value V);
  NodePtr variable(const Datum &D, Scope &S);
  NodePtr resolve(const Datum &At, const std::string &Name, Scope &S);
  Global *global(const Datum &At, const std::string &Name);
  bool newVariable(const Datum &D, Scope &S, unsigned &Slot);

  NodePtr list(const Datum &D, Scope &S, bool Tail);
  NodePtr body(const Datum &D, size_t From, Scope &S, bool Tail);
  NodePtr ifForm(const Datum &D, Scope &S, bool Tail);
  NodePtr cond(const Datum &D, size_t Clause, Scope &S, bool Tail);
  NodePtr logic(const Datum &D, size_t From, bool IsAnd, Scope &S, bool Tail);
  NodePtr let(const Datum &D, Scope &S, bool Tail);
  NodePtr namedLet(const Datum &D, Scope &S, bool Tail);
  NodePtr define(const Datum &D, Scope &S);
  NodePtr set(const Datum &D, Scope &S);
  NodePtr lambda(const Datum &At, const std::string &Name, const std::string &SelfName,
                 llvm::ArrayRef<Datum> Parameters, const Datum &D, size_t Body, Scope &S);
  NodePtr call(const Datum &D, Scope &S, bool Tail);
  NodePtr builtin(const Datum &D, const Builtin &B, Scope &S);
  NodePtr wrapped(const Datum &At, const Builtin &B, Scope &S);

  Program &P;
  cairn_heap *Heap;
  Diagnostic &Problem;
  unsigned Depth = 0;
};

} // namespace

Function *Analyzer::newFunction(std::string Name, int Line) {
  Function &F = P.Functions.emplace_back();
  F.Id = unsigned(P.Functions.size());
  F.Name = std::move(Name);
  F.Line = Line;
  return &F;
}

//===----------------------------------------------------------------------===//
// Literals
//===----------------------------------------------------------------------===//

bool Analyzer::literal(const Datum &D, Value &V) {
  auto Full = [&] { return fail(D, "the heap has no room for a literal"), false; };
  switch (D.K) {
  case Datum::Integer:
    V = integer(D.Number);
    return true;
  case Datum::Boolean:
    V = boolean(D.Number);
    return true;
  case Datum::String:
  case Datum::Symbol: { // a quoted symbol is its name
    void *Text = cairn_heap_try_alloc_bytes(Heap, D.Text.size());
    if (!Text)
      return Full();
    std::memcpy(Text, D.Text.data(), D.Text.size());
    V = object(Text);
    return true;
  }
  case Datum::List:
    break;
  }
  Value L = constant(kNil);
  for (size_t I = D.Items.size(); I--;) {
    auto *Cell = static_cast<Pair *>(cairn_heap_try_alloc(Heap, &PairType));
    if (!Cell) {
      release(L);
      return Full();
    }
    cairn_set_tag(Cell, kPair);
    Cell->Tail = L;
    L = object(Cell);
    if (!literal(D.Items[I], Cell->Head)) {
      release(L);
      return false;
    }
  }
  V = L;
  return true;
}

NodePtr Analyzer::constantNode(const Datum &At, Value V) {
  NodePtr N = node(Node::Literal, At);
  N->Constant = V;
  return N;
}

NodePtr Analyzer::literal(const Datum &D) {
  Value V;
  if (!literal(D, V))
    return nullptr;
  if (V.Ref)
    P.Literals.push_back(V);
  return constantNode(D, V);
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

Global *Analyzer::global(const Datum &At, const std::string &Name) {
  if (findBuiltin(Name))
    return fail(At, "'" + Name + "' is built in and cannot be changed");
  Global *&G = P.ByName[Name];
  if (!G) {
    G = &P.Globals.emplace_back();
    *G = {Name, constant(kUndefined)};
  }
  return G;
}

bool Analyzer::newVariable(const Datum &D, Scope &S, unsigned &Slot) {
  if (D.K != Datum::Symbol)
    return fail(D, "a variable's name should be here"), false;
  if (S.F.Variables.size() == kMaxVariables)
    return fail(D, "a function of more than " + Twine(kMaxVariables) + " variables"), false;
  Slot = unsigned(S.F.Variables.size());
  S.F.Variables.push_back({D.Text});
  return true;
}

/// A local, captured or global variable, or the function itself.
NodePtr Analyzer::resolve(const Datum &At, const std::string &Name, Scope &S) {
  for (size_t I = S.Visible.size(); I--;)
    if (S.Visible[I].first == Name) {
      NodePtr N = node(Node::Local, At);
      N->Slot = S.Visible[I].second;
      return N;
    }
  if (!S.F.SelfName.empty() && S.F.SelfName == Name)
    return node(Node::Self, At);
  NodePtr N = node(Node::Captured, At);
  for (const std::string &Captured : S.F.CaptureNames) {
    if (Captured == Name)
      return N;
    ++N->Slot;
  }
  if (S.Outer) {
    NodePtr Outer = resolve(At, Name, *S.Outer);
    if (!Outer || Outer->K == Node::Global)
      return Outer;
    if (Outer->K == Node::Local) {
      Function::Variable &V = S.Outer->F.Variables[Outer->Slot];
      if (V.Assigned)
        return fail(At, "'" + Name + "' is assigned: a lambda cannot capture it");
      V.Captured = true;
    }
    if (S.F.Captures.size() == kMaxCaptures)
      return fail(At, "a lambda that captures more than " + Twine(kMaxCaptures) + " variables");
    S.F.Captures.push_back(std::move(Outer));
    S.F.CaptureNames.push_back(Name);
    return N;
  }
  N = node(Node::Global, At);
  N->Where = global(At, Name);
  return N->Where ? std::move(N) : nullptr;
}

NodePtr Analyzer::variable(const Datum &D, Scope &S) {
  if (const Builtin *B = findBuiltin(D.Text))
    return wrapped(D, *B, S);
  return resolve(D, D.Text, S);
}

//===----------------------------------------------------------------------===//
// Forms
//===----------------------------------------------------------------------===//

NodePtr Analyzer::form(const Datum &D, Scope &S) {
  return D.isForm("define") ? define(D, S) : expression(D, S, /*Tail=*/true);
}

NodePtr Analyzer::expression(const Datum &D, Scope &S, bool Tail) {
  ++Depth;
  const OneLevelUp Leave{Depth};
  if (Depth > kMaxNesting)
    return fail(D, "expressions nest deeper than " + Twine(kMaxNesting));
  if (D.K == Datum::List)
    return list(D, S, Tail);
  return D.K == Datum::Symbol ? variable(D, S) : literal(D);
}

NodePtr Analyzer::list(const Datum &D, Scope &S, bool Tail) {
  const size_t Count = D.Items.size();
  if (!Count)
    return fail(D, "an empty list is no expression; '() is the empty list's value");
  if (D.isForm("quote"))
    return Count == 2 ? literal(D.Items[1]) : fail(D, "quote takes one datum");
  if (D.isForm("if"))
    return ifForm(D, S, Tail);
  if (D.isForm("cond"))
    return cond(D, 1, S, Tail);
  if (D.isForm("and") || D.isForm("or"))
    return logic(D, 1, D.isForm("and"), S, Tail);
  if (D.isForm("begin"))
    return body(D, 1, S, Tail);
  if (D.isForm("let"))
    return Count > 1 && D.Items[1].K == Datum::Symbol ? namedLet(D, S, Tail) : let(D, S, Tail);
  if (D.isForm("set!"))
    return set(D, S);
  if (D.isForm("define"))
    return fail(D, "define belongs to the outermost level");
  if (D.isForm("lambda")) {
    const bool Named = Count > 1 && D.Items[1].K == Datum::Symbol;
    const size_t At = Named ? 2 : 1;
    if (Count < At + 2 || D.Items[At].K != Datum::List)
      return fail(D, "a lambda is (lambda (parameter ...) body ...)");
    const std::string Name = Named ? D.Items[1].Text : "";
    return lambda(D, Named ? Name : "lambda", Name, D.Items[At].Items, D, At + 1, S);
  }
  if (D.isForm("while")) {
    if (Count < 3)
      return fail(D, "a loop is (while condition body ...)");
    NodePtr N = node(Node::While, D);
    if (!add(*N, D.Items[1], S) || !add(*N, body(D, 2, S, false)))
      return nullptr;
    return N;
  }
  return call(D, S, Tail);
}

NodePtr Analyzer::body(const Datum &D, size_t From, Scope &S, bool Tail) {
  if (From >= D.Items.size())
    return fail(D, "a body without an expression");
  NodePtr N = node(Node::Begin, D);
  for (size_t I = From; I != D.Items.size(); ++I)
    if (!add(*N, D.Items[I], S, Tail && I + 1 == D.Items.size()))
      return nullptr;
  return N->Kids.size() == 1 ? std::move(N->Kids[0]) : std::move(N);
}

NodePtr Analyzer::ifForm(const Datum &D, Scope &S, bool Tail) {
  const size_t Count = D.Items.size();
  if (Count != 3 && Count != 4)
    return fail(D, "an if is (if condition then else), the else may be missing");
  NodePtr N = node(Node::If, D);
  if (!add(*N, D.Items[1], S) || !add(*N, D.Items[2], S, Tail) ||
      !add(*N, Count == 4 ? expression(D.Items[3], S, Tail) : constantNode(D, constant(kNil))))
    return nullptr;
  return N;
}

NodePtr Analyzer::cond(const Datum &D, size_t Clause, Scope &S, bool Tail) {
  if (Clause == D.Items.size())
    return constantNode(D, constant(kNil));
  const Datum &C = D.Items[Clause];
  if (C.K != Datum::List || C.Items.size() < 2)
    return fail(C, "a clause of cond is (condition body ...)");
  if (C.isForm("else"))
    return Clause + 1 == D.Items.size() ? body(C, 1, S, Tail)
                                        : fail(C, "a clause after the one of else");
  ++Depth;
  const OneLevelUp Leave{Depth};
  if (Depth > kMaxNesting)
    return fail(C, "expressions nest deeper than " + Twine(kMaxNesting));
  NodePtr N = node(Node::If, C);
  if (!add(*N, C.Items[0], S) || !add(*N, body(C, 1, S, Tail)) ||
      !add(*N, cond(D, Clause + 1, S, Tail)))
    return nullptr;
  return N;
}

/// (and a b) is (if a b #f); (or a b) is (let ((t a)) (if t t b)), t being nameless.
NodePtr Analyzer::logic(const Datum &D, size_t From, bool IsAnd, Scope &S, bool Tail) {
  if (From == D.Items.size())
    return constantNode(D, boolean(IsAnd));
  if (From + 1 == D.Items.size())
    return expression(D.Items[From], S, Tail);
  ++Depth;
  const OneLevelUp Leave{Depth};
  if (Depth > kMaxNesting)
    return fail(D, "expressions nest deeper than " + Twine(kMaxNesting));
  const Datum &First = D.Items[From];
  NodePtr Test = node(Node::If, First);
  if (IsAnd) {
    if (!add(*Test, First, S) || !add(*Test, logic(D, From + 1, IsAnd, S, Tail)) ||
        !add(*Test, constantNode(D, boolean(false))))
      return nullptr;
    return Test;
  }
  NodePtr N = node(Node::Let, First);
  Datum Nameless;
  Nameless.K = Datum::Symbol;
  Nameless.Line = First.Line;
  if (!add(*N, First, S) || !newVariable(Nameless, S, N->Slot))
    return nullptr;
  for (int I = 0; I < 2; ++I) {
    NodePtr Use = node(Node::Local, First);
    Use->Slot = N->Slot;
    Test->Kids.push_back(std::move(Use));
  }
  if (!add(*Test, logic(D, From + 1, IsAnd, S, Tail)))
    return nullptr;
  N->Kids.push_back(std::move(Test));
  return N;
}

NodePtr Analyzer::let(const Datum &D, Scope &S, bool Tail) {
  if (D.Items.size() < 3 || D.Items[1].K != Datum::List)
    return fail(D, "a let is (let ((variable value) ...) body ...)");
  NodePtr N = node(Node::Let, D);
  const size_t Before = S.Visible.size();
  const std::vector<Datum> &Bindings = D.Items[1].Items;
  for (const Datum &B : Bindings) {
    if (B.K != Datum::List || B.Items.size() != 2)
      return fail(B, "a binding of let is (variable value)");
    if (!add(*N, B.Items[1], S))
      return nullptr;
  }
  // The slots of one let are a run: the values may have taken some in between.
  N->Slot = unsigned(S.F.Variables.size());
  for (const Datum &B : Bindings) {
    unsigned Slot;
    if (!newVariable(B.Items[0], S, Slot))
      return nullptr;
    S.Visible.push_back({B.Items[0].Text, Slot});
  }
  NodePtr Body = body(D, 2, S, Tail);
  S.Visible.resize(Before);
  if (!Body)
    return nullptr;
  N->Kids.push_back(std::move(Body));
  return N;
}

/// (let loop ((i 0)) body) is a call of (lambda (i) body), in which loop is itself.
NodePtr Analyzer::namedLet(const Datum &D, Scope &S, bool Tail) {
  if (D.Items.size() < 4 || D.Items[2].K != Datum::List)
    return fail(D, "a loop is (let name ((variable value) ...) body ...)");
  if (D.Items[2].Items.size() > kMaxArguments)
    return fail(D, "more than " + Twine(kMaxArguments) + " variables");
  std::vector<Datum> Parameters;
  for (const Datum &B : D.Items[2].Items) {
    if (B.K != Datum::List || B.Items.size() != 2)
      return fail(B, "a binding of let is (variable value)");
    Parameters.push_back(B.Items[0]);
  }
  const std::string &Name = D.Items[1].Text;
  NodePtr N = node(Node::Call, D);
  N->Tail = Tail;
  if (!add(*N, lambda(D, Name, Name, Parameters, D, 3, S)))
    return nullptr;
  for (const Datum &B : D.Items[2].Items)
    if (!add(*N, B.Items[1], S))
      return nullptr;
  return N;
}

NodePtr Analyzer::define(const Datum &D, Scope &S) {
  NodePtr N = node(Node::Define, D);
  const size_t Count = D.Items.size();
  if (Count == 3 && D.Items[1].K == Datum::Symbol) {
    N->Where = global(D, D.Items[1].Text);
    if (!N->Where || !add(*N, D.Items[2], S))
      return nullptr;
    return N;
  }
  if (Count < 3 || D.Items[1].K != Datum::List || D.Items[1].Items.empty() ||
      D.Items[1].Items[0].K != Datum::Symbol)
    return fail(D, "a definition is (define name value) or (define (name parameter ...) body ...)");
  llvm::ArrayRef<Datum> Signature = D.Items[1].Items;
  N->Where = global(D, Signature[0].Text);
  if (!N->Where || !add(*N, lambda(D, Signature[0].Text, "", Signature.drop_front(), D, 2, S)))
    return nullptr;
  return N;
}

NodePtr Analyzer::set(const Datum &D, Scope &S) {
  if (D.Items.size() != 3 || D.Items[1].K != Datum::Symbol)
    return fail(D, "an assignment is (set! variable value)");
  const std::string &Name = D.Items[1].Text;
  NodePtr To = resolve(D, Name, S);
  if (!To)
    return nullptr;
  if (To->K == Node::Captured || To->K == Node::Self)
    return fail(D, "'" + Name + "' belongs to the function around: it cannot be assigned here");
  if (To->K == Node::Local) {
    Function::Variable &V = S.F.Variables[To->Slot];
    V.Assigned = true;
    if (V.Captured)
      return fail(D, "'" + Name + "' is captured by a lambda: it cannot be assigned");
  }
  To->K = To->K == Node::Local ? Node::SetLocal : Node::SetGlobal;
  return add(*To, D.Items[2], S) ? std::move(To) : nullptr;
}

NodePtr Analyzer::lambda(const Datum &At, const std::string &Name, const std::string &SelfName,
                         llvm::ArrayRef<Datum> Parameters, const Datum &D, size_t Body, Scope &S) {
  Function *F = newFunction(Name, At.Line);
  F->SelfName = SelfName;
  Scope Inner = {*F, &S, {}};
  if (Parameters.size() > kMaxArguments)
    return fail(At, "more than " + Twine(kMaxArguments) + " parameters");
  F->Parameters = unsigned(Parameters.size());
  for (const Datum &Parameter : Parameters) {
    unsigned Slot;
    if (!newVariable(Parameter, Inner, Slot))
      return nullptr;
    Inner.Visible.push_back({Parameter.Text, Slot});
  }
  F->Body = body(D, Body, Inner, /*Tail=*/true);
  if (!F->Body)
    return nullptr;
  NodePtr N = node(Node::Lambda, At);
  N->Code = F;
  return N;
}

NodePtr Analyzer::call(const Datum &D, Scope &S, bool Tail) {
  if (D.Items.size() - 1 > kMaxArguments)
    return fail(D, "more than " + Twine(kMaxArguments) + " arguments");
  if (D.Items[0].K == Datum::Symbol)
    if (const Builtin *B = findBuiltin(D.Items[0].Text))
      return builtin(D, *B, S);
  NodePtr N = node(Node::Call, D);
  N->Tail = Tail;
  for (const Datum &Item : D.Items)
    if (!add(*N, Item, S))
      return nullptr;
  return N;
}

NodePtr Analyzer::builtin(const Datum &D, const Builtin &B, Scope &S) {
  const size_t Count = D.Items.size() - 1;
  if (Count < B.Min || Count > B.Max)
    return fail(D, Twine(B.Name) + " takes " + Twine(B.Min) + " argument(s), not " + Twine(Count));
  NodePtr N = node(Node::Builtin, D);
  N->Op = &B;
  for (size_t I = 1; I <= Count; ++I)
    if (!add(*N, D.Items[I], S))
      return nullptr;
  return N;
}

/// A built-in as a value: (lambda (a ...) (op a ...)).
NodePtr Analyzer::wrapped(const Datum &At, const Builtin &B, Scope &S) {
  if (B.Min != B.Max)
    return fail(At, Twine("'") + B.Name +
                        "' takes any number of arguments: as a value, write the "
                        "lambda that is meant");
  Datum Call, Parameters;
  Call.Line = Parameters.Line = At.Line;
  Call.Items.push_back(At);
  for (unsigned I = 0; I != B.Min; ++I) {
    Datum Name;
    Name.K = Datum::Symbol;
    Name.Line = At.Line;
    Name.Text = "argument " + std::to_string(I);
    Call.Items.push_back(Name);
    Parameters.Items.push_back(Name);
  }
  Datum Body;
  Body.Line = At.Line;
  Body.Items.push_back(Call);
  return lambda(At, B.Name, "", Parameters.Items, Body, 0, S);
}

Function *interp::analyze(const Datum &Form, Program &P, cairn_heap *Heap, Diagnostic &Problem) {
  Problem = {};
  Analyzer A(P, Heap, Problem);
  Function *F = A.newFunction("form", Form.Line);
  Scope S = {*F, nullptr, {}};
  F->Body = A.form(Form, S);
  return F->Body ? F : nullptr;
}
