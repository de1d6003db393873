// What a domain is: a projection that also decides. A command is decided against the tables as they stand and
// becomes events, which are appended to the topic and applied to the tables, in one transaction.

public import Bytes
public import Database
import Runtime
public import Wire

/// A part of the system that takes commands.
public protocol Domain: Projection {
  associatedtype Command: Sendable
  /// What an accepted command is answered; a message, because it is kept for retries.
  associatedtype Reply: Message
  /// Why a command is refused.
  associatedtype Refusal: Error, Sendable, Equatable

  /// What the command is about: commands of one key are decided in the order they came, and no key keeps the
  /// others waiting.
  func key(of command: Command) -> ByteBuffer

  /// What is to happen. Reads its own tables and nothing else; time and randomness come from `context`.
  func decide(
    _ command: Command, in context: DecisionContext, reading tables: TableReader
  ) async throws(DatabaseError) -> Decision<Self>
}

/// What became of a command.
public enum Decision<Deciding: Domain>: Sendable {
  /// It is done: these events, in this order, and this answer. No events: all was as it asked.
  case accepted([Fact<Deciding.Event>], reply: Deciding.Reply)
  /// It is not done.
  case refused(Deciding.Refusal)
}

/// An event and what it is about.
public struct Fact<Event: Sendable>: Sendable {
  /// The record's key: what compaction and partitioning go by.
  public let key: ByteBuffer
  /// What happened.
  public let event: Event

  /// An event about `key`.
  public init(_ event: Event, about key: ByteBuffer) {
    self.key = key
    self.event = event
  }

  /// An event about what `key` names.
  public init(_ event: Event, about key: String) { self.init(event, about: ByteBuffer(key)) }
}

/// What a decision may know of the world.
public struct DecisionContext: Sendable {
  /// Now, in milliseconds since 1970. Never earlier than the newest event.
  public let now: Int64
  let random: any RandomSource

  /// A new identifier that begins with the time, so that those made later sort later.
  public func newIdentifier() -> UUID {
    // Version 7 (RFC 9562): 48 bits of milliseconds, 74 random ones.
    let high = UInt64(bitPattern: now) << 16 | 0x7000 | random.next() & 0x0fff
    return UUID(high: high, low: random.next() >> 2 | 0x8000_0000_0000_0000)
  }
}
