// What the process was started with: arguments and environment, as text that is known to be UTF-8.
// Swift's own accessors repair invalid bytes, which would open another file than the one that was named.

internal import Glibc

/// The arguments and the environment of the process.
public struct ProcessInput: Sendable {
  /// The arguments after the program's name.
  public let arguments: [String]
  /// The variables. Those that are not UTF-8 are left out unless their names start with the program's
  /// prefix: nobody here reads them.
  public let environment: [String: String]

  /// Reads both, once.
  ///
  /// - Parameter prefix: how the names of the variables start that must not be left out.
  public static func current(prefix: String) throws(CommandLineError) -> ProcessInput {
    var arguments: [String] = []
    for index in 1..<max(1, Int(Swift.CommandLine.argc)) {
      guard let pointer = Swift.CommandLine.unsafeArgv[index] else { break }
      guard let text = String(validatingCString: pointer) else { throw .notUnicode("argument \(index)") }
      arguments.append(text)
    }
    var environment: [String: String] = [:]
    var next = environ
    while let pointer = next.pointee {
      next += 1
      guard let text = String(validatingCString: pointer) else {
        let repaired = String(cString: pointer)
        if repaired.hasPrefix(prefix) { throw .notUnicode("the variable \(repaired.prefix { $0 != "=" })") }
        continue
      }
      guard let equals = text.firstIndex(of: "=") else { continue }
      environment[String(text[..<equals])] = String(text[text.index(after: equals)...])
    }
    return ProcessInput(arguments: arguments, environment: environment)
  }
}
