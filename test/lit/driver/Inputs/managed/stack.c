#include "stack.h"

CAIRN_TYPE(node_type, struct node, next, value);
CAIRN_TYPE(stack_type, struct stack, top);

stack empty(void) {
  stack s = cairn_ref_new(&stack_type);
  s->size = 0;
  return s;
}

node leaf(long key) {
  node n = cairn_ref_new(&node_type);
  n->key = key;
  return n;
}

cairn_owned(2) void push(stack s, node value) {
  node n = leaf(0);
  n->next = s->top;
  n->value = value;
  s->top = n;
  s->size++;
}

cairn_borrowed(0) node top(stack s) { return s->top ? s->top->value : NULL; }

node pop(stack s) {
  node n = s->top;
  if (!n)
    return NULL;
  s->top = n->next;
  s->size--;
  return n->value;
}

long sum(node n) {
  long all = 0;
  for (; n; n = n->next)
    all += n->key + (n->value ? n->value->key : 0);
  return all;
}
