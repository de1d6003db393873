import Wire

/// The Swift names of a message's fields and oneofs, told apart from each other and from the `hasX`, `clearX`
/// and `_x` that come with them.
struct PropertyNames {
  private(set) var fields: [String] = []
  private(set) var oneofs: [String] = []
  private var used: Set<String> = []

  init(_ message: Google_Protobuf_DescriptorProto) {
    for field in message.field {
      var name = SwiftNames.property(field.name)
      if !claim(name) {
        name += "_p\(field.number)"
        _ = claim(name)
      }
      fields.append(name)
    }
    for (index, oneof) in message.oneofDecl.enumerated() {
      var name = SwiftNames.property(oneof.name)
      if !claim(name) {
        name += "_o\(index)"
        _ = claim(name)
      }
      oneofs.append(name)
    }
  }

  /// Takes the name and those derived from it; false, and nothing taken, when one of them is taken.
  private mutating func claim(_ name: String) -> Bool {
    let capitalized = name.prefix(1).uppercased() + name.dropFirst()
    let all = [name, "_" + name, "has" + capitalized, "clear" + capitalized]
    if all.contains(where: used.contains) { return false }
    used.formUnion(all)
    return true
  }
}
