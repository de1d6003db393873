// Declared options, positionals and rules with the types of their fields erased, relative to a group;
// lifting makes them relative to the group around that one.

struct DeclaredOption<Group: Sendable>: Sendable {
  let description: OptionDescription
  /// Reads the text of an option's value.
  let assign: @Sendable (String, inout Group) throws(NotationError) -> Void
  /// Turns a flag on or off.
  let turn: @Sendable (Bool, inout Group) -> Void

  init(
    description: OptionDescription,
    assign: @escaping @Sendable (String, inout Group) throws(NotationError) -> Void,
    turn: @escaping @Sendable (Bool, inout Group) -> Void = { _, _ in }
  ) {
    self.description = description
    self.assign = assign
    self.turn = turn
  }

  func lifted<Outer>(through field: FieldPath<Outer, Group>) -> DeclaredOption<Outer> {
    let (assign, turn) = (assign, turn)
    return DeclaredOption<Outer>(
      description: description,
      assign: { text, outer throws(NotationError) in try assign(text, &outer[keyPath: field]) },
      turn: { turn($0, &$1[keyPath: field]) })
  }
}

struct DeclaredPositional<Group: Sendable>: Sendable {
  typealias Assignment = @Sendable (String, inout Group) throws(NotationError) -> Void

  let description: PositionalDescription
  let assign: Assignment

  func lifted<Outer>(through field: FieldPath<Outer, Group>) -> DeclaredPositional<Outer> {
    let assign = assign
    return DeclaredPositional<Outer>(
      description: description,
      assign: { text, outer throws(NotationError) in try assign(text, &outer[keyPath: field]) })
  }
}

struct DeclaredRule<Group: Sendable>: Sendable {
  let meaning: String
  let holds: @Sendable (Group) -> Bool

  func lifted<Outer>(through field: FieldPath<Outer, Group>) -> DeclaredRule<Outer> {
    let holds = holds
    return DeclaredRule<Outer>(meaning: meaning, holds: { holds($0[keyPath: field]) })
  }
}
