// The whole configuration as declared: every key with its environment variable, and the one way from
// sources to a value. What it loads is in LoadedConfiguration.swift, how it is printed in
// ConfigurationSchema+Rendering.swift.

/// Every key of a program's configuration.
public struct ConfigurationSchema<Root: ConfigurationSection>: Sendable {
  /// Every key in the order of declaration.
  public let keys: [KeyDescription]
  /// Every section in the order of declaration.
  public let sections: [SectionDescription]
  /// Every constraint in the order of declaration.
  public let constraints: [ConstraintDescription]
  /// How the name of every environment variable starts.
  public let environmentPrefix: String

  private let schema: SectionSchema<Root>
  private let reservedEnvironment: Set<String>
  private let byEnvironment: [String: Target]
  private let byName: [String: Target]

  private struct Target {
    let index: Int
    let name: String
    let isSecretFile: Bool
  }

  /// The schema of `Root` and everything nested in it.
  ///
  /// - Parameters:
  ///   - root: the type that holds the whole configuration.
  ///   - environmentPrefix: how the name of every environment variable starts.
  ///   - reservedEnvironment: variables with that prefix that are no keys but have another use.
  public init(
    _ root: Root.Type, environmentPrefix: String = "VARVE_", reservedEnvironment: Set<String> = []
  ) {
    let schema = SectionSchema<Root>()
    precondition(
      reservedEnvironment.allSatisfy { $0.hasPrefix(environmentPrefix) },
      "a reserved variable without the prefix")
    var byEnvironment: [String: Target] = [:]
    var byName: [String: Target] = [:]
    for (name, index, isSecretFile) in schema.settable {
      let target = Target(index: index, name: name, isSecretFile: isSecretFile)
      let variable = Self.variable(for: name, environmentPrefix)
      precondition(byEnvironment[variable] == nil, "two keys share the variable \(variable)")
      precondition(
        !reservedEnvironment.contains(variable), "\(variable) is reserved but is the variable of \(name)")
      byEnvironment[variable] = target
      byName[name] = target
    }
    self.schema = schema
    self.environmentPrefix = environmentPrefix
    self.reservedEnvironment = reservedEnvironment
    self.byEnvironment = byEnvironment
    self.byName = byName
    keys = schema.keys.map { key in
      var description = key.description
      description.environment = Self.variable(for: description.key, environmentPrefix)
      return description
    }
    sections = schema.sections
    constraints = schema.constraints.map { constraint in
      ConstraintDescription(
        keys: constraint.keys.map { schema.keys[$0].description.key }, meaning: constraint.meaning)
    }
  }

  private static func variable(for name: String, _ prefix: String) -> String {
    prefix + String(name.map { $0 == "." ? "_" : $0 }).uppercased()
  }

  /// The full name of the key that is bound to a field, for flags that set it.
  public func name(of path: PartialKeyPath<Root>) -> String {
    var declaration = SectionDeclaration<Root>()
    Root.declare(&declaration)
    guard let index = declaration.indices[path] else { preconditionFailure("an undeclared field: \(path)") }
    return keys[index].key
  }

  // MARK: Loading

  /// Reads the configuration from its sources, or throws everything that is wrong with it.
  ///
  /// - Parameters:
  ///   - file: the configuration file, if there is one.
  ///   - environment: the environment variables of the process.
  ///   - flags: the keys set on the command line.
  public func load(
    file: ConfigurationFile? = nil, environment: [String: String] = [:], flags: [ConfigurationFlag] = []
  ) throws(ConfigurationError) -> LoadedConfiguration<Root> {
    try load(file: file, environment: environment, flags: flags, readSecret: ConfigurationFile.readSecret)
  }

  /// The same with another way to read the files that hold secrets.
  ///
  /// - Parameters:
  ///   - file: the configuration file, if there is one.
  ///   - environment: the environment variables of the process.
  ///   - flags: the keys set on the command line.
  ///   - readSecret: yields the bytes of the file at a path.
  public func load(
    file: ConfigurationFile?, environment: [String: String], flags: [ConfigurationFlag],
    readSecret: @escaping (_ path: String) throws(ConfigurationError) -> [UInt8]
  ) throws(ConfigurationError) -> LoadedConfiguration<Root> {
    var context = ReadingContext(readSecret: readSecret)
    let layers = [
      settings(of: file, &context), settings(of: environment, &context), settings(of: flags, &context),
    ]
    var value = Root()
    let sources = schema.assign(layers, prefix: "", at: .standard, to: &value, &context)
    guard context.problems.isEmpty else { throw .invalid(Self.ordered(context.problems)) }
    let entries = keys.enumerated().map { index, description in
      LoadedConfiguration<Root>.Entry(
        description: description, value: schema.keys[index].render(value), source: sources[index] ?? .standard
      )
    }
    return LoadedConfiguration(value: value, entries: entries)
  }

  private func settings(
    of file: ConfigurationFile?, _ context: inout ReadingContext
  ) -> [Int: SectionSchema<Root>.Setting] {
    guard let file else { return [:] }
    let (root, problems) = YAMLReader.read(file.bytes) { line, column in
      .file(path: file.path, line: line, column: column)
    }
    context.problems += problems
    return root.map { schema.gather($0, prefix: "", &context) } ?? [:]
  }

  private func settings(
    of environment: [String: String], _ context: inout ReadingContext
  ) -> [Int: SectionSchema<Root>.Setting] {
    var settings: [Int: SectionSchema<Root>.Setting] = [:]
    for (name, text) in environment.sorted(by: { $0.key < $1.key })
    where name.hasPrefix(environmentPrefix) && !reservedEnvironment.contains(name) {
      let source = ConfigurationSource.environment(name: ConfigurationText.key(name))
      if let target = byEnvironment[name] {
        let node = ConfigurationNode(content: .scalar(text, .outside), source: source)
        schema.set(target.index, node, target.name, target.isSecretFile, &settings, &context)
      } else {
        // The prefix is left out, or every name would look like every other.
        let known = (byEnvironment.keys.sorted() + reservedEnvironment.sorted()).map {
          String($0.dropFirst(environmentPrefix.count))
        }
        let nearest = Spelling.nearest(to: String(name.dropFirst(environmentPrefix.count)), among: known)
        context.problems.append(
          ConfigurationProblem(
            .unknownKey, at: source, "no such variable", suggestion: nearest.map { environmentPrefix + $0 }))
      }
    }
    return settings
  }

  private func settings(
    of flags: [ConfigurationFlag], _ context: inout ReadingContext
  ) -> [Int: SectionSchema<Root>.Setting] {
    var settings: [Int: SectionSchema<Root>.Setting] = [:]
    for flag in flags {
      let source = ConfigurationSource.flag(flag.spelling)
      guard let target = byName[flag.key] else {
        let isSection = sections.contains { $0.name == flag.key }
        context.problems.append(
          ConfigurationProblem(
            .unknownKey, at: source, isSection ? "is a section: set one of its keys" : "no such key",
            suggestion: isSection ? nil : Spelling.nearest(to: flag.key, among: byName.keys.sorted())))
        continue
      }
      guard let text = flag.value else {
        context.problems.append(
          ConfigurationProblem(
            .invalidValue, at: source, key: flag.key, "has no value: write \(flag.key)=value",
            accepted: keys[target.index].accepted))
        continue
      }
      let node = ConfigurationNode(content: .scalar(text, .outside), source: source)
      schema.set(target.index, node, target.name, target.isSecretFile, &settings, &context)
    }
    return settings
  }

  /// The problems as a reader goes through the sources, and not more than anybody reads.
  private static func ordered(_ problems: [ConfigurationProblem]) -> [ConfigurationProblem] {
    let sorted = problems.enumerated().sorted {
      ($0.element.source.order, $0.offset) < ($1.element.source.order, $1.offset)
    }
    .map(\.element)
    let maximum = ConfigurationLimits.problemsMaximum
    guard sorted.count > maximum else { return sorted }
    let rest = ConfigurationProblem(
      .syntax, at: .standard, "\(sorted.count - maximum) more problems are not shown")
    return Array(sorted.prefix(maximum)) + [rest]
  }
}
