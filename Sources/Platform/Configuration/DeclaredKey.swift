// A declared key or constraint with the type of its field erased, relative to a section; lifting makes it
// relative to the section around that one.

/// A key of a section, its type erased.
struct DeclaredKey<Section: Sendable>: Sendable {
  /// Reads a node into the field, or reports why not: node, full key name, section, context.
  typealias Assignment = @Sendable (ConfigurationNode, String, inout Section, inout ReadingContext) -> Void

  let description: KeyDescription
  let assign: Assignment
  let render: @Sendable (Section) -> RenderedValue

  func lifted<Outer>(through path: FieldPath<Outer, Section>, name: String) -> DeclaredKey<
    Outer
  > {
    let (assign, render) = (assign, render)
    return DeclaredKey<Outer>(
      description: description.prefixed("\(name)."),
      assign: { node, key, outer, context in assign(node, key, &outer[keyPath: path], &context) },
      render: { render($0[keyPath: path]) })
  }
}

/// A constraint of a section: the keys it names, by their place in the section's list.
struct DeclaredConstraint<Section: Sendable>: Sendable {
  let keys: [Int]
  let meaning: String
  let holds: @Sendable (Section) -> Bool

  func lifted<Outer>(
    through path: FieldPath<Outer, Section>, offset: Int
  ) -> DeclaredConstraint<Outer> {
    let holds = holds
    return DeclaredConstraint<Outer>(
      keys: keys.map { $0 + offset }, meaning: meaning, holds: { holds($0[keyPath: path]) })
  }
}

extension KeyDescription {
  func named(_ name: String) -> KeyDescription {
    var copy = self
    copy.key = name
    return copy
  }
}
