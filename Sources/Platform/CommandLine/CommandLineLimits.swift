// Every limit on what is taken from a command line.

/// What is taken from a command line, at most.
public enum CommandLineLimits {
  /// How many arguments.
  public static let argumentsMaximum = 65_536
  /// How many bytes an argument has: what Linux passes on.
  public static let argumentBytesMaximum = 128 << 10
  /// How many characters of a wrong value are shown.
  public static let shownValueCharactersMaximum = 80
  /// The widest help page, in columns: longer lines are hard to read.
  public static let helpWidthMaximum = 100
  /// The narrowest help page, in columns; a narrower terminal wraps by itself.
  public static let helpWidthMinimum = 40
}
