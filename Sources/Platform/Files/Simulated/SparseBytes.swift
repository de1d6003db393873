// A file's bytes in memory, page by page, with holes. Copies share pages until one of them is written, so a
// snapshot of a large disk is cheap.

/// Bytes with holes; what is not there reads as zeros.
struct SparseBytes: Sendable {
  static let pageBytes = 4096
  private static let zeroPage = [UInt8](repeating: 0, count: pageBytes)

  private var pages: [Int: [UInt8]] = [:]
  /// How many bytes can be read. Pages beyond hold reserved blocks, or data whose size is not durable.
  private(set) var size = 0

  /// How many pages have blocks of the disk.
  var allocatedPages: Int { pages.count }

  /// The pages that a range touches.
  static func pages(of range: Range<Int>) -> Range<Int> {
    range.isEmpty ? 0..<0 : range.lowerBound / pageBytes..<(range.upperBound - 1) / pageBytes + 1
  }

  /// Copies what lies at `offset` and inside the size.
  func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    guard offset < size else { return 0 }
    let count = min(target.count, size - offset)
    forEachPiece(of: offset..<offset + count) { page, inPage, done in
      let part = UnsafeMutableRawBufferPointer(rebasing: target[done..<done + inPage.count])
      if let bytes = pages[page] {
        bytes.withUnsafeBytes { part.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[inPage])) }
      } else {
        _ = part.initializeMemory(as: UInt8.self, repeating: 0)
      }
    }
    return count
  }

  /// The bytes of a range, zeros where nothing is.
  func bytes(in range: Range<Int>) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: range.count) { target, count in
      let memory = UnsafeMutableRawBufferPointer(target)
      _ = memory.initializeMemory(as: UInt8.self, repeating: 0)
      _ = read(into: memory, at: range.lowerBound)
      count = range.count
    }
  }

  /// Puts bytes in place and leaves the size as it is.
  mutating func write(_ source: UnsafeRawBufferPointer, at offset: Int) {
    forEachPiece(of: offset..<offset + source.count) { page, inPage, done in
      pages[page, default: Self.zeroPage].withUnsafeMutableBytes { bytes in
        UnsafeMutableRawBufferPointer(rebasing: bytes[inPage])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[done..<done + inPage.count]))
      }
    }
  }

  /// Makes a range read as zeros; its whole pages give their blocks back, or get some, as `reserving` says.
  mutating func zero(_ range: Range<Int>, reserving: Bool) {
    let touched = Self.pages(of: range)
    if reserving {
      reserve(range)
    }
    for page in allocated(in: touched) {
      let whole = page * Self.pageBytes..<(page + 1) * Self.pageBytes
      let part = range.clamped(to: whole)
      if part == whole {
        pages[page] = reserving ? Self.zeroPage : nil
      } else {
        pages[page]?.withUnsafeMutableBytes { bytes in
          let place = part.lowerBound - whole.lowerBound..<part.upperBound - whole.lowerBound
          _ = UnsafeMutableRawBufferPointer(rebasing: bytes[place])
            .initializeMemory(as: UInt8.self, repeating: 0)
        }
      }
    }
  }

  /// Gives blocks to every page of a range that has none.
  mutating func reserve(_ range: Range<Int>) {
    for page in Self.pages(of: range) where pages[page] == nil { pages[page] = Self.zeroPage }
  }

  /// Sets the size; a smaller one forgets what lies beyond.
  mutating func setSize(_ bytes: Int) {
    if bytes < size { zero(bytes..<Int.max - Self.pageBytes, reserving: false) }
    size = bytes
  }

  /// Forgets what lies beyond the size.
  mutating func trim() { zero(size..<Int.max - Self.pageBytes, reserving: false) }

  /// How many pages of a range have no blocks yet.
  func missingPages(in range: Range<Int>) -> Int {
    let touched = Self.pages(of: range)
    return touched.count - allocated(in: touched).count
  }

  /// How much of a range, from its start, can be written with so many new pages.
  func writableCount(of range: Range<Int>, newPages: Int) -> Int {
    var left = newPages
    for page in Self.pages(of: range) where pages[page] == nil {
      if left == 0 { return max(0, page * Self.pageBytes - range.lowerBound) }
      left -= 1
    }
    return range.count
  }

  private func allocated(in touched: Range<Int>) -> [Int] {
    touched.count > pages.count ? pages.keys.filter(touched.contains) : touched.filter { pages[$0] != nil }
  }

  /// Cuts a range at page borders; `done` is how many bytes came before the piece.
  private func forEachPiece(
    of range: Range<Int>, _ body: (_ page: Int, _ inPage: Range<Int>, _ done: Int) -> Void
  ) {
    for page in Self.pages(of: range) {
      let start = page * Self.pageBytes
      let piece = range.clamped(to: start..<start + Self.pageBytes)
      body(page, piece.lowerBound - start..<piece.upperBound - start, piece.lowerBound - range.lowerBound)
    }
  }
}
