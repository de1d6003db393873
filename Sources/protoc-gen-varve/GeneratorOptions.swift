/// What `--varve_opt=` (or the part before the colon of `--varve_out=`) says.
struct GeneratorOptions: Equatable {
  /// How generated declarations are visible.
  enum Visibility: String, CaseIterable {
    case `public` = "Public"
    case `internal` = "Internal"

    /// The modifier and a space; nothing for internal.
    var modifier: String { self == .public ? "public " : "" }
  }

  /// How the generated file's path comes from the .proto file's.
  enum FileNaming: String, CaseIterable {
    /// `a/b/c.proto` becomes `a/b/c.pb.swift`.
    case fullPath = "FullPath"
    /// `a/b/c.proto` becomes `a_b_c.pb.swift`.
    case pathToUnderscores = "PathToUnderscores"
    /// `a/b/c.proto` becomes `c.pb.swift`.
    case dropPath = "DropPath"
  }

  /// What is made of services.
  enum Services: String, CaseIterable {
    case none = "None"
    case server = "Server"
    case client = "Client"
    case both = "Both"

    /// Whether there is something to answer calls with.
    var includesServers: Bool { self == .server || self == .both }
    /// Whether there is something to make calls with.
    var includesClients: Bool { self == .client || self == .both }
  }

  var visibility = Visibility.internal
  var fileNaming = FileNaming.fullPath
  /// The generated code will be part of module Wire: it does not import it.
  var insideWire = false
  /// The comments of the .proto file become documentation comments.
  var comments = true
  var services = Services.both
  /// Modules that have the messages of imported files, besides those of the runtime.
  var imports: [String] = []

  /// Reads `Name=Value,Name=Value`.
  init(parsing parameter: String) throws(GeneratorError) {
    for option in parameter.split(separator: ",") {
      let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count == 2 ? String(parts[1]) : ""
      switch parts[0] {
      case "Visibility": visibility = try Self.parse(option, value)
      case "FileNaming": fileNaming = try Self.parse(option, value)
      case "InsideWire": insideWire = try Self.parseSwitch(option, value)
      case "Comments": comments = try Self.parseSwitch(option, value)
      case "Services": services = try Self.parse(option, value)
      case "Import": imports.append(value)
      default:
        throw .option(
          String(option), accepted: "Visibility, FileNaming, InsideWire, Comments, Services, Import")
      }
    }
  }

  private static func parseSwitch(_ option: Substring, _ value: String) throws(GeneratorError) -> Bool {
    guard let isOn = Bool(value) else { throw .option(String(option), accepted: "true, false") }
    return isOn
  }

  private static func parse<Choice: CaseIterable & RawRepresentable<String>>(
    _ option: Substring, _ value: String
  ) throws(GeneratorError) -> Choice {
    guard let choice = Choice(rawValue: value) else {
      let accepted = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw .option(String(option), accepted: accepted)
    }
    return choice
  }

  /// The path of the file generated from the .proto file at `path`.
  func outputPath(for path: String) -> String {
    let stem = path.hasSuffix(".proto") ? String(path.dropLast(6)) : path
    let named =
      switch fileNaming {
      case .fullPath: stem
      case .pathToUnderscores: String(stem.map { $0 == "/" ? "_" : $0 })
      case .dropPath: stem.split(separator: "/").last.map(String.init) ?? stem
      }
    return named + ".pb.swift"
  }
}
