// How a command ends, as a number that scripts and service managers act on. The numbers are those of
// sysexits.h, so that other tools' conventions hold.

/// How a command ended.
public enum ExitCode: Int32, CaseIterable, Hashable, Sendable {
  /// The command did what it was asked to.
  case success = 0
  /// The arguments are wrong.
  case usage = 64
  /// Input data is wrong or damaged.
  case data = 65
  /// Something that is needed cannot be reached.
  case unavailable = 69
  /// A defect of the program.
  case internalError = 70
  /// An output file cannot be created.
  case cannotCreate = 73
  /// Reading or writing failed.
  case inputOutput = 74
  /// A passing failure: the same command may succeed later.
  case temporary = 75
  /// The operation is not permitted.
  case permission = 77
  /// The configuration is wrong.
  case configuration = 78

  /// What the number means, as help pages say it.
  public var meaning: String {
    switch self {
    case .success: "success"
    case .usage: "wrong arguments"
    case .data: "wrong or damaged input data"
    case .unavailable: "something needed cannot be reached"
    case .internalError: "a defect of the program"
    case .cannotCreate: "an output file cannot be created"
    case .inputOutput: "reading or writing failed"
    case .temporary: "a passing failure, try again later"
    case .permission: "not permitted"
    case .configuration: "wrong configuration"
    }
  }
}
