// Which services can answer calls, for those who ask over gRPC: `grpc.health.v1.Health`. Whoever knows sets a status, from
// any thread; callers ask for it, or watch it.

public import GRPC
import Runtime

/// How services are.
public final class GRPCHealth: Sendable {
  /// Whether calls of a service are answered.
  public enum Status: Sendable {
    /// Nobody has said yet.
    case unknown
    case serving
    case notServing
  }

  /// How much callers may ask for.
  public enum Limit {
    /// Watches at the same time, of all services together.
    public static let watchers = 1024
    /// Services in one list, as the protocol has it.
    public static let listedServices = 100
    /// The name of a service that is watched: it need not be known, and is kept.
    public static let serviceNameBytes = 1024
  }

  private struct State {
    var statuses: [String: Status]
    var isShutDown = false
    /// What wakes each watch, by its service and number.
    var watchers: [String: [UInt64: AsyncStream<Void>.Continuation]] = [:]
    var watcherCount = 0
    var nextNumber: UInt64 = 0
  }

  private let state: Locked<State>

  /// The health of a server.
  ///
  /// - Parameter status: of the server as a whole, which is the service without a name.
  public init(_ status: Status = .serving) {
    state = Locked(State(statuses: ["": status]))
  }

  /// What answers the calls.
  public var service: GRPCService { Grpc_Health_V1_HealthService.service(HealthAnswers(health: self)) }

  // MARK: Setting

  /// Says how a service is; the one without a name is the server as a whole. After `shutDown` it means nothing.
  public func set(_ status: Status, of service: String = "") {
    change { $0.statuses[service] = status }
  }

  /// Forgets a service: it is not known from here on.
  public func remove(_ service: String) {
    change { $0.statuses[service] = nil }
  }

  /// Says that nothing is served any more, and that it stays so: what a server does before it drains. Watches are told, and
  /// end: the server need not wait for them.
  public func shutDown() {
    change { state in
      for service in state.statuses.keys { state.statuses[service] = .notServing }
      state.isShutDown = true
    }
  }

  private func change(_ body: (inout State) -> Void) {
    let woken = state.withLock { state -> [AsyncStream<Void>.Continuation] in
      if state.isShutDown { return [] }
      let before = state.statuses
      body(&state)
      return state.watchers.filter { state.isShutDown || before[$0.key] != state.statuses[$0.key] }
        .flatMap(\.value.values)
    }
    for watcher in woken { watcher.yield() }
  }

  // MARK: Asking

  /// How a service is; nil for one that is not known.
  public func status(of service: String = "") -> Status? { state.withLock { $0.statuses[service] } }

  /// How a service is, and whether it stays so.
  func report(of service: String) -> (status: Status?, isLast: Bool) {
    state.withLock { ($0.statuses[service], $0.isShutDown) }
  }

  /// How all services are.
  var statuses: [String: Status] { state.withLock { $0.statuses } }

  /// Begins to watch a service.
  ///
  /// - Returns: what to end it with, and a signal for each change; several that nobody took are one.
  func watch(_ service: String) throws(GRPCStatus) -> (number: UInt64, changes: AsyncStream<Void>) {
    guard service.utf8.count <= Limit.serviceNameBytes else {
      throw GRPCStatus(.invalidArgument, "a service's name of more than \(Limit.serviceNameBytes) bytes")
    }
    let (changes, waker) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let number = try state.withLock { (state) throws(GRPCStatus) in
      guard state.watcherCount < Limit.watchers else {
        throw GRPCStatus(.resourceExhausted, "\(Limit.watchers) watches at the same time are enough")
      }
      state.watcherCount += 1
      state.nextNumber += 1
      state.watchers[service, default: [:]][state.nextNumber] = waker
      return state.nextNumber
    }
    return (number, changes)
  }

  /// Ends a watch.
  func endWatch(_ number: UInt64, of service: String) {
    state.withLock { state in
      state.watchers[service]?[number] = nil
      if state.watchers[service]?.isEmpty == true { state.watchers[service] = nil }
      state.watcherCount -= 1
    }
  }
}
