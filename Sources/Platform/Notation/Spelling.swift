// Near misses: the accepted name that was probably meant. Restricted Damerau–Levenshtein distance (one
// insertion, deletion, substitution or swap of neighbours costs one), with a threshold that grows with
// the length, so that short names do not suggest each other at random.

/// Finds the name that was probably meant.
public enum Spelling {
  /// Longer texts are not compared: nobody misspells them, and the time would be quadratic.
  public static let lengthMaximum = 128

  /// The candidate nearest to `text`, if it is near enough to be a slip; ties go to the first.
  public static func nearest(to text: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(text.lowercased().unicodeScalars)
    guard !wanted.isEmpty, wanted.count <= lengthMaximum else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates where candidate != text {
      let other = Array(candidate.lowercased().unicodeScalars)
      guard other.count <= lengthMaximum else { continue }
      let allowed = Swift.min(3, Swift.max(wanted.count, other.count) / 3)
      guard abs(wanted.count - other.count) <= allowed else { continue }
      let found = distance(wanted, other)
      if found <= allowed, found < best?.distance ?? .max { best = (candidate, found) }
    }
    return best?.name
  }

  /// The restricted Damerau–Levenshtein distance between two texts, scalar by scalar.
  public static func distance(_ first: String, _ second: String) -> Int {
    distance(Array(first.unicodeScalars), Array(second.unicodeScalars))
  }

  private static func distance(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Int {
    if first.isEmpty || second.isEmpty { return first.count + second.count }
    var twoBack = [Int](repeating: 0, count: second.count + 1)
    var oneBack = Array(0...second.count)
    var row = twoBack
    for i in 1...first.count {
      row[0] = i
      for j in 1...second.count {
        let substitution = oneBack[j - 1] + (first[i - 1] == second[j - 1] ? 0 : 1)
        row[j] = Swift.min(substitution, oneBack[j] + 1, row[j - 1] + 1)
        if i > 1, j > 1, first[i - 1] == second[j - 2], first[i - 2] == second[j - 1] {
          row[j] = Swift.min(row[j], twoBack[j - 2] + 1)
        }
      }
      (twoBack, oneBack, row) = (oneBack, row, twoBack)
    }
    return oneBack[second.count]
  }
}
