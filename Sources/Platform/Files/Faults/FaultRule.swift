// What can be made to go wrong, said as values: which calls, when, and how. A `FaultPlan` holds the rules.

/// Which files a rule is about.
public enum PathPattern: Hashable, Sendable {
  /// Every file.
  case any
  /// This path and no other.
  case path(FilePath)
  /// What lies in this directory, at any depth.
  case inside(FilePath)
  /// Paths that end so: `.log`.
  case suffix(String)
  /// Paths that have this somewhere.
  case containing(String)

  func matches(_ path: FilePath) -> Bool {
    switch self {
    case .any: true
    case .path(let exact): path == exact
    case .inside(let directory): path.string.hasPrefix(directory.string == "/" ? "/" : directory.string + "/")
    case .suffix(let suffix): path.string.hasSuffix(suffix)
    case .containing(let part): Self.contains(path.string.utf8, part.utf8)
    }
  }

  private static func contains(_ text: String.UTF8View, _ part: String.UTF8View) -> Bool {
    if part.isEmpty { return true }
    var start = text.startIndex
    while start != text.endIndex {
      if text[start...].starts(with: part) { return true }
      start = text.index(after: start)
    }
    return false
  }
}

/// Which of the calls that a rule is about it strikes.
public enum FaultMoment: Hashable, Sendable {
  /// All of them.
  case always
  /// The n-th alone, counted from 1 when the rule was added.
  case call(Int)
  /// From the n-th on, so many of them.
  case calls(from: Int, count: Int)
  /// Each with this probability, drawn from the plan's random source.
  case probability(Double)
}

/// What a rule does to a call that it strikes.
public enum FaultEffect: Hashable, Sendable {
  /// The call fails and does nothing. A sync that fails on a simulated disk also loses pages, as the
  /// kernel's does.
  case fail(ErrorNumber)
  /// A read or write does at most so many bytes; a read at least one.
  case short(bytes: Int)
  /// A read or write does a random part of what was asked, at least one byte.
  case shortRandomly
  /// The call takes this long, as the plan's `delay` makes it.
  case slow(Duration)
  /// A cached read finds nothing in the cache.
  case notCached
  /// Reads of this range of the file fail with EIO; a read that begins before it ends short of it.
  case unreadable(Range<Int>)
  /// Reads of this range see these bits flipped, as a disk that lies would show them.
  case flippedBits(Range<Int>, mask: UInt8)
}

/// One thing that goes wrong.
public struct FaultRule: Hashable, Sendable {
  /// The calls it is about; none means every one that takes the effect.
  public var operations: Set<FileOperation>
  /// The files it is about.
  public var path: PathPattern
  /// Which of those calls it strikes.
  public var moment: FaultMoment
  /// What it does to them.
  public var effect: FaultEffect

  /// A rule from its parts.
  public init(
    _ effect: FaultEffect, on operations: Set<FileOperation> = [], of path: PathPattern = .any,
    at moment: FaultMoment = .always
  ) {
    self.operations = operations
    self.path = path
    self.moment = moment
    self.effect = effect
  }

  func isAbout(_ operation: FileOperation, _ path: FilePath) -> Bool {
    guard operations.isEmpty || operations.contains(operation), self.path.matches(path) else { return false }
    switch effect {
    case .fail, .slow: return true
    case .short, .shortRandomly: return operation.movesBytes
    case .notCached: return operation == .readCached
    case .unreadable, .flippedBits: return operation.readsBytes
    }
  }
}

extension FileOperation {
  /// Whether the call can do less than it was asked.
  var movesBytes: Bool { readsBytes || self == .write || self == .append }

  /// Whether the call brings bytes from the file.
  var readsBytes: Bool { self == .read || self == .readCached || self == .copy || self == .map }
}
