/* A frontend in another language calls the C door: intrinsics in, fast paths out, and a
 * diagnostic as an error with the context's own handler back in its place.
 *
 * RUN: %clang -c %s -I%root/lowering/include %llvm-cflags -o %t.o
 * RUN: %clang++ %t.o %lowering %llvm-libs -o %t && %t | FileCheck %s
 *
 * CHECK: version [[LLVM]].
 * CHECK: define ptr @f()
 * CHECK-NOT: @cairn.malloc
 * CHECK: @cairn_rt_take_slot
 * CHECK: error: {{.*}}in function g {{.*}}cairn: 'cairn.malloc' is declared as ptr (i32)
 * CHECK-NEXT: handler kept: 1
 */
#include <cairn/lowering-c.h>

#include <llvm-c/Core.h>
#include <llvm-c/IRReader.h>
#include <stdio.h>
#include <string.h>

static LLVMModuleRef parse(LLVMContextRef context, const char *text) {
  LLVMMemoryBufferRef buffer =
      LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), "module");
  LLVMModuleRef module = NULL;
  char *message = NULL;
  if (LLVMParseIRInContext(context, buffer, &module, &message))
    fprintf(stderr, "%s\n", message);
  return module;
}

static void handler(LLVMDiagnosticInfoRef info, void *context) {
  (void)info;
  (void)context;
}

#define HEAD                                                                                       \
  "target datalayout = \"e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:"    \
  "32:64-S128\"\ntarget triple = \"x86_64-unknown-linux-gnu\"\n"

int main(void) {
  LLVMContextRef context = LLVMContextCreate();
  LLVMContextSetDiagnosticHandler(context, handler, NULL);
  printf("version %s\n", CairnLoweringLLVMVersion());

  LLVMModuleRef good = parse(context, HEAD "declare ptr @cairn.malloc(i64)\n"
                                           "define ptr @f() {\n"
                                           "  %p = call ptr @cairn.malloc(i64 48)\n"
                                           "  ret ptr %p\n"
                                           "}\n");
  LLVMErrorRef error = CairnLowerModule(good, 2);
  if (error)
    return 1;
  char *text = LLVMPrintModuleToString(good);
  printf("%s\n", text);
  LLVMDisposeMessage(text);
  LLVMDisposeModule(good);

  LLVMModuleRef bad = parse(context, HEAD "declare ptr @cairn.malloc(i32)\n"
                                          "define ptr @g() {\n"
                                          "  %p = call ptr @cairn.malloc(i32 48)\n"
                                          "  ret ptr %p\n"
                                          "}\n");
  error = CairnLowerModule(bad, 2);
  if (!error)
    return 2;
  char *message = LLVMGetErrorMessage(error);
  printf("error: %s\n", message);
  LLVMDisposeErrorMessage(message);
  printf("handler kept: %d\n", LLVMContextGetDiagnosticHandler(context) == handler);
  LLVMDisposeModule(bad);
  LLVMContextDispose(context);
  return 0;
}
