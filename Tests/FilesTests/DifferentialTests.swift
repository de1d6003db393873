// One seeded sequence of operations, applied to the kernel and to the simulated disk: every answer, every
// error number and in the end every byte must be the same.

import Bytes
import Files
import Runtime
import Testing

@Suite("The simulated disk beside the kernel") struct DifferentialTests {
  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func answersAlike(seed: UInt64) throws {
    try withLocalDirectory { local in
      let simulated = SimulatedFiles()
      try simulated.createDirectories("/base")
      var script = Script(seed: seed)
      var left = Actor(LocalFiles(), local)
      var right = Actor(simulated, "/base")
      for step in 0..<1500 {
        let operation = script.next()
        let (expected, got) = (left.apply(operation), right.apply(operation))
        guard expected == got else {
          Issue.record("seed \(seed), step \(step), \(operation): kernel \(expected), simulated \(got)")
          return
        }
      }
      #expect(try left.contents() == right.contents(), "seed \(seed)")
    }
  }
}

/// What is done to both.
private enum Operation {
  case open(slot: Int, path: String, OpenOptions)
  case close(slot: Int)
  case write(slot: Int, offset: Int, count: Int, fill: UInt8)
  case gather(slot: Int, offset: Int, counts: [Int], fill: UInt8)
  case append(slot: Int, count: Int, fill: UInt8)
  case read(slot: Int, offset: Int, count: Int)
  case truncate(slot: Int, bytes: Int)
  case allocate(slot: Int, Allocation, offset: Int, length: Int)
  case copy(from: Int, offset: Int, to: Int, target: Int, length: Int)
  case sync(slot: Int)
  case statusOfSlot(Int)
  case status(String)
  case list(String)
  case makeDirectory(String)
  case removeDirectory(String)
  case remove(String)
  case rename(String, String)
  case link(String, String)
  case replace(String, fill: UInt8, count: Int)
  case removeTree(String)
}

/// The operations of a seed.
private struct Script {
  let random: SeededRandom
  static let slots = 4

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  func pick(_ count: Int) -> Int { Int(random.next(below: UInt64(count))) }
  func slot() -> Int { pick(Self.slots) }

  /// Few names, so that they collide; now and then a path through something that is not there or no directory.
  func path() -> String {
    let names = ["a", "b", "c", "d"]
    let depth = [1, 1, 1, 2, 2, 3][pick(6)]
    var path = (0..<depth).map { _ in names[pick(4)] }.joined(separator: "/")
    if pick(30) == 0 { path += "/.." }
    if pick(30) == 0 { path += "/." }
    return path
  }

  /// Offsets near page borders as often as anywhere.
  func offset() -> Int {
    switch pick(4) {
    case 0: pick(100)
    case 1: max(0, 4096 * pick(6) + pick(5) - 2)
    case 2: 512 * pick(60)
    default: pick(30_000)
    }
  }

  func count() -> Int { [0, 1, pick(50), pick(600), 512, 4096, pick(9000)][pick(7)] }

  mutating func next() -> Operation {
    let fill = UInt8(1 + pick(250))
    switch pick(32) {
    case 0...3:
      let options: [OpenOptions] = [
        .read, .write, [.read, .write], [.read, .write, .create], [.read, .write, .create],
        [.write, .create, .exclusive], [.read, .write, .create, .truncate], [.write, .create, .append],
        [.read, .directory],
      ]
      return .open(slot: slot(), path: path(), options[pick(options.count)])
    case 4: return .close(slot: slot())
    case 5...9: return .write(slot: slot(), offset: offset(), count: count(), fill: fill)
    case 10:
      return .gather(
        slot: slot(), offset: offset(), counts: (0..<1 + pick(5)).map { _ in count() }, fill: fill)
    case 11: return .append(slot: slot(), count: count(), fill: fill)
    case 12...14: return .read(slot: slot(), offset: offset(), count: count())
    case 15: return .truncate(slot: slot(), bytes: offset())
    case 16, 17:
      let kinds: [Allocation] = [.reserve, .reserveKeepingSize, .punchHole, .zeroRange]
      return .allocate(slot: slot(), kinds[pick(4)], offset: offset(), length: count())
    case 18: return .copy(from: slot(), offset: offset(), to: slot(), target: offset(), length: count())
    case 19: return .sync(slot: slot())
    case 20: return .statusOfSlot(slot())
    case 21: return .status(path())
    case 22: return .list(path())
    case 23, 24: return .makeDirectory(path())
    case 25: return .removeDirectory(path())
    case 26: return .remove(path())
    case 27, 28: return .rename(path(), path())
    case 29: return .link(path(), path())
    case 30: return .replace(path(), fill: fill, count: count())
    default: return pick(10) == 0 ? .removeTree(path()) : .status(path())
    }
  }
}

/// One of the two file systems and the files the script has open on it.
private struct Actor {
  let files: any FileSystem
  let base: FilePath
  var slots: [Int: File] = [:]

  init(_ files: any FileSystem, _ base: FilePath) {
    self.files = files
    self.base = base
  }

  /// Does it and answers with what a caller could see of it, as text without the base's path.
  mutating func apply(_ operation: Operation) -> String {
    do throws(FileError) {
      return try run(operation)
    } catch {
      switch error {
      case .failed(let operation, _, let offset, let length, let number):
        return "\(operation) \(offset ?? -1) \(length ?? -1) \(number.name)"
      case .tooDeep, .directoryTooLarge, .fileTooLarge, .noProgress, .locked, .notRun, .unexpectedEnd:
        return "unexpected \(error)"
      }
    }
  }

  private mutating func run(_ operation: Operation) throws(FileError) -> String {
    switch operation {
    case .open(let slot, let path, let options):
      slots[slot] = nil
      slots[slot] = try files.open(base / path, options)
    case .close(let slot): try slots.removeValue(forKey: slot)?.close()
    case .write(let slot, let offset, let count, let fill):
      guard let file = slots[slot], !file.options.contains(.append) else { return "no file" }
      try file.write(runs((fill, count)), at: offset)
    case .gather(let slot, let offset, let counts, let fill):
      guard let file = slots[slot], !file.options.contains(.append) else { return "no file" }
      let bytes = [UInt8](repeating: fill, count: 9000)
      try bytes.span.bytes.withUnsafeBytes { all throws(FileError) in
        try file.write(gathering: counts.map { UnsafeRawBufferPointer(rebasing: all[..<$0]) }, at: offset)
      }
    case .append(let slot, let count, let fill):
      guard let file = slots[slot], file.options.contains(.append) else { return "no file" }
      try file.append(runs((fill, count)).readable)
    case .read(let slot, let offset, let count):
      guard let file = slots[slot] else { return "no file" }
      var buffer = ByteBuffer()
      let got = try file.read(into: &buffer, count: count, at: offset)
      return "\(got) \(checksum(buffer))"
    case .truncate(let slot, let bytes): try slots[slot]?.truncate(to: bytes)
    case .allocate(let slot, let allocation, let offset, let length):
      try slots[slot]?.allocate(allocation, at: offset, length: length)
    case .copy(let from, let offset, let to, let target, let length):
      guard let source = slots[from], let goal = slots[to] else { return "no file" }
      return "copied \(try source.copy(at: offset, length: length, to: goal, at: target))"
    case .sync(let slot): try slots[slot]?.sync()
    case .statusOfSlot(let slot):
      guard let file = slots[slot] else { return "no file" }
      return describe(try file.status())
    case .status(let path): return describe(try files.status(of: base / path))
    case .list(let path):
      return try files.list(base / path).map { "\($0.name):\($0.kind)" }.joined(separator: " ")
    case .makeDirectory(let path): try files.createDirectory(base / path)
    case .removeDirectory(let path): try files.removeDirectory(base / path)
    case .remove(let path): try files.remove(base / path)
    case .rename(let from, let to): try files.rename(base / from, to: base / to)
    case .link(let from, let to): try files.link(base / from, to: base / to)
    case .replace(let path, let fill, let count):
      try files.replace(atomically: base / path, with: runs((fill, count)))
    case .removeTree(let path): try files.removeTree(base / path)
    }
    return "done"
  }

  private func describe(_ status: FileStatus) -> String {
    // File systems count a directory's size and links each in its own way.
    status.kind == .directory ? "directory" : "file \(status.bytes) \(status.links) \(status.mode.rawValue)"
  }

  private func checksum(_ buffer: ByteBuffer) -> UInt64 {
    buffer.withReadableBytes { $0.reduce(0) { ($0 &+ UInt64($1)) &* 0x100_0000_01b3 } }
  }

  /// Every path below the base with what is there.
  func contents() throws -> [String: String] {
    var found: [String: String] = [:]
    var queue = [""]
    while let directory = queue.popLast() {
      let path = directory.isEmpty ? base : base / directory
      for entry in try files.list(path) {
        let name = directory.isEmpty ? entry.name : directory + "/" + entry.name
        if entry.kind == .directory {
          found[name] = "directory"
          queue.append(name)
        } else {
          let bytes = try files.contents(of: base / name, bytesMaximum: 1 << 24)
          found[name] = "\(describe(try files.status(of: base / name))) \(checksum(bytes))"
        }
      }
    }
    return found
  }
}
