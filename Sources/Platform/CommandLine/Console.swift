// What a command prints to: output and errors, each with what is known about the terminal behind it.
// Commands never touch standard output themselves, so a test hands them a console in memory.

internal import Glibc

/// What is known about the device behind a stream.
public struct StreamTraits: Hashable, Sendable {
  /// Whether somebody watches.
  public let isTerminal: Bool
  /// How many columns a line has.
  public let width: Int
  /// Whether to use colour.
  public let hasColor: Bool

  /// The width assumed where there is no terminal.
  public static let widthAssumed = 80

  /// Traits that are known.
  public init(isTerminal: Bool = false, width: Int = widthAssumed, hasColor: Bool = false) {
    self.isTerminal = isTerminal
    self.width = width
    self.hasColor = hasColor
  }

  /// The traits of a descriptor: its window's width, or COLUMNS, or 80.
  public init(of descriptor: Int32, color: ColorChoice, environment: [String: String]) {
    isTerminal = isatty(descriptor) == 1
    var size = winsize()
    if isTerminal, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      width = Int(size.ws_col)
    } else if let columns = environment["COLUMNS"].flatMap({ Int($0) }), (1...10_000).contains(columns) {
      width = columns
    } else {
      width = Self.widthAssumed
    }
    hasColor = color.isOn(isTerminal: isTerminal, environment: environment)
  }
}

/// Output and errors of a command.
public struct Console: Sendable {
  /// What was asked for goes here.
  public let output: any OutputSink
  /// Errors and progress go here.
  public let errors: any OutputSink
  /// What is known about the device behind the output.
  public let outputTraits: StreamTraits
  /// What is known about the device behind the errors.
  public let errorTraits: StreamTraits
  /// The environment variables of whoever sits there; commands read them here, not from the process.
  public let environment: [String: String]

  /// A console on two sinks.
  public init(
    output: any OutputSink, errors: any OutputSink, outputTraits: StreamTraits = StreamTraits(),
    errorTraits: StreamTraits = StreamTraits(), environment: [String: String] = [:]
  ) {
    self.output = output
    self.errors = errors
    self.outputTraits = outputTraits
    self.errorTraits = errorTraits
    self.environment = environment
  }

  /// The console of the process.
  public static func standard(color: ColorChoice, environment: [String: String]) -> Console {
    Console(
      output: DescriptorOutput(STDOUT_FILENO), errors: DescriptorOutput(STDERR_FILENO),
      outputTraits: StreamTraits(of: STDOUT_FILENO, color: color, environment: environment),
      errorTraits: StreamTraits(of: STDERR_FILENO, color: color, environment: environment),
      environment: environment)
  }

  /// Prints text and ends the line.
  public func print(_ text: String) throws(CommandLineError) { try output.write(text + "\n") }

  /// Prints text as it is.
  public func write(_ text: String) throws(CommandLineError) { try output.write(text) }

  /// Prints bytes as they are.
  public func write(_ bytes: RawSpan) throws(CommandLineError) { try output.write(bytes) }

  /// Prints a line among the errors.
  public func note(_ text: String) throws(CommandLineError) { try errors.write(text + "\n") }

  /// Text for the output, in a style if the output takes colour.
  public func styled(_ text: String, _ style: TextStyle) -> String {
    style.applied(to: text, isOn: outputTraits.hasColor)
  }

  /// Prints `program: error: message` for each message, and `program: hint: …`.
  public func report(
    _ messages: [String], hint: String?, program: String
  ) throws(CommandLineError) {
    let error = TextStyle.red.applied(to: "error:", isOn: errorTraits.hasColor)
    for message in messages { try note("\(program): \(error) \(message)") }
    if let hint {
      try note("\(program): \(TextStyle.cyan.applied(to: "hint:", isOn: errorTraits.hasColor)) \(hint)")
    }
  }
}
