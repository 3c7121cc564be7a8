/* Needs no header of the target's system. */
#include <cairn.h>

struct node {
  struct node *next;
  int value;
};
CAIRN_TYPE(node_type, struct node, next);

struct node *cons(int value, struct node *next) {
  struct node *node = cairn_alloc(&node_type);
  node->value = value;
  node->next = next;
  return node;
}

void drop(struct node *node) { cairn_decref(node); }
