// The domain that is measured: entries of a ledger, one row each, as small as events come.

import Bytes
import CProjectionPeer
import Database
import Log
import Projections
import Records
import Wire

/// What happens in a ledger.
enum LedgerEvent: DomainEvent {
  case posted(Varve_Testing_Ledger_V1_EntryPosted)

  static let types = EventTypes(
    .init(Varve_Testing_Ledger_V1_EntryPosted.self) { LedgerEvent.posted($0) })

  var message: any Message {
    switch self {
    case .posted(let message): message
    }
  }
}

/// Nothing is refused.
enum LedgerRefusal: Error, Equatable, Sendable {}

/// The entries of a topic.
struct Ledger: Domain {
  typealias Reply = Varve_Testing_Ledger_V1_EntryReply
  typealias Refusal = LedgerRefusal
  typealias Command = Varve_Testing_Ledger_V1_EntryPosted

  let name: ProjectionName = "ledger"
  let version = 1
  let topic: TopicName
  let schema = Schema("ledger", [Migration(1, "entries", Ledger.table)])

  /// The table, for the peers too.
  static let table = """
    CREATE TABLE entries (
      partition INTEGER NOT NULL, at_offset INTEGER NOT NULL, account TEXT NOT NULL, cents INTEGER NOT NULL,
      memo TEXT NOT NULL, time INTEGER NOT NULL,
      PRIMARY KEY (partition, at_offset)
    ) STRICT, WITHOUT ROWID
    """
  static let insert: StaticString = """
    INSERT INTO entries (partition, at_offset, account, cents, memo, time) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    """

  func key(of command: Command) -> ByteBuffer { ByteBuffer(command.account) }

  func decide(
    _ command: Command, in context: DecisionContext, reading tables: TableReader
  ) async throws(DatabaseError) -> Decision<Ledger> {
    var reply = Reply()
    reply.cents = command.cents
    return .accepted([Fact(.posted(command), about: command.account)], reply: reply)
  }

  func apply(_ event: LedgerEvent, at place: EventPlace, to tables: TableWriter) throws(DatabaseError) {
    switch event {
    case .posted(let entry):
      try tables.write(
        Self.insert, place.partition, place.offset, entry.account, entry.cents, entry.memo, place.time)
    }
  }
}

extension Varve_Testing_Ledger_V1_EntryPosted {
  /// The entry of that number, as the peers have it.
  init(number: Int64) {
    let entry = projection_peer_entry(number)
    self.init()
    account = String(cString: entry.account)
    cents = entry.cents
    memo = String(cString: entry.memo)
  }
}
