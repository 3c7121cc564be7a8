/* A stack in another module, whose functions have all kinds of conventions. */
#include <cairn/managed.h>
#include <cairn.h>

typedef struct node cairn_managed *node;
struct node {
  node next, value;
  long key;
};
typedef struct stack cairn_managed *stack;
struct stack {
  node top;
  long size;
};

stack empty(void);
node leaf(long key);
/* Takes over the value's count. */
cairn_owned(2) void push(stack s, node value);
/* Lends it. */
cairn_borrowed(0) node top(stack s);
node pop(stack s);
long sum(node n);
