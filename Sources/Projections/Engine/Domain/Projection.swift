// What a read model is: tables, and how an event changes them.

public import Database
public import Log

/// A read model of one topic.
///
/// `apply` is all there is to a projection's meaning, so it must be a function of its arguments alone: no clock, no
/// randomness, no network, no reading of anything but its own tables by SQL. Times and ids are in the event.
public protocol Projection: Sendable {
  associatedtype Event: DomainEvent

  /// Its name: of its tables, in commands and in metrics.
  var name: ProjectionName { get }
  /// Raised whenever the same events are to give other tables: they are then built anew beside the old ones.
  var version: Int { get }
  /// Where its events are.
  var topic: TopicName { get }
  /// Its tables.
  var schema: Schema { get }

  /// Changes the tables as the event says. What it throws stops the projection at this event.
  func apply(_ event: Event, at place: EventPlace, to tables: TableWriter) throws(DatabaseError)

  /// What of the read model the event changes, for those who follow it from outside.
  func changes(of event: Event, at place: EventPlace) -> [Change]
}

extension Projection {
  /// Nothing that anybody outside follows.
  public func changes(of event: Event, at place: EventPlace) -> [Change] { [] }
}

/// Something of a read model that has changed.
public struct Change: Hashable, Sendable {
  /// What kind of thing: `node`, `policy`.
  public let kind: String
  /// Which one.
  public let key: String

  /// A change of the thing of that kind and key.
  public init(kind: String, key: String) {
    self.kind = kind
    self.key = key
  }
}
