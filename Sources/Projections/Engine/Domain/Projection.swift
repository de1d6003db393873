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

  /// Applies some of a run's events, one after the other, until the tables want to be settled, and gives the number of
  /// the next. Nobody but the engine has reason to write it: that it is here has the loop compiled with the
  /// projection's own code, where nothing has to be looked up for each event.
  func apply(_ run: borrowing EventRun<Event>, _ events: Range<Int>, to tables: TableWriter)
    throws(DatabaseError) -> Int

  /// What of the read model the event changes, for those who follow it from outside.
  func changes(of event: Event, at place: EventPlace) -> [Change]
}

extension Projection {
  /// Nothing that anybody outside follows.
  public func changes(of event: Event, at place: EventPlace) -> [Change] { [] }

  /// Applies events one by one.
  @inlinable
  public func apply(_ run: borrowing EventRun<Event>, _ events: Range<Int>, to tables: TableWriter)
    throws(DatabaseError) -> Int
  {
    // Through pointers, so that nothing is copied out of the arrays.
    try run.events.withUnsafeBufferPointer { (contents) throws(DatabaseError) in
      try run.places.withUnsafeBufferPointer { (places) throws(DatabaseError) in
        for index in events {
          try apply(contents[index], at: places[index], to: tables)
          if tables.isFull { return index + 1 }
        }
        return events.upperBound
      }
    }
  }
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
