// What the server owes: one entry for everything that was sent, in order, which is the order of its answers.

/// The answers that are due on a connection.
struct PostgresAnswers {
  /// What an answer is to.
  enum Kind {
    case begin
    case commit
    case rollback
    case prepare(name: UInt32)
    case deallocate(name: UInt32)
    /// A statement whose rows, if it has any, nobody wants.
    case statement(name: UInt32)
    /// A statement whose rows are wanted.
    case query(name: UInt32)
    /// The settings of the session.
    case session
    /// The end of what fails together.
    case sync
  }

  /// One answer that is due.
  struct Entry {
    let kind: Kind
    /// The statement, for errors.
    let text: PostgresText
    /// Bytes of its parameters.
    let bytes: Int
  }

  private var ring: ContiguousArray<Entry> = []
  private var head = 0
  /// Bytes of the parameters of everything that is not answered.
  private(set) var bytes = 0

  /// How many are due.
  var count: Int { ring.count - head }
  var isEmpty: Bool { head == ring.count }

  /// The one that comes next.
  var first: Entry? { head < ring.count ? ring[head] : nil }

  mutating func append(_ kind: Kind, _ text: PostgresText, bytes: Int = 0) {
    ring.append(Entry(kind: kind, text: text, bytes: bytes))
    self.bytes += bytes
  }

  mutating func removeFirst() {
    bytes -= ring[head].bytes
    head += 1
    // Answered entries are dropped when they are the larger part, so each is moved at most once.
    if head == ring.count {
      ring.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 1024 && head * 2 >= ring.count {
      ring.removeFirst(head)
      head = 0
    }
  }

  mutating func removeAll() {
    ring.removeAll()
    (head, bytes) = (0, 0)
  }
}
