// Where in a value a coder is: a chain of keys, made into an array only when somebody asks.

/// The keys that lead to a value, innermost first.
final class CBORPath {
  private let parent: CBORPath?
  private let key: any CodingKey

  init(_ key: any CodingKey, under parent: CBORPath?) {
    self.key = key
    self.parent = parent
  }

  /// The keys, outermost first.
  var keys: [any CodingKey] {
    var keys: [any CodingKey] = []
    var place: CBORPath? = self
    while let here = place {
      keys.append(here.key)
      place = here.parent
    }
    return keys.reversed()
  }
}

/// The key of an array's element, or `super`. (Small, and without text until somebody asks for it: one is
/// made for every element of every array.)
enum CBORPlaceKey: CodingKey {
  case index(Int)
  case `super`

  init(intValue: Int) { self = .index(intValue) }

  init?(stringValue: String) {
    guard stringValue == "super" else { return nil }
    self = .super
  }

  var stringValue: String {
    switch self {
    case .index(let index): "Index \(index)"
    case .super: "super"
    }
  }

  var intValue: Int? {
    switch self {
    case .index(let index): index
    case .super: nil
    }
  }
}

extension CodingKey {
  /// The integer that stands for this key where keys are integers; nil when it stays text.
  ///
  /// Keys of a `[String: …]` have an `intValue` whenever their text is a number. Text that the number would
  /// not give back (`"01"`) must stay text.
  var integerForm: Int? {
    guard let intValue else { return nil }
    if let first = stringValue.utf8.first,
      first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first), stringValue != String(intValue)
    {
      return nil
    }
    return intValue
  }
}
