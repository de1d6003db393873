// How names of a .proto file become Swift names. The rules are swift-protobuf's as far as its users see them,
// so that code written against one compiles against the other.

/// Naming rules.
enum SwiftNames {
  /// Words written in capitals when they are not the first of a name.
  private static let initialisms: Set<String> = ["url", "http", "https", "id"]

  /// `user_id` becomes `userID`, `HTTPServer` becomes `httpServer`.
  static func lowerCamel(_ name: String) -> String {
    join(words(name), capitalizeFirst: false)
  }

  /// `user_id` becomes `UserID`.
  static func upperCamel(_ name: String) -> String {
    join(words(name), capitalizeFirst: true)
  }

  private static func join(_ words: [String], capitalizeFirst: Bool) -> String {
    var result = ""
    for (index, word) in words.enumerated() {
      if index == 0 && !capitalizeFirst {
        result += word
      } else if initialisms.contains(word) {
        result += word.uppercased()
      } else {
        // Two numbers side by side would read as one.
        if let last = result.last, last.isNumber, let first = word.first, first.isNumber { result += "_" }
        result += word.prefix(1).uppercased() + word.dropFirst()
      }
    }
    return result
  }

  /// Lowercased words: split at underscores, before a capital that follows a small letter or ends a run of
  /// capitals, and around numbers.
  private static func words(_ name: String) -> [String] {
    var words: [String] = []
    var word = ""
    let letters = Array(name)
    for (index, letter) in letters.enumerated() {
      if letter == "_" {
        if !word.isEmpty { words.append(word.lowercased()) }
        word = ""
        continue
      }
      if let last = word.last {
        let next = index + 1 < letters.count ? letters[index + 1] : "_"
        let startsWord =
          letter.isUppercase && (!last.isUppercase || next.isLowercase)
          || letter.isNumber != last.isNumber && !letter.isUppercase
        if startsWord {
          words.append(word.lowercased())
          word = ""
        }
      }
      word.append(letter)
    }
    if !word.isEmpty { words.append(word.lowercased()) }
    return words
  }

  /// `foo.bar_baz` becomes `Foo_BarBaz_`: what the names of a package's types begin with.
  static func typePrefix(package: String) -> String {
    if package.isEmpty { return "" }
    let parts = package.split(separator: ".").map { part in
      part.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
    return parts.joined(separator: "_") + "_"
  }

  /// A message's own name, changed when Swift or generated code means something else by it.
  static func message(_ name: String) -> String { reservedTypes.contains(name) ? name + "Message" : name }

  /// An enum's own name, changed when Swift or generated code means something else by it.
  static func enumeration(_ name: String) -> String { reservedTypes.contains(name) ? name + "Enum" : name }

  /// The name of what is made of a service.
  static func service(_ name: String) -> String { name.hasSuffix("Service") ? name : name + "Service" }

  /// A method's name.
  static func method(_ name: String) -> String {
    let camel = lowerCamel(name)
    if camel.isEmpty || camel.first?.isNumber == true { return "_" + camel }
    // A method of this name can be declared, and not be called.
    return camel == "self" || camel == "init" ? camel + "_p" : camel
  }

  /// A field's property name before it is told apart from its neighbours'.
  static func property(_ name: String) -> String {
    let camel = lowerCamel(name)
    if camel.isEmpty || camel.first?.isNumber == true { return "_" + camel }
    return reservedProperties.contains(camel) ? camel + "_p" : camel
  }

  /// `name`, in backticks when it is a keyword.
  static func escaped(_ name: String) -> String { keywords.contains(name) ? "`\(name)`" : name }

  /// The names of an enum's cases: without the enum's own name in front, when that leaves usable names.
  static func cases(of enumeration: String, values: [String]) -> [String] {
    let prefix = squeezed(enumeration)
    var used: Set<String> = ["UNRECOGNIZED"]
    return values.map { value in
      var name = lowerCamel(strip(prefix, from: value) ?? value)
      if name.isEmpty || name.first?.isNumber == true { name = lowerCamel(value) }
      if name.isEmpty || name.first?.isNumber == true { name = "_" + name }
      if reservedCases.contains(name) { name += "_" }
      while !used.insert(name).inserted { name += "_" }
      return name
    }
  }

  /// `COLOR_RED` without `color`; nil when it does not begin so, or nothing is left.
  private static func strip(_ prefix: String, from value: String) -> String? {
    var rest = Substring(value)
    for letter in prefix {
      while rest.first == "_" { rest.removeFirst() }
      guard let first = rest.first, first.lowercased() == String(letter) else { return nil }
      rest.removeFirst()
    }
    // `COLORFUL` is not `FUL` of `COLOR`.
    guard rest.first == "_" || rest.first?.isUppercase == true && value.contains(where: \.isLowercase) else {
      return nil
    }
    while rest.first == "_" { rest.removeFirst() }
    return rest.isEmpty ? nil : String(rest)
  }

  private static func squeezed(_ name: String) -> String { name.filter { $0 != "_" }.lowercased() }

  private static let keywords: Set<String> = [
    "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer", "deinit", "do",
    "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if",
    "import",
    "in", "init", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup", "private",
    "protocol",
    "public", "repeat", "rethrows", "return", "self", "static", "struct", "subscript", "super", "switch",
    "throw", "throws", "true", "try", "typealias", "var", "where", "while", "Any", "Self", "Type", "Protocol",
  ]

  /// Members every message has.
  private static let reservedProperties: Set<String> = [
    "self", "init", "unknownFields", "serializedSize", "hashValue", "description", "debugDescription",
    "protoMessageName", "dynamicType", "isInitialized",
  ]

  /// Members every enum has, or that cannot be a case.
  private static let reservedCases: Set<String> = [
    "self", "init", "allCases", "number", "rawValue", "protoName", "hashValue",
  ]

  /// Types generated code or Swift itself needs under their own names.
  private static let reservedTypes: Set<String> = [
    "Any", "Type", "Self", "Protocol", "Swift", "Wire", "Bytes", "GRPC", "Message", "Enum", "Int", "Int32",
    "Int64", "UInt32", "UInt64", "Float", "Double", "Bool", "String", "ByteBuffer", "Array", "Dictionary",
    "Optional", "Set", "Never", "Void", "Error", "RawValue", "Hashable", "Equatable", "Sendable",
    "CaseIterable",
  ]
}
