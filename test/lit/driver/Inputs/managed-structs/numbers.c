// Numbers of the program's own that are references, or become some, where a structure of one reference is passed as a
// number as well. Each function has a mistake, and is compiled alone: -DCASE=1 and so on.
#include "structs.h"

int64_t number(void);
void take(int64_t n);
struct one keep(struct one o);

#if CASE == 1
struct one made_of_result(void) {
  struct one o;
  o.at = (node)number();
  return o;
}
#elif CASE == 2
struct one starts_with_result(void) {
  struct one o = {(node)number()};
  return o;
}
#elif CASE == 3
struct one made_of_parameter(int64_t n) {
  struct one o = {(node)n};
  return o;
}
#elif CASE == 4
void passes(struct one o) { take((int64_t)o.at); }
#elif CASE == 5
int64_t returns(struct one o) { return (int64_t)o.at; }
#elif CASE == 6
int64_t returns_one_of_its_own(node n) {
  struct one o = {n};
  return (int64_t)keep(o).at;
}
#endif
