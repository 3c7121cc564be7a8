#include <cairn/managed.h>

typedef struct list cairn_managed *list;
struct list {
  list next;
  int64_t n;
};
CAIRN_TYPE(list_type, struct list, next);
struct tree {
  list left, right;
};
CAIRN_TYPE(tree_type, struct tree, left, right);
typedef struct tree cairn_managed *tree;

cairn_owned(1) __attribute__((noinline)) static list second(list l) {
  int64_t n = l->n; /* a number: no tree */
  list next = l->next;
  l = NULL;
  return n ? next : NULL;
}
cairn_owned(1) __attribute__((noinline)) static list either(list l) {
  list next = l->next; /* of a list or of a tree */
  l = NULL;
  return next;
}
cairn_owned(1) __attribute__((noinline)) static list choose(tree t, int c) {
  list left = t->left;
  if (c || !left)
    return left;
  list right = t->right;
  return right;
}
int main(int argc, char **argv) {
  (void)argv;
  list l = cairn_ref_new(&list_type);
  l->next = cairn_ref_new(&list_type);
  tree t = cairn_ref_new(&tree_type);
  t->left = either(l);
  return second(l) == either(choose(t, argc));
}
