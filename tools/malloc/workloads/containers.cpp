//===- containers.cpp - A translation unit with much to instantiate -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

namespace {

template <int N> struct Node {
  std::map<std::string, std::vector<std::tuple<int, std::string, std::shared_ptr<Node<N - 1>>>>>
      children;
  std::variant<int, std::string, std::set<long>> value;

  size_t weigh() const {
    size_t n = std::visit(
        [](const auto &v) -> size_t {
          if constexpr (std::is_same_v<std::decay_t<decltype(v)>, int>)
            return size_t(v);
          else
            return v.size();
        },
        value);
    for (const auto &[name, list] : children)
      for (const auto &[number, text, child] : list)
        n += size_t(number) + text.size() + name.size() + (child ? child->weigh() : 0);
    return n;
  }
};

template <> struct Node<0> {
  size_t weigh() const { return 1; }
};

template <typename T> std::string joined(const std::vector<T> &v) {
  std::ostringstream out;
  for (const T &t : v)
    out << t << ' ';
  return out.str();
}

} // namespace

size_t weigh(const std::vector<std::string> &texts) {
  static const std::regex pattern("([a-z]+)-([0-9]+)(?:\\.([0-9]+))?");
  std::unordered_map<std::string, std::vector<double>> table;
  for (const std::string &text : texts) {
    std::smatch match;
    if (std::regex_search(text, match, pattern))
      table[match[1]].push_back(std::stod(match[2]));
  }
  std::vector<std::pair<std::string, double>> sums;
  for (auto &[name, values] : table) {
    std::sort(values.begin(), values.end(), std::greater<>());
    sums.emplace_back(name, std::accumulate(values.begin(), values.end(), 0.0));
  }
  std::sort(sums.begin(), sums.end());
  std::vector<std::string> names;
  std::transform(sums.begin(), sums.end(), std::back_inserter(names),
                 [](const auto &pair) { return pair.first; });
  return joined(names).size() + Node<12>().weigh();
}
