// A small domain to try the engine with: accounts, and money moved between them, never more than there is.

public import Bytes
public import Database
public import Log
public import Projections
public import Wire

/// What happens to accounts.
public enum AccountEvent: DomainEvent {
  /// There is a new one.
  case opened(Varve_Testing_V1_AccountOpened)
  /// Money went from one to another.
  case moved(Varve_Testing_V2_MoneyMoved)
  /// Something that no table can show.
  case renamed(Varve_Testing_V1_AccountRenamed)

  /// As they are stored, with an old version of one of them.
  public static let types = EventTypes(
    .init(Varve_Testing_V1_AccountOpened.self) { AccountEvent.opened($0) },
    .init(Varve_Testing_V2_MoneyMoved.self) { AccountEvent.moved($0) },
    .init(Varve_Testing_V1_AccountRenamed.self) { AccountEvent.renamed($0) },
    // Whole units of old are a hundred cents each.
    .init(Varve_Testing_V1_MoneyMoved.self) { old in
      var moved = Varve_Testing_V2_MoneyMoved()
      moved.from = old.from
      moved.to = old.to
      moved.cents = old.units * 100
      return AccountEvent.moved(moved)
    })

  /// The event as it is stored.
  public var message: any Message {
    switch self {
    case .opened(let message): message
    case .moved(let message): message
    case .renamed(let message): message
    }
  }
}

/// What can be asked of accounts.
public enum AccountCommand: Sendable {
  /// Makes one.
  case open(String, balance: Int64)
  /// Moves money, when there is enough.
  case move(from: String, to: String, cents: Int64)
  /// Asks for what is so already: accepted without an event.
  case ensure(String)
  /// Makes an event that apply refuses.
  case rename(String)
}

/// Why not.
public enum AccountRefusal: Error, Equatable, Sendable {
  /// There is one of that name.
  case exists(String)
  /// There is none of that name.
  case unknown(String)
  /// It has less than was to be moved.
  case tooLittle(balance: Int64)
}

/// The accounts of a topic.
public struct Accounts: Domain {
  /// The account and what it has now.
  public typealias Reply = Varve_Testing_V1_AccountReply
  /// Why not.
  public typealias Refusal = AccountRefusal

  /// `accounts`.
  public let name: ProjectionName = "accounts"
  /// The version of the tables.
  public var version = 1
  /// Where the events are.
  public let topic: TopicName
  /// Every account, and every movement of money.
  public let schema = Schema(
    "accounts",
    [
      Migration(
        1, "accounts",
        """
        CREATE TABLE accounts (
          account TEXT NOT NULL, balance INTEGER NOT NULL CHECK (balance >= 0), opened INTEGER NOT NULL,
          PRIMARY KEY (account)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE moves (
          partition INTEGER NOT NULL, at_offset INTEGER NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL,
          cents INTEGER NOT NULL,
          PRIMARY KEY (partition, at_offset)
        ) STRICT, WITHOUT ROWID
        """)
    ],
    indexes: "CREATE INDEX IF NOT EXISTS moves_by_source ON moves (source)")

  /// The accounts whose events are in `topic`.
  public init(topic: TopicName) { self.topic = topic }

  /// The account that gives.
  public func key(of command: AccountCommand) -> ByteBuffer {
    switch command {
    case .open(let account, _), .ensure(let account), .rename(let account): ByteBuffer(account)
    case .move(let from, _, _): ByteBuffer(from)
    }
  }

  /// Looks whether there is enough.
  public func decide(
    _ command: AccountCommand, in context: DecisionContext, reading tables: TableReader
  ) async throws(DatabaseError) -> Decision<Accounts> {
    var reply = Varve_Testing_V1_AccountReply()
    switch command {
    case .open(let account, let balance):
      if try await self.balance(account, tables) != nil { return .refused(.exists(account)) }
      var event = Varve_Testing_V1_AccountOpened()
      event.account = account
      event.balance = balance
      reply.account = account
      reply.balance = balance
      return .accepted([Fact(.opened(event), about: account)], reply: reply)
    case .move(let from, let to, let cents):
      guard let balance = try await balance(from, tables) else { return .refused(.unknown(from)) }
      guard try await self.balance(to, tables) != nil else { return .refused(.unknown(to)) }
      if balance < cents { return .refused(.tooLittle(balance: balance)) }
      var event = Varve_Testing_V2_MoneyMoved()
      event.from = from
      event.to = to
      event.cents = cents
      reply.account = from
      reply.balance = balance - cents
      return .accepted([Fact(.moved(event), about: from)], reply: reply)
    case .ensure(let account):
      guard let balance = try await balance(account, tables) else { return .refused(.unknown(account)) }
      reply.account = account
      reply.balance = balance
      return .accepted([], reply: reply)
    case .rename(let account):
      var event = Varve_Testing_V1_AccountRenamed()
      event.account = account
      return .accepted([Fact(.renamed(event), about: account)], reply: reply)
    }
  }

  private func balance(_ account: String, _ tables: TableReader) async throws(DatabaseError) -> Int64? {
    try await tables.first("SELECT balance FROM accounts WHERE account = ?1", account) {
      row throws(DatabaseError) in try row.take()
    }
  }

  /// Changes balances; refuses what would make one negative, and every renaming.
  public func apply(_ event: AccountEvent, at place: EventPlace, to tables: TableWriter) throws(DatabaseError)
  {
    switch event {
    case .opened(let event):
      try tables.write(
        "INSERT INTO accounts (account, balance, opened) VALUES (?1, ?2, ?3)", event.account, event.balance,
        place.time)
    case .moved(let event):
      try tables.write(
        "UPDATE accounts SET balance = balance - ?2 WHERE account = ?1", event.from, event.cents)
      try tables.write("UPDATE accounts SET balance = balance + ?2 WHERE account = ?1", event.to, event.cents)
      try tables.write(
        "INSERT INTO moves (partition, at_offset, source, target, cents) VALUES (?1, ?2, ?3, ?4, ?5)",
        place.partition, place.offset, event.from, event.to, event.cents)
    case .renamed(let event): throw .inconsistent(reason: "\(event.account) cannot be renamed")
    }
  }

  /// The accounts that have changed.
  public func changes(of event: AccountEvent, at place: EventPlace) -> [Change] {
    switch event {
    case .opened(let event): [Change(kind: "account", key: event.account)]
    case .moved(let event): [event.from, event.to].map { Change(kind: "account", key: $0) }
    case .renamed: []
    }
  }
}

extension DomainService<Accounts> {
  /// Every account with its balance.
  public func balances(
    atLeast position: PositionToken? = nil, timeout: Duration = .seconds(10)
  ) async throws -> [String: Int64] {
    let rows = try await read(atLeast: position, timeout: timeout) { tables throws(DatabaseError) in
      try await tables.rows("SELECT account, balance FROM accounts ORDER BY account") {
        row throws(DatabaseError) in (try row.take(String.self), try row.take(Int64.self))
      }
    }
    return Dictionary(uniqueKeysWithValues: rows)
  }
}
