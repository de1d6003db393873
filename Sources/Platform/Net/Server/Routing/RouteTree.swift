// Which pattern a path fits. In each segment a literal goes before an integer, a UUID, any text and the rest, in this
// order; a choice that leads nowhere is taken back. A node is looked at once at most, whatever the path.

import HTTP

/// Patterns, each standing for a number.
struct RouteTree: Sendable {
  private struct Node: Sendable {
    var literals: [String: Int] = [:]
    /// In the order of `RouteParameterKind`'s cases.
    var parameters: [Int?] = Array(repeating: nil, count: RouteParameterKind.allCases.count)
    var rest: Int?
    var value: Int?
  }

  private var nodes = [Node()]
  /// The paths without parameters and escapes, sorted: found without decoding anything.
  private var plain: [(path: [UInt8], value: Int)] = []

  /// The number of the pattern with the same shape as `pattern`; `value` when there is none yet.
  mutating func insert(_ pattern: RoutePattern, _ value: Int) -> Int {
    var node = 0
    for segment in pattern.segments {
      switch segment {
      case .literal(let text):
        if nodes[node].literals[text] == nil { nodes[node].literals[text] = append() }
        node = nodes[node].literals[text] ?? node
      case .parameter(_, let kind):
        let index = RouteParameterKind.allCases.firstIndex(of: kind) ?? 0
        let child = nodes[node].parameters[index] ?? append()
        nodes[node].parameters[index] = child
        node = child
      case .rest:
        let child = nodes[node].rest ?? append()
        nodes[node].rest = child
        node = child
      }
    }
    if let there = nodes[node].value { return there }
    nodes[node].value = value
    let path = Array(pattern.text.utf8)
    let isPlain = path.allSatisfy { HTTPByte.isUnreserved($0) || $0 == UInt8(ascii: "/") }
    if pattern.parameters.isEmpty && isPlain {
      let index = plain.firstIndex { path.lexicographicallyPrecedes($0.path) } ?? plain.count
      plain.insert((path, value), at: index)
    }
    return value
  }

  private mutating func append() -> Int {
    nodes.append(Node())
    return nodes.count - 1
  }

  /// The number of the pattern that is just this path, without parameters; nil when there is none.
  func value(plain path: UnsafeRawBufferPointer) -> Int? {
    var (low, high) = (0, plain.count)
    while low < high {
      let middle = (low + high) / 2
      if plain[middle].path.elementsEqual(path) { return plain[middle].value }
      if plain[middle].path.lexicographicallyPrecedes(path) { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// The number of the pattern that fits `segments` best; nil when none does.
  func value(_ segments: [String]) -> Int? { value(segments, 0, 0) }

  // The recursion is as deep as the longest pattern at the most.
  private func value(_ segments: [String], _ index: Int, _ node: Int) -> Int? {
    let node = nodes[node]
    guard index < segments.count else { return node.value }
    let segment = segments[index]
    if let child = node.literals[segment], let found = value(segments, index + 1, child) { return found }
    for (kind, child) in zip(RouteParameterKind.allCases, node.parameters) {
      guard let child, kind.accepts(segment) else { continue }
      if let found = value(segments, index + 1, child) { return found }
    }
    // The rest is something: a path that ends with a slash has none.
    guard let rest = node.rest, !segment.isEmpty else { return nil }
    return nodes[rest].value
  }
}
