// Where a group declares its arguments. A declaration erases the type of each field: what is left is a
// description and a way to read a text into the field. Names that are malformed or declared twice are a
// programmer's error and stop at once: a test that makes the program finds them.

/// Collects the arguments of a group.
public struct ArgumentDeclaration<Group: ArgumentGroup> {
  var options: [DeclaredOption<Group>] = []
  var positionals: [DeclaredPositional<Group>] = []
  var rules: [DeclaredRule<Group>] = []
  private let standard = Group()

  init() {}

  // MARK: Options

  /// Declares a flag: `--name` sets the field to `true`.
  ///
  /// - Parameters:
  ///   - name: the long name, without its dashes.
  ///   - short: the one-letter name.
  ///   - field: the field.
  ///   - negatable: whether `--no-name` sets the field to `false`.
  ///   - meaning: what the flag is for, in a sentence.
  public mutating func flag(
    _ name: String, short: Character? = nil, _ field: FieldPath<Group, Bool>, negatable: Bool = false,
    _ meaning: String
  ) {
    let description = OptionDescription(
      name: name, short: short, placeholder: nil, meaning: meaning, accepted: "", choices: [], role: .bare,
      standard: negatable ? (standard[keyPath: field] ? "on" : "off") : nil, environment: nil,
      isRepeatable: false,
      isRequired: false, isNegatable: negatable)
    append(
      DeclaredOption(
        description: description, assign: { _, _ throws(NotationError) in },
        turn: { $1[keyPath: field] = $0 }))
  }

  /// Declares an option with a default: the field's initial value.
  ///
  /// - Parameters:
  ///   - name: the long name, without its dashes.
  ///   - short: the one-letter name.
  ///   - field: the field.
  ///   - notation: how the value is written.
  ///   - environment: the variable that is looked at if the option is not given.
  ///   - meaning: what the option is for, in a sentence.
  public mutating func option<Value: Sendable>(
    _ name: String, short: Character? = nil, _ field: FieldPath<Group, Value>,
    _ notation: ValueNotation<Value>,
    environment: String? = nil, _ meaning: String
  ) {
    let shown = notation.write(standard[keyPath: field])
    append(
      DeclaredOption(
        description: describe(
          name, short, notation, environment, meaning, standard: shown.isEmpty ? nil : shown),
        assign: { text, group throws(NotationError) in group[keyPath: field] = try notation.read(text) }))
  }

  /// Declares an option that may be left out: the field is `nil` then.
  ///
  /// - Parameters:
  ///   - name: the long name, without its dashes.
  ///   - short: the one-letter name.
  ///   - field: the field.
  ///   - notation: how the value is written.
  ///   - environment: the variable that is looked at if the option is not given.
  ///   - meaning: what the option is for, in a sentence.
  public mutating func option<Value: Sendable>(
    _ name: String, short: Character? = nil, _ field: FieldPath<Group, Value?>,
    _ notation: ValueNotation<Value>,
    environment: String? = nil, _ meaning: String
  ) {
    append(
      DeclaredOption(
        description: describe(
          name, short, notation, environment, meaning, standard: standard[keyPath: field].map(notation.write)),
        assign: { text, group throws(NotationError) in group[keyPath: field] = try notation.read(text) }))
  }

  /// Declares an option that must be given; the field's initial value is never seen.
  ///
  /// - Parameters:
  ///   - name: the long name, without its dashes.
  ///   - short: the one-letter name.
  ///   - field: the field.
  ///   - notation: how the value is written.
  ///   - environment: the variable that is looked at if the option is not given.
  ///   - meaning: what the option is for, in a sentence.
  public mutating func requiredOption<Value: Sendable>(
    _ name: String, short: Character? = nil, _ field: FieldPath<Group, Value>,
    _ notation: ValueNotation<Value>,
    environment: String? = nil, _ meaning: String
  ) {
    append(
      DeclaredOption(
        description: describe(name, short, notation, environment, meaning, isRequired: true),
        assign: { text, group throws(NotationError) in group[keyPath: field] = try notation.read(text) }))
  }

  /// Declares an option that may be given more than once; each value is appended to the field.
  ///
  /// - Parameters:
  ///   - name: the long name, without its dashes.
  ///   - short: the one-letter name.
  ///   - field: the field.
  ///   - notation: how each value is written.
  ///   - meaning: what the option is for, in a sentence.
  public mutating func repeatedOption<Value: Sendable>(
    _ name: String, short: Character? = nil, _ field: FieldPath<Group, [Value]>,
    _ notation: ValueNotation<Value>, _ meaning: String
  ) {
    append(
      DeclaredOption(
        description: describe(name, short, notation, nil, meaning, isRepeatable: true),
        assign: { text, group throws(NotationError) in group[keyPath: field].append(try notation.read(text)) }
      ))
  }

  // MARK: Positionals

  /// Declares a positional argument that must be given.
  ///
  /// - Parameters:
  ///   - name: what usage lines call it, in capitals.
  ///   - field: the field; its initial value is never seen.
  ///   - notation: how the value is written.
  ///   - meaning: what the argument is for, in a sentence.
  public mutating func argument<Value: Sendable>(
    _ name: String, _ field: FieldPath<Group, Value>, _ notation: ValueNotation<Value>, _ meaning: String
  ) {
    append(positional(name, notation, meaning, countMinimum: 1)) { text, group throws(NotationError) in
      group[keyPath: field] = try notation.read(text)
    }
  }

  /// Declares a positional argument that may be left out: the field is `nil` then.
  ///
  /// - Parameters:
  ///   - name: what usage lines call it, in capitals.
  ///   - field: the field.
  ///   - notation: how the value is written.
  ///   - meaning: what the argument is for, in a sentence.
  public mutating func argument<Value: Sendable>(
    _ name: String, _ field: FieldPath<Group, Value?>, _ notation: ValueNotation<Value>, _ meaning: String
  ) {
    append(positional(name, notation, meaning, countMinimum: 0)) { text, group throws(NotationError) in
      group[keyPath: field] = try notation.read(text)
    }
  }

  /// Declares that all positional arguments that are left go to one field.
  ///
  /// - Parameters:
  ///   - name: what usage lines call each, in capitals.
  ///   - field: the field.
  ///   - notation: how each value is written.
  ///   - countMinimum: how many there must be.
  ///   - meaning: what the arguments are for, in a sentence.
  public mutating func arguments<Value: Sendable>(
    _ name: String, _ field: FieldPath<Group, [Value]>, _ notation: ValueNotation<Value>,
    countMinimum: Int = 0, _ meaning: String
  ) {
    append(
      positional(name, notation, meaning, countMinimum: countMinimum, isRepeatable: true)
    ) { text, group throws(NotationError) in
      group[keyPath: field].append(try notation.read(text))
    }
  }

  // MARK: Groups and rules

  /// Takes over the arguments of a group that several commands share.
  public mutating func group<Inner: ArgumentGroup>(_ field: FieldPath<Group, Inner>) {
    var inner = ArgumentDeclaration<Inner>()
    Inner.declare(&inner)
    for option in inner.options { append(option.lifted(through: field)) }
    for positional in inner.positionals {
      let lifted = positional.lifted(through: field)
      append(lifted.description, lifted.assign)
    }
    rules += inner.rules.map { $0.lifted(through: field) }
  }

  /// Declares what must hold between arguments that are each accepted.
  ///
  /// - Parameters:
  ///   - meaning: what must hold, in a sentence without its full stop: it is the error.
  ///   - holds: whether it does.
  public mutating func rule(_ meaning: String, holds: @escaping @Sendable (Group) -> Bool) {
    rules.append(DeclaredRule(meaning: meaning, holds: holds))
  }

  // MARK: Inside

  private func describe<Value>(
    _ name: String, _ short: Character?, _ notation: ValueNotation<Value>, _ environment: String?,
    _ meaning: String, standard: String? = nil, isRepeatable: Bool = false, isRequired: Bool = false
  ) -> OptionDescription {
    OptionDescription(
      name: name, short: short, placeholder: notation.placeholder, meaning: meaning,
      accepted: notation.accepted,
      choices: notation.choices, role: notation.role, standard: standard, environment: environment,
      isRepeatable: isRepeatable, isRequired: isRequired, isNegatable: false)
  }

  private func positional<Value>(
    _ name: String, _ notation: ValueNotation<Value>, _ meaning: String, countMinimum: Int,
    isRepeatable: Bool = false
  ) -> PositionalDescription {
    PositionalDescription(
      name: name, meaning: meaning, accepted: notation.accepted, choices: notation.choices,
      role: notation.role,
      standard: nil, countMinimum: countMinimum, isRepeatable: isRepeatable)
  }

  private mutating func append(_ option: DeclaredOption<Group>) {
    let name = option.description.name
    precondition(
      !name.isEmpty && name.first != "-" && name.utf8.allSatisfy(isNameByte), "not a name: \(name)")
    precondition(!BuiltInOption.names.contains(name), "--\(name) belongs to every command")
    let known = Set(options.flatMap { Parser.spellings(of: $0.description) })
    precondition(
      known.isDisjoint(with: Parser.spellings(of: option.description)), "--\(name) is declared twice")
    precondition(option.description.short != "h", "-h is help")
    options.append(option)
  }

  private mutating func append(
    _ description: PositionalDescription, _ assign: @escaping DeclaredPositional<Group>.Assignment
  ) {
    if let last = positionals.last?.description {
      precondition(!last.isRepeatable, "nothing can follow \(last.name)...")
      precondition(
        last.countMinimum > 0 || description.countMinimum == 0, "\(description.name) follows an optional")
    }
    positionals.append(DeclaredPositional(description: description, assign: assign))
  }
}
