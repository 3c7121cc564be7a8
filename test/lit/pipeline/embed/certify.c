/* A frontend in another language has its own counts certified through the C door.
 *
 * RUN: %clang -c %s -I%root/lowering/include %llvm-cflags -o %t.o
 * RUN: %clang++ %t.o %lowering %llvm-libs -o %t && %t | FileCheck %s
 *
 * CHECK: good: fine
 * CHECK-NEXT: managed: fine
 * CHECK-NEXT: bad: {{.*}}in function f {{.*}}cairn: lost unit: a unit of %p is lost where the
 * function ends; path: %0: ret void CHECK-NEXT: {{.*}}in function g {{.*}}cairn: released twice: %p
 * is released, but its unit went before on this path
 */
#include <cairn/lowering-c.h>

#include <llvm-c/Core.h>
#include <llvm-c/IRReader.h>
#include <stdio.h>
#include <string.h>

static void certify(const char *name, const char *text, int own_counts) {
  LLVMContextRef context = LLVMContextCreate();
  LLVMMemoryBufferRef buffer =
      LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), "module");
  LLVMModuleRef module = NULL;
  char *message = NULL;
  if (LLVMParseIRInContext(context, buffer, &module, &message))
    fprintf(stderr, "%s\n", message);
  LLVMErrorRef error = CairnCertifyModule(module, own_counts);
  char *wrong = error ? LLVMGetErrorMessage(error) : NULL;
  printf("%s: %s\n", name, wrong ? wrong : "fine");
  if (wrong)
    LLVMDisposeErrorMessage(wrong);
  LLVMDisposeModule(module);
  LLVMContextDispose(context);
}

#define HEAD                                                                                       \
  "declare ptr @cairn.alloc(ptr)\n"                                                                \
  "declare void @cairn.decref(ptr)\n"                                                              \
  "define void @f() {\n"                                                                           \
  "  %p = call ptr @cairn.alloc(ptr null)\n"

int main(void) {
  certify("good", HEAD "  call void @cairn.decref(ptr %p)\n  ret void\n}\n", 1);
  /* Of a frontend that has no counts of its own, plain pointers are no references. */
  certify("managed", HEAD "  ret void\n}\n", 0);
  certify("bad",
          HEAD "  ret void\n}\n"
               "define void @g() {\n"
               "  %p = call ptr @cairn.alloc(ptr null)\n"
               "  call void @cairn.decref(ptr %p)\n"
               "  call void @cairn.decref(ptr %p)\n"
               "  ret void\n}\n",
          1);
  return 0;
}
