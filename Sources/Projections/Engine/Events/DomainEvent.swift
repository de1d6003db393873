// What happened, as a domain's code sees it: one enumeration with a case for every event, made from the messages
// under Schemas/events. Old versions of an event are lifted to the present one where they are read, so that
// nothing behind this file knows that there were others.

import LogEvents
public import Wire

/// The events of one domain.
public protocol DomainEvent: Sendable {
  /// Every type of event that the domain's topic may hold, old versions included.
  static var types: EventTypes<Self> { get }
  /// The message that is stored.
  var message: any Message { get }
}

/// How the events of a domain are told apart and read.
public struct EventTypes<Event: Sendable>: Sendable {
  /// One type of event.
  public struct Reader: Sendable {
    let name: String
    /// Reads a message and appends its event.
    let read: @Sendable (RawSpan, inout [Event]) throws(ProtobufError) -> Void

    /// Events of the message's type.
    ///
    /// - Parameter make: the event of a message; for a message of an old version, what it means today.
    @inlinable
    public init<Stored: Message>(_: Stored.Type, _ make: @escaping @Sendable (Stored) -> Event) {
      // Compiled with the domain, where the types are known: this runs for every event of a replay.
      self.init(named: Stored.protoMessageName) { span, events throws(ProtobufError) in
        events.append(make(try Stored(serializedBytes: span)))
      }
    }

    @usableFromInline
    init(
      named message: String,
      _ read: @escaping @Sendable (RawSpan, inout [Event]) throws(ProtobufError) -> Void
    ) {
      do throws(EventTypeNameError) {
        name = try EventTypeName(messageName: message).description
      } catch {
        preconditionFailure("\(message) is no event: \(error)")
      }
      self.read = read
    }
  }

  private let readers: [String: Reader]

  /// - Parameter readers: one for every message that was ever stored.
  public init(_ readers: Reader...) {
    self.readers = Dictionary(uniqueKeysWithValues: readers.map { ($0.name, $0) })
  }

  /// The values of `ce_type` that are known, in order.
  public var names: [String] { readers.keys.sorted() }

  /// The reader of a type of event; nil when the domain knows no such type.
  func reader(_ name: String) -> Reader? { readers[name] }
}
